"""JSON lines: one clean line of text a record, everything else as it was, and the file and line of what is wrong."""

from __future__ import annotations

import io
import json
import os
from contextlib import suppress
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.errors import DataError
from seqtool.text.line_range import LineRange
from seqtool.text.lines import LineReader
from seqtool.text.records import MAX_DEPTH, JsonlReader, Record


def reader(data: str | bytes, field: str = "text", *, strict: bool = False) -> JsonlReader:
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return JsonlReader(LineReader(stream, name="in.jsonl", strict=strict), name="in.jsonl", field=field)


def test_records_have_their_text_and_all_fields() -> None:
    data = '{"id": 7, "text": "ein Haus", "tags": ["a", null]}\n\n  \n{"text": ""}\r\n{"text": "letzte"}'
    assert list(reader(data)) == [
        Record("ein Haus", {"id": 7, "text": "ein Haus", "tags": ["a", None]}),
        Record("", {}),
        Record("", {}),
        Record("", {"text": ""}),
        Record("letzte", {"text": "letzte"}),
    ]


@pytest.mark.parametrize(
    ("line", "field", "text", "reason"),
    [
        (r'{"text": "a\nb\r\nc\rd"}', "text", "a b c d", "line ends are spaces"),
        (r'{"text": " a\t\u000b\u0000b\u2028\u0085 "}', "text", "a b", "so are control characters"),
        (r'{"text": "\u001b[31mred"}', "text", "[31mred", "no escape gets through"),
        (r'{"text": "\u202eabc"}', "text", "abc", "nor one that turns the direction of writing"),
        (r'{"text": "a  b"}', "text", "a  b", "spaces inside are text"),
        ('{"a": {"b": "x"}}', "a.b", "x", "a dotted path"),
        ('{"a.b": "y", "a": {"b": "x"}}', "a.b", "y", "a key with the dot in it comes first"),
        ('{"text": "a", "text": "b"}', "text", "b", "of equal keys the last"),
        (r'{"text": "\ud83d\ude00"}', "text", "😀", "a whole surrogate pair is a character"),
        ('{"text": "[[[[" , "n": 12345678901234567890}', "text", "[[[[", "brackets in text are no nesting"),
        ('{"text": null}', "text", "", "null is an absent text, and its line stays"),
        ('{"a": null, "id": 3}', "a.b", "", "so it is on the way"),
        ('\ufeff{"text": "x"}', "text", "x", "a byte order mark before the first line"),
    ],
)
def test_the_text_is_one_clean_line(line: str, field: str, text: str, reason: str) -> None:
    (record,) = reader(line, field)
    assert record.text == text, reason
    assert record.fields == json.loads(line.removeprefix("\ufeff")), "the fields stay as they were"


HINT = "one JSON object a line, please"
DEEP = "JSON nested more than 100 deep"


@pytest.mark.parametrize(
    ("line", "error_id", "message", "hint"),
    [
        ("ein Haus", "data.json", "not JSON: Expecting value: line 1 column 1 (char 0)", HINT),
        ('{"text": "x"', "data.json", "not JSON: Expecting ',' delimiter: line 1 column 13 (char 12)", HINT),
        ('{"text": "x"} {}', "data.json", "not JSON: Extra data: line 1 column 15 (char 14)", HINT),
        ('["text"]', "data.json", "not a JSON object: '[\"text\"]'", HINT),
        ('"' + "x" * 99 + '"', "data.json", "not a JSON object: '\"" + "x" * 39 + "'", HINT),
        ("null", "data.json", "not a JSON object: 'null'", HINT),
        ('{"text": "x", "n": NaN}', "data.json", "not JSON: NaN is no JSON value", HINT),
        ('{"text": "x", "n": -Infinity}', "data.json", "not JSON: -Infinity is no JSON value", HINT),
        ('{"text": "x", "n": 1e999}', "data.json", "not JSON: 1e999 is too large a number", HINT),
        ('{"tex": "x", "id": 1}', "data.field", "no field 'text': there are tex, id", "did you mean 'tex'?"),
        ("{}", "data.field", "no field 'text': there are none", "name one of them"),
        ('{"text": 5}', "data.field", "'text' is a number, not text", "repair this record, or name another field"),
        (
            r'{"text": "\ud83d"}',
            "data.utf-8",
            "'text' holds half of a surrogate pair, which is no character",
            "repair this record",
        ),
        ('{"text": ' + "[" * 100_000, "data.json", DEEP, "repair or remove this line"),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", "data.json", DEEP, "repair or remove this line"),
        ('{"a":' * 101 + "1" + "}" * 101, "data.json", DEEP, "repair or remove this line"),
    ],
)
def test_what_is_wrong_is_told(line: str, error_id: str, message: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        list(reader(f'{{"text": "good"}}\n\n{line}\n'))
    assert caught.value.message == f"in.jsonl:3: {message}"
    assert (caught.value.error_id, caught.value.hint, caught.value.exit_code) == (error_id, hint, 3)


def test_numbers_with_too_many_digits_are_told() -> None:
    with pytest.raises(DataError, match=r"in\.jsonl:1: not JSON: Exceeds the limit"):
        list(reader('{"text": "x", "n": ' + "9" * 5000 + "}"))


def test_nesting_up_to_the_limit_can_be_read_and_written() -> None:
    inside = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    wide = ", ".join(["[{}]"] * 500)
    (record,) = reader(f'{{"text": "x", "deep": {inside}, "wide": [{wide}]}}')
    assert json.loads(json.dumps(record.fields)) == record.fields


def test_bytes_that_are_not_utf8() -> None:
    data = b'{"text": "caf\xe9"}\n'
    assert [record.text for record in reader(data)] == ["caf\ufffd"]
    with pytest.raises(DataError, match=r"in\.jsonl:1: not UTF-8"):
        list(reader(data, strict=True))


def test_good_records_before_a_bad_one_are_given_first() -> None:
    records = reader('{"text": "1"}\n{"text": "2"}\nbad\n{"text": "4"}\n')
    assert [record.text for record in records.poll_lines(10)] == ["1", "2"]
    for _ in range(2):
        with pytest.raises(DataError, match=r"in\.jsonl:3: not JSON"):
            records.poll_lines(10)


def test_a_typed_record_comes_at_once() -> None:
    """The pipe stays open: a reader that waits for more than a record would hang here."""
    source, sink = os.pipe()
    with open(source, "rb") as stream:  # noqa: PTH123 a descriptor is no path
        records = JsonlReader(LineReader(cast(BinaryIO, stream), name="pipe"), name="pipe", field="text")
        os.write(sink, b'{"text": "1"}\n{"te')
        assert [record.text for record in records.poll_lines(10)] == ["1"]
        os.write(sink, b'xt": "2"}\n{"text": "3"}\n{"text": "4"}\n')
        assert [record.text for record in records.poll_lines(2)] == ["2", "3"]
        assert [record.text for record in records.poll_lines(2)] == ["4"]
        os.close(sink)
        assert records.poll_lines(2) == []
        assert records.poll_lines(2) == []


def test_a_part_of_a_file_knows_its_line_numbers() -> None:
    lines = LineReader(io.BytesIO(b'broken\n{"text": "2"}\nbroken\n'), name="x")
    records = JsonlReader(LineRange(lines, 1, 3), name="x", field="text", first_line=2)
    assert [record.text for record in records.poll_lines(1)] == ["2"], "what is passed over need not be JSON"
    with pytest.raises(DataError, match=r"x:3: not JSON"):
        records.poll_lines(1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(st.tuples(st.text(max_size=8), st.dictionaries(st.text(max_size=3), JSON, max_size=3)), max_size=4))
def test_any_records_come_back(given_records: list[tuple[str, dict[str, object]]]) -> None:
    objects = [{**fields, "text": text} for text, fields in given_records]
    found = list(reader("".join(json.dumps(one) + "\n" for one in objects)))
    assert [record.fields for record in found] == objects
    assert all(len(record.text.splitlines()) <= 1 for record in found)


@given(st.binary(max_size=40))
def test_any_bytes_are_records_or_a_data_error(data: bytes) -> None:
    with suppress(DataError):
        list(reader(b'{"text": "' + data))
