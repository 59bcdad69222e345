"""Rows of TSV and CSV: what becomes a pair, and the message, with file and line, for what does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seqtool.errors import DataError
from seqtool.text.separated import read_csv, read_tsv, separator_of

Pairs = list[tuple[str, str]]
Put = Callable[[str, str | bytes], Path]


@pytest.mark.parametrize(
    ("content", "src", "tgt", "pairs"),
    [
        ("a\tb\n", 1, 2, [("a", "b")]),  # numbers count columns from 1 and there is no header
        ("a\tb\n", 2, 1, [("b", "a")]),
        ("id\tx\ty\n7\ta\tb\n", "x", "y", [("a", "b")]),  # names are in the first line
        ("id\tx\ty\n7\ta\tb\n", "y", "id", [("b", "7")]),
        ("x\ty\na\tb\n", 1, "y", [("a", "b")]),  # one name makes the first line a header
        ('"a\tb"\n', 1, 2, [('"a', 'b"')]),  # there is no quoting
        ("\t\n", 1, 2, [("", "")]),
        ("a\rc\tb\n", 1, 2, [("a c", "b")]),  # a pair is one line
        ("x\ty\n", "x", "y", []),
        ("a\tb\n\n\n", 1, 2, [("a", "b")]),  # as editors leave them
        ("a\n\nb\n", 1, 1, [("a", "a"), ("", ""), ("b", "b")]),  # where it is a field it counts
        ("", 1, 2, []),
    ],
)
def test_tsv(put: Put, content: str, src: int | str, tgt: int | str, pairs: Pairs) -> None:
    assert list(read_tsv(put("a.tsv", content), src, tgt)) == pairs


@pytest.mark.parametrize(
    ("content", "pairs"),
    [
        ("x,y\na,b\n", [("a", "b")]),
        ('x,y\n"a, ""b""",c\n', [('a, "b"', "c")]),
        ('x,y\n"two\nlines",b\n', [("two lines", "b")]),
        ('x,y\r\n"two\r\nlines",b\r\n', [("two lines", "b")]),
        ("x,y\n\na,b\n\n", [("a", "b")]),  # blank lines are nothing
        ("x,y\n,\n", [("", "")]),  # empty fields are something
        ("\ufeffx,y\na,b\n", [("a", "b")]),  # as spreadsheets write it
        ('y,"x"\nb,a\n', [("a", "b")]),
        ("x;y\na, b;c\n", [("a, b", "c")]),  # as spreadsheets write it where the comma is in the numbers
        ('\ufeffx;y\r\n"a;""b""";c\r\n', [('a;"b"', "c")]),
        ('x\ty\n"a\tb"\tc; d\n', [("a\tb", "c; d")]),
        ('"x";"z, z";y\n1;2;3\n', [("1", "3")]),  # quoted, a comma is a part of the name
        ("x,y\na;b,c\n", [("a;b", "c")]),  # only the first line is asked
        ("sep=;\nx,z;x;y\n1;2;3\n", [("2", "3")]),  # where it is said, it is not guessed
        ("x,y\n", []),
        ("", []),
        (f"x,y\n{'long ' * 60_000},b\n", [("long " * 60_000, "b")]),  # the csv module's own limit is 128 KiB
    ],
)
def test_csv(put: Put, content: str, pairs: Pairs) -> None:
    assert list(read_csv(put("a.csv", content), "x", "y")) == pairs


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ("a,b;c", ","),
        ("a;b\tc", ";"),
        ("a\tb", "\t"),
        ("a", ","),
        ("", ","),
        ('"a,b";c', ";"),
        ('"a ""q"", b";c', ";"),
        ('a;"b, goes on in the next line', ";"),
    ],
)
def test_what_separates_columns_stands_in_the_header(header: str, separator: str) -> None:
    assert separator_of(header) == separator


BAD_TSV = [
    ("a\tb\na\n", 1, 2, "data.fields", "a.tsv:2: 1 fields, where the first line has 2"),
    ("a\tb\na\tb\tc\n", 1, 2, "data.fields", "a.tsv:2: 3 fields, where the first line has 2"),
    ("a\tb\n\na\tb\n", 1, 2, "data.fields", "a.tsv:2: 1 fields"),
    ("a\tb\n", 1, 3, "data.field", "a.tsv:1: there is no column 3: the line has 2"),
    ("a\tb\n", 0, 1, "data.field", "a.tsv:1: there is no column 0"),
    ("src\ttgt\na\tb\n", "src", "trg", "data.field", "a.tsv:1: no field 'trg': there are src, tgt"),
    ("x\tx\na\tb\n", "x", "x", "data.field", "a.tsv:1: more than one column is called 'x'"),
]
BAD_CSV = [
    ("x,y\na\n", "data.fields", "a.csv:2: 1 fields, where the first line has 2"),
    ("x,y\na,b\na,b,c\n", "data.fields", "a.csv:3: 3 fields"),
    ('x,y\n"a\nb",c\nd\n', "data.fields", "a.csv:4: 1 fields"),  # the number is the line's, not the record's
    ("x,z\na,b\n", "data.field", "a.csv:1: no field 'y': there are x, z"),
    ('x,y\n"a,b\n', "data.csv", "a.csv:2: "),  # the quote never ends
    ('x,y\n"a" b,c\n', "data.csv", "a.csv:2: "),
    ("\nx,y\na,b\n", "data.field", "a.csv:1: no field 'x': there are none"),
    ("x;y\na;b;c\n", "data.fields", "a.csv:2: 3 fields, where the first line has 2"),
    ("sep=;\nx;y\na;b\na\n", "data.fields", "a.csv:4: 1 fields"),
    ('sep=;\nx;y\n"a\n', "data.csv", "a.csv:3: "),
    ("a;x,y\n1;2,3\n", "data.field", "a.csv:1: no field 'x': there are a;x, y"),  # the comma comes first
]


def check(caught: pytest.ExceptionInfo[DataError], error_id: str, message: str) -> None:
    assert caught.value.error_id == error_id
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("content", "src", "tgt", "error_id", "message"), BAD_TSV)
def test_bad_tsv(put: Put, content: str, src: int | str, tgt: int | str, error_id: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_tsv(put("a.tsv", content), src, tgt))
    check(caught, error_id, message)


@pytest.mark.parametrize(("content", "error_id", "message"), BAD_CSV)
def test_bad_csv(put: Put, content: str, error_id: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_csv(put("a.csv", content), "x", "y"))
    check(caught, error_id, message)
