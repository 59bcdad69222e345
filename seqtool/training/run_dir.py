"""A run directory held for one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seqtool import fs, locks


@contextmanager
def held_run_dir(run_dir: Path, *, restart: bool, say: Callable[[str], None]) -> Iterator[locks.Lock]:
    """Holds a directory that is there, and removes what a killed run left unfinished; `restart` moves an old run aside and holds an empty
    one. A run that is alive is never moved, and neither is nothing. Raises `ResourceError`."""
    lock = run_dir / ".lock"
    with locks.lock(lock) as held:
        if not restart or list(run_dir.iterdir()) == [lock]:
            fs.sweep(run_dir)
            fs.sweep(run_dir / "checkpoints")
            yield held
            return
        say(f"the old run is now {fs.move_aside(run_dir)}")
    fs.make_dir(run_dir)
    with locks.lock(lock) as held:
        yield held
