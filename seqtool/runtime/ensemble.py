"""Several models as one `Stepper`: the mean of their probabilities, token by token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from seqtool.batching import pad
from seqtool.decoding.stepper import EOS, PAD, Candidates, Constraints, Floats, Floats32, Ints, Speaker


class EnsembleState(NamedTuple):
    """A state of each member."""

    members: tuple[Any, ...]


class EnsembleStepper:
    """Steps all members and averages: log p = log of the mean of the members' p. Attention is averaged over those that have it.

    `numbers` says which of the rows of a source each member reads (see `text.reading`); by default all read the first.
    """

    def __init__(self, members: Sequence[Speaker[Any]], numbers: Sequence[int] = ()) -> None:
        self._members = tuple(members)
        self._numbers = tuple(numbers) or (0,) * len(self._members)

    def start(self, src_ids: Ints, src_lengths: Ints) -> EnsembleState:
        """See `Stepper.start`."""
        read = list(apart(src_ids, src_lengths, max(self._numbers) + 1))
        return EnsembleState(
            tuple(member.start(*read[own]) for member, own in zip(self._members, self._numbers, strict=True))
        )

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
        first = [found for (found, _), own in zip(said, self._numbers, strict=True) if own == 0]
        looked = [found.attention for found in first if found.attention is not None]  # others looked at other tokens
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


def apart(src_ids: Ints, src_lengths: Ints, readers: int) -> Iterator[tuple[Ints, Ints]]:
    """What each reader reads of a batch: `src_ids` `(B, S)` are rows of so many, as `text.reading.joined` makes them; `src_lengths` `(B,)`
    count the first. For each the ids `(B, S')`, padded at the end, and their lengths `(B,)` with eos."""
    width = int(src_lengths.max(initial=0))
    yield np.where(np.arange(width) < src_lengths[:, None], src_ids[:, :width], PAD), src_lengths
    behind = [row[length:] for row, length in zip(src_ids, src_lengths, strict=True)]
    rows = [np.split(row, np.flatnonzero(row == EOS) + 1)[: readers - 1] for row in behind]
    for own in zip(*rows, strict=True):
        yield pad(own), np.array([len(row) for row in own], np.int64)


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
