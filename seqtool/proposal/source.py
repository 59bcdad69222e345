"""Where the pairs of one role are, before anybody has said which columns they are."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqtool.errors import DataError, UsageError
from seqtool.proposal.names import Role
from seqtool.recipe.schema import CorpusSection
from seqtool.text.corpus import Corpus
from seqtool.text.formats import find_files
from seqtool.text.hub import DataSet
from seqtool.text.samples import Row, csv_rows, jsonl_records, parquet_records, tsv_rows

Kind = Literal["text", "tsv", "csv", "jsonl", "parquet", "folder", "hub"]
Field = int | str

SAMPLE_ROWS = 1000

_UNWRITABLE = re.compile("[\ud800-\udfff]+")  # bytes of a name that are not UTF-8


@dataclass(frozen=True)
class Source:
    """Files, absolute, in their order: of text two, a source's and a target's; of tables any number of shards; one folder that `datasets`
    wrote. A data set of the hub has a `hub` name instead. `sides` are what the two names of text files say apart."""

    kind: Kind
    paths: tuple[Path, ...] = ()
    hub: str | None = None
    config: str | None = None
    split: str | None = None
    sides: tuple[str, str] | None = None

    def describe(self) -> str:
        """Its name for messages."""
        shown = self.hub or " + ".join(path.name for path in self.paths[:3])
        more = f" and {len(self.paths) - 3} more" if len(self.paths) > 3 else ""
        return f"{shown}{more}" if self.split is None else f"{shown}, split {self.split}"

    def section(self, src: Field, tgt: Field, base: Path | None = None, *, new: bool = False) -> CorpusSection:
        """The recipe's section, with absolute paths, or with those relative to `base`; `new` files are still to be written. Raises
        `DataError`, and `UsageError` for new ones, for a name that no recipe can hold."""
        values: dict[str, object] = {"src": src, "tgt": tgt}
        names = [_written(path, base, new=new) for path in self.paths]
        if self.kind == "text":
            values = {"src": names[0], "tgt": names[1]}
        elif self.kind == "hub":
            values |= {"hub": self.hub}
        else:
            values |= {self.kind: names[0] if len(names) == 1 else names}
        chosen = {name: value for name, value in (("config", self.config), ("split", self.split)) if value is not None}
        return CorpusSection.model_validate({**values, **chosen})

    def pairs(self, src: Field, tgt: Field, role: Role) -> Iterator[tuple[str, str]]:
        """All pairs, as training will read them. Raises `DataError`."""
        return Corpus(self.section(src, tgt), role).pairs()

    def records(self, role: Role) -> Iterator[Row]:
        """All rows of a table with all columns; those of TSV are numbered from 1, and its header is a row. Raises `DataError`."""
        if self.kind in ("folder", "hub"):
            return DataSet(self.section("", ""), role).records()
        readers = {"tsv": _numbered, "csv": _named, "jsonl": jsonl_records, "parquet": parquet_records}
        return itertools.chain.from_iterable(readers[self.kind](path) for path in self.paths)


def _numbered(path: Path) -> Iterator[Row]:
    for row in tsv_rows(path):
        yield {str(number): cell for number, cell in enumerate(row, 1)}


def _named(path: Path) -> Iterator[Row]:
    rows = csv_rows(path)
    header = next(rows, [])
    for row in rows:
        yield dict(zip(header, row, strict=False))


def _written(path: Path, base: Path | None, *, new: bool) -> str:
    """A path as a recipe can hold it: `*` stands for what is not UTF-8, where that means this file and no other."""
    name = str(path) if base is None else relative_name(path, base)
    plain = _UNWRITABLE.sub("*", name)
    if "*" in plain and new:
        message = (
            f"{path} cannot be named in a recipe: `*` and bytes that are not UTF-8 stand for any part of a name there"
        )
        raise UsageError("usage.init", message, "choose another name for the recipe, after which the folder is called")
    if "*" in plain:
        found = find_files(_UNWRITABLE.sub("*", str(path)))
        if found != [path]:
            others = ", ".join(str(other) for other in found if other != path)
            hint = "rename it: in a recipe `*` stands for any part of a name, and here for more than one file"
            raise DataError("data.name", f"{path} cannot be named in a recipe: beside it there is {others}", hint)
    return plain


def relative_name(path: Path, base: Path) -> str:
    """A path relative to a recipe's folder, where that leads to the same place and is not far; else the path."""
    name = os.path.relpath(path, base)
    back = os.path.realpath(os.path.normpath(base / name)) == os.path.realpath(path)
    if not back or name.count("../") > 2:
        return str(path)
    return f"./{name}" if name.startswith("~") else name
