"""What the system says when it refuses to write, as errors with remedies."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seqtool.errors import ResourceError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_KINDS = {
    **dict.fromkeys(_FULL, ("fs.no-space", "make room there, or choose another place")),
    errno.EROFS: ("fs.read-only", "choose a place that can be written to"),
    errno.EACCES: ("fs.permission", "change its permissions, or choose another place"),
    errno.EPERM: ("fs.permission", "change its permissions, or choose another place"),
    errno.ENOTDIR: ("fs.not-a-directory", "a file is in the way: choose another place, or move that file"),
    errno.EISDIR: ("fs.is-a-directory", "a directory is in the way: choose another name"),
    errno.ENOENT: ("fs.not-found", "create its directory first"),
    errno.ENAMETOOLONG: ("fs.write", "choose a shorter name"),
}


def refused(path: Path, error: OSError) -> ResourceError:
    """What the system says about `path`, as a `ResourceError` with a remedy."""
    error_id, hint = _KINDS.get(error.errno or 0, ("fs.write", "check the disk, or choose another place"))
    return ResourceError(error_id, f"cannot write {path}: {error.strerror or error}", hint)


def held(path: Path, who: str) -> ResourceError:
    """That another process has `path` for itself."""
    return ResourceError(
        "fs.locked", f"{path} is held by {who}, which is at work here", "wait for it to end, or stop it"
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Troubles of the block are troubles with writing `path`: raises `ResourceError`."""
    try:
        yield
    except OSError as error:
        raise refused(path, error) from error


def find_target(path: Path) -> tuple[Path, os.stat_result | None]:
    """Where an output is to be, a link followed, and what is there now. Raises `ResourceError`.

    A device or pipe is left under the name it was given: `/dev/stdout` may lead to a pipe, which has no other.
    """
    with writing(path):
        old = path.stat() if path.exists() else None
        return (path if old is not None and not stat.S_ISREG(old.st_mode) else Path(os.path.realpath(path))), old


def sync_dir(path: Path) -> None:
    """Makes renames in a directory survive a power cut."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    with suppress(OSError):  # some file systems cannot
        os.fsync(fd)
    os.close(fd)


@contextmanager
def filling(part: Path, path: Path) -> Iterator[None]:
    """Like `writing` around a caller's block, whose troubles with other files and with pipes remain its own."""
    try:
        yield
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else None
        ours = error.errno in (*_FULL, errno.EIO, errno.EROFS) if named is None else part in (named, *named.parents)
        if not ours:
            raise
        raise refused(path, error) from error
