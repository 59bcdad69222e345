"""How a directory takes the name of another without a moment at which neither can be found."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from seqtool import manifest

_SWAP = ".swap-"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def free_name(path: Path) -> Path:
    """The first of `NAME.old-1`, `NAME.old-2`, ... that nothing has."""
    number = 1
    while os.path.lexists(path.with_name(f"{path.name}.old-{number}")):
        number += 1
    return path.with_name(f"{path.name}.old-{number}")


def exchange(new: Path, target: Path) -> None:
    """Swaps the names of two directories: in one step on Linux, elsewhere in steps that `recover` can complete. Raises `OSError`."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    names = os.fsencode(new), os.fsencode(target)
    if renameat2 is None or renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) != 0:
        _exchange_in_steps(new, target)


def recover(target: Path) -> None:
    """Completes an exchange in steps that was cut off: without a directory at `target`, the old one gets its name back."""
    aside = _aside(target)
    with suppress(OSError):
        if aside.is_dir() and not target.exists():
            aside.rename(target)


def recover_all(folder: Path) -> None:
    """`recover` for every directory in a folder."""
    for aside in folder.glob(f"{_SWAP}*"):
        recover(folder / aside.name.removeprefix(_SWAP))


def _exchange_in_steps(new: Path, target: Path) -> None:
    aside = _aside(target)
    if aside.exists() and manifest.owns_all(aside):
        shutil.rmtree(aside)  # a step after the last that matters was cut off
    elif aside.exists():
        aside.rename(free_name(target))
    while True:
        target.rename(aside)
        try:
            new.rename(target)
            break
        except OSError as error:  # a reader took this moment for an exchange that was cut off
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or aside.exists():
                raise
    aside.rename(new)


def _aside(path: Path) -> Path:
    return path.with_name(f"{_SWAP}{path.name}")
