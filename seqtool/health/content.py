"""Pairs that are missing a side, are the same on both, come again, or stand in training and in a test too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.health.finding import SIDE_NAMES, Example, Finding, Level, examples_of, share
from seqtool.health.reading import SplitFacts

# A larger share of validation or test sources in training than this makes a score worthless.
MOST_SEEN = 0.01
# Of pairs that come again a share below this is chance: short lines do.
_FEW_AGAIN = 0.01
_MOST = 0.5  # of the pairs

Ints = NDArray[np.int64]


def counts(facts: SplitFacts) -> Iterator[Finding]:
    """How many pairs there are, and whether both sides have as many lines."""
    found = f"{facts.pairs:,} pairs in {facts.where}"
    if facts.uneven is None:
        yield Finding("data.pairs", "ok", facts.split, found, numbers={"pairs": facts.pairs})
        return
    advice = "see below for where they part; what follows is about the lines that both have"
    yield Finding("data.line-count", "error", facts.split, facts.uneven.message, advice, {"pairs": facts.pairs})


def empty_sides(facts: SplitFacts) -> Iterator[Finding]:
    """Pairs of which a side is empty."""
    sides = {side: facts.empty[side] for side in facts.told if facts.empty[side]}
    numbers = {f"empty_{side}": len(facts.empty[side]) for side in facts.told}
    if not sides:
        yield Finding("pairs.empty", "ok", facts.split, "no empty side", numbers=numbers)
        return
    message = " and ".join(
        f"{share(len(lines), facts.pairs)} empty {SIDE_NAMES[side]} lines" for side, lines in sides.items()
    )
    advice = (
        "training drops them"
        if facts.split == "train"
        else "nothing can be translated or compared there: remove the pairs"
    )
    examples = [example for side, lines in sides.items() for example in examples_of(facts.split, side, lines)[:2]]
    yield Finding("pairs.empty", "warning", facts.split, message, f"{advice}; is text missing?", numbers, examples)


def identical_sides(facts: SplitFacts) -> Iterator[Finding]:
    """Pairs whose sides are the same text."""
    count = len(facts.identical)
    level: Level = "warning" if count > _FEW_AGAIN * facts.pairs else "ok"
    if count > _MOST * facts.pairs:  # one file in place of two
        level = "error"
    message = f"{share(count, facts.pairs)} pairs are the same text on both sides"
    advice = "a model learns to copy from them: remove what should have been translated" if level != "ok" else ""
    examples = examples_of(facts.split, "src", facts.identical)
    yield Finding("pairs.identical", level, facts.split, message, advice, {"identical": count}, examples)


def duplicates(facts: SplitFacts) -> Iterator[Finding]:
    """Pairs, sources and targets that came before."""
    src, tgt = (np.frombuffer(facts.sides[side].hashes, np.int64) for side in ("src", "tgt"))
    both = tgt if facts.alone else src * np.int64(1_000_003) ^ tgt
    again = {"pairs": _repeated(both), "sources": _repeated(src), "targets": _repeated(tgt)}
    numbers = {f"repeated_{name}": len(later) for name, (_, later) in again.items()}
    firsts, laters = again["pairs"]
    shown = ["targets"] if facts.alone else list(again)
    message = "repeated: " + ", ".join(f"{share(len(again[name][1]), facts.pairs)} {name}" for name in shown)
    level: Level = "warning" if len(laters) > _FEW_AGAIN * facts.pairs else "ok"
    advice = "the same pair again teaches nothing new: keep one of each" if level != "ok" else ""
    examples = [
        Example(facts.split, facts.told[0], int(one))
        for pair in zip(firsts[:1], laters[:1], strict=True)
        for one in pair
    ]
    yield Finding("pairs.duplicates", level, facts.split, message, advice, numbers, examples)


def _repeated(values: NDArray[Any]) -> tuple[Ints, Ints]:
    """The places of values that came before, in order, and beside each that of the first of its kind."""
    _, first, kind = np.unique(values, return_index=True, return_inverse=True)
    before = first[kind]
    later = np.flatnonzero(before != np.arange(len(values)))
    return before[later], later


def overlap(train: SplitFacts, facts: SplitFacts) -> Iterator[Finding]:
    """The share of sources that training has too, of a text that is restored of targets, and how many targets."""
    side = facts.told[0]
    known, asked = (np.frombuffer(one.sides[side].hashes, np.int64) for one in (train, facts))
    seen = np.isin(asked, known)
    seen[facts.empty[side]] = False
    again = np.flatnonzero(seen)
    said, heard = (np.frombuffer(one.sides["tgt"].hashes, np.int64) for one in (train, facts))
    targets = int(np.isin(heard, said).sum())
    numbers = {"in_train": len(again), "targets_in_train": targets, "share": len(again) / facts.pairs}
    message = f"{share(len(again), facts.pairs)} {SIDE_NAMES[side]}s are in training too"
    if side == "src":
        message += f" (of the targets {share(targets, facts.pairs)})"
    level: Level = "error" if len(again) > MOST_SEEN * facts.pairs else "warning" if len(again) else "ok"
    advice = {
        "error": f"scores would be too good to be true: remove these {SIDE_NAMES[side]}s from training",
        "warning": "few enough, but better removed from training",
        "ok": "",
    }[level]
    examples = examples_of(facts.split, side, again.tolist())
    if len(again):
        place = int(np.flatnonzero(known == asked[again[0]])[0])
        examples = [examples[0], Example("train", side, place), *examples[1:]]
    yield Finding("overlap.sources", level, facts.split, message, advice, numbers, examples)
