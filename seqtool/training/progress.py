"""What a run knows at a step besides tensors, and how steps and validations change it: pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from seqtool.training.events import Outcome, StepInfo
from seqtool.training.loop import Position


@dataclass(frozen=True)
class Progress:
    """Where a run stands; with the tensors of a checkpoint it is all that is needed to go on.

    `best` is the best validation value so far (higher is better) and `best_step` where; `stalled` counts validations since, `drops` the
    plateau schedule's reductions and `drop_wait` the validations towards the next; `validated_step` is the last validated one; `skipped`
    counts steps without finite gradients and `skipped_run` those in a row; `seconds` is the time of the whole run; the `window` sums belong
    to the line of `metrics.jsonl` that is under way; `settings` are the recipe's, by dotted key, and the key of the data.
    """

    position: Position = field(default_factory=Position)
    best: float | None = None
    best_step: int = 0
    stalled: int = 0
    drops: int = 0
    drop_wait: int = 0
    validated_step: int = 0
    skipped: int = 0
    skipped_run: int = 0
    seconds: float = 0.0
    window_nll: float = 0.0
    window_tokens: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def window_mean(self) -> float:
        """Mean negative log-likelihood of the window, in nats a token."""
        return self.window_nll / self.window_tokens if self.window_tokens else math.nan

    def after_step(self, info: StepInfo, seconds: float) -> Progress:
        """After a step, when the run has taken so many seconds."""
        usable = math.isfinite(info.nll)
        epoch, update = (info.epoch, 0) if info.last_of_epoch else (info.epoch - 1, info.update)
        return replace(
            self,
            position=Position(info.step, epoch, update),
            skipped=self.skipped + (not info.finite),
            skipped_run=0 if info.finite else self.skipped_run + 1,
            seconds=seconds,
            window_nll=self.window_nll + (info.nll * info.tokens if usable else 0.0),
            window_tokens=self.window_tokens + (info.tokens if usable else 0),
        )

    def after_validation(self, value: float, *, plateau_patience: int, seconds: float) -> Progress:
        """After a validation that found `value` (higher is better)."""
        step = self.position.step
        if self.improves(value):
            return replace(
                self, best=value, best_step=step, stalled=0, drop_wait=0, validated_step=step, seconds=seconds
            )
        drop = self.drop_wait >= plateau_patience
        return replace(
            self,
            stalled=self.stalled + 1,
            drops=self.drops + drop,
            drop_wait=0 if drop else self.drop_wait + 1,
            validated_step=step,
            seconds=seconds,
        )

    def outcome(self, reason: str, best_metric: str) -> Outcome:
        """How a run ends here."""
        best = math.nan if self.best is None else self.best
        return Outcome(
            reason=reason,
            step=self.position.step,
            best_step=self.best_step,
            best_metric=best_metric,
            best=-best if best_metric == "loss" else best,
            seconds=self.seconds,
            skipped=self.skipped,
        )

    def improves(self, value: float) -> bool:
        """Whether a validation value would be the best so far; a first one always is, and any number is better than none."""
        return self.best is None or value > self.best or (math.isnan(self.best) and not math.isnan(value))
