"""The list of a directory's files, with sizes and SHA-256, that tells a complete directory from a damaged one.

A manifest is read as if a stranger had written it: bounded in size and number, plain names only, nothing followed out of the directory.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqtool.errors import ModelError

NAME = "manifest.json"
FORMAT = 1
MAX_BYTES = 1 << 20
MAX_FILES = 4096

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HINT = "copy the directory again from where it is complete, or make it again"


@dataclass(frozen=True)
class Entry:
    """What a file must be: its size in bytes and its SHA-256 in hex."""

    size: int
    sha256: str


def describe(folder: Path) -> dict[str, Any]:
    """The manifest of a directory, whose files are made durable. Raises `OSError`, and `ValueError` for what no manifest can list."""
    files = {}
    for path in sorted(folder.iterdir()):
        if not _PLAIN_NAME.fullmatch(path.name) or path.is_symlink() or not path.is_file():
            raise ValueError(f"a manifest lists plain files, not {path}")
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            files[path.name] = {"size": stream.tell(), "sha256": digest}
    return {"format": FORMAT, "files": files}


def owns_all(folder: Path) -> bool:
    """Whether a directory holds a manifest and nothing that the manifest does not name, so that nobody misses anything else in it."""
    try:
        return {path.name for path in folder.iterdir()} <= {NAME, *read(folder)}
    except (ModelError, OSError):
        return False


def verify(folder: Path, *, quick: bool = False) -> dict[str, Path]:
    """The files a directory's manifest names, all there and all right; `quick` compares sizes only. Raises `ModelError`."""
    entries = read(folder)
    for name, entry in entries.items():
        _check_size(folder / name, entry)
    for name, entry in entries.items():
        if not quick:
            _check_digest(folder / name, entry, _digest(folder / name))
    return {name: folder / name for name in entries}


def read_file(folder: Path, name: str) -> bytes:
    """The bytes of one file that a directory's manifest names, read once, so that what was checked is what is used. Raises `ModelError`."""
    entries = read(folder)
    path = folder / name
    if name not in entries:
        raise ModelError("model.missing", f"{path} is not in the manifest", _HINT)
    _check_size(path, entries[name])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    _check_digest(path, entries[name], hashlib.sha256(data).hexdigest())
    return data


def read(folder: Path) -> dict[str, Entry]:
    """The entries of a directory's manifest, checked for shape only. Raises `ModelError`."""
    path = folder / NAME
    try:
        if not folder.is_dir():
            what = "is not a directory" if folder.exists() else "does not exist"
            raise ModelError("model.missing", f"{folder} {what}", "check the path")
    except OSError as error:
        raise _unreadable(folder, error) from error
    if _regular_size(path) > MAX_BYTES:
        raise ModelError("model.manifest", f"{path} is larger than {MAX_BYTES:,} bytes", _HINT)
    try:
        with path.open("rb") as stream:
            raw: Any = json.loads(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise ModelError("model.manifest", f"{path} is not JSON: {error}", _HINT) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT or not isinstance(raw.get("files"), dict):
        raise ModelError("model.manifest", f"{path} is no manifest of format {FORMAT}", _HINT)
    if len(raw["files"]) > MAX_FILES:
        raise ModelError("model.manifest", f"{path} names more than {MAX_FILES:,} files", _HINT)
    return {name: _entry(path, name, facts) for name, facts in raw["files"].items()}


def _entry(path: Path, name: str, facts: Any) -> Entry:
    if not _PLAIN_NAME.fullmatch(name) or name == NAME:
        raise ModelError("model.manifest", f"{path}: {name[:80]!a} is not a plain file name", _HINT)
    size, sha256 = (facts.get("size"), facts.get("sha256")) if isinstance(facts, dict) else (None, None)
    if type(size) is not int or size < 0 or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ModelError("model.manifest", f"{path}: {name} lacks a size or a SHA-256", _HINT)
    return Entry(size, sha256)


def _check_size(path: Path, entry: Entry) -> None:
    size = _regular_size(path)
    if size != entry.size:
        message = f"{path} has {size:,} bytes, its manifest says {entry.size:,}"
        raise ModelError("model.corrupt", message, _HINT)


def _check_digest(path: Path, entry: Entry, sha256: str) -> None:
    if sha256 != entry.sha256:
        raise ModelError("model.corrupt", f"{path} was changed after it was written (SHA-256)", _HINT)


def _regular_size(path: Path) -> int:
    """Bytes of a file that is neither a link nor anything else."""
    try:
        status = path.lstat()
    except FileNotFoundError as error:
        raise ModelError("model.missing", f"{path} is missing", _HINT) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        what = "a link" if stat.S_ISLNK(status.st_mode) else "not a file"
        raise ModelError("model.corrupt", f"{path} is {what}", _HINT)
    return status.st_size


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ModelError:
    return ModelError("model.unreadable", f"cannot read {path}: {error.strerror or error}", "check its permissions")
