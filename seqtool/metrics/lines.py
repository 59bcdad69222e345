"""Scores of single lines, to find the worst and the best."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.metrics.rouge import rouge_of_lines
from seqtool.metrics.score import ROUGE_METRICS, Variant
from seqtool.metrics.translation import sacrebleu_metric


def score_lines(hyps: Sequence[str], refs: Sequence[Sequence[str]], name: str, *, variant: Variant) -> list[float]:
    """The score of each line alone, in order, for a name of `METRIC_NAMES`: sacrebleu's sentence BLEU, chrF and TER, ROUGE's F1.

    These order lines of one text; their mean is the score of the text for ROUGE only.
    """
    if name in ROUGE_METRICS:
        return [float(value) for value in rouge_of_lines(hyps, refs, [name], stem=variant.stem)[name]]
    metric = sacrebleu_metric(name, variant, by_line=True)
    return [float(metric.sentence_score(hyp, targets).score) for hyp, *targets in zip(hyps, *refs, strict=True)]
