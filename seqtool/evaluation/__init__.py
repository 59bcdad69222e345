"""Systems and references in, scores and what they hide out: what `seqtool evaluate` does between reading its command line and printing."""

from seqtool.evaluation.notable import ListedLines, default_line_metric
from seqtool.evaluation.report import Questions, Report, answer
from seqtool.evaluation.scoring import (
    Resampling,
    Result,
    baseline_systems,
    check_resampling,
    check_variant,
    metric_names,
    score_system,
)
from seqtool.evaluation.sets import Gold, Lines, check_aligned, read_lines, recipe_pairs, recipe_set
from seqtool.evaluation.slices import find_slices, needs_fields
from seqtool.evaluation.thresholds import check_thresholds, thresholds
from seqtool.evaluation.training_text import seen_in_training, training_words

__all__ = [
    "Gold",
    "Lines",
    "ListedLines",
    "Questions",
    "Report",
    "Resampling",
    "Result",
    "answer",
    "baseline_systems",
    "check_aligned",
    "check_resampling",
    "check_thresholds",
    "check_variant",
    "default_line_metric",
    "find_slices",
    "metric_names",
    "needs_fields",
    "read_lines",
    "recipe_pairs",
    "recipe_set",
    "score_system",
    "seen_in_training",
    "thresholds",
    "training_words",
]
