"""How likely each source line belongs to each of the target lines around it.

Two lexicons are learned, each from every other block of lines, and a line is judged by the one that has not seen it: a line that was
learned from would seem to belong to its target whatever that says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqtool.health.anchors import shared_weight
from seqtool.health.lexicon import Lexicon, choose_features, learn, strength, whiten
from seqtool.health.rows import Floats, Ints, Rows

REACH = 20
OFFSETS = 2 * REACH + 1

_BLOCK = 64
_LEARNED_LINES = 10_000
_SEARCHED_LINES = 4000
_SEARCHED_FEATURES = 200
_NULLS = 8
# The share of lines that nothing can be said of whatever they are, which bounds what one line can prove.
_UNSURE = 0.1
_NEWTON_STEPS = 25


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
    """For source lines and offsets (N, D): nearness, weight of shared words, and whether there is such a target line."""

    near: Floats
    shared: Floats
    there: NDArray[np.bool_]

    def gains(self, scale: Scale) -> Floats:
        """By how much each offset is more likely than chance: the logarithm of its probability times D (N, D), and 0 where no line is."""
        odds = scale.near * self.near + scale.shared * self.shared
        odds = np.where(self.there, odds, -np.inf)
        odds -= odds.max(1, keepdims=True)
        likely = np.exp(odds)
        likely *= self.there.sum(1, keepdims=True) / likely.sum(1, keepdims=True)
        return np.where(self.there, np.log((1 - _UNSURE) * likely + _UNSURE), 0.0).astype(np.float32)


def block_of(lines: int) -> int:
    """How many neighbouring lines are judged by the same lexicon."""
    return max(8, min(_BLOCK, lines // 8))


def gather(src: Rows, tgt: Rows, lexicons: tuple[Lexicon, Lexicon], kinds: int) -> Evidence:
    """The evidence for every line and offset."""
    count, block = len(src), block_of(len(src))
    near = np.zeros((count, OFFSETS), np.float32)
    for number, first in enumerate(range(0, count, block)):
        stop = min(first + block, count)
        before, behind = max(0, first - REACH), min(len(tgt), stop + REACH)
        lexicon = lexicons[(number + 1) % 2]
        products = np.zeros((stop - first, stop - first + 2 * REACH), np.float32)
        into = before - first + REACH
        products[:, into : into + behind - before] = (
            lexicon.src(src.part(first, stop)) @ lexicon.tgt(tgt.part(before, behind)).T
        )
        step, along = products.strides
        near[first:stop] = np.lib.stride_tricks.as_strided(
            products, (stop - first, OFFSETS), (step + along, along), writeable=False
        )
    place = np.arange(count)[:, None] + np.arange(-REACH, REACH + 1)
    return Evidence(near, shared_weight(src, tgt, kinds, REACH), (place >= 0) & (place < len(tgt)))


def learn_both(src: Rows, tgt: Rows, partner: Ints, kinds: int) -> tuple[Lexicon, Lexicon]:
    """A lexicon from the even and one from the odd blocks of lines; `partner` (N,) is the target line of each source line, -1 for none."""
    blocks = np.arange(len(src)) // block_of(len(src))
    halves = []
    for half in range(2):
        lines = np.flatnonzero((blocks % 2 == half) & (partner >= 0) & (partner < len(tgt)))
        lines = lines[_spread(len(lines), _LEARNED_LINES)]
        halves.append(learn(src.take(lines), tgt.take(partner[lines]), kinds))
    return halves[0], halves[1]


def fit_scale(evidence: Evidence, offsets: Ints) -> Scale:
    """The worth of the evidence that makes the offset of each line (N,), counted from 0, most likely among all (multinomial logistic
    regression, by Newton's method), never below none."""
    lines = np.flatnonzero(evidence.there.all(1) & (offsets >= 0))
    lines = lines[_spread(len(lines), _SEARCHED_LINES)]
    if not len(lines):
        return Scale(0.0, 0.0)
    facts = np.stack([evidence.near[lines], evidence.shared[lines]], 2).astype(np.float64)  # (n, D, 2)
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


_RIDGE = 1.0


def likely_offset(src: Rows, tgt: Rows, kinds: int) -> int:
    """The offset, from -REACH to REACH, at which most of both sides goes together; 0 where none stands out."""
    count = min(len(src), len(tgt))
    lines = np.arange(REACH, count - REACH)
    if len(lines) < REACH:
        return 0
    lines = lines[_spread(len(lines), _SEARCHED_LINES)]
    window = (lines[:, None] + np.arange(-REACH, REACH + 1)).ravel()
    used = np.unique(window)  # the target lines that are looked at
    most = int(min(_SEARCHED_FEATURES, max(len(lines) / 2.5, 10)))
    one, other = src.take(lines), tgt.take(used)
    left = whiten(one, choose_features(one, kinds, most))
    right = whiten(other, choose_features(other, kinds, most))
    every = np.arange(len(lines))
    rng = np.random.default_rng(0)
    chance = [strength(left, right, rng.permutation(np.searchsorted(used, lines)), every) for _ in range(_NULLS)]
    found = [strength(left, right, np.searchsorted(used, lines + offset), every) for offset in range(-REACH, REACH + 1)]
    by_words = (np.array(found) - np.mean(chance)) / (np.std(chance) + 1e-6)
    shared = shared_weight(src, tgt, kinds, REACH).sum(0)
    by_shared = (shared - np.median(shared)) / (np.sqrt(np.median(shared) * np.log(count)) + 1.0)
    evidence = by_words + by_shared
    best = int(evidence.argmax())
    return best - REACH if evidence[best] > evidence[REACH] else 0


def _spread(count: int, most: int) -> Ints:
    """At most so many places, evenly spread."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64) if count else np.zeros(0, np.int64)
