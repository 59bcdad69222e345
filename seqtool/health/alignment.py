"""Whether line n of one side belongs to line n of the other: all the way, from some line on no more, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from seqtool.health.affinity import (
    REACH,
    Judge,
    Scale,
    Sides,
    block_of,
    fit_scale,
    gather,
    learn_both,
    likely_offset,
)
from seqtool.health.far import LengthsBeside, distance_by_words
from seqtool.health.rows import Floats, Ints, Rows
from seqtool.health.slips import Stretch, find_stretches

# Fewer lines than these show nothing by themselves.
LEAST_LINES = 100
# The mean gain must be so many standard errors above none.
_SIGNIFICANT = 5.0
_ROUNDS = 3
# What is shorter than this is no stretch by itself when it was found far away.
_LEAST_FAR = 8
# Nats that the targets of a stretch found far away must be better than chance.
_LEAST_GAIN = 30.0
# Each stretch that is looked for far away takes as long as a look at all lines: of many the longest are.
_MOST_FAR = 32
_AT_ONCE = 65_536


@dataclass(frozen=True)
class Alignment:
    """What was found in N pairs. `gain`: by how much the partner found for a line is more likely than chance, in nats a line (at most
    log 41; 0 for one of which none was found), and `error` its standard error; `judge` is what was learned, and None where the sides show
    nothing to learn."""

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
    """Learns from the pairs themselves how their words go together, at the offset where most do, and then looks at each line; where one
    side is further off than that, it is moved."""
    found = _align_near(src, tgt, kinds)
    lengths = LengthsBeside(src, tgt)
    shift = lengths.distance(0, len(src)) or 0
    if abs(shift) > REACH:
        first, stop = max(0, -shift), min(len(src), len(src) - shift)
        moved = _align_near(src.part(first, stop), tgt.part(first + shift, stop + shift), kinds)
        if moved.related and not (found.related and found.gain * found.lines > moved.gain * moved.lines):
            found = _moved(moved, first, shift, len(src))
    return _with_far_slips(found, src, tgt, kinds, lengths)


def _align_near(src: Rows, tgt: Rows, kinds: int) -> Alignment:
    sides = Sides.of(src, tgt, kinds)
    count = len(src)
    offsets = np.full(count, likely_offset(sides, kinds) + REACH, np.int64)
    found = None
    for _ in range(_ROUNDS):
        lexicons = learn_both(sides, np.where(offsets < 0, -1, np.arange(count) + offsets - REACH), kinds)
        found = _judged(sides, Judge(lexicons, fit_scale(sides, lexicons, offsets)))
        now = _offsets(found.stretches, count)
        if not found.related or (now == offsets).all():
            break
        offsets = now
    assert found is not None
    return found


def align_by(judge: Judge, src: Rows, tgt: Rows, kinds: int) -> Alignment:
    """Looks at the lines of another corpus of the same languages, by what was learned."""
    return _with_far_slips(_judged(Sides.of(src, tgt, kinds), judge), src, tgt, kinds, LengthsBeside(src, tgt))


def _with_far_slips(found: Alignment, src: Rows, tgt: Rows, kinds: int, lengths: LengthsBeside) -> Alignment:
    """Looks all over the targets for those of stretches that belong to none nearby."""
    if not found.related or found.judge is None:
        return found
    longest = sorted(found.strange, key=lambda one: one.first - one.stop)[:_MOST_FAR]
    stretches: list[Stretch] = []
    for one in found.stretches:
        stretches.extend(_far(one, found.judge, src, tgt, kinds, lengths) if one in longest else [one])
    return replace(found, stretches=_joined(_without_splinters(stretches)))


def _without_splinters(stretches: list[Stretch]) -> list[Stretch]:
    """What is far away and too short to be by itself goes with what follows."""
    kept: list[Stretch] = []
    for one in reversed(stretches):
        short = one.stop - one.first < _LEAST_FAR and abs(one.offset or 0) > REACH
        kept.append(replace(one, offset=kept[-1].offset if kept else None) if short else one)
    return kept[::-1]


def _far(one: Stretch, judge: Judge, src: Rows, tgt: Rows, kinds: int, lengths: LengthsBeside) -> list[Stretch]:
    """A stretch that belongs to none nearby, as what it is when its targets are looked for elsewhere."""
    shift = lengths.distance(one.first, one.stop)
    if shift is None:
        shift = distance_by_words(judge.lexicons[0], src, tgt, one.first, one.stop)
    if shift is None:
        return [one]
    first, stop = max(one.first, -shift), min(one.stop, len(tgt) - shift)
    seen = _judged(Sides.of(src.part(first, stop), tgt.part(first + shift, stop + shift), kinds), judge)
    if sum(part.gain * (part.stop - part.first) for part in seen.stretches) < _LEAST_GAIN:
        return [one]
    inside = _moved(seen, first - one.first, shift, one.stop - one.first).stretches
    return [replace(part, first=part.first + one.first, stop=part.stop + one.first) for part in inside]


def _moved(found: Alignment, first: int, shift: int, count: int) -> Alignment:
    """What was found in a part of so many lines that begins at line `first`, beside targets that were moved by `shift`."""
    offsets = [None if one.offset is None else one.offset + shift for one in found.stretches]
    inside = [
        replace(one, first=one.first + first, stop=one.stop + first, offset=offset)
        for one, offset in zip(found.stretches, offsets, strict=True)
    ]
    before, behind = Stretch(0, first, None, 0.0), Stretch(first + found.lines, count, None, 0.0)
    if inside[-1].offset is not None and behind.first + inside[-1].offset >= count:
        behind = replace(behind, offset=inside[-1].offset)  # their targets are behind the end
    return replace(
        found, lines=count, stretches=_joined([one for one in (before, *inside, behind) if one.stop > one.first])
    )


def _judged(sides: Sides, judge: Judge) -> Alignment:
    """Looks at so many lines at a time that memory has a bound."""
    count = len(sides.src)
    step = _AT_ONCE // block_of(count) * block_of(count)
    stretches: list[Stretch] = []
    taken: list[Floats] = []
    usual = 0
    for first in range(0, count, step):
        gains = gather(sides, judge.lexicons, first, min(first + step, count)).gains(judge.scale)
        found = find_stretches(gains, usual)
        taken.append(_taken(gains, found))
        usual = found[-1].offset or 0
        stretches.extend(replace(one, first=one.first + first, stop=one.stop + first) for one in found)
    every = np.concatenate(taken) if taken else np.zeros(1, np.float32)
    error = float(every.std() / np.sqrt(len(every)))
    learned = judge if judge.scale != Scale(0.0, 0.0) else None
    inside = [one if _is_there(one, count) else replace(one, offset=None) for one in stretches]
    return Alignment(count, _joined(inside), float(every.mean()), error, learned)


def _is_there(one: Stretch, count: int) -> bool:
    """Whether at least half of the partners of a stretch are in the file: with the others, lines that belong to nothing look as good."""
    if one.offset is None:
        return True
    partners = min(one.stop + one.offset, count) - max(one.first + one.offset, 0)
    return 2 * partners >= one.stop - one.first


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """Neighbours of the same offset as one."""
    joined: list[Stretch] = []
    for one in stretches:
        before = joined[-1] if joined else None
        if before is None or before.offset != one.offset:
            joined.append(one)
            continue
        sums = before.gain * (before.stop - before.first) + one.gain * (one.stop - one.first)
        joined[-1] = Stretch(before.first, one.stop, one.offset, sums / (one.stop - before.first))
    return joined


def _taken(gains: Floats, stretches: list[Stretch]) -> Floats:
    """The gain of each line at its stretch's offset, and none where that is none."""
    taken = np.zeros(len(gains), np.float32)
    for one in stretches:
        if one.offset is not None:
            taken[one.first : one.stop] = gains[one.first : one.stop, one.offset + REACH]
    return taken


def _offsets(stretches: list[Stretch], count: int) -> Ints:
    offsets = np.full(count, -1, np.int64)
    for one in stretches:
        if one.offset is not None:
            offsets[one.first : one.stop] = one.offset + REACH
    return offsets
