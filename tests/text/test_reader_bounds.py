"""What a file of a stranger may make a reader do: stop with its name, and never take memory out of proportion."""

from __future__ import annotations

import gzip
import lzma
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqtool.errors import DataError
from seqtool.text.formats import read_jsonl
from seqtool.text.lines import MAX_LINE_BYTES, json_line, open_binary
from seqtool.text.parquet import read_parquet
from seqtool.text.separated import read_csv
from seqtool.text.vectors import read_vectors


def stopped(read: Callable[[], object], error_id: str, path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read()
    assert caught.value.error_id == error_id
    assert str(path) in caught.value.message
    assert caught.value.hint


def parquet(path: Path, columns: dict[str, object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("damage", [b"", b"hello", b"PAR1" + b"\0" * 40 + b"PAR1", None])
def test_what_is_no_parquet(tmp_path: Path, damage: bytes | None) -> None:
    path = parquet(tmp_path / "a.parquet", {"x": ["a"] * 500, "y": ["b"] * 500})
    path.write_bytes(path.read_bytes()[:-30] if damage is None else damage)
    with pytest.raises(DataError, match=r"a\.parquet: ") as caught:
        list(read_parquet(path, "x", "y"))
    assert caught.value.error_id == "data.parquet"


def test_parquet_with_text_that_is_not_utf8(tmp_path: Path) -> None:
    bad = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(struct.pack("<ii", 0, 2)), pa.py_buffer(b"\xff\xfe")]
    )
    path = parquet(tmp_path / "a.parquet", {"x": bad, "y": ["b"]})
    stopped(lambda: list(read_parquet(path, "x", "y")), "data.parquet", path)


def test_parquet_that_says_a_long_text_many_times(tmp_path: Path) -> None:
    """A megabyte a row, all in one batch, and a few kilobytes on disk: one text at a time."""
    path = parquet(tmp_path / "a.parquet", {"x": pa.array(["x" * (1 << 20)] * 60).dictionary_encode(), "y": ["b"] * 60})
    tracemalloc.start()
    count = sum(len(src) == 1 << 20 for src, _ in read_parquet(path, "x", "y"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60
    assert peak < 30 << 20


def test_a_quote_that_is_never_closed_ends_before_the_file_does(tmp_path: Path) -> None:
    """Every field is short, and the row has no end; compressed it takes a few kilobytes."""
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"a,b\n")
        for _ in range(40):
            stream.write((b'"' + b"x" * 1000 + b'\n",') * 1000)
    stopped(lambda: list(read_csv(path, "a", "b")), "data.line-too-long", path)


def test_a_line_without_end_in_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.xz"
    with lzma.open(path, "wb", preset=0) as stream:
        for _ in range(20):
            stream.write(b"x" * (MAX_LINE_BYTES // 16))
    stopped(lambda: list(read_jsonl(path, "a", "b")), "data.line-too-long", path)


def test_a_dictionary_of_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.xz"
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    data = bytearray(
        lzma.compress(b"eins\n" * 100, format=lzma.FORMAT_ALONE, filters=[{**filters[0], "id": lzma.FILTER_LZMA1}])
    )
    data[1:5] = struct.pack("<I", 3 << 30)  # where the header says how large it is
    path.write_bytes(data)
    with open_binary(path) as stream:
        stopped(stream.read, "data.compressed", path)


def test_xz_in_several_streams_with_padding_between_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xz"
    path.write_bytes(lzma.compress(b"one\n") + bytes(4096 + 4) + lzma.compress(b"two\n" * 5000) + bytes(8))
    with open_binary(path) as stream:
        assert stream.read() == b"one\n" + b"two\n" * 5000


@pytest.mark.parametrize("line", ["[" * 100_000, '{"a": ' + "9" * 5000 + "}", "[" * 100_000 + "]" * 100_000])
def test_json_that_is_deep_or_has_an_endless_number(line: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line)
    stopped(lambda: list(read_jsonl(path, "a", "b")), "data.json", path)


def test_vectors_with_a_header_of_thousands_of_digits(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text(f"{'9' * 5000} {'9' * 5000}\n")
    stopped(lambda: read_vectors(path, {}, 3), "data.vectors", path)


def test_json_is_inert_and_means_the_same() -> None:
    import json

    value = {"\x9b31m": "a\u202eb\u2028\x7f\x85\ud800\x1b[0m", "é東𝕏": [1, "\\u202e"]}
    line = json_line(value)
    assert json.loads(line) == value
    assert line.isprintable()
    assert "é東𝕏" in line
