"""A system's output and references in, scores out."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.errors import DataError, UsageError
from seqtool.metrics.rouge import score_with_rouge
from seqtool.metrics.score import (
    BOOTSTRAP_SEED,
    ROUGE_METRICS,
    SACREBLEU_METRICS,
    SOURCE_METRICS,
    SUMMARY_METRICS,
    Score,
    Variant,
    expand_names,
)
from seqtool.metrics.summary import score_summaries
from seqtool.metrics.translation import score_with_sacrebleu

_DEFAULT = Variant()


def check_samples(bootstrap: int) -> None:
    """Raises `UsageError` for a number of samples that has no intervals."""
    if bootstrap < 0 or bootstrap == 1:
        raise UsageError(
            "metrics.bootstrap", f"bootstrap with {bootstrap} samples", "1000 is usual; 0 means no interval"
        )


def score_corpus(
    hyps: Sequence[str],
    refs: Sequence[Sequence[str]],
    metrics: Sequence[str],
    *,
    sources: Sequence[str] | None = None,
    bootstrap: int = 0,
    seed: int = BOOTSTRAP_SEED,
    variant: Variant = _DEFAULT,
) -> dict[str, Score]:
    """Scores of one system, by name, in the order asked for.

    `hyps` are its lines; `refs` are one or more sets of reference lines, each as long as `hyps`, as are the `sources` that some metrics
    compare with; `bootstrap` is the number of samples for 95% intervals, 0 for none, drawn from `seed` (1 or more). Raises `DataError`
    when there is nothing to score or counts of lines differ, `UsageError` for names that do not exist and for sources that are missing,
    `ResourceError` for a tokenizer that is not installed.
    """
    names = expand_names(metrics)
    check_samples(bootstrap)
    _check_lines(hyps, refs)
    _check_sources(hyps, sources, names)
    found = [
        score_with_sacrebleu(hyps, refs, name, bootstrap=bootstrap, seed=seed, variant=variant)
        for name in names
        if name in SACREBLEU_METRICS
    ]
    if rouge := [name for name in names if name in ROUGE_METRICS]:
        found += score_with_rouge(hyps, refs, rouge, bootstrap=bootstrap, seed=seed, stem=variant.stem)
    if summary := [name for name in names if name in SUMMARY_METRICS]:
        found += score_summaries(hyps, refs, sources, summary, bootstrap=bootstrap, seed=seed)
    scores = {score.name: score for score in found}
    return {name: scores[name] for name in names}


def _check_lines(hyps: Sequence[str], refs: Sequence[Sequence[str]]) -> None:
    if not refs:
        raise DataError("metrics.no-reference", "no reference to score against", "give at least one")
    for number, reference in enumerate(refs, 1):
        if len(reference) != len(hyps):
            which = "the reference" if len(refs) == 1 else f"reference {number}"
            raise DataError(
                "metrics.line-count",
                f"{len(hyps):,} hypotheses and {len(reference):,} lines in {which}",
                "line n of one belongs to line n of the other: were both made from the same source?",
            )
    if not hyps:
        raise DataError("metrics.empty", "no lines to score", "hypotheses and references are empty")


def _check_sources(hyps: Sequence[str], sources: Sequence[str] | None, names: Sequence[str]) -> None:
    needing = [name for name in names if name in SOURCE_METRICS]
    if needing and sources is None:
        raise UsageError(
            "metrics.no-source", f"{needing[0]} compares with the source, and there is none", "give it, or leave it out"
        )
    if sources is not None and len(sources) != len(hyps):
        raise DataError(
            "metrics.line-count",
            f"{len(hyps):,} hypotheses and {len(sources):,} lines in the source",
            "line n of one belongs to line n of the other: were both made from the same source?",
        )
