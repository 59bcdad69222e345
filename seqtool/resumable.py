"""An output that grows line by line and survives its process: what was written is kept, and the next process goes on after it.

The lines are in `NAME.partial` beside the place of the output, a name that a person sees; with the last of them the file gets its own name.
Lines are handed to the system as they are written, so that a process that is killed loses at most the one it was writing: what is torn is
cut off when the file is opened again.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from seqtool.writing import filling, find_target, held, refused, sync_dir, writing

_CHUNK_BYTES = 1 << 20
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class Counted(NamedTuple):
    """Lines in a stream of bytes: those that end with a newline, how many bytes these are, and the bytes after the last of them."""

    lines: int
    line_bytes: int
    rest_bytes: int

    @property
    def all_lines(self) -> int:
        """Lines as a reader counts them: a last one without a newline is one."""
        return self.lines + bool(self.rest_bytes)


def count_lines(stream: IO[bytes]) -> Counted:
    """Reads a stream to its end, a piece at a time."""
    lines = line_bytes = size = 0
    while chunk := stream.read(_CHUNK_BYTES):
        lines += chunk.count(b"\n")
        last = chunk.rfind(b"\n")
        if last >= 0:
            line_bytes = size + last + 1
        size += len(chunk)
    return Counted(lines, line_bytes, size - line_bytes)


class Found(NamedTuple):
    """Lines that are there before any is written: how many, and the first of them, None where there is none or it has no end near by."""

    lines: int = 0
    first: bytes | None = None


_NOTHING = Found()


class Resumable:
    """Where lines go. `lines_done` is how many there are already, and `first_line` the first of them; `complete` says that an earlier run
    came to the end of its input: the output has its name, and nothing may be written any more. `lines_dropped` is how many an earlier run
    had left that are not gone on with."""

    def __init__(self, path: Path, fd: int | None, done: Found = _NOTHING, lines_dropped: int = 0) -> None:
        self._path = path
        self._fd = fd
        self.lines_done, self.first_line = done
        self.lines_dropped = lines_dropped

    @property
    def complete(self) -> bool:
        """Whether the output was finished before."""
        return self._fd is None

    def write(self, data: bytes) -> None:
        """Appends whole lines. Raises `ResourceError`, and `ValueError` for an output that is complete."""
        if self._fd is None:
            raise ValueError(f"{self._path} is complete: nothing can be added to it")
        rest = memoryview(data)
        with filling(self._path, self._path):
            while rest:
                rest = rest[os.write(self._fd, rest) :]

    def flush(self) -> None:
        """Nothing to do: `write` keeps nothing back."""


class _Place(NamedTuple):
    """An output: the name it was given, the one it has without links, that of its unfinished lines, and what is there now."""

    path: Path
    target: Path
    partial: Path
    old: os.stat_result | None


@contextmanager
def resumable_output(path: Path, *, resume: bool) -> Iterator[Resumable]:
    """A `Resumable` for `path`, which appears there when the block ends well; otherwise its whole lines stay in `PATH.partial`.

    With `resume` it goes on after the whole lines of `PATH.partial`, or is `complete` from the beginning where only `PATH` is there, which
    may be that of another input: only who knows the input can say. Without, it begins anew, and an old `PATH` stays until the new one is
    finished. A link is followed; a device or pipe is written
    directly, and has no lines to go on after. Raises `ResourceError`: `fs.locked` when another process writes the same output.
    """
    target, old = find_target(path)
    if old is not None and not stat.S_ISREG(old.st_mode):
        with filling(target, path), target.open("wb", buffering=0) as stream:
            yield Resumable(path, stream.fileno())
        return
    partial = target.with_name(f"{target.name}.partial")
    if resume and old is not None and not os.path.lexists(partial):
        with writing(path), target.open("rb") as stream:
            done = Found(count_lines(stream).all_lines, _first_line(stream.fileno()))
        yield Resumable(path, None, done)
    else:
        with _growing(_Place(path, target, partial, old), resume) as out:
            yield out


@contextmanager
def _growing(place: _Place, resume: bool) -> Iterator[Resumable]:
    """The partial file, held for this process alone. Whatever happens, its lines are left whole; without any, it goes."""
    fd = _open_held(place)
    try:
        with writing(place.path):
            lines = _cut_torn(fd)
            if resume:
                out = Resumable(place.path, fd, Found(lines, _first_line(fd)))
            else:
                os.ftruncate(fd, 0)
                out = Resumable(place.path, fd, lines_dropped=lines)
        try:
            yield out
        except BaseException:
            with suppress(OSError):
                if not _cut_torn(fd):
                    place.partial.unlink()
            raise
        with writing(place.path):
            _finish(fd, place)
    finally:
        os.close(fd)


def _open_held(place: _Place) -> int:
    """A descriptor of the partial file with a lock on it, which its process holds while it lives."""
    while True:
        with writing(place.path):
            fd = os.open(place.partial, _FLAGS, 0o666)
        try:
            if _hold(fd, place.partial):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _hold(fd: int, partial: Path) -> bool:
    """Locks the file; False where it has lost its name before: another process has finished this very file, or given it up."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise refused(partial, OSError(errno.EINVAL, "it is not a regular file"))
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(fd), os.lstat(partial))
    except BlockingIOError as error:
        raise held(partial, "another process") from error
    except FileNotFoundError:
        return False
    except OSError as error:
        raise refused(partial, error) from error


def _cut_torn(fd: int) -> int:
    """Cuts off what follows the last newline; returns the number of lines."""
    os.lseek(fd, 0, os.SEEK_SET)
    with open(fd, "rb", buffering=0, closefd=False) as stream:
        counted = count_lines(stream)
    if counted.rest_bytes:
        os.ftruncate(fd, counted.line_bytes)
    return counted.lines


def _first_line(fd: int) -> bytes | None:
    line, newline, _ = os.pread(fd, _CHUNK_BYTES, 0).partition(b"\n")
    return line if newline else None


def _finish(fd: int, place: _Place) -> None:
    if place.old is not None:
        os.fchmod(fd, stat.S_IMODE(place.old.st_mode))
    os.fsync(fd)
    place.partial.rename(place.target)
    sync_dir(place.target.parent)
