"""Text in, scores out: BLEU, chrF and TER through sacrebleu, ROUGE through rouge-score."""

from seqtool.metrics.corpus import score_corpus
from seqtool.metrics.score import METRIC_NAMES, Score, Variant, expand_names

__all__ = ["METRIC_NAMES", "Score", "Variant", "expand_names", "score_corpus"]
