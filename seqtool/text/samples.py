"""Rows of tables as records, whole and in order: for looking at data whose columns nobody has named yet, and for copying rows.

The rows are those of `formats.READERS`, which say what is wrong with a row; here only what cannot be read at all is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from seqtool.errors import DataError
from seqtool.text.formats import open_corpus, text_lines
from seqtool.text.parquet import seekable
from seqtool.text.separated import CsvRows

Row = dict[str, object]


def tsv_rows(path: Path) -> Iterator[list[str]]:
    """The fields of every line that is not blank, a header's too."""
    return (line.split("\t") for line in text_lines(path) if line)


def csv_rows(path: Path) -> Iterator[list[str]]:
    """The fields of every row that is not blank, the header's too. Raises `DataError`."""
    return (row for row in CsvRows(path) if row)


def jsonl_lines(path: Path) -> Iterator[str]:
    """The lines that are not blank, as they are."""
    return (line for line in text_lines(path) if line.strip())


def jsonl_records(path: Path) -> Iterator[Row]:
    """One object a line. Raises `DataError` naming the line."""
    for number, line in enumerate(text_lines(path), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except RecursionError as error:
            raise DataError(
                "data.json", f"{path}:{number}: JSON nested too deeply", "repair or remove this line"
            ) from error
        except ValueError as error:
            message = f"{path}:{number}: not JSON: {error}"
            raise DataError("data.json", message, "one JSON object a line, please") from error
        if not isinstance(record, dict):
            message = f"{path}:{number}: not a JSON object: {line[:40]!r}"
            raise DataError("data.json", message, 'one object a line, please: {"src": "...", "tgt": "..."}')
        yield record


def parquet_records(path: Path) -> Iterator[Row]:
    """The rows with all columns. Raises `DataError`."""
    import pyarrow
    import pyarrow.parquet

    with open_corpus(path) as packed, seekable(packed) as stream:
        try:
            for batch in pyarrow.parquet.ParquetFile(stream).iter_batches(batch_size=1000):
                yield from batch.to_pylist()
        except MemoryError:  # pyarrow's own is one of its exceptions, too
            raise
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
            hint = "the file is damaged or not Parquet: make it again from its source"
            raise DataError("data.parquet", f"{path}: {error}", hint) from error
