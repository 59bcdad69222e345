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
    """How many pairs there are, and what is wrong where they cannot be read to the end."""
    numbers = {"pairs": facts.pairs}
    broken = facts.broken
    if broken is None:
        yield Finding("data.pairs", "ok", facts.split, f"{facts.pairs:,} pairs in {facts.where}", numbers=numbers)
        return
    if broken.error_id == "data.line-count":
        advice = "see below for where they part; what follows is about the lines that both have"
    elif facts.pairs:
        advice = f"{broken.hint}; what follows is about the first {facts.pairs:,} pairs"
    else:
        advice = broken.hint
    yield Finding(broken.error_id, "error", facts.split, broken.message, advice, numbers)


def not_looked_into(facts: SplitFacts) -> Iterator[Finding]:
    """How far languages and alignment are told, where that is not to the end."""
    if facts.looked_into < facts.pairs:
        message = (
            f"the words of the first {facts.looked_into:,} of {facts.pairs:,} pairs were looked at, after which memory has its bound: "
            "of the others neither languages nor alignment are told"
        )
        advice = "to have those told too, check the rest as a corpus of its own"
        numbers = {"pairs": facts.pairs, "looked_into": facts.looked_into}
        yield Finding("data.looked-into", "untold", facts.split, message, advice, numbers)


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
    empty = {side: np.array(facts.empty[side], np.int64) for side in ("src", "tgt")}
    blank = empty["tgt"] if facts.alone else np.intersect1d(empty["src"], empty["tgt"])
    again = {
        "pairs": _repeated(both, blank),
        "sources": _repeated(src, empty["src"]),
        "targets": _repeated(tgt, empty["tgt"]),
    }
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


def _repeated(values: NDArray[Any], empty: Ints) -> tuple[Ints, Ints]:
    """The places of values that came before, in order, and beside each that of the first of its kind; what is `empty` repeats nothing."""
    _, first, kind = np.unique(values, return_index=True, return_inverse=True)
    before = first[kind]
    again = before != np.arange(len(values))
    again[empty] = False
    later = np.flatnonzero(again)
    return before[later], later


def overlap(train: SplitFacts, facts: SplitFacts) -> Iterator[Finding]:
    """The share of sources that training has too, case and punctuation apart; of a text that is restored of targets, and how many
    targets."""
    side = facts.told[0]
    known, asked = (np.frombuffer(one.sides[side].forms, np.int64) for one in (train, facts))
    seen = np.isin(asked, known)
    seen[facts.empty[side]] = False
    again = np.flatnonzero(seen)
    texts = [np.frombuffer(one.sides[side].hashes, np.int64) for one in (facts, train)]
    letter_by_letter = int(np.isin(texts[0], texts[1])[again].sum())
    said, heard = (np.frombuffer(one.sides["tgt"].forms, np.int64) for one in (train, facts))
    known_targets = np.isin(heard, said)
    known_targets[facts.empty["tgt"]] = False
    targets = int(known_targets.sum())
    numbers = {
        "in_train": len(again),
        "letter_by_letter": letter_by_letter,
        "targets_in_train": targets,
        "share": len(again) / facts.pairs,
    }
    message = f"{share(len(again), facts.pairs)} {SIDE_NAMES[side]}s are in training too"
    if letter_by_letter < len(again):
        message += f", {len(again) - letter_by_letter:,} of them but for case and punctuation"
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
