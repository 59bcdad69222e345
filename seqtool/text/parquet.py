"""Parquet to pairs, and the table of readers by format."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import BinaryIO, cast

from seqtool.errors import DataError, ResourceError
from seqtool.text.formats import Pairs, column_of, open_corpus, read_jsonl, text_field
from seqtool.text.separated import read_csv, read_tsv

Reader = Callable[[Path, int | str, int | str], Pairs]

_PARQUET_ROWS = 1000


def read_parquet(path: Path, src: int | str, tgt: int | str) -> Pairs:
    """Columns of a Parquet file, or fields of its struct columns."""
    import pyarrow
    import pyarrow.parquet

    with open_corpus(path) as packed, seekable(packed) as stream:
        numbers = itertools.count(1)
        try:
            table = pyarrow.parquet.ParquetFile(stream)
            columns = {column_of(str(name), table.schema_arrow.names, str(path)) for name in (src, tgt)}
            for batch in table.iter_batches(batch_size=_PARQUET_ROWS, columns=sorted(columns)):
                for row in range(
                    batch.num_rows
                ):  # one at a time: a column may say a long text a thousand times in few bytes
                    record = {name: batch.column(name)[row].as_py() for name in columns}
                    where = f"{path}: row {next(numbers)}"
                    yield text_field(record, str(src), where), text_field(record, str(tgt), where)
        except MemoryError:  # pyarrow's own is one of its exceptions, too
            raise
        except (
            pyarrow.ArrowException,
            OSError,
            ValueError,
            OverflowError,
        ) as error:  # ValueError: text that is not UTF-8
            raise DataError(
                "data.parquet", f"{path}: {error}", "the file is damaged or not Parquet: make it again from its source"
            ) from error


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The same bytes in a file that can be read from its end, where Parquet keeps its index: compressed ones are unpacked to disk."""
    if stream.seekable():
        yield stream
        return
    with TemporaryFile() as unpacked:
        try:
            shutil.copyfileobj(stream, unpacked, 1 << 20)
            unpacked.seek(0)
        except OSError as error:
            message = f"no room to unpack a corpus in {gettempdir()}: {error.strerror}"
            raise ResourceError("data.unpack", message, "set TMPDIR to a folder with room") from error
        yield cast(BinaryIO, unpacked)


READERS: dict[str, Reader] = {"tsv": read_tsv, "csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet}
