"""The training loop: a generator of `StepInfo`. Saving, printing, validating and stopping are its consumer's.

Randomness is derived from (seed, epoch) for the order and (seed, step) for dropout, so there is no generator state to save, and a loop
that starts at step n + 1 does what the uninterrupted one did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seqtool.batching import Ints, Pairs, collate, plan_batches
from seqtool.models.seq2seq import Seq2Seq
from seqtool.training.events import StepInfo
from seqtool.training.objective import Objective
from seqtool.training.optimizer import Updater


class Position(NamedTuple):
    """Where training stands: `step` updates made in all, `update` of them in the epoch (from 0) that is under way."""

    step: int = 0
    epoch: int = 0
    update: int = 0


class Pace(NamedTuple):
    """What a step is told: its learning rate, how much of the training is over (0 to 1), and whether gradients' norms are to be noted."""

    learning_rate: float
    done: float = 0.0
    norms: bool = False


@dataclass(frozen=True)
class BatchPlan:
    """How an epoch is cut into updates: batches of `batch_tokens` padded tokens, `accumulate` of them an update. `pairs(epoch)` are the
    pairs as this epoch sees them."""

    pairs: Callable[[int], Pairs]
    batch_tokens: int
    accumulate: int
    seed: int

    def updates(self, epoch: int) -> list[list[Ints]]:
        """The updates of an epoch, each a list of batches, each an array of pair indices."""
        return self.cut(self.pairs(epoch), epoch)

    def cut(self, pairs: Pairs, epoch: int) -> list[list[Ints]]:
        """The updates of an epoch that sees these pairs."""
        batches = plan_batches(
            pairs.src_lengths, pairs.tgt_lengths, batch_tokens=self.batch_tokens, seed=self.seed, epoch=epoch
        )
        return [batches[first : first + self.accumulate] for first in range(0, len(batches), self.accumulate)]


@dataclass
class TrainingLoop:
    """Makes updates. `pace(step)` is asked just before a step, so the answer may depend on the last validation."""

    model: Seq2Seq
    updater: Updater
    plan: BatchPlan
    objective: Objective

    def steps(self, start: Position, pace: Callable[[int], Pace]) -> Iterator[StepInfo]:
        """Updates from `start` on, without end."""
        step, epoch, first = start
        while True:
            pairs = self.plan.pairs(epoch)
            updates = self.plan.cut(pairs, epoch)
            for index in range(first, len(updates)):
                step += 1
                last = index + 1 == len(updates)
                now = pace(step)
                loss, nll, tokens = self.gradients(pairs, updates[index], step, now.done)
                norm, finite, norms = self.updater.update(now.learning_rate, norms=now.norms)
                yield StepInfo(
                    step,
                    epoch + 1,
                    index + 1,
                    last,
                    loss / tokens,
                    nll / tokens,
                    tokens,
                    now.learning_rate,
                    norm,
                    finite,
                    norms,
                )
            epoch, first = epoch + 1, 0

    def gradients(
        self, pairs: Pairs, batches: Sequence[Ints], step: int, done: float = 0.0
    ) -> tuple[float, float, int]:
        """Gradients of the mean loss over all target tokens of the update; returns summed loss and nll, and the tokens."""
        torch.manual_seed(_derived_seed(self.plan.seed, step))
        self.model.train()
        tokens = sum(int(pairs.tgt_lengths[batch].sum()) + len(batch) for batch in batches)
        sums: list[Tensor] = []
        for batch in batches:
            arrays = collate(*pairs.gather(batch))
            losses = self.objective.backward(self.model, arrays, lambda loss: self.updater.scaled(loss / tokens), done)
            sums.append(torch.stack([losses.loss, losses.nll]))
        loss, nll = torch.stack(sums).double().sum(0).tolist()
        return loss, nll, tokens


def _derived_seed(seed: int, step: int) -> int:
    """A seed for dropout that no other (seed, step) shares in practice."""
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> np.uint64(1))
