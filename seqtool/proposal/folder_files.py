"""What the files of a folder are: its tables, or the text files in it that belong together by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqtool.errors import DataError
from seqtool.proposal.kinds import bare_name, ending_kind, kind_of
from seqtool.proposal.names import Role, role_of
from seqtool.proposal.source import Kind
from seqtool.proposal.text_pairs import SideWishes, find_pairs

# Files of a folder that are never a corpus, whatever languages their names may seem to say.
_PROGRAMS = (
    ".py",
    ".sh",
    ".md",
    ".c",
    ".h",
    ".js",
    ".html",
    ".yaml",
    ".yml",
    ".toml",
    ".log",
    ".lock",
    ".model",
    ".vocab",
)
_NO_TABLES = ("manifest.json", "dataset_infos.json", "dataset_info.json", "config.json", "package.json")


@dataclass(frozen=True)
class FolderFiles:
    """The files of a folder that pairs may be read from, with their kinds, and those that have a table's name and are none, with what is to
    be said of that."""

    kinds: Sequence[tuple[Path, Kind]]
    refused: Sequence[tuple[Path, DataError]]


def find_kinds(folder: Path, wishes: SideWishes) -> FolderFiles:
    """Looks at the files of a folder. Raises `DataError` for one that is empty, and for text that is none."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    tables = [path for path in files if ending_kind(path) and path.name not in _NO_TABLES]
    texts = [path for path in files if not ending_kind(path) and path.suffix not in _PROGRAMS]
    named = find_pairs(texts, wishes, strict=False)
    paired = [path for pair in named.pairs for path in (pair.src, pair.tgt)]
    if paired or named.crowded:
        tables = [path for path in tables if role_of(bare_name(path)) == "train"]
    found: list[tuple[Path, Kind]] = []
    refused: list[tuple[Path, DataError]] = []
    for path in tables:
        try:
            found.append((path, kind_of(path)))
        except DataError as error:
            if error.error_id != "data.kind":
                raise
            refused.append((path, error))
    found += [(path, kind_of(path)) for path in (*paired, *named.crowded)]
    if not found:
        found = [(path, kind) for path in texts if path.suffix == ".txt" and (kind := _table_kind(path)) is not None]
    return FolderFiles(found, refused)


def _table_kind(path: Path) -> Kind | None:
    """The kind of a table whose ending does not say that it is one; None of what is none."""
    try:
        kind = kind_of(path)
    except DataError:
        return None
    return None if kind == "text" else kind


def left_out(found: FolderFiles) -> list[str]:
    """Notes on what has a table's name and is none. Raises its `DataError` where that leaves nothing, or should by its name be the training
    data and nothing else is."""
    if not found.refused:
        return []
    trains = any((_role(path) or ("train" if kind == "text" else None)) == "train" for path, kind in found.kinds)
    for path, error in found.refused:
        if not found.kinds or (not trains and _role(path) == "train"):
            raise error
    return [_note(path, error) for path, error in found.refused]


def _role(path: Path) -> Role | None:
    return role_of(bare_name(path)) or role_of(path.parent.name)


def _note(path: Path, error: DataError) -> str:
    said = error.message.removeprefix(str(path)).lstrip(": ")
    return f"{path.name} is not used: {'it ' if said.startswith('is ') else ''}{said}"
