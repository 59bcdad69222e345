"""Rows of tables as records: whole, in order, and as many as the readers of pairs find."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqtool.errors import DataError
from seqtool.text.formats import read_jsonl
from seqtool.text.samples import csv_rows, jsonl_lines, jsonl_records, parquet_records, tsv_rows
from seqtool.text.separated import read_csv, read_tsv


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8", newline="")
    return path


def test_rows_and_pairs_go_side_by_side(tmp_path: Path) -> None:
    """Blank lines, quoted line ends, carriage returns: what is a row to one is a row to the other."""
    tsv = write(tmp_path / "a.tsv", "a\tb\r\nc\td\n")
    assert [tuple(row) for row in tsv_rows(tsv)] == list(read_tsv(tsv, 1, 2))
    table = write(tmp_path / "a.csv", 'x,y\n\na,"b\nc"\n\n"d ""e""",f\n')
    rows = list(csv_rows(table))
    assert rows == [["x", "y"], ["a", "b\nc"], ['d "e"', "f"]]
    assert len(rows) - 1 == len(list(read_csv(table, "x", "y")))
    lines = write(tmp_path / "a.jsonl", '{"x": "a", "y": "b"}\n\n  \n{"x": "c", "y": "d", "z": [1]}')
    assert list(jsonl_records(lines)) == [json.loads(line) for line in jsonl_lines(lines)]
    assert len(list(jsonl_records(lines))) == len(list(read_jsonl(lines, "x", "y")))


def test_parquet_rows_have_all_columns(tmp_path: Path) -> None:
    records = [{"a": {"b": "x"}, "n": 1, "day": datetime.date(2024, 1, 2)}, {"a": None, "n": None, "day": None}]
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "a.parquet")
    assert list(parquet_records(tmp_path / "a.parquet")) == records


@pytest.mark.parametrize(
    ("line", "said"),
    [("[1]", ":2: not a JSON object"), ("{", ":2: not JSON"), ("[" * 100_000, ":2: JSON nested too deeply")],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        list(jsonl_records(write(tmp_path / "a.jsonl", f'{{"x": "a"}}\n{line}\n')))
    assert caught.value.error_id == "data.json"


@pytest.mark.parametrize(("name", "error_id"), [("a.csv", "data.csv"), ("a.parquet", "data.parquet")])
def test_damaged_tables(tmp_path: Path, name: str, error_id: str) -> None:
    path = write(tmp_path / name, 'x,y\na,"b\n')
    with pytest.raises(DataError) as caught:
        list(csv_rows(path) if name == "a.csv" else parquet_records(path))
    assert caught.value.error_id == error_id


def test_parquet_with_text_that_is_not_utf_8_is_no_bug(tmp_path: Path) -> None:
    latin = pa.array([b"sch\xf6n"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"de": latin}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="utf-8") as caught:
        list(parquet_records(tmp_path / "a.parquet"))
    assert caught.value.error_id == "data.parquet"
