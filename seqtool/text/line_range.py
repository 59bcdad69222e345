"""Some of the lines of a source, neighbours of each other: a shard, or what a resumed output still lacks."""

from __future__ import annotations

from typing import Protocol, TypeVar

T = TypeVar("T")


class LineSource(Protocol[T]):
    """Lines, or what was made of them, in windows: `LineReader` is one."""

    def poll_lines(self, max_lines: int) -> list[T]:
        """Wait for one line, then take what else is there already, up to `max_lines`; an empty list at the end."""


class PassableSource(LineSource[T], Protocol[T]):
    """One whose lines can be passed over without a look at them."""

    def skip_lines(self, max_lines: int) -> int:
        """Wait for one line, then pass over what has come with it, up to `max_lines`; how many, 0 at the end."""


class LineRange(LineSource[T]):
    """The lines of `source` from number `start` (from 0) up to but without number `stop`; None is the end.

    What comes before is passed over, also where it cannot be read at once; what comes after is not waited for.
    """

    def __init__(self, source: PassableSource[T], start: int, stop: int | None = None) -> None:
        self._source = source
        self._start = start
        self._stop = stop
        self._place = 0

    def poll_lines(self, max_lines: int) -> list[T]:
        """As `LineSource`."""
        most = max_lines if self._stop is None else min(max_lines, self._stop - self._next)
        if most <= 0:
            return []
        self._pass(self._start)
        window = self._source.poll_lines(most)
        self._place += len(window)
        return window

    def skip_lines(self, count: int) -> int:
        """Passes over the next `count` of these lines, and waits for them; how many there were."""
        first = self._next
        last = first + count if self._stop is None else min(first + count, self._stop)
        if last > first:
            self._pass(last)
        return max(0, self._place - first)

    @property
    def _next(self) -> int:
        """The number of the next of these lines."""
        return max(self._place, self._start)

    def _pass(self, place: int) -> None:
        """Goes on to the line with this number, or to the end."""
        while self._place < place:
            passed = self._source.skip_lines(place - self._place)
            if not passed:
                return
            self._place += passed
