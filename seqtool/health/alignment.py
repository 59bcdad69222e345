"""Whether line n of one side belongs to line n of the other: all the way, from some line on no more, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqtool.health.affinity import REACH, Evidence, Judge, Scale, fit_scale, gather, learn_both, likely_offset
from seqtool.health.rows import Floats, Ints, Rows
from seqtool.health.slips import Stretch, find_stretches

# Fewer lines than these show nothing by themselves.
LEAST_LINES = 100
# The mean gain must be so many standard errors above none.
_SIGNIFICANT = 5.0
_ROUNDS = 3


@dataclass(frozen=True)
class Alignment:
    """What was found in N pairs. `gain`: by how much the partner found for a line is more likely than chance, in nats a line (at most
    log 41), and `error` its standard error; `judge` is what was learned, and None where the sides show nothing to learn."""

    lines: int
    stretches: list[Stretch]
    gain: float
    error: float
    judge: Judge | None

    @property
    def related(self) -> bool:
        """Whether the sides go together better than chance."""
        return self.gain > _SIGNIFICANT * self.error and self.gain > 0

    @property
    def slips(self) -> list[Stretch]:
        """The stretches that are not where they should be."""
        return [stretch for stretch in self.stretches if stretch.offset not in (0, None)]

    @property
    def strange(self) -> list[Stretch]:
        """The stretches that belong to nothing nearby."""
        return [stretch for stretch in self.stretches if stretch.offset is None]


def align(src: Rows, tgt: Rows, kinds: int) -> Alignment:
    """Learns from the pairs themselves how their words go together, at the offset where most do, and then looks at each line."""
    offset = likely_offset(src, tgt, kinds)
    offsets = np.full(len(src), offset + REACH, np.int64)
    found = None
    for _ in range(_ROUNDS):
        lexicons = learn_both(src, tgt, np.where(offsets < 0, -1, np.arange(len(src)) + offsets - REACH), kinds)
        evidence = gather(src, tgt, lexicons, kinds)
        found = _judged(evidence, Judge(lexicons, fit_scale(evidence, offsets)))
        now = _offsets(found.stretches, len(src))
        if not found.related or (now == offsets).all():
            break
        offsets = now
    assert found is not None
    return found


def align_by(judge: Judge, src: Rows, tgt: Rows, kinds: int) -> Alignment:
    """Looks at the lines of another corpus of the same languages, by what was learned."""
    return _judged(gather(src, tgt, judge.lexicons, kinds), judge)


def _judged(evidence: Evidence, judge: Judge) -> Alignment:
    gains = evidence.gains(judge.scale)
    stretches = find_stretches(gains)
    taken = _taken(gains, stretches)
    count = len(taken)
    error = float(taken.std() / np.sqrt(max(count, 1))) if count else 0.0
    worthless = judge.scale == Scale(0.0, 0.0)
    return Alignment(count, stretches, float(taken.mean()) if count else 0.0, error, None if worthless else judge)


def _taken(gains: Floats, stretches: list[Stretch]) -> Floats:
    """The gain of each line at its stretch's offset; where that is none, at offset 0."""
    columns = np.concatenate(
        [np.full(one.stop - one.first, (one.offset or 0) + REACH, np.int64) for one in stretches]
        or [np.zeros(0, np.int64)]
    )
    return gains[np.arange(len(gains)), columns]


def _offsets(stretches: list[Stretch], count: int) -> Ints:
    offsets = np.full(count, -1, np.int64)
    for one in stretches:
        if one.offset is not None:
            offsets[one.first : one.stop] = one.offset + REACH
    return offsets
