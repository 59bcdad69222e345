"""The columns of a table: a sample of its rows, with the names of a header where there is one."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence

from seqtool.errors import DataError
from seqtool.proposal.names import Role, is_column_name
from seqtool.proposal.profile import Column, columns_of
from seqtool.proposal.source import SAMPLE_ROWS, Field, Source
from seqtool.proposal.text_pairs import SideWishes
from seqtool.text.samples import Row

_SENTENCE_WORDS = 4


class Table:
    """A source that is a table; `headed` is whether the first line of a TSV names its columns."""

    def __init__(self, source: Source, wishes: SideWishes) -> None:
        """Reads a sample. Raises `DataError`, also for a CSV whose first row is none of names."""
        self._source = source
        rows = list(itertools.islice(source.records("train"), SAMPLE_ROWS))
        if not rows:
            raise DataError("data.empty", f"{source.describe()} has no rows", "name a file with text in it")
        self.headed = source.kind != "tsv" or _is_header(rows, wishes)
        if source.kind == "tsv" and self.headed:
            names = [str(name) for name in rows[0].values()]
            rows = [dict(zip(names, row.values(), strict=False)) for row in rows[1:]]
        if source.kind == "csv":
            _check_header(source, list(rows[0]))
        self.columns: list[Column] = [column for column in columns_of(rows) if _has_name(column.name)]

    def field(self, name: str) -> Field:
        """What the recipe calls a column: its number, where it has no name."""
        return name if self.headed else int(name)

    def records(self, source: Source, role: Role) -> Iterator[Row]:
        """All rows of a source with the same columns, those of a TSV's header under its names."""
        if source.kind != "tsv" or not self.headed:
            yield from source.records(role)
            return
        for path in source.paths:
            rows = Source("tsv", (path,)).records(role)
            names = [str(name) for name in next(rows, {}).values()]
            for row in rows:
                yield dict(zip(names, row.values(), strict=False))


def _has_name(name: str) -> bool:
    """Whether a recipe can name a column: it is no empty text, and no half characters are in it."""
    return bool(name) and not any("\ud800" <= char <= "\udfff" or char == "\0" for char in name)


def _is_header(rows: Sequence[Row], wishes: SideWishes) -> bool:
    """Whether a first line holds names: those that were typed, mostly known ones, or single words above sentences."""
    first = [str(cell) for cell in rows[0].values()]
    if any(wish in first for wish in wishes if wish is not None):
        return True
    if len(set(first)) < len(first) or not all(cell.strip() for cell in first):
        return False
    known = sum(is_column_name(cell) for cell in first)
    if 2 * known > len(first):
        return True
    below = [
        statistics.median(len(str(row.get(name, "")).split()) for row in rows[1:]) if rows[1:] else 0.0
        for name in rows[0]
    ]
    above_sentences = sum(words >= _SENTENCE_WORDS for words in below) >= 2
    return above_sentences and all(len(cell.split()) == 1 and cell[-1].isalnum() for cell in first)


def _check_header(source: Source, names: Sequence[str]) -> None:
    """A CSV's first row must be names: fields of a recipe have no numbers there."""
    if sum(len(name.split()) >= _SENTENCE_WORDS for name in names) >= 2:
        message = (
            f"{source.paths[0]}:1: this row is data, where the names of the columns should be: {names[0][:40]!r}, ..."
        )
        raise DataError("data.header", message, "put a row of names above it, for example: src,tgt")
