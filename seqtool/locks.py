"""Directories that one process has for itself."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqtool.errors import ResourceError
from seqtool.writing import held, refused, writing


class Lock:
    """A lock that is held, which does not keep anybody from taking its directory away."""

    def __init__(self, path: Path, mark: bytes) -> None:
        self._path, self._mark = path, mark

    def check(self) -> None:
        """Raises `ResourceError` (`fs.vanished`) when the directory is gone, or another one, held by somebody else, has its name."""
        try:
            if self._path.read_bytes() == self._mark:
                return
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            raise refused(self._path, error) from error
        raise ResourceError(
            "fs.vanished",
            f"{self._path.parent} is gone: it was moved or deleted while this process was at work in it",
            "if it was moved, move it back, and the same command goes on from its newest checkpoint",
        )


@contextmanager
def lock(path: Path) -> Iterator[Lock]:
    """Holds `path` for this process alone; the file stays. Raises `ResourceError` (`fs.locked`) at once when another holds it."""
    with writing(path):
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(fd, 20, 0).decode("ascii", "replace").strip()
            who = f"process {holder}" if holder.isdecimal() else "another process"
            raise held(path, who) from error
        except OSError as error:
            raise refused(path, error) from error
        with writing(path):
            mark = f"{os.getpid()}\n".encode()
            os.ftruncate(fd, 0)
            os.pwrite(fd, mark, 0)
        yield Lock(path, mark)
    finally:
        os.close(fd)
