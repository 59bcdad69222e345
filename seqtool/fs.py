"""The only module that writes run files: everything appears complete or not at all.

A file is written beside its place and renamed into it. A directory is filled under a name that begins with `.part-`, gets a manifest of
sizes and SHA-256, and is renamed into its place; an old directory there is exchanged for it in one step where the system can. A process
that is killed leaves only `.part` names, which are never read; the next `commit_dir` beside such a directory removes it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from seqtool import manifest
from seqtool.renames import exchange, free_name, recover, recover_all
from seqtool.writing import filling, find_target, refused, sync_dir, writing

MANIFEST = manifest.NAME

_PART = re.compile(r"\.part-.+\.\d+\.\d+")
_PART_FILE = re.compile(r"\..+\.\d+\.part")


@contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """A binary file to fill, which appears at `path` when the block ends well, and not at all otherwise.

    A link is followed; a device or pipe (`/dev/null`) is written directly. Raises `ResourceError`.
    """
    target, old = find_target(path)
    if old is not None and not stat.S_ISREG(old.st_mode):
        with filling(target, path), target.open("wb") as stream:
            yield stream
        return
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        with filling(part, path), part.open("wb") as stream:
            if old is not None:
                os.fchmod(stream.fileno(), stat.S_IMODE(old.st_mode))
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        with writing(path):
            part.replace(target)
            sync_dir(target.parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def commit_bytes(path: Path, data: bytes) -> None:
    """Writes a file; `path` holds the old content or the new at every instant. Raises `ResourceError`."""
    with output_file(path) as stream:
        stream.write(data)


def commit_text(path: Path, text: str) -> None:
    """`commit_bytes` in UTF-8."""
    commit_bytes(path, text.encode("utf-8", "surrogateescape"))


def commit_json(path: Path, value: object) -> None:
    """`commit_bytes` of JSON that a person can read."""
    commit_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def append_line(path: Path, text: str) -> None:
    """Adds one line to a file in a single write; a line that a power cut tore off stays a line of its own. Raises `ResourceError`."""
    data = text.rstrip("\n").encode("utf-8", "surrogateescape") + b"\n"
    with writing(path):
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                data = b"\n" + data
            if os.write(fd, data) < len(data):
                os.ftruncate(fd, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(fd)


def sync_file(path: Path) -> None:
    """Makes a file survive a power cut, as far as it is written now; without the file there is nothing to do. Raises `ResourceError`."""
    with writing(path), suppress(FileNotFoundError):
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_dir(path.parent)


def remove_file(path: Path) -> None:
    """Removes a file for good; without it there is nothing to do. Raises `ResourceError`."""
    with writing(path), suppress(FileNotFoundError):
        path.unlink()
        sync_dir(path.parent)


def truncate_lines(path: Path, keep: Callable[[str], bool]) -> None:
    """Rewrites a file of lines with those that `keep` wants, and without a last one that was torn off; without the file there is nothing
    to do. Raises `ResourceError`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise refused(path, error) from error
    lines = data.decode("utf-8", "surrogateescape").split("\n")[
        :-1
    ]  # what follows the last newline is nothing, or a part of a line
    kept = "".join(f"{line}\n" for line in lines if keep(line)).encode("utf-8", "surrogateescape")
    if kept != data:
        commit_bytes(path, kept)


def make_dir(path: Path) -> None:
    """Creates a directory and those above it where missing. Raises `ResourceError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise refused(path, NotADirectoryError(errno.ENOTDIR, "a file of that name is there")) from error
    except OSError as error:
        raise refused(path, error) from error


def move_aside(path: Path) -> Path:
    """Renames a file or directory to the first free `NAME.old-1`, `NAME.old-2`, ... and returns that. Raises `ResourceError`."""
    target = free_name(path)
    with writing(path):
        path.rename(target)
        sync_dir(path.parent)
    return target


def remove_dir(path: Path) -> bool:
    """Removes a directory that `commit_dir` wrote, and says whether it did: one that holds anything else is left alone.

    It is renamed first, so that half of it is never taken for the whole. Raises `ResourceError`.
    """
    if not manifest.owns_all(path):
        return False
    with writing(path):
        part, fd = _new_part(path)
        try:
            path.rename(part)  # onto an empty directory, which it replaces
            sync_dir(path.parent)
        except FileNotFoundError:  # another process was faster
            return False
        finally:
            shutil.rmtree(part, ignore_errors=True)
            os.close(fd)
    return True


@contextmanager
def commit_dir(path: Path) -> Iterator[Path]:
    """A directory to fill with plain files, which appears at `path` with a manifest when the block ends well, and not at all otherwise.

    An old directory there is replaced. It is removed if `commit_dir` wrote it, and moved aside if anything else is in it. Raises
    `ResourceError`.
    """
    target = Path(os.path.realpath(path))
    make_dir(target.parent)
    recover(target)
    with writing(path):
        if target.is_file():
            raise NotADirectoryError(errno.ENOTDIR, "a file of that name is there")
        _sweep(target.parent)
        part, fd = _new_part(target)
    try:
        with filling(part, path):
            yield part
            commit_json(part / manifest.NAME, manifest.describe(part))
        with writing(path):
            _put(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        os.close(fd)


def verify_dir(path: Path, *, quick: bool = False) -> dict[str, Path]:
    """The files of a directory that `commit_dir` wrote, each checked against its manifest; `quick` compares sizes only.

    Raises `ModelError` (`model.missing`, `model.manifest`, `model.corrupt`, `model.unreadable`) naming the file.
    """
    recover(path)
    return manifest.verify(path, quick=quick)


def sweep(folder: Path) -> None:
    """Completes or removes what processes left in a directory that did not live to finish, files too: it must be held for this process
    alone."""
    if folder.is_dir():
        recover_all(folder)
        with suppress(OSError):
            _sweep(folder)
            for path in folder.iterdir():
                if _PART_FILE.fullmatch(path.name) and path.is_file():
                    path.unlink()


def _new_part(target: Path) -> tuple[Path, int]:
    """An empty directory beside `target`, and a descriptor that holds a lock on it while its process lives."""
    while True:
        # A name is never used again: a sweep that took the one before for rubbish must not find this one under its name.
        part = target.with_name(f".part-{target.name}.{os.getpid()}.{time.monotonic_ns()}")
        try:
            part.mkdir()
            fd = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except (FileExistsError, FileNotFoundError):  # not found: another process swept it before it was locked
            continue
        with suppress(OSError):  # a file system without locks: nothing is swept there either
            fcntl.flock(fd, fcntl.LOCK_EX)
        if part.exists():
            return part, fd
        os.close(fd)


def _sweep(folder: Path) -> None:
    """Removes what processes left that did not live to finish: a directory that nobody holds a lock on."""
    for path in folder.iterdir():
        if not _PART.fullmatch(path.name):
            continue
        with suppress(OSError):
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(fd)


def _put(part: Path, target: Path) -> None:
    """Gives a complete directory its name. `part` is left holding what may be removed, or nothing."""
    while True:
        try:
            part.rename(target)  # onto nothing, or an empty directory
            break
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        if not manifest.owns_all(target):  # somebody's own files are to get a name that no sweep takes for rubbish
            spare = free_name(target)
            part.rename(spare)
            part = spare
        with suppress(FileNotFoundError):  # another process took the old one away: once more
            exchange(part, target)
            break
    sync_dir(target.parent)
