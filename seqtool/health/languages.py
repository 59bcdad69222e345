"""Which script and language each line is in, by the corpus itself, and what training never showed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqtool.health.characters import SCRIPTS
from seqtool.health.finding import SIDE_NAMES, SIDES, Finding, Level, Side, examples_of, rate, share
from seqtool.health.reading import SplitFacts
from seqtool.health.rows import Rows

_OTHER: dict[Side, Side] = {"src": "tgt", "tgt": "src"}
# Lines of another script, or of the other side's language, up to this share are names and the like.
_FEW = 0.002
# A line is in the other side's language when its words are so many nats a word, and altogether, more usual there.
_WORD_NATS, _LINE_NATS, _LEAST_WORDS = 1.5, 12.0, 4
_TOLD_APART = 0.95
_LEAST_TRAIN, _LEAST_SWAPPED = 100, 5
_UNKNOWN_WORDS, _UNKNOWN_CODES = 0.10, 0.001
_SHOWN_WORDS = 8


def scripts(facts: SplitFacts) -> Iterator[Finding]:
    """Lines whose letters are mostly of another script than those of their side."""
    for side in facts.told:
        one = facts.sides[side]
        lines = np.frombuffer(one.scripts, np.int8)
        totals = np.bincount(lines, minlength=len(SCRIPTS))
        totals[0] = 0
        main = int(totals.argmax())
        other = np.flatnonzero((lines != main) & (lines != 0))
        names = [SCRIPTS[kind] for kind in np.argsort(-totals)[1:4] if totals[kind]]
        message = f"{SIDE_NAMES[side]} is {SCRIPTS[main] if totals[main] else 'without letters'}"
        if len(other):
            message += f", but for {share(len(other), facts.pairs)} lines in {', '.join(names)}"
        level: Level = "warning" if len(other) > _FEW * facts.pairs else "ok"
        advice = "are these lines in the right file and language?" if level != "ok" else ""
        numbers = {name: int(count) for name, count in zip(SCRIPTS, totals.tolist(), strict=True) if count}
        yield Finding(
            f"script.{side}",
            level,
            facts.split,
            message,
            advice,
            numbers,
            examples_of(facts.split, side, other.tolist()),
        )


class Usage:
    """How usual each word is on each side of training: which language a line is in, without knowing any."""

    def __init__(self, train: SplitFacts, kinds: int) -> None:
        frequencies = [np.bincount(train.rows(side).ids, minlength=kinds) + 0.5 for side in SIDES]
        odds = np.log(frequencies[0] / frequencies[0].sum()) - np.log(frequencies[1] / frequencies[1].sum())
        self._odds = np.clip(odds, -6.0, 6.0)  # (W,), positive where a word is more usual in sources
        self.told_apart = train.pairs >= _LEAST_TRAIN and all(self._right(train, side) > _TOLD_APART for side in SIDES)

    def _right(self, train: SplitFacts, side: Side) -> float:
        """The share of lines with words whose words say which side they are of."""
        rows = train.rows(side)
        leaning = self.leaning(rows)[np.diff(rows.starts) > 0] * (1 if side == "src" else -1)
        return float((leaning > 0).mean()) if len(leaning) else 0.0

    def leaning(self, rows: Rows) -> NDArray[np.float64]:
        """How much more usual a line's words are in sources than in targets, in nats (N,)."""
        known = np.append(self._odds, 0.0)
        sums = np.add.reduceat(np.append(known[np.minimum(rows.ids, len(self._odds))], 0.0), rows.starts[:-1])
        return np.where(np.diff(rows.starts) > 0, sums, 0.0)


def languages(facts: SplitFacts, usage: Usage) -> Iterator[Finding]:
    """Sides that are swapped, and lines in the language of the other side."""
    if not usage.told_apart:
        return
    pairs = facts.looked_into
    found = {}
    for side in SIDES:
        rows = facts.rows(side)
        wrong = usage.leaning(rows) * (-1 if side == "src" else 1)
        words = np.diff(rows.starts)
        found[side] = np.flatnonzero((wrong > _LINE_NATS) & (wrong > _WORD_NATS * words) & (words >= _LEAST_WORDS))
    swapped = (
        facts.split != "train" and pairs >= _LEAST_SWAPPED and all(len(lines) > pairs / 3 for lines in found.values())
    )
    if swapped:
        yield _swapped(facts)
        return
    count = sum(map(len, found.values()))
    level: Level = "warning" if count > _FEW * pairs else "ok"
    told = " and ".join(
        f"{share(len(found[side]), pairs)} {SIDE_NAMES[side]} lines in the language of the {SIDE_NAMES[_OTHER[side]]}"
        for side in SIDES
    )
    advice = "untranslated, or in the wrong file? remove or move them" if level != "ok" else ""
    numbers = {f"wrong_{side}": len(found[side]) for side in SIDES}
    examples = [one for side in SIDES for one in examples_of(facts.split, side, found[side].tolist())[:2]]
    yield Finding("language.mixed", level, facts.split, told, advice, numbers, examples)


def _swapped(facts: SplitFacts) -> Finding:
    return Finding(
        "sides.swapped",
        "error",
        facts.split,
        "source and target are swapped: sources are in the language of training's targets, and targets in that of its sources",
        f"exchange src and tgt of data.{facts.split}",
        examples=[*examples_of(facts.split, "src", [0]), *examples_of(facts.split, "tgt", [0])],
    )


def swapped_by_length(train: SplitFacts, facts: SplitFacts) -> Iterator[Finding]:
    """Summaries are swapped where they are much longer than their sources, and in training it is the other way round."""
    ratios = []
    for one in (train, facts):
        src, tgt = (np.frombuffer(one.sides[side].words, np.int32) for side in SIDES)
        ratios.append((float(src.mean()) + 1) / (float(tgt.mean()) + 1))
    if ratios[0] > 2 and ratios[1] < 1 / 2:
        yield _swapped(facts)


def unknown(facts: SplitFacts) -> Iterator[Finding]:
    """Words and characters that training never showed on the same side."""
    for side in facts.told:
        one = facts.sides[side]
        words, codes = sum(one.unknown_words.values()), sum(one.unknown_codes.values())
        numbers: dict[str, float] = {
            "words": words,
            "word_rate": words / max(one.running_words, 1),
            "characters": codes,
            "character_rate": codes / max(one.running_codes, 1),
        }
        message = (
            f"{rate(words, one.running_words)} of the {SIDE_NAMES[side]} words and {rate(codes, one.running_codes)} of its characters "
            "are not in training"
        )
        if numbers["character_rate"] > _UNKNOWN_CODES:
            level, kind = "warning", "characters"
            advice = "is this the same language and encoding? the model cannot know them"
        elif numbers["word_rate"] > _UNKNOWN_WORDS:
            level, kind, advice = (
                "warning",
                "words",
                "is this the same kind of text? subword pieces help with some of them",
            )
        else:
            level, kind, advice = "ok", "words", ""
        common = [word for word, _ in one.unknown_words.most_common(_SHOWN_WORDS) if word]
        if kind == "characters":
            common = [f"U+{code:04X} {chr(code)}" for code, _ in one.unknown_codes.most_common(_SHOWN_WORDS)]
        examples = examples_of(facts.split, side, one.first_unknown.get(kind, [])) if level != "ok" else []
        yield Finding(f"unknown.{side}", level, facts.split, message, advice, numbers, examples, common)  # type: ignore[arg-type]
