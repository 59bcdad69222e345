"""Some of the lines of a source, neighbours of each other: a shard, or what a resumed output still lacks."""

from __future__ import annotations

from typing import Protocol, TypeVar

_SKIPPED_AT_ONCE = 10_000

T = TypeVar("T")


class LineSource(Protocol[T]):
    """Lines, or what was made of them, in windows: `LineReader` is one."""

    def poll_lines(self, max_lines: int) -> list[T]:
        """Wait for one line, then take what else is there already, up to `max_lines`; an empty list at the end."""


class LineRange(LineSource[T]):
    """The lines of `source` from number `start` (from 0) up to but without number `stop`; None is the end.

    What comes before is read and passed over, also where it cannot be read at once; what comes after is not waited for.
    """

    def __init__(self, source: LineSource[T], start: int, stop: int | None = None) -> None:
        self._source = source
        self._start = start
        self._stop = stop
        self._place = 0

    def poll_lines(self, max_lines: int) -> list[T]:
        """As `LineSource`."""
        while self._place < self._start and not self._ended():
            if not self._take(min(self._start - self._place, _SKIPPED_AT_ONCE)):
                return []
        if self._ended():
            return []
        return self._take(max_lines if self._stop is None else min(max_lines, self._stop - self._place))

    def _ended(self) -> bool:
        return self._stop is not None and max(self._place, self._start) >= self._stop

    def _take(self, most: int) -> list[T]:
        window = self._source.poll_lines(most)
        self._place += len(window)
        return window
