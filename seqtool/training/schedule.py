"""Learning rate as a pure function of the step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

ScheduleKind = Literal["constant", "inverse_sqrt", "cosine", "plateau"]


@dataclass(frozen=True)
class Schedule:
    """`peak` is reached after `warmup_steps` updates, linearly from 0. Then the rate stays (`constant`), falls with the square root of the
    step (`inverse_sqrt`, Vaswani et al. 2017, section 5.3), falls to `min_ratio` x peak at `total_steps` along half a cosine (`cosine`,
    Loshchilov and Hutter 2017), or is multiplied by `factor` at each drop, never below `min_ratio` x peak (`plateau`)."""

    kind: ScheduleKind
    peak: float
    warmup_steps: int
    min_ratio: float
    factor: float
    total_steps: int | None

    def rate(self, step: int, drops: int = 0) -> float:
        """The learning rate of optimizer step `step`, counted from 1; `drops` is how often the validation score has stalled (plateau)."""
        if step <= self.warmup_steps:
            return self.peak * step / self.warmup_steps
        if self.kind == "inverse_sqrt":
            return self.peak * math.sqrt(max(1, self.warmup_steps) / step)
        if self.kind == "cosine":
            assert self.total_steps is not None
            span = max(1, self.total_steps - self.warmup_steps)
            done = min(1.0, (step - self.warmup_steps) / span)
            return self.peak * (self.min_ratio + (1 - self.min_ratio) * 0.5 * (1 + math.cos(math.pi * done)))
        if self.kind == "plateau":
            return self.peak * max(self.min_ratio, self.factor**drops)
        return self.peak
