"""What kind of file a file is, and what is said of one that no pairs are in."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from seqtool.errors import DataError
from seqtool.proposal.kinds import bare_name, kind_of


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.de", b"eins\nzwei\n", "text"),
        ("a.txt", b"one line", "text"),
        ("a.txt", b"a\tb\nc\td\n", "tsv"),  # what is in it counts, where the ending says nothing
        ("a.txt", b"a\tb\nc\n", "text"),
        ("a.txt", b'{"a": "b"}\n\n{"a": "c"}\n', "jsonl"),
        ("a.txt", b"{a} b\n", "text"),
        ("a.tsv", b"no tab\n", "tsv"),
        ("a.tsv.gz", b"a\tb\n", "tsv"),
        ("a.JSONL", b'{"a": "b"}\n', "jsonl"),
        ("a.json", b'{"a": "b"}\n{"a": "c"}\n', "jsonl"),
        ("a.ndjson", b'{"a": "b"}\nbroken\n', "jsonl"),  # the reader names the line
        (
            "a.jsonl",
            b'{"a": "' + b"x" * 70_000 + b'"}\n{"a": "b"}\n',
            "jsonl",
        ),  # a first line longer than what is looked at
        ("a.csv", b"a,b\n", "csv"),
        ("a.jsonl", b'{"a": "x ||| y"}\n' * 2, "jsonl"),
        ("a.csv", b"a\tb\nx, y\tz\n", "tsv"),  # as some programs export it
        ("a.csv", b"\xef\xbb\xbfa;b\r\nx;y\r\n", "csv"),  # as spreadsheets export it in Europe
        ("a.csv", b"sep=\t\r\na\tb\r\nx\ty\r\n", "csv"),
        ("a.csv", b'a\tb\nx\t"y"\n', "csv"),
        ("a.csv", b'a\tb\nx\t"y" z\n', "tsv"),  # no quotes around a field
        ("a.txt", b'a\tb\n"x ""x"""\ty\n', "csv"),
        ("a.tsv", b'a\tb\n"x\nx"\ty\n', "csv"),
        ("a.tsv", b'a\tb\n"x\tx"\ty\n' * 9000 + b'"cut', "csv"),
        ("a.tsv", b'a\tb\n"x"\t"y"\n', "tsv"),  # direct speech, or quoting: who knows
        ("a.tsv", b"a\tb\n" + b'x\t"y"\n' * 9, "csv"),  # nobody speaks in every line
        ("a.tsv", b"a\tb\n" + b'x\t"y"\n' * 9 + b"x\ty\n", "tsv"),
        ("a.tsv", b'a\tb\n"x\ty\nz\n', "tsv"),
        ("a.parquet", b"PAR1...", "parquet"),
        ("a.bin", b"PAR1...", "parquet"),
        ("a.txt", "\ufeffeins\n".encode(), "text"),
    ],
)
def test_kinds(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    assert kind_of(write(tmp_path, name, content)) == kind


@pytest.mark.parametrize(
    ("name", "content", "error_id", "said"),
    [
        ("a.de", b"", "data.empty", "is empty"),
        ("a.de", b"\xef\xbb\xbf\n\n \r\n", "data.empty", "is empty"),
        ("a.tsv.gz", b"", "data.empty", "is empty"),
        ("a.xlsx", b"PK\x03\x04...", "data.kind", "a ZIP archive or an office document"),
        ("a.pdf", b"%PDF-1.7", "data.kind", "is a PDF"),
        ("a.de", b"eins\0zwei", "data.kind", "is binary"),
        ("a.de", "eins".encode("utf-16"), "data.kind", "UTF-16, not UTF-8"),
        ("a.de", gzip.compress(b"eins", mtime=0), "data.kind", "compressed with gzip"),
        ("a.tmx", b"<?xml version='1.0'?>", "data.kind", "is XML"),
        ("a.jsonl", b'["a", "b"]\n["c", "d"]\n', "data.kind", "a line is a JSON list, not an object"),
        ("a.tsv", b"a\tb\rc\td\re\tf\r", "data.kind", "its lines end in carriage returns alone"),
        ("a.txt", b"a ||| b\nc ||| d\n", "data.kind", "separated by |||, not by a tab"),
        ("a.json", b'[{"a": 1}]', "data.kind", "one JSON list, not JSON lines"),
        ("a.json", b'{\n  "data": []\n}', "data.kind", "one JSON document, not JSON lines"),
        ("a.parquet", b"eins\n", "data.kind", "is not Parquet"),
        ("a.gz", b"", "data.empty", "is empty"),
    ],
)
def test_files_that_hold_no_pairs(tmp_path: Path, name: str, content: bytes, error_id: str, said: str) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        kind_of(path)
    assert caught.value.error_id == error_id
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("train.de", "train.de"),
        ("train.de.txt.gz", "train.de"),
        ("a.jsonl.zst", "a"),
        (".gz", ".gz"),
        ("a.b.tsv", "a.b"),
    ],
)
def test_bare_names(name: str, bare: str) -> None:
    assert bare_name(Path(name)) == bare
