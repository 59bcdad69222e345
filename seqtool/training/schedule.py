"""Learning rate as a pure function of the step and, where training ends by the clock, of how much of its time is over."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

ScheduleKind = Literal["constant", "inverse_sqrt", "cosine", "linear", "plateau"]


@dataclass(frozen=True)
class Schedule:
    """`peak` is reached after `warmup_steps` updates, linearly from 0. Then the rate stays (`constant`), falls with the square root of the
    step (`inverse_sqrt`, Vaswani et al. 2017, section 5.3), falls to `min_ratio` x peak at the end of training, along half a cosine
    (`cosine`, Loshchilov and Hutter 2017) or a line (`linear`), or is multiplied by `factor` at each drop, never below `min_ratio` x peak
    (`plateau`). `total_steps` is the last step, None where only time ends training."""

    kind: ScheduleKind
    peak: float
    warmup_steps: int
    min_ratio: float
    factor: float
    total_steps: int | None

    def rate(self, step: int, drops: int = 0, time_over: float = 0.0) -> float:
        """The learning rate of optimizer step `step`, counted from 1; `drops` is how often the validation score has stalled (plateau), and
        `time_over` the share of the time budget that is over, 0 where there is none."""
        if step <= self.warmup_steps:
            return self.peak * step / self.warmup_steps
        if self.kind == "inverse_sqrt":
            return self.peak * math.sqrt(max(1, self.warmup_steps) / step)
        if self.kind == "cosine":
            return self._falling(0.5 * (1 + math.cos(math.pi * self._over(step, time_over))))
        if self.kind == "linear":
            return self._falling(1 - self._over(step, time_over))
        if self.kind == "plateau":
            return self.peak * max(self.min_ratio, self.factor**drops)
        return self.peak

    def _falling(self, height: float) -> float:
        return self.peak * (self.min_ratio + (1 - self.min_ratio) * height)

    def _over(self, step: int, time_over: float) -> float:
        """How much of the way down is over: by steps or by the clock, whichever ends first."""
        if self.total_steps is None:
            return min(1.0, time_over)
        span = max(1, self.total_steps - self.warmup_steps)
        return min(1.0, max(time_over, (step - self.warmup_steps) / span))
