"""A range of lines, however the source gives them, and without waiting for what is not wanted."""

from __future__ import annotations

import io
import os
from typing import BinaryIO, cast

from hypothesis import given
from hypothesis import strategies as st

from seqtool.text.line_range import LineRange
from seqtool.text.lines import LineReader


class Windows:
    """Numbers that come in windows of at most these sizes."""

    def __init__(self, total: int, sizes: list[int]) -> None:
        self._numbers, self._sizes = list(range(total)), sizes

    def poll_lines(self, max_lines: int) -> list[int]:
        most = min(max_lines, self._sizes.pop(0) if self._sizes else max_lines)
        window, self._numbers = self._numbers[:most], self._numbers[most:]
        return window

    def skip_lines(self, max_lines: int) -> int:
        return len(self.poll_lines(max_lines))


@given(
    st.integers(0, 40),
    st.lists(st.integers(1, 9), max_size=20),
    st.integers(0, 45),
    st.none() | st.integers(0, 45),
    st.integers(1, 9),
)
def test_any_range_is_that_of_a_list(total: int, sizes: list[int], start: int, stop: int | None, most: int) -> None:
    source = LineRange(Windows(total, sizes), start, stop)
    found: list[int] = []
    while window := source.poll_lines(most):
        assert len(window) <= most
        found += window
    assert found == list(range(total))[start:stop]
    assert source.poll_lines(most) == []


@given(
    st.integers(0, 40),
    st.lists(st.integers(1, 9), max_size=20),
    st.integers(0, 45),
    st.none() | st.integers(0, 45),
    st.lists(st.integers(0, 20), max_size=3),
)
def test_the_next_lines_of_a_range_can_be_passed_over(
    total: int, sizes: list[int], start: int, stop: int | None, counts: list[int]
) -> None:
    source = LineRange(Windows(total, sizes), start, stop)
    left = list(range(total))[start:stop]
    for count in counts:
        assert source.skip_lines(count) == len(left[:count])
        left = left[count:]
        window = source.poll_lines(3)
        assert window == left[: len(window)]
        assert bool(window) == bool(left)
        left = left[len(window) :]


def test_lines_before_are_passed_over_however_they_come() -> None:
    lines = LineReader(io.BytesIO(b"1\n2\n3\n4\n5\n6\n7\n"), name="x")
    assert LineRange(lines, 5).poll_lines(10) == ["6", "7"]


def test_what_comes_after_is_not_waited_for() -> None:
    """The pipe stays open: one read too many would hang here."""
    source, sink = os.pipe()
    with open(source, "rb") as stream:  # noqa: PTH123 a descriptor is no path
        lines = LineRange(LineReader(cast(BinaryIO, stream), name="pipe"), 1, 3)
        os.write(sink, b"a\nb\n")
        assert lines.poll_lines(10) == ["b"], "a lone line is given at once"
        os.write(sink, b"c\n")
        assert lines.poll_lines(10) == ["c"]
        assert lines.poll_lines(10) == []
        nothing = LineRange(LineReader(cast(BinaryIO, stream), name="pipe"), 2, 2)
        assert nothing.poll_lines(10) == [], "nor what comes before nothing"
        assert nothing.skip_lines(10) == 0
        os.close(sink)
