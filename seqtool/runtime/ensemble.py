"""Several models as one `Stepper`: the mean of their probabilities, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from seqtool.decoding.stepper import Candidates, Constraints, Floats, Floats32, Ints, Speaker


class EnsembleState(NamedTuple):
    """A state of each member."""

    members: tuple[Any, ...]


class EnsembleStepper:
    """Steps all members and averages: log p = log of the mean of the members' p. Attention is averaged over those that have it."""

    def __init__(self, members: Sequence[Speaker[Any]]) -> None:
        self._members = tuple(members)

    def start(self, src_ids: Ints, src_lengths: Ints) -> EnsembleState:
        """See `Stepper.start`."""
        return EnsembleState(tuple(member.start(src_ids, src_lengths) for member in self._members))

    def step(
        self,
        tokens: Ints,
        state: EnsembleState,
        constraints: Constraints,
        count: int,
        asked: Ints | None = None,
        *,
        scored: bool = True,  # noqa: ARG002 - a mean of probabilities always is
    ) -> tuple[Candidates, EnsembleState]:
        """See `Stepper.step`."""
        said = [one.distribution(tokens, own) for one, own in zip(self._members, state.members, strict=True)]
        log_probs = _mean([found.log_probs for found, _ in said])  # (R, V)
        looked = [found.attention for found, _ in said if found.attention is not None]
        attention: Floats32 | None = np.asarray(np.mean(looked, axis=0), np.float32) if looked else None
        answers = None
        if asked is not None:
            answers = np.where(asked < 0, -np.inf, np.take_along_axis(log_probs, np.maximum(asked, 0), axis=1))
        best = _best(_constrained(log_probs, constraints), count)
        return Candidates(*best, attention, answers), EnsembleState(tuple(new for _, new in said))

    def select(self, state: EnsembleState, rows: Ints) -> EnsembleState:
        """See `Stepper.select`."""
        chosen = (one.select(own, rows) for one, own in zip(self._members, state.members, strict=True))
        return EnsembleState(tuple(chosen))


def _mean(log_probs: Sequence[Floats32]) -> Floats:
    total = log_probs[0].astype(np.float64)
    for others in log_probs[1:]:
        total = np.logaddexp(total, others)
    return total - np.log(len(log_probs))  # type: ignore[no-any-return]


def _constrained(log_probs: Floats, constraints: Constraints) -> Floats:
    allowed = log_probs.copy()
    if constraints.forced is not None:
        rows = np.flatnonzero(constraints.forced >= 0)
        tokens = constraints.forced[rows]
        allowed[rows] = -np.inf
        allowed[rows, tokens] = log_probs[rows, tokens]
    allowed[:, list(constraints.never)] = -np.inf
    if constraints.forbidden_rows is not None and constraints.forbidden_tokens is not None:
        allowed[constraints.forbidden_rows, constraints.forbidden_tokens] = -np.inf
    return allowed


def _best(log_probs: Floats, count: int) -> tuple[Ints, Floats]:
    """The best `count` tokens of each row, the lower id first where two are equal."""
    if count < log_probs.shape[1]:
        some = np.sort(np.argpartition(-log_probs, count - 1, axis=1)[:, :count], axis=1)
    else:
        some = np.broadcast_to(np.arange(log_probs.shape[1]), log_probs.shape)
    values = np.take_along_axis(log_probs, some, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1), np.take_along_axis(values, order, axis=1)
