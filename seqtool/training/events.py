"""What training tells whoever watches: values, and the protocol of a watcher. Nothing here prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from seqtool.text.corpus import Ledger


@dataclass(frozen=True)
class StepInfo:
    """One optimizer step. `loss` (smoothed) and `nll` are means over its `tokens` real target tokens, in nats; `grad_norm` is before
    clipping; `finite` is False when the step was skipped because the norm was no finite number; `epoch` counts from 1 and `last_of_epoch`
    marks its end. `grad_norms`, where they were asked for, are those of parts of the model, by name."""

    step: int
    epoch: int
    update: int
    last_of_epoch: bool
    loss: float
    nll: float
    tokens: int
    learning_rate: float
    grad_norm: float
    finite: bool
    grad_norms: dict[str, float] | None = None


@dataclass(frozen=True)
class Sample:
    """A validation pair and what the model makes of it."""

    src: str
    ref: str
    hyp: str


@dataclass(frozen=True)
class Validation:
    """A look at the validation set: `loss` is nats a token without smoothing, `scores` are on the 0-100 scale, `best` says whether the
    model is the best so far by the recipe's metric; `seconds` is what the look took; `averaged` that mean parameters did better than the
    last ones, None without averaging."""

    step: int
    epoch: int
    loss: float
    perplexity: float
    scores: dict[str, float]
    samples: tuple[Sample, ...]
    best: bool
    seconds: float
    averaged: bool | None = None


@dataclass(frozen=True)
class Live:
    """For the live line: the latest step, the perplexity since the last line of metrics, the speed in real target tokens a second, and the
    seconds that are left (None: unknown)."""

    info: StepInfo
    perplexity: float
    tokens_per_second: float
    seconds_left: float | None


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `best` is the value of `best_metric` at `best_step` (a loss in nats a token, a score on the 0-100 scale); `skipped`
    counts steps that were not made, because their gradients were no finite numbers."""

    reason: str
    step: int
    best_step: int
    best_metric: str
    best: float
    seconds: float
    skipped: int = 0


class Teller(Protocol):
    """Is told what a person may want to know."""

    def message(self, text: str) -> None:
        """Something worth a line."""

    def warning(self, text: str) -> None:
        """Something a person should act on."""


class Observer(Teller, Protocol):
    """Watches a training run."""

    def stage(self, name: str, pairs: int) -> None:
        """Preparing data: so many pairs of this stage are done."""

    def prepared(self, ledger: Ledger, valid_pairs: int) -> None:
        """The data is ready."""

    def live(self, live: Live) -> None:
        """About twice a second, and after each `log_every` steps."""

    def validated(self, validation: Validation) -> None:
        """After each validation."""
