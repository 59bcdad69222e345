"""Other ways to cut the same words into pieces, drawn at random.

SentencePiece samples too, but from release 0.2.3 on its generator is salted by the process: the same seed draws something else tomorrow,
and a run could not be continued bit for bit. Here a draw depends on the ids, the strength and the seed alone. It starts from ids, whose
pieces spell the normalised text, so neither the text nor its normalisation is needed again.

A word is cut by itself: it begins with a piece that begins with U+2581, SentencePiece's mark of a space. Ids that stand for no text (unk,
bytes) stay what they are.
"""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

SPACE = "\u2581"

Ids = tuple[int, ...]

# Words come back, sentences of a script without spaces do not: what is known of them is forgotten after so many rows.
_REMEMBERED_ROWS = 20_000
# The longest word, in pieces, that may come back.
_REMEMBERED_PIECES = 32
_NEVER = -math.inf


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of a tokenizer, their scores, and whether each stands for text; all `(V,)`, by id."""

    pieces: Sequence[str]
    scores: Sequence[float]
    textual: Sequence[bool]

    @property
    def ids(self) -> dict[str, int]:
        """The id of each piece that stands for text."""
        return {piece: i for i, piece in enumerate(self.pieces) if self.textual[i]}

    def widened(self, size: int) -> Vocabulary:
        """The same for ids below `size`: those behind the vocabulary stand for themselves, and cannot be cut."""
        more = max(0, size - len(self.pieces))
        return Vocabulary([*self.pieces, *[""] * more], [*self.scores, *[0.0] * more], [*self.textual, *[False] * more])

    @property
    def ranked(self) -> bool:
        """Whether scores are ranks of merges (0, -1, -2, ...), as in BPE, and not log-probabilities, as in a unigram model."""
        return all(score.is_integer() for score, textual in zip(self.scores, self.textual, strict=True) if textual)

    def of_merges(self) -> Vocabulary:
        """The same where scores are ranks of merges; a piece that no merges make, which somebody has defined, stands for itself."""
        if not self.ranked:
            return self
        merges = _Merges(self, 0.5)
        made = (len(piece) < 2 or tuple(merges.whole((i,))) == (i,) for i, piece in enumerate(self.pieces))
        textual = [fits and one for fits, one in zip(self.textual, made, strict=True)]
        return Vocabulary(self.pieces, self.scores, textual)

    @property
    def divisible(self) -> bool:
        """Whether any piece can be cut further, which in a vocabulary of words or of characters none can."""
        ids = self.ids
        return any(len(piece) > 1 and all(char in ids for char in piece) for piece in ids)


class _Cutter(Protocol):
    """One way to draw segmentations of a word, given as the ids of any of them."""

    def draw(self, word: Ids, rng: random.Random) -> Sequence[int]:
        """Ids that spell the same word."""

    def forget(self) -> None:
        """Makes room."""


def resample(rows: Iterable[Sequence[int]], vocabulary: Vocabulary, strength: float, seed: int) -> Iterator[list[int]]:
    """For each row of ids another one that spells the same text; a pure function of its arguments.

    `strength`, above 0, is the smoothing of a unigram model, where less is noisier (alpha of Kudo 2018, section 3.3, over all
    segmentations of a word), and the share of merges left out in BPE (Provilkov et al. 2020), below 1.
    """
    cutter: _Cutter = (_Merges if vocabulary.ranked else _Lattices)(vocabulary, strength)
    alone = [not textual for textual in vocabulary.textual]
    begins = [fixed or piece.startswith(SPACE) for fixed, piece in zip(alone, vocabulary.pieces, strict=True)]
    rng = random.Random(seed)
    for number, row in enumerate(rows):
        if number % _REMEMBERED_ROWS == 0:
            cutter.forget()
        starts = [place for place in range(len(row)) if not place or begins[row[place]] or alone[row[place - 1]]]
        drawn: list[int] = []
        for start, end in pairwise([*starts, len(row)]):
            drawn.extend(cutter.draw(tuple(row[start:end]), rng))
        yield drawn


@dataclass(frozen=True, slots=True)
class _Ends:
    """The pieces that may end at one place of a word: their ids, the places where they start, and running sums of their shares."""

    ids: list[int]
    starts: list[int]
    sums: list[float]


class _Lattices:
    """Segmentations by the probability of their pieces: forward filtering, backward sampling (Scott 2002; Kudo 2018, section 3.3)."""

    def __init__(self, vocabulary: Vocabulary, strength: float) -> None:
        self._ids = vocabulary.ids
        self._pieces = vocabulary.pieces
        self._textual = vocabulary.textual
        self._weights = [strength * score for score in vocabulary.scores]
        self._longest = max(map(len, self._ids), default=0)
        self._lattices: dict[Ids, list[_Ends]] = {}

    def forget(self) -> None:
        self._lattices.clear()

    def draw(self, word: Ids, rng: random.Random) -> Sequence[int]:
        lattice = self._lattices.get(word)
        if lattice is None:
            lattice = self._lattice(word) if self._textual[word[0]] else []
            if len(word) <= _REMEMBERED_PIECES:
                self._lattices[word] = lattice
        if not lattice:
            return word
        drawn: list[int] = []
        place = len(lattice)
        while place:
            ends = lattice[place - 1]
            last = len(ends.sums) - 1
            choice = bisect_right(ends.sums, rng.random() * ends.sums[last], 0, last) if last else 0
            drawn.append(ends.ids[choice])
            place = ends.starts[choice]
        return drawn[::-1]

    def _lattice(self, word: Ids) -> list[_Ends]:
        """What may end after each character of the word; nothing at all where there is only one way."""
        text = "".join(self._pieces[i] for i in word)
        mass = [0.0]  # the logarithm of the weight of all ways to each place
        lattice: list[_Ends] = []
        for end in range(1, len(text) + 1):
            first = max(0, end - self._longest)
            found = [(start, self._ids.get(text[start:end])) for start in range(first, end) if mass[start] > _NEVER]
            arcs = [(start, i, mass[start] + self._weights[i]) for start, i in found if i is not None]
            top = max((weight for _, _, weight in arcs), default=_NEVER)
            sums = list(accumulate(math.exp(weight - top) for _, _, weight in arcs))
            mass.append(top + math.log(sums[-1]) if sums else _NEVER)
            lattice.append(_Ends([i for _, i, _ in arcs], [start for start, _, _ in arcs], sums))
        return lattice


class _Merges:
    """Segmentations by merges, the best first, of which each is left out with a probability (Provilkov et al. 2020, as in SentencePiece: a
    merge that is left out is not tried again).

    What comes of a word depends only on which of its merges, counted as they come up, are left out: such results are kept.
    """

    def __init__(self, vocabulary: Vocabulary, strength: float) -> None:
        self._ids = vocabulary.ids
        self._pieces = vocabulary.pieces
        self._scores = vocabulary.scores
        self._textual = vocabulary.textual
        self._log_kept = math.log1p(-strength)
        self._results: dict[tuple[Ids, Ids], tuple[Sequence[int], int]] = {}

    def forget(self) -> None:
        self._results.clear()

    def draw(self, word: Ids, rng: random.Random) -> Sequence[int]:
        left_out: Ids = ()
        following = 0
        while True:
            result = self._results.get((word, left_out))
            if result is None:
                result = self._merged(word, left_out)
                if len(word) <= _REMEMBERED_PIECES:
                    self._results[word, left_out] = result
            ids, merges = result
            # How many merges pass before the next one is left out is geometrically distributed.
            following += int(math.log(1.0 - rng.random()) / self._log_kept)
            if following >= merges:
                return ids
            left_out = (*left_out, following)
            following += 1

    def whole(self, word: Ids) -> Sequence[int]:
        """The ids of a word of whose merges none is left out."""
        return self._merged(word, ())[0]

    def _merged(self, word: Ids, left_out: Ids) -> tuple[Sequence[int], int]:
        """The ids of a word some of whose merges are left out, and how many merges came up."""
        if not self._textual[word[0]]:
            return word, 0
        parts = list("".join(self._pieces[i] for i in word))  # each at the place of its first character; empty inside
        after = list(range(1, len(parts) + 1))
        before = list(range(-1, len(parts) - 1))
        heap = [pair for place in range(len(parts) - 1) for pair in self._pair(parts, place, place + 1)]
        heapq.heapify(heap)
        count = 0
        while heap:
            _, left, right, merged = heapq.heappop(heap)
            if not parts[left] or not parts[right] or parts[left] + parts[right] != merged:
                continue  # one of them was merged with something else
            count += 1
            if count - 1 in left_out:
                continue
            parts[left], parts[right] = merged, ""
            after[left] = beyond = after[right]
            if beyond < len(parts):
                before[beyond] = left
                for pair in self._pair(parts, left, beyond):
                    heapq.heappush(heap, pair)
            if before[left] >= 0:
                for pair in self._pair(parts, before[left], left):
                    heapq.heappush(heap, pair)
        ids = [self._ids.get(part, -1) for part in parts if part]
        return (word if -1 in ids else ids), count

    def _pair(self, parts: list[str], left: int, right: int) -> list[tuple[float, int, int, str]]:
        """The merge of two neighbours, the best and then the leftmost to come first; none where no piece is made of them."""
        merged = parts[left] + parts[right]
        found = self._ids.get(merged)
        return [] if found is None else [(-self._scores[found], left, right, merged)]
