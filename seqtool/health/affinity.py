"""How likely each source line belongs to each of the target lines around it.

Two lexicons are learned, each from every other block of lines, and a line is judged by the one that has not seen it: a line that was
learned from would seem to belong to its target whatever that says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqtool.health.anchors import shared_weight, worth_of_words
from seqtool.health.lexicon import Lexicon, choose_features, correlations, learn, whiten
from seqtool.health.rows import Floats, Ints, Rows

REACH = 20
OFFSETS = 2 * REACH + 1

_BLOCK = 64
_LEARNED_LINES = 10_000
_SEARCHED_LINES = 4000
_SEARCHED_FEATURES = 200
_NULLS = 8
# A source that is so often among those around it says nothing of which target is whose, however well one of them seems to fit.
_OFTEN = 8
# The share of lines that nothing can be said of whatever they are, which bounds what one line can prove.
UNSURE = 0.1
_NEWTON_STEPS, _RIDGE = 25, 1.0


@dataclass(frozen=True)
class Sides:
    """Both sides of N pairs, and what sharing a word says (W,)."""

    src: Rows
    tgt: Rows
    worth: Floats

    @classmethod
    def of(cls, src: Rows, tgt: Rows, kinds: int) -> Sides:
        """The sides of a corpus with so many kinds of words."""
        return cls(src, tgt, worth_of_words(src, tgt, kinds))


@dataclass(frozen=True)
class Scale:
    """What a unit of each evidence is worth, as the logarithm of odds: nearness of the points, and weight of shared words."""

    near: float
    shared: float


@dataclass(frozen=True)
class Judge:
    """What was learned of a pair of languages: two lexicons, and what they are worth."""

    lexicons: tuple[Lexicon, Lexicon]
    scale: Scale


@dataclass(frozen=True)
class Evidence:
    """For source lines and offsets (N, D): nearness, weight of shared words, and whether there is such a target line; `common` (N,):
    whether the source comes again and again nearby."""

    near: Floats
    shared: Floats
    there: NDArray[np.bool_]
    common: NDArray[np.bool_]

    def gains(self, scale: Scale) -> Floats:
        """By how much each offset is more likely than chance: the logarithm of its probability times D (N, D), and 0 where no line is. For
        common sources none is more likely than the one at which the line is."""
        odds = scale.near * self.near + scale.shared * self.shared
        odds = np.where(self.there, odds, -np.inf)
        odds -= odds.max(1, keepdims=True)
        likely = np.exp(odds)
        likely *= self.there.sum(1, keepdims=True) / likely.sum(1, keepdims=True)
        gains = np.log((1 - UNSURE) * likely + UNSURE)
        gains[self.common] = np.minimum(gains[self.common], gains[self.common, REACH : REACH + 1])
        return np.where(self.there, gains, 0.0).astype(np.float32)


def block_of(lines: int) -> int:
    """How many neighbouring lines are judged by the same lexicon."""
    return max(8, min(_BLOCK, lines // 8))


def gather(sides: Sides, lexicons: tuple[Lexicon, Lexicon], first: int, stop: int) -> Evidence:
    """The evidence for source lines `first` to `stop`, without the last, and every offset; the first is the first of a block."""
    count, block = len(sides.src), block_of(len(sides.src))
    near = np.zeros((stop - first, OFFSETS), np.float32)
    for start in range(first, stop, block):
        end = min(start + block, stop)
        lexicon = lexicons[(start // block + 1) % 2]
        near[start - first : end - first] = _near(sides, lexicon, start, end)
    place = np.arange(first, stop)[:, None] + np.arange(-REACH, REACH + 1)
    there = (place >= 0) & (place < count)
    return Evidence(near, _shared(sides, first, stop), there, _common(sides.src, first, stop))


def _common(rows: Rows, first: int, stop: int) -> NDArray[np.bool_]:
    """Which of some lines have the same words as many of those around them."""
    before, behind = max(0, first - REACH), min(len(rows), stop + REACH)
    some = rows.part(before, behind)
    marks = np.random.default_rng(0).integers(1 << 62, size=int(some.ids.max(initial=0)) + 1)
    sums = np.concatenate([[0], np.cumsum(marks[some.ids])])
    texts = sums[some.starts[1:]] - sums[some.starts[:-1]]  # wraps around, which makes them no less different
    times = np.ones(len(texts), np.int64)
    for step in range(1, min(REACH, len(texts) - 1) + 1):
        same = texts[step:] == texts[:-step]
        times[step:] += same
        times[:-step] += same
    return np.asarray(times[first - before : stop - before] >= _OFTEN)


def _shared(sides: Sides, first: int, stop: int) -> Floats:
    before, behind = max(0, first - REACH), min(len(sides.tgt), stop + REACH)
    return shared_weight(
        sides.src.part(first, stop), sides.tgt.part(before, behind), sides.worth, REACH, first - before
    )


def _near(sides: Sides, lexicon: Lexicon, first: int, stop: int) -> Floats:
    """The products of the points of lines with those of the target lines around them (n, D): a band of a matrix of all with all."""
    before, behind = max(0, first - REACH), min(len(sides.tgt), stop + REACH)
    products = np.zeros((stop - first, stop - first + 2 * REACH), np.float32)
    into = before - first + REACH
    points = lexicon.src(sides.src.part(first, stop)), lexicon.tgt(sides.tgt.part(before, behind))
    products[:, into : into + behind - before] = points[0] @ points[1].T
    step, along = products.strides
    return np.lib.stride_tricks.as_strided(products, (stop - first, OFFSETS), (step + along, along), writeable=False)


def some_blocks(lines: int) -> list[tuple[int, int]]:
    """First line and end of a few blocks, evenly spread."""
    block = block_of(lines)
    firsts = np.arange(0, lines, block)
    return [
        (int(first), min(int(first) + block, lines)) for first in firsts[_spread(len(firsts), _SEARCHED_LINES // block)]
    ]


def learn_both(sides: Sides, partner: Ints, kinds: int) -> tuple[Lexicon, Lexicon]:
    """A lexicon from the even and one from the odd blocks of lines; `partner` (N,) is the target line of each source line, -1 for none."""
    src, tgt = sides.src, sides.tgt
    blocks = np.arange(len(src)) // block_of(len(src))
    halves = []
    for half in range(2):
        lines = np.flatnonzero((blocks % 2 == half) & (partner >= 0) & (partner < len(tgt)))
        lines = lines[_spread(len(lines), _LEARNED_LINES)]
        halves.append(learn(src.take(lines), tgt.take(partner[lines]), kinds))
    return halves[0], halves[1]


def fit_scale(sides: Sides, lexicons: tuple[Lexicon, Lexicon], offsets: Ints) -> Scale:
    """The worth of the evidence that makes the offset of each line (N,), counted from 0 and -1 for none, most likely among all (multinomial
    logistic regression with a ridge, by Newton's method), never below none. Looks at a few blocks."""
    blocks = some_blocks(len(sides.src))
    parts = [gather(sides, lexicons, first, stop) for first, stop in blocks]
    near, shared, there = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("near", "shared", "there")
    )
    offsets = np.concatenate([offsets[first:stop] for first, stop in blocks])
    lines = np.flatnonzero(there.all(1) & (offsets >= 0))
    if not len(lines):
        return Scale(0.0, 0.0)
    facts = np.stack([near[lines], shared[lines]], 2).astype(np.float64)  # (n, D, 2)
    chosen = facts[np.arange(len(lines)), offsets[lines]]  # (n, 2)
    worth = np.zeros(2)
    for _ in range(_NEWTON_STEPS):
        odds = facts @ worth
        likely = np.exp(odds - odds.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        mean = np.einsum("nd,ndf->nf", likely, facts)
        slope = (chosen - mean).sum(0) - worth * _RIDGE
        bend = np.einsum("nd,ndf,ndg->fg", likely, facts, facts) - mean.T @ mean + _RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        worth = np.clip(worth + np.clip(step, -2.0, 2.0), 0.0, 40.0)
    return Scale(float(worth[0]), float(worth[1]))


def likely_offset(sides: Sides, kinds: int) -> int:
    """The offset, from -REACH to REACH, at which most of both sides goes together; 0 where none stands out."""
    count = len(sides.src)
    blocks = [(max(first, REACH), min(stop, count - REACH)) for first, stop in some_blocks(count)]
    lines = np.concatenate([np.arange(first, stop) for first, stop in blocks])
    if len(lines) < REACH:
        return 0
    used = np.unique((lines[:, None] + np.arange(-REACH, REACH + 1)).ravel())  # the target lines that are looked at
    most = int(min(_SEARCHED_FEATURES, max(len(lines) / 2.5, 10)))
    one, other = sides.src.take(lines), sides.tgt.take(used)
    left = whiten(one, choose_features(one, kinds, most))
    right = whiten(other, choose_features(other, kinds, most))
    rng = np.random.default_rng(0)
    orders = [rng.permutation(np.searchsorted(used, lines)) for _ in range(_NULLS)]
    orders += [np.searchsorted(used, lines + offset) for offset in range(-REACH, REACH + 1)]
    strengths = [float((correlations(left.values, right.values[order]) ** 2).sum()) for order in orders]
    chance, found = strengths[:_NULLS], strengths[_NULLS:]
    by_words = (np.array(found) - np.mean(chance)) / (np.std(chance) + 1e-6)
    shared = sum((_shared(sides, first, stop).sum(0) for first, stop in blocks if stop > first), np.zeros(OFFSETS))
    usual = float(np.median(shared))
    by_shared = (shared - usual) / (np.sqrt(usual * np.log(count)) + 1.0)
    evidence = by_words + by_shared
    best = int(evidence.argmax())
    return best - REACH if evidence[best] > evidence[REACH] else 0


def _spread(count: int, most: int) -> Ints:
    """At most so many places, evenly spread."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64) if count else np.zeros(0, np.int64)
