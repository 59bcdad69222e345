"""Lines that are passed over: nobody looks at their bytes, so they are neither counted nor refused."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.errors import DataError
from seqtool.text.line_range import LineRange
from seqtool.text.lines import LineReader
from tests.text.test_lines import Trickle

# Pieces of text, some of which are not UTF-8 by themselves, in no order.
DATA = st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"\xff", b"\xc3", b"\xa4", b"b"]), max_size=40).map(b"".join)


def is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def raw_lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


@given(DATA, st.lists(st.integers(1, 9), max_size=20), st.integers(0, 12), st.integers(1, 12), st.integers(1, 4))
def test_only_lines_that_are_given_count(data: bytes, sizes: list[int], start: int, length: int, most: int) -> None:
    reader = LineReader(cast(BinaryIO, Trickle(data, sizes)), name="x")
    lines = LineRange(reader, start, start + length)
    found: list[str] = []
    while window := lines.poll_lines(most):
        found += window
        assert reader.invalid == sum(not is_text(line) for line in raw_lines(data)[start : start + len(found)])
    assert found == list(LineReader(io.BytesIO(data), name="y"))[start : start + length]


@given(DATA, st.lists(st.integers(1, 9), max_size=20), st.integers(0, 12), st.integers(1, 12))
def test_only_lines_that_are_given_are_refused(data: bytes, sizes: list[int], start: int, length: int) -> None:
    lines = LineRange(LineReader(cast(BinaryIO, Trickle(data, sizes)), name="x", strict=True), start, start + length)
    numbered = list(enumerate(raw_lines(data), 1))[start : start + length]
    bad = [number for number, line in numbered if not is_text(line)]

    def drain() -> None:
        while lines.poll_lines(2):
            pass

    if bad:
        with pytest.raises(DataError, match=rf"^error\[data.utf-8\]: x:{bad[0]}: not UTF-8"):
            drain()
    else:
        drain()


def test_what_follows_the_lines_that_are_wanted_is_not_looked_at() -> None:
    reader = LineReader(io.BytesIO(b"\xff\n1\n2\r\n\xfe\n"), name="x", strict=True)
    assert reader.skip_lines(1) == 1
    assert reader.poll_lines(2) == ["1", "2"]
    with pytest.raises(DataError, match="x:4: "):
        reader.poll_lines(1)


def test_good_lines_after_a_bad_one_are_decoded_together_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one bad byte does not slow down the rest of a large file."""
    monkeypatch.setattr("seqtool.text.lines.CHUNK_BYTES", 16)
    one_by_one: list[int] = []

    class Watched(LineReader):
        def _decode_next(self) -> None:
            one_by_one.append(1)
            super()._decode_next()

    reader = Watched(io.BytesIO(b"a\n" * 20 + b"\xff\n" + b"a\n" * 400), name="x")
    found: list[str] = []
    while window := reader.poll_lines(50):
        found += window
    assert found == ["a"] * 20 + ["\ufffd"] + ["a"] * 400
    assert len(one_by_one) <= 10
