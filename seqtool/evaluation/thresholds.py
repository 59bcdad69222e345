"""Scores that must be reached: what `--fail-under` means."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence

from seqtool.errors import ThresholdError, UsageError
from seqtool.evaluation.scoring import Result
from seqtool.metrics.score import HIGHER_IS_BETTER, LOWER_IS_BETTER, METRIC_NAMES


def thresholds(texts: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    """`bleu=30` and the like, by metric. Raises `UsageError` for anything else and for metrics that are not computed."""
    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise UsageError("evaluate.threshold", f"--fail-under {text}: no METRIC=NUMBER", "for example bleu=30")
        if name not in names:
            near = difflib.get_close_matches(name.lower(), [known.lower() for known in names], 1)
            meant = next((known for known in names if near and known.lower() == near[0]), None)
            add = f"add {name} to --metrics; " if name in METRIC_NAMES else ""
            hint = f"did you mean {meant}?" if meant else f"{add}computed are {', '.join(names)}"
            raise UsageError("evaluate.threshold", f"--fail-under {text}: {name} is not computed", hint)
        if name not in (*HIGHER_IS_BETTER, *LOWER_IS_BETTER):
            hint = "more of it is neither better nor worse: a threshold is for a score, or for repetition"
            raise UsageError("evaluate.threshold", f"--fail-under {text}: {name} only describes", hint)
        found[name] = value
    return found


def check_thresholds(results: Sequence[Result], limits: Mapping[str, float]) -> None:
    """Raises `ThresholdError` naming every score that is worse than its threshold: below it, or above it where less is better."""
    failed = []
    for result in results:
        for name, limit in limits.items():
            value = result.scores[name].value
            if name in LOWER_IS_BETTER and value > limit:
                failed.append(f"{result.name}: {name} {value:.2f} is above {limit:g}")
            elif name not in LOWER_IS_BETTER and value < limit:
                failed.append(f"{result.name}: {name} {value:.2f} is below {limit:g}")
    if failed:
        raise ThresholdError("evaluate.threshold", "; ".join(failed), "the threshold is what --fail-under says")
