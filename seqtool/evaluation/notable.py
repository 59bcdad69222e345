"""Lines worth a look: the worst and the best of a system, and where two systems differ most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from seqtool.evaluation.sets import Gold, Lines
from seqtool.metrics import Variant
from seqtool.metrics.lines import score_lines
from seqtool.metrics.score import LOWER_IS_BETTER, SACREBLEU_METRICS

Kind = Literal["worst", "best", "gains", "losses"]


@dataclass(frozen=True)
class NotableLine:
    """A test line, counted from 1, with the output and the score of each system that the listing is about."""

    line: int
    source: str | None
    refs: list[str]
    outputs: list[str]
    scores: list[float]


@dataclass(frozen=True)
class Listing:
    """Lines of one system, or of the first and another one (`systems`); the scores are those of single lines by `metric`."""

    kind: Kind
    systems: list[str]
    metric: str
    lines: list[NotableLine]


def default_line_metric(names: Sequence[str]) -> str:
    """Sentence chrF beside metrics of translation, ROUGE-L beside those of summaries."""
    return "chrf" if set(names).intersection(SACREBLEU_METRICS) else "rougeL"


@dataclass(frozen=True)
class ListedLines:
    """How many lines to list, by the score of single lines that `metric` gives."""

    metric: str
    worst: int = 0
    best: int = 0
    differing: int = 0


def list_lines(systems: Sequence[Lines], gold: Gold, asked: ListedLines, *, variant: Variant) -> list[Listing]:
    """The worst and best lines of each system, and the greatest gains and losses of each one over the first. Of equal lines the first come
    first; a line that is as good in both systems is neither a gain nor a loss."""
    if not (asked.worst or asked.best or asked.differing):
        return []
    refs = [ref.lines for ref in gold.refs]
    sign = -1 if asked.metric in LOWER_IS_BETTER else 1
    scores = [score_lines(system.lines, refs, asked.metric, variant=variant) for system in systems]
    found = []
    for system, own in zip(systems, scores, strict=True):
        wanted: tuple[tuple[Kind, int, int], ...] = (("worst", asked.worst, sign), ("best", asked.best, -sign))
        for kind, count, direction in wanted:
            if count:
                order = _sorted([direction * score for score in own])
                found.append(_listing(kind, [system], [own], order[:count], gold, asked.metric))
    for system, own in zip(systems[1:], scores[1:], strict=True):
        both = [systems[0], system], [scores[0], own]
        losses = [sign * (first - one) for one, first in zip(own, scores[0], strict=True)]
        for kind, changes in _both_ways(losses):
            order = [line for line in _sorted(changes)[: asked.differing] if changes[line] < 0]
            if asked.differing:
                found.append(_listing(kind, *both, order, gold, asked.metric))
    return found


def _sorted(values: Sequence[float]) -> list[int]:
    """Line numbers, from 0, the smallest value first."""
    return sorted(range(len(values)), key=lambda line: values[line])


def _both_ways(losses: Sequence[float]) -> tuple[tuple[Kind, list[float]], ...]:
    return ("gains", list(losses)), ("losses", [-loss for loss in losses])


def _listing(
    kind: Kind, systems: Sequence[Lines], scores: Sequence[list[float]], numbers: Sequence[int], gold: Gold, metric: str
) -> Listing:
    lines = [
        NotableLine(
            number + 1,
            gold.source.lines[number] if gold.source else None,
            [ref.lines[number] for ref in gold.refs],
            [system.lines[number] for system in systems],
            [score[number] for score in scores],
        )
        for number in numbers
    ]
    return Listing(kind, [system.name for system in systems], metric, lines)
