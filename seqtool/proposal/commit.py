"""Writes a proposal: the folder with what was split off, then the recipe. Each appears complete or not at all."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from seqtool import fs
from seqtool.errors import SeqtoolError
from seqtool.proposal.names import Role
from seqtool.proposal.proposal import Proposal, check_free
from seqtool.proposal.recipe_text import recipe_text
from seqtool.proposal.source import Source
from seqtool.recipe.schema import CorpusSection
from seqtool.text.samples import jsonl_lines

_PROGRESS_PAIRS = 10_000
_LINE = "line"


@dataclass(frozen=True)
class Place:
    """Where a recipe is to be, and what is split off: with `printed` only where they would be, and nothing is written."""

    recipe: Path
    folder: Path
    printed: bool = False

    @classmethod
    def beside(cls, recipe: Path, *, printed: bool = False) -> Place:
        """The folder is called after the recipe."""
        return cls(recipe, recipe.with_name(f"{recipe.stem}-data"), printed)

    def check(self) -> None:
        """Raises `UsageError` where a recipe is already."""
        if not self.printed:
            check_free(self.recipe)


def commit(made: Proposal, place: Place, run_dir: str, progress: Callable[[str, int], None]) -> str:
    """Writes what was split off and the recipe, unless it is only printed, and returns the recipe's text. Raises `ResourceError`, and
    `UsageError` where something has come into the way since `Place.check`."""
    missing = str(_absolute(place.folder)) if place.printed and made.split is not None else None
    text = recipe_text(made, _corpora(made, place), run_dir, str(place.recipe), missing=missing)
    if place.printed:
        return text
    place.check()
    if made.split is not None:
        check_free(place.folder)
        with fs.commit_dir(place.folder) as folder:
            _write_parts(made, folder, progress)
    try:
        fs.commit_text(place.recipe, text)
    except (SeqtoolError, KeyboardInterrupt):
        if made.split is not None:
            fs.remove_dir(place.folder)
        raise
    return text


def _corpora(made: Proposal, place: Place) -> dict[Role, CorpusSection]:
    """The recipe's corpora: those that are given, and files to be written. A recipe that may end anywhere has absolute paths."""
    base = None if place.printed else _absolute(place.recipe).parent
    given = dict(made.layout.sources())
    found: dict[Role, CorpusSection] = {}
    order: tuple[Role, ...] = ("train", "valid", "test")
    for role in order:
        if role in made.parts:
            found[role] = Source("jsonl", (_absolute(place.folder / f"{role}.jsonl"),)).section(
                *_names(made), base, new=True
            )
        elif role in given:
            found[role] = given[role].section(made.fields.src, made.fields.tgt, base)
    return found


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 links stay


def _names(made: Proposal) -> tuple[str, str]:
    """The fields of what is written: the columns' own names, or those of files where they can be names of fields."""
    table = made.fields.table
    if table is not None and table.headed:
        return made.fields.names
    src, tgt = made.fields.names
    plain = table is None and src != tgt and "." not in src + tgt
    return (src, tgt) if plain else ("src", "tgt")


def _write_parts(made: Proposal, folder: Path, progress: Callable[[str, int], None]) -> None:
    """Every pair into one file, in the order of the corpus."""
    assert made.split is not None
    pairs = made.layout.train.pairs(made.fields.src, made.fields.tgt, "train")
    with ExitStack() as stack:
        files = {role: stack.enter_context((folder / f"{role}.jsonl").open("wb")) for role in made.parts}
        for number, ((src, _), line) in enumerate(zip(pairs, _lines(made), strict=True), 1):
            files[made.split.role_of(src)].write(line.encode() + b"\n")
            if number % _PROGRESS_PAIRS == 0:
                progress("writing", number)


def _lines(made: Proposal) -> Iterator[str]:
    """A JSON line for each pair: of JSON lines the line itself, of other tables all columns, so that a test set can be sliced by them. Of
    lines of text it has the number too: what `check` finds in a part can be found in the files it is from."""
    source, table = made.layout.train, made.fields.table
    if source.kind == "jsonl":
        for path in source.paths:
            yield from jsonl_lines(path)
    elif table is not None and table.headed:
        for record in table.records(source, "train"):
            yield json.dumps({name: _writable(value) for name, value in record.items()}, ensure_ascii=False)
    else:
        names = _names(made)
        for number, pair in enumerate(source.pairs(made.fields.src, made.fields.tgt, "train"), 1):
            yield json.dumps({_LINE: number, **dict(zip(names, pair, strict=True))}, ensure_ascii=False)


def _writable(value: object) -> object:
    """A value as JSON has it: what it has no form for, such as bytes, is null, and dates are texts."""
    if isinstance(value, dict):
        return {str(name): _writable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else None
