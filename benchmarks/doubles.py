"""A double of the operations on files that seqtool uses: it does what they do, and tells of each before it happens.

    double = Double(point)
    double.install()

`point(what)` is called before every operation that changes files (opening to write, writing, cutting, naming, making and removing, and
`fsync`), and in the middle of every write, half of which has then happened. The moment after an operation is the moment before the next.
Nothing is left out that `fs`, `locks`, `renames`, `resumable`, `manifest` and the writer of prepared stores do: they have no other way to
a file than the functions of `os`, `io.open` and the exchange of two names.

The double also knows what a power cut would take: `lost()` are the bytes and names that no `fsync` has made durable yet.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqtool import fs, renames

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Point = Callable[[str], None]


class Durable:
    """What a power cut would leave. Files are known by their inodes; `dirty` holds how many bytes of each are safe, `renamed` the names
    given since their directory was last synced, each as [directory, old name, new name, what was replaced]."""

    def __init__(self) -> None:
        self.dirty: dict[int, int] = {}
        self.renamed: list[tuple[int, list[str]]] = []

    def written(self, fd: int) -> None:
        """A file is about to be written: what it has now is safe only if it was before."""
        status = os.fstat(fd)
        self.dirty.setdefault(status.st_ino, status.st_size)

    def opened(self, fd: int, *, emptied: bool) -> None:
        """A file was opened; another one may have had its number before."""
        if emptied:
            self.dirty[os.fstat(fd).st_ino] = 0

    def synced(self, fd: int) -> None:
        """A file's bytes, or a directory's names, are safe."""
        inode = os.fstat(fd).st_ino
        self.dirty.pop(inode, None)
        self.renamed = [one for one in self.renamed if one[0] != inode]

    def named(self, old: str, new: str, kind: str) -> None:
        """A name is about to be given. `kind` is what will have been there: nothing, a directory that is empty, one that is exchanged, or
        the number of a file with a copy of its bytes."""
        parent = os.stat(os.path.dirname(os.path.abspath(new))).st_ino  # noqa: PTH100, PTH116, PTH120 these call nothing that is doubled
        self.renamed.append((parent, [os.path.abspath(old), os.path.abspath(new), kind]))  # noqa: PTH100

    def lost(self) -> dict[str, Any]:
        """As JSON."""
        return {"dirty": self.dirty, "renamed": [names for _, names in self.renamed]}


class _Raw(io.FileIO):
    """A file whose writes are told."""

    double: Double

    def write(self, data: Any) -> int:
        """In two halves."""
        view = memoryview(data).cast("B")
        return self.double.in_halves(self.name, self.fileno(), view, lambda part: io.FileIO.write(self, part) or 0)


class Double:
    """See above. `steps` takes away the system's exchange of two names, which not every system has."""

    def __init__(self, point: Point, *, steps: bool = False) -> None:
        self._point, self._steps = point, steps
        self._durable = Durable()

    def lost(self) -> dict[str, Any]:
        """What a power cut would take now."""
        return self._durable.lost()

    def install(self) -> None:
        """From now on, in this process and its children."""
        self._open, self._write, self._fsync = os.open, os.write, os.fsync
        self._io_open = io.open
        os.open, os.write, os.fsync, io.open = self.open, self.write, self.fsync, self.io_open  # type: ignore[assignment]
        for name in ("ftruncate", "pwrite", "mkdir", "unlink", "remove", "rmdir", "rename", "replace"):
            setattr(os, name, self._told(name, getattr(os, name)))
        exchange = renames._exchange_in_steps if self._steps else renames.exchange
        fs.exchange = self._exchanging(exchange)  # type: ignore[attr-defined]

    def open(self, path: Any, flags: int, *more: Any, **named: Any) -> int:
        """os.open."""
        if flags & _WRITING:
            self._point(f"open {path}")
        return self._open(path, flags, *more, **named)

    def write(self, fd: int, data: Any) -> int:
        """os.write."""
        return self.in_halves(str(fd), fd, memoryview(data).cast("B"), lambda part: self._write(fd, part))

    def fsync(self, fd: int) -> None:
        """os.fsync."""
        self._point(f"fsync {os.readlink(f'/proc/self/fd/{fd}')}")  # noqa: PTH115
        self._fsync(fd)
        self._durable.synced(fd)

    def in_halves(self, name: object, fd: int, view: memoryview, write: Callable[[memoryview], int]) -> int:
        """Half of a write, a moment, and the rest."""
        self._durable.written(fd)
        self._point(f"write {name}")
        half = len(view) // 2
        done = write(view[:half]) if half else 0
        if done < half:
            return done
        if half:
            self._point(f"half-written {name}")
        return done + write(view[half:])

    def io_open(self, file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
        """io.open, which is what pathlib calls."""
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return self._io_open(file, mode, buffering, *more, **named)
        self._point(f"open {file}")
        raw = _Raw(file, mode.replace("b", "").replace("t", ""))
        raw.double = self
        self._durable.opened(raw.fileno(), emptied="a" not in mode and "+" not in mode)
        if buffering == 0:
            return raw
        stream = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return stream if "b" in mode else io.TextIOWrapper(stream, *more, **named)

    def _told(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def told(*arguments: Any, **named: Any) -> Any:
            self._point(f"{name} {' '.join(map(str, arguments[:2]))}")
            if name in ("rename", "replace"):
                return self._named(real, *map(str, arguments[:2]))
            if name in ("ftruncate", "pwrite"):
                self._durable.written(arguments[0])
            return real(*arguments, **named)

        return told

    def _named(self, real: Callable[..., Any], old: str, new: str) -> None:
        kind = "nothing"
        if Path(new).is_dir():
            kind = "empty"
        elif Path(new).exists():
            kind = Path(new).read_bytes().hex()
        real(old, new)
        self._durable.named(old, new, kind)

    def _exchanging(self, real: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
        def exchanging(new: Path, target: Path) -> None:
            if not self._steps:  # the steps are told one by one
                self._point(f"exchange {new} {target}")
            real(new, target)
            if not self._steps:
                self._durable.named(str(new), str(target), "exchanged")

        return exchanging
