"""Which file, folder or data set is what: training, validation or test data, source or target."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqtool.errors import DataError, UsageError
from seqtool.proposal.folder_files import FolderFiles, find_kinds, left_out
from seqtool.proposal.kinds import bare_name, ending_kind, kind_of
from seqtool.proposal.names import Role, role_of
from seqtool.proposal.source import Kind, Source
from seqtool.proposal.text_pairs import SideWishes, find_pairs
from seqtool.recipe.schema import CorpusSection
from seqtool.text.formats import open_corpus
from seqtool.text.hub import DataSet

_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_ROLES: tuple[Role, ...] = ("train", "valid", "test")


@dataclass(frozen=True)
class Layout:
    """A source for each role there is data for; `name` is what all of it may be called, `notes` say what was left aside and why, and
    `typed` whether source and target were typed in their order."""

    train: Source
    valid: Source | None = None
    test: Source | None = None
    name: str = "data"
    notes: tuple[str, ...] = ()
    typed: bool = False

    def sources(self) -> list[tuple[Role, Source]]:
        """Those there are."""
        found = ((role, getattr(self, role)) for role in _ROLES)
        return [(role, source) for role, source in found if source is not None]


def find_layout(files: Sequence[str], wishes: SideWishes, config: str | None = None) -> Layout:
    """What files, one folder or one hub name hold. Only a name that is nothing here and looks like OWNER/NAME is asked of the network.
    Raises `DataError` and `UsageError`."""
    if len(files) == 1 and _is_hub_name(files[0]):
        return _hub(files[0], config)
    if config is not None:
        raise UsageError("usage.init", "--config goes with a data set of the hub", "remove it, or name OWNER/NAME")
    paths = [Path(file).absolute() for file in files]
    folders = [path for path in paths if path.is_dir()]
    if folders and len(paths) > 1:
        message = f"{folders[0]} is a folder, and there are other files beside it"
        raise UsageError("usage.init", message, "name one folder, or only files")
    if folders:
        return _folder(folders[0], wishes)
    return _with_neighbours(_typed(paths, wishes), paths)


def _typed(paths: Sequence[Path], wishes: SideWishes) -> Layout:
    kinds = [(path, kind_of(path)) for path in paths]
    if len(kinds) == 2 and all(kind == "text" for _, kind in kinds):
        return _typed_pair(paths[0], paths[1], wishes)
    if len(kinds) == 1 and kinds[0][1] != "text":  # whatever its name says, it is all there is
        return Layout(Source(kinds[0][1], (paths[0],)), name=_name_of(paths))
    return _by_roles(kinds, wishes, _name_of(paths))


def _with_neighbours(layout: Layout, paths: Sequence[Path]) -> Layout:
    """A note where somebody named the training files only, and the others are beside them."""
    if layout.valid is not None or layout.test is not None or role_of(bare_name(paths[0])) != "train":
        return layout
    beside = sorted(
        path.name
        for path in paths[0].parent.iterdir()
        if path.suffix == paths[0].suffix and role_of(bare_name(path)) in ("valid", "test")
    )
    if not beside:
        return layout
    note = f"beside {paths[0].name} there is {', '.join(beside[:4])}: seqtool init {paths[0].parent} takes all of the folder"
    return replace(layout, notes=(*layout.notes, note))


def _typed_pair(src: Path, tgt: Path, wishes: SideWishes) -> Layout:
    """Two text files are source and target in the order in which they were typed, unless it was typed which is which."""
    if src == tgt:
        raise UsageError("usage.init", f"{src} is both source and target", "name two files")
    wished = wishes != SideWishes()
    found = find_pairs([src, tgt], wishes, strict=wished).pairs
    name = _name_of([src, tgt])
    if not found:
        return Layout(Source("text", (src, tgt)), name=name, typed=True)
    pair = found[0]
    if wished or pair.src == src:
        return Layout(Source("text", (pair.src, pair.tgt), sides=pair.sides), name=name, typed=True)
    return Layout(Source("text", (src, tgt), sides=(pair.sides[1], pair.sides[0])), name=name, typed=True)


def _by_roles(kinds: Sequence[tuple[Path, Kind]], wishes: SideWishes, name: str) -> Layout:
    """Files sorted by the roles in their names; those without one are for training where nothing else is."""
    texts = [path for path, kind in kinds if kind == "text"]
    tables = [(path, kind) for path, kind in kinds if kind != "text"]
    if texts and tables:
        message = f"{texts[0].name} is plain text, and {tables[0][0].name} is {tables[0][1]}: which is the corpus?"
        raise UsageError("usage.init", message, "name the files of one kind")
    if texts:
        return _text_layout(texts, wishes, name)
    return _table_layout(tables, name)


def _text_layout(texts: Sequence[Path], wishes: SideWishes, name: str) -> Layout:
    found = find_pairs(texts, wishes, strict=True)
    by_role: dict[Role, list[Source]] = {}
    for pair in found.pairs:
        role = role_of(pair.key) or "train"
        by_role.setdefault(role, []).append(Source("text", (pair.src, pair.tgt), sides=pair.sides))
    named = [pair for pair in found.pairs if role_of(pair.key) == "train"]
    notes = list(found.notes)
    if named and len(named) < len(by_role["train"]):
        by_role["train"] = [Source("text", (pair.src, pair.tgt), sides=pair.sides) for pair in named]
        notes.extend(_unused(pair.src for pair in found.pairs if role_of(pair.key) is None))
    return _assembled(by_role, name, notes)


def _table_layout(tables: Sequence[tuple[Path, Kind]], name: str) -> Layout:
    roles = {path: role_of(bare_name(path)) for path, _ in tables}
    if len({path.parent for path in roles}) > 1:
        roles = {path: role or role_of(path.parent.name) for path, role in roles.items()}
    has_train = "train" in roles.values()
    groups: dict[tuple[Role, Kind, str], list[Path]] = {}
    notes: list[str] = []
    for path, kind in sorted(tables):
        role = roles[path]
        if role is None and has_train:
            notes.extend(_unused([path]))
            continue
        shard = re.sub(r"\d+", "", bare_name(path))  # names that differ in numbers only are parts of one whole
        groups.setdefault((role or "train", kind, shard), []).append(path)
    by_role: dict[Role, list[Source]] = {}
    for (role, kind, _), paths in groups.items():
        by_role.setdefault(role, []).append(Source(kind, tuple(paths)))
    return _assembled(by_role, name, notes)


def _unused(paths: object) -> list[str]:
    assert hasattr(paths, "__iter__")
    return [f"{path.name} is not used: its name says neither train, valid nor test" for path in paths]


def _assembled(by_role: dict[Role, list[Source]], name: str, notes: Sequence[str]) -> Layout:
    """One source a role: of several test sets the first, of several training sets none."""
    found = by_role.get("train", [])
    if not found:
        there = ", ".join(source.describe() for sources in by_role.values() for source in sources)
        raise DataError("data.roles", f"no training data: there is only {there}", "name the training files too")
    if len(found) > 1:
        there = ", ".join(source.describe() for source in found[:8])
        raise UsageError("usage.init", f"more than one corpus to train on: {there}", "name the files of one of them")
    rest = {role: sources[0] for role, sources in by_role.items() if role != "train"}
    more = [
        f"{source.describe()} is not used: {by_role[role][0].describe()} is the {role} set"
        for role in rest
        for source in by_role[role][1:]
    ]
    return Layout(found[0], rest.get("valid"), rest.get("test"), name, (*notes, *more))


def _folder(folder: Path, wishes: SideWishes) -> Layout:
    """A folder that `datasets` saved, or one of files; where it holds nothing but folders, the one that holds a corpus."""
    if any((folder / name).exists() for name in ("dataset_dict.json", "state.json")):
        return _saved(folder)
    found = find_kinds(folder, wishes)
    if not found.kinds:
        found = _inside(folder, found, wishes)
    notes = left_out(found)
    if not found.kinds:
        hint = "a corpus is text files by language (train.de, train.en), or TSV, CSV, JSON lines or Parquet files"
        raise DataError("data.no-corpus", f"{folder} holds no corpus", hint)
    layout = _by_roles(found.kinds, wishes, plain_name(folder.name))
    return replace(layout, notes=(*layout.notes, *notes))


def _inside(folder: Path, found: FolderFiles, wishes: SideWishes) -> FolderFiles:
    """What is in the folders of one that holds no corpus itself: all of it where their names are roles, else what the only one holds."""
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    nested = [(path, find_kinds(path, wishes)) for path in inner]
    full = [(path, each) for path, each in nested if each.kinds]
    if len(full) > 1 and not all(role_of(path.name) for path, _ in full):
        there = ", ".join(str(path) for path, _ in full[:8])
        raise UsageError("usage.init", f"{folder} holds more than one corpus: {there}", "name one of them")
    refused = [*found.refused, *(one for _, each in nested for one in each.refused)]
    return FolderFiles([one for _, each in full for one in each.kinds], refused)


def _saved(folder: Path) -> Layout:
    """What `save_to_disk` wrote."""
    try:
        single = not (folder / "dataset_dict.json").exists()
        names = [] if single else json.loads((folder / "dataset_dict.json").read_text("utf-8"))["splits"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "save the data set again: save_to_disk(FOLDER)"
        raise DataError("data.data-set", f"{folder / 'dataset_dict.json'} is damaged", hint) from error
    source = Source("folder", (folder,))
    return _of_splits(source, [str(name) for name in names], plain_name(folder.name))


def _hub(name: str, config: str | None) -> Layout:
    splits = DataSet(CorpusSection(hub=name, config=config), "train").splits()
    return _of_splits(Source("hub", hub=name, config=config), splits, plain_name(name.partition("/")[2]))


def _of_splits(source: Source, splits: Sequence[str], name: str) -> Layout:
    """The usual split of a role needs no name in the recipe."""
    if not splits:
        return Layout(source, name=name)
    usual = {"train": "train", "valid": "validation", "test": "test"}
    found: dict[Role, Source] = {}
    for role in _ROLES:
        named = [split for split in splits if role_of(split) == role]
        chosen = usual[role] if usual[role] in splits else next(iter(named), None)
        if chosen is not None:
            found[role] = Source(
                source.kind, source.paths, source.hub, source.config, None if chosen == usual[role] else chosen
            )
    if "train" not in found:
        hint = "seqtool init needs a split called train; write the recipe by hand to use another"
        raise DataError("data.split", f"{source.describe()} has no training split: {', '.join(splits)}", hint)
    return Layout(found["train"], found.get("valid"), found.get("test"), name)


def _is_hub_name(typed: str) -> bool:
    """Whether a name can only be a data set's: a path that was mistyped must not end on the network."""
    path = Path(typed)
    known = path.exists() or path.parent.exists() or ending_kind(path) is not None
    return _HUB.fullmatch(typed) is not None and not known and path.suffix not in (".txt", ".gz", ".xz", ".zst")


def _name_of(paths: Sequence[Path]) -> str:
    """A name for files: what their own names share, or their folder's where those say only a role."""
    for path in paths:
        open_corpus(path).close()
    stems = {
        re.split(r"[._-](?=[^._-]*$)", bare_name(path))[0] if len(paths) > 1 else bare_name(path) for path in paths
    }
    stem = min(stems, key=len)
    said = role_of(stem) is not None or len(stems) > 1 or not re.search(r"[A-Za-z0-9]", stem)
    return plain_name(paths[0].parent.name if said else stem)


def plain_name(name: str) -> str:
    """Letters, digits and `-`, `_`, `.`: what is a fine folder on any machine."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:60] or "data"
