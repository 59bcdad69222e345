"""How long lines are, in words and in tokens, and which pairs are out of proportion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.health.finding import Finding, Level, Side, Split, examples_of, share
from seqtool.health.reading import SplitFacts

PERCENTILES = (1, 5, 25, 50, 75, 95, 99, 100)
_BINS = 10
_ALIKE = 3.0
# A pair is out of proportion where its ratio is this many times the usual one and so many deviations from it; short lines may be anything.
_TIMES, _DEVIATIONS, _LEAST_CHARS = 3.0, 5.0, 20
_FEW = 0.002


@dataclass(frozen=True)
class Lengths:
    """Lengths of one side of a split in one unit, at `PERCENTILES`; `counts` of lines between `edges` (one more), the last edge being the
    greatest length."""

    split: Split
    side: Side
    unit: str
    percentiles: tuple[int, ...]
    mean: float
    edges: tuple[int, ...]
    counts: tuple[int, ...]


def _lengths(split: Split, side: Side, unit: str, values: NDArray[Any], edges: Sequence[int]) -> Lengths:
    """The lengths of lines (N,), at least one, counted between edges; what is longer than the last but one is in the last."""
    at = np.percentile(values, PERCENTILES, method="inverted_cdf")
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(places, minlength=len(edges) - 1)
    return Lengths(split, side, unit, tuple(map(int, at)), float(values.mean()), tuple(edges), tuple(map(int, counts)))


def _edges(values: Sequence[NDArray[Any]]) -> tuple[int, ...]:
    """Where to divide lengths for a histogram of several: in even steps up to the 99th percentile, and behind it the rest."""
    highest = max(int(np.percentile(one, 99)) for one in values)
    step = max(1, -(-highest // (_BINS - 1)))
    for nice in (1, 2, 3, 4, 5, 10, 15, 20, 25, 50, 100, 200, 250, 500, 1000):
        if nice >= step:
            step = nice
            break
    longest = max(int(one.max()) for one in values)
    edges = [1 + step * number for number in range(max(1, -(-highest // step)) + 1)]
    return (0, *(edge for edge in edges if edge <= longest), longest + 1)


def word_lengths(facts: SplitFacts) -> list[Lengths]:
    """In words."""
    return measured(
        facts.split, "words", {side: np.frombuffer(facts.sides[side].words, np.int32) for side in facts.told}
    )


def measured(split: Split, unit: str, values: Mapping[Side, NDArray[Any]]) -> list[Lengths]:
    """The lengths of the sides of a split, counted between the same edges where they are of the same order of magnitude."""
    highest = [max(float(np.percentile(one, 99)), 1.0) for one in values.values()]
    alike = max(highest) <= _ALIKE * min(highest)
    common = _edges(list(values.values()))
    return [_lengths(split, side, unit, one, common if alike else _edges([one])) for side, one in values.items()]


def proportions(facts: SplitFacts) -> Iterator[Finding]:
    """Pairs of which one side is far longer than usual for the other."""
    src, tgt = (np.frombuffer(facts.sides[side].chars, np.int32).astype(np.float64) for side in ("src", "tgt"))
    told = np.flatnonzero((src > 0) & (tgt > 0))
    if not len(told):
        return
    logs = np.log((tgt[told] + 1) / (src[told] + 1))
    middle = float(np.median(logs))
    spread = 1.4826 * float(np.median(np.abs(logs - middle)))
    far = np.abs(logs - middle) > max(np.log(_TIMES), _DEVIATIONS * spread)
    # As long as the shorter side would be by what is usual: a short line that is long for its partner is a line too.
    far &= np.maximum(src[told] * np.exp(middle), tgt[told]) >= _LEAST_CHARS
    worst = told[far][np.argsort(-np.abs(logs[far] - middle), kind="stable")]
    level: Level = "warning" if len(worst) > _FEW * facts.pairs else "ok"
    usual = f"{np.exp(middle):.2f}"
    message = f"{share(len(worst), facts.pairs)} pairs are out of proportion (usual: {usual} target characters for each of the source)"
    advice = (
        "text is missing or too much there: look at the worst, and set data.max_length_ratio" if level != "ok" else ""
    )
    numbers = {"outliers": len(worst), "usual_ratio": round(float(np.exp(middle)), 4)}
    examples = examples_of(facts.split, "tgt", worst.tolist())
    yield Finding("lengths.ratio", level, facts.split, message, advice, numbers, examples)


def longer_summaries(facts: SplitFacts) -> Iterator[Finding]:
    """Summaries that are no shorter than what they sum up."""
    src, tgt = (np.frombuffer(facts.sides[side].words, np.int32) for side in ("src", "tgt"))
    longer = np.flatnonzero((tgt >= src) & (tgt > 0))
    level: Level = "warning" if len(longer) > 0.05 * facts.pairs else "ok"
    message = f"{share(len(longer), facts.pairs)} targets are as long as their sources or longer"
    advice = "a summary is shorter than its text: are the fields the right ones?" if level != "ok" else ""
    examples = examples_of(facts.split, "tgt", longer.tolist())
    yield Finding("lengths.ratio", level, facts.split, message, advice, {"longer": len(longer)}, examples)
