"""Text in, scores out: BLEU, chrF and TER through sacrebleu, ROUGE through rouge-score, and what summaries do with their sources."""

from seqtool.metrics.baselines import Baseline, parse_baseline
from seqtool.metrics.corpus import score_corpus
from seqtool.metrics.score import METRIC_NAMES, SUMMARY_METRICS, Score, Variant, expand_names

__all__ = [
    "METRIC_NAMES",
    "SUMMARY_METRICS",
    "Baseline",
    "Score",
    "Variant",
    "expand_names",
    "parse_baseline",
    "score_corpus",
]
