"""All that `seqtool evaluate` was asked, and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.evaluation.cautions import looks_tokenized, not_shown, notes
from seqtool.evaluation.notable import ListedLines, Listing, list_lines
from seqtool.evaluation.scoring import Resampling, Result, score_system, with_comparisons
from seqtool.evaluation.sets import Gold, Lines
from seqtool.evaluation.slices import Slices, Slicing, slice_by_frequency, slice_by_lines
from seqtool.metrics import Variant


@dataclass(frozen=True)
class Questions:
    """What is asked about systems: metrics and their variant, intervals and a test, slices, and lines to list."""

    names: list[str]
    variant: Variant
    resampling: Resampling
    slices: list[Slices]
    lines: ListedLines


@dataclass(frozen=True)
class Report:
    """The answers, in the order in which they are shown; the warnings are what to know first."""

    results: list[Result]
    resampling: Resampling
    slicings: list[Slicing]
    listings: list[Listing]
    warnings: list[str]


def answer(asked: Questions, systems: Sequence[Lines], gold: Gold, known: Sequence[str]) -> Report:
    """Scores systems and looks at them; `known` are warnings that there were before. Raises as `score_system`."""
    variant, resampling = asked.variant, asked.resampling
    results = [score_system(one, gold, asked.names, resampling=resampling, variant=variant) for one in systems]
    if resampling.test:
        results = with_comparisons(results, systems, gold, resampling.test, variant=variant)
    slicings = [
        slice_by_frequency(slices.frequencies, systems, gold, resampling)
        if slices.groups is None
        else slice_by_lines(
            slices.by, slices.groups, systems, gold, asked.names, resampling=resampling, variant=variant
        )
        for slices in asked.slices
    ]
    listings = list_lines(systems, gold, asked.lines, variant=variant)
    tokenized = [] if variant.tokenize == "none" else map(looks_tokenized, (*gold.refs, *systems))
    warnings = [*known, *filter(None, tokenized), *notes(results), *not_shown(results)]
    return Report(results, resampling, slicings, listings, list(dict.fromkeys(warnings)))
