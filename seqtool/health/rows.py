"""Lines as rows of numbers: what alignment is judged by, without the text.

Letters of this room: N lines, W different words, F features of a line, R canonical directions, D offsets from -REACH to REACH.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.metrics.words import words

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

# Of a longer line the beginning is enough to know it again; of more kinds of words the later ones are one, so that memory has a bound.
MOST_WORDS = 160
MOST_KINDS = 3_000_000
# After so many words of a side together (400 MB) lines are counted, and no more looked into, which `RowWriter.looked_into` tells.
MOST_IDS = 100_000_000

_MARKS = re.compile(r"[^\w\s]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{2,}")


def line_words(text: str) -> tuple[list[str], int]:
    """The words of a line as `metrics.words` finds them, and how many there are; behind them its marks, and pairs of neighbours where each
    character is a word."""
    found = words(text)
    count = len(found)
    found += _MARKS.findall(text)
    if not text.isascii():
        for run in _UNSPACED.findall(text):
            found.extend(run[place : place + 2] for place in range(len(run) - 1))
    return found, count


class Numbers:
    """Numbers for words, the same on both sides of all corpora."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers) + 1

    def of(self, found: list[str]) -> list[int]:
        """A number for each word; 0 stands for what comes after the first `MOST_KINDS`."""
        numbers = self._numbers
        if len(numbers) >= MOST_KINDS:
            return [numbers.get(word, 0) for word in found]
        return [numbers.setdefault(word, len(numbers) + 1) for word in found]


@dataclass(frozen=True)
class Rows:
    """The different words of N lines, one after another in `ids`; line n has those from `starts[n]` to `starts[n + 1]`. `lengths` (N,) is
    the logarithm of one more than the characters of each line."""

    ids: NDArray[np.int32]
    starts: Ints
    lengths: Floats

    def __len__(self) -> int:
        return len(self.lengths)

    def part(self, first: int, stop: int) -> Rows:
        """Lines `first` to `stop`, without the last."""
        starts = self.starts[first : stop + 1]
        return Rows(self.ids[starts[0] : starts[-1]], starts - starts[0], self.lengths[first:stop])

    def take(self, lines: NDArray[Any]) -> Rows:
        """Some lines, in the order in which they are named."""
        counts = np.diff(self.starts)[lines]
        starts = np.concatenate([[0], np.cumsum(counts)])
        places = np.arange(starts[-1]) + np.repeat(self.starts[lines] - starts[:-1], counts)
        return Rows(self.ids[places], starts, self.lengths[lines])

    def line_of_word(self) -> Ints:
        """The number of its line for each of `ids`."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def frequencies(self, kinds: int) -> Ints:
        """In how many lines each word is (W,)."""
        return np.bincount(self.ids, minlength=kinds)


class RowWriter:
    """Rows that grow line by line."""

    def __init__(self) -> None:
        self._ids = array("i")
        self._counts = array("i")
        self._chars = array("i")
        self.looked_into = 0  # lines, the first ones

    def add(self, ids: list[int], chars: int) -> None:
        """A line: the numbers of its words, and its length in characters."""
        more = len(self._ids) < MOST_IDS
        kept = dict.fromkeys(ids[:MOST_WORDS]) if more else ()
        self.looked_into += more
        self._ids.extend(kept)
        self._counts.append(len(kept))
        self._chars.append(chars)

    def rows(self) -> Rows:
        """What was added."""
        counts = np.frombuffer(self._counts, np.int32) if self._counts else np.zeros(0, np.int32)
        chars = np.frombuffer(self._chars, np.int32) if self._chars else np.zeros(0, np.int32)
        ids = np.frombuffer(self._ids, np.int32) if self._ids else np.zeros(0, np.int32)
        starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        return Rows(ids, starts, np.log1p(chars).astype(np.float32))
