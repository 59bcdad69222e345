"""Columns to pairs: TSV, in which a tab always separates, and CSV, in which fields may be quoted."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from seqtool.errors import DataError
from seqtool.text.formats import Pairs, column_number, field_line, row_width, text_lines
from seqtool.text.lines import MAX_LINE_BYTES

# What may separate the columns of a CSV, the usual one first; spreadsheets write the others where the comma is in the numbers.
SEPARATORS = (",", ";", "\t")
_QUOTED = re.compile(r'"(?:[^"]|"")*(?:"|$)')
_NAMED = re.compile(r"sep=(.)", re.IGNORECASE)


def separator_of(header: str) -> str:
    """What separates the columns of a CSV: of `SEPARATORS` the first that is in its header outside quotes, and a comma where none is."""
    bare = _QUOTED.sub("", header)
    return next((each for each in SEPARATORS if each in bare), SEPARATORS[0])


class CsvRows(Iterator[list[str]]):
    """The rows of a CSV, the header first and blank ones too; a line `sep=;` before it, as spreadsheets have it, is no row. `line` is the
    number of the line in which the last row ended. Raises `DataError` naming it."""

    def __init__(self, path: Path) -> None:
        # The limit is the csv module's own and global; the default of 128 KiB is less than a long document.
        csv.field_size_limit(MAX_LINE_BYTES)
        self._path = path
        self._lines = _RowLines(path)
        first = next(self._lines, "")
        named = _NAMED.fullmatch(first.rstrip("\n"))
        separator, begin = (named[1], []) if named else (separator_of(first), [first] if first else [])
        self._before = named is not None
        self._rows = csv.reader(itertools.chain(begin, self._lines), strict=True, delimiter=separator)

    @property
    def line(self) -> int:
        """As the class says."""
        return self._rows.line_num + self._before

    def __next__(self) -> list[str]:
        self._lines.chars = 0
        try:
            return next(self._rows)
        except csv.Error as error:
            hint = 'a field with a quote in it is quoted, and the quote doubled: "so ""to"" speak"; without quoting it may be a tsv'
            raise DataError("data.csv", f"{self._path}:{self.line}: {error}", hint) from error


class _RowLines(Iterator[str]):
    """The lines of a file for the csv module, which bounds fields and not rows: `chars` are those since it was last set to 0."""

    def __init__(self, path: Path) -> None:
        self._path, self._lines = path, text_lines(path)
        self.chars = self._number = 0

    def __next__(self) -> str:
        line = f"{next(self._lines)}\n"
        self._number += 1
        self.chars += len(line)
        if self.chars > 2 * MAX_LINE_BYTES:
            raise DataError(
                "data.line-too-long",
                f"{self._path}:{self._number}: a row of more than {2 * MAX_LINE_BYTES >> 20} million characters",
                "a quote that is never closed?",
            )
        return line


def read_csv(path: Path, src: int | str, tgt: int | str) -> Pairs:
    """Columns by their name in the first row; fields with separators, quotes or line ends are quoted (RFC 4180)."""
    rows = CsvRows(path)
    header = next(rows, None)
    if header is None:
        return
    columns = column_number(path, header, src), column_number(path, header, tgt)
    for row in rows:
        if row and len(row) != len(header):
            raise row_width(f"{path}:{rows.line}", len(row), len(header))
        if row:
            yield field_line(row[columns[0]]), field_line(row[columns[1]])


def read_tsv(path: Path, src: int | str, tgt: int | str) -> Pairs:
    """Columns by number from 1, or by their name in the first line. A tab always separates: there is no quoting. Blank lines at the end are
    nothing."""
    rows = enumerate((line.split("\t") for line in text_lines(path)), 1)
    width, columns, blank = 0, (0, 0), 0
    for number, row in rows:
        if width > 1 and row == [""]:
            blank = blank or number
            continue
        if blank:
            raise row_width(f"{path}:{blank}", 1, width)
        if not width:
            width, columns = len(row), (column_number(path, row, src), column_number(path, row, tgt))
            if isinstance(src, str) or isinstance(tgt, str):
                continue
        if len(row) != width:
            raise row_width(f"{path}:{number}", len(row), width)
        yield field_line(row[columns[0]]), field_line(row[columns[1]])
