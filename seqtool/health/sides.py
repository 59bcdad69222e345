"""What alignment found, in words: sides that do not belong together, slipped, or are strange for a while."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from seqtool.health.affinity import OFFSETS, REACH, UNSURE
from seqtool.health.alignment import LEAST_LINES, Alignment, align, align_by
from seqtool.health.finding import Example, Finding, Level, Split, share
from seqtool.health.reading import SplitFacts
from seqtool.health.slips import Stretch

# From so many lines on, sides that show nothing in common have nothing in common.
ENOUGH_LINES = 1000
# A judge that was trained elsewhere needs fewer.
_ENOUGH_JUDGED = 30
# Lines of validation or test that go together less than this share of what training's do are not of the same kind.
_MUCH_LESS = 0.25
_MUCH_STRANGE = 0.1
_MOST_GAIN = float(np.log((1 - UNSURE) * OFFSETS + UNSURE))


def judge_sides(facts: SplitFacts, kinds: int, train: Alignment | None) -> tuple[Alignment | None, list[Finding]]:
    """The alignment of a split, by training's where that is known, and what to say of it."""
    src, tgt = facts.rows("src"), facts.rows("tgt")
    if train is not None and train.related and train.judge is not None:
        found = align_by(train.judge, src, tgt, kinds)
        unrelated = found.gain + 4 * found.error < _MUCH_LESS * train.gain
        enough = found.lines >= _ENOUGH_JUDGED
    elif len(src) < LEAST_LINES:
        return None, [_too_few(facts.split, len(src))]
    else:
        found = align(src, tgt, kinds)
        unrelated, enough = not found.related, found.lines >= ENOUGH_LINES
    whole = facts.looked_into == facts.pairs
    return found, list(_findings(facts.split, found, unrelated=unrelated, enough=enough, whole=whole))


def _findings(split: Split, found: Alignment, *, unrelated: bool, enough: bool, whole: bool) -> Iterator[Finding]:
    """`whole` is whether the lines that were looked at are all there are."""
    numbers = {"lines": found.lines, "gain": round(found.gain, 4), "error": round(found.error, 4)}
    if unrelated:
        if not enough:
            yield _too_few(split, found.lines)
            return
        message = (
            f"the two sides do not belong together: of {found.lines:,} lines no more go with one of the {REACH} lines around their "
            "counterpart than chance brings about"
        )
        advice = "is one of them of another corpus, sorted or shuffled? take both from the same source"
        examples = [Example(split, "src", 0), Example(split, "tgt", 0)]
        yield Finding("alignment.mismatched", "error", split, message, advice, numbers, examples)
        return
    for step, slip in _slips(found.stretches):
        end = f"up to line {slip.stop:,}"
        if slip.stop == found.lines:
            end = "to the end" if whole else f"{end}, the last that was looked at"
        yield _slipped(split, step, slip, end)
    strange = found.strange
    if strange:
        yield _strange(split, strange, found.lines)
    if not found.slips and not strange:
        where = "throughout" if whole else f"in the first {found.lines:,} lines"
        message = f"line n of one side goes with line n of the other {where} ({found.gain:.2f} of at most {_MOST_GAIN:.2f} nats a line)"
        yield Finding("alignment", "ok", split, message, numbers=numbers)


def _too_few(split: Split, lines: int) -> Finding:
    message = f"{lines:,} lines are too few to tell whether both sides belong together"
    return Finding("alignment", "untold", split, message, numbers={"lines": lines})


def _slips(stretches: list[Stretch]) -> Iterator[tuple[int, Stretch]]:
    """Each slip as one stretch, also where it goes on behind lines that belong to nothing, and with it by how many lines the sides slipped
    there."""
    last = 0
    known = [one for one in stretches if one.offset is not None]
    for offset, same in groupby(known, key=lambda one: one.offset or 0):
        parts = list(same)
        if offset:
            lines = sum(one.stop - one.first for one in parts)
            gain = sum(one.gain * (one.stop - one.first) for one in parts) / lines
            yield offset - last, Stretch(parts[0].first, parts[-1].stop, offset, gain)
        last = offset


def _slipped(split: Split, step: int, slip: Stretch, end: str) -> Finding:
    assert slip.offset
    many = f"{abs(step)} line{'s' if abs(step) > 1 else ''}"
    cause = f"{many} too many on the target side" if step > 0 else f"{many} too many on the source side"
    other = "missing on the source side" if step > 0 else "missing on the target side"
    first = max(slip.first, -slip.offset)  # the first source line that has a target line
    message = (
        f"shifted by {slip.offset:+d} from line {first + 1:,} {end}: source line {first + 1:,} belongs to target line "
        f"{first + 1 + slip.offset:,}"
    )
    advice = f"look just before for {cause}, or as many {other}, and repair the files"
    numbers = {
        "line": first + 1,
        "shift": slip.offset,
        "lines": slip.stop - first,
        "gain": round(slip.gain, 4),
    }
    examples = [Example(split, "src", first), Example(split, "tgt", first + slip.offset)]
    return Finding("alignment.shifted", "error", split, message, advice, numbers, examples)


def _strange(split: Split, strange: list[Stretch], lines: int) -> Finding:
    count = sum(one.stop - one.first for one in strange)
    level: Level = "error" if count > _MUCH_STRANGE * lines else "warning"
    where = ", ".join(f"{one.first + 1:,}-{one.stop:,}" for one in strange[:3]) + (", ..." if len(strange) > 3 else "")
    message = f"{share(count, lines)} lines belong to none within {REACH} lines of their counterpart: {where}"
    advice = "are the sides there of different texts, or one of them out of order? no other place fits all of them"
    first = strange[0].first
    examples = [Example(split, "src", first), Example(split, "tgt", first)]
    kind = "alignment.mismatched" if level == "error" else "alignment.strange"
    numbers = {"line": first + 1, "lines": count}
    return Finding(kind, level, split, message, advice, numbers, examples)
