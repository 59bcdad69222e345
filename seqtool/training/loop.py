"""The training loop: a generator of `StepInfo`. Saving, printing, validating and stopping are its consumer's.

Randomness is derived from (seed, epoch) for the order and (seed, step) for dropout, so there is no generator state to save, and a loop
that starts at step n + 1 does what the uninterrupted one did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from seqtool.batching import Batch, Ints, collate, plan_batches
from seqtool.models.seq2seq import Losses, Seq2Seq
from seqtool.text.prepared import PreparedSplit
from seqtool.training.events import StepInfo
from seqtool.training.optimizer import Updater

Precision = Literal["fp32", "bf16", "fp16"]


class Position(NamedTuple):
    """Where training stands: `step` updates made in all, `update` of them in the epoch (from 0) that is under way."""

    step: int = 0
    epoch: int = 0
    update: int = 0


@dataclass(frozen=True)
class BatchPlan:
    """How an epoch is cut into updates: batches of `batch_tokens` padded tokens, `accumulate` of them an update."""

    split: PreparedSplit
    batch_tokens: int
    accumulate: int
    seed: int

    def updates(self, epoch: int) -> list[list[Ints]]:
        """The updates of an epoch, each a list of batches, each an array of pair indices."""
        batches = plan_batches(
            self.split.src_lengths,
            self.split.tgt_lengths,
            batch_tokens=self.batch_tokens,
            seed=self.seed,
            epoch=epoch,
        )
        return [batches[first : first + self.accumulate] for first in range(0, len(batches), self.accumulate)]


@dataclass
class TrainingLoop:
    """Makes updates. `learning_rate(step)` is asked just before a step, so the answer may depend on the last validation."""

    model: Seq2Seq
    updater: Updater
    plan: BatchPlan
    label_smoothing: float
    precision: Precision = "fp32"

    def steps(self, start: Position, learning_rate: Callable[[int], float]) -> Iterator[StepInfo]:
        """Updates from `start` on, without end."""
        step, epoch, first = start
        while True:
            updates = self.plan.updates(epoch)
            for index in range(first, len(updates)):
                step += 1
                last = index + 1 == len(updates)
                rate = learning_rate(step)
                loss, nll, tokens = self._gradients(updates[index], step)
                norm, finite = self.updater.update(rate)
                yield StepInfo(
                    step, epoch + 1, index + 1, last, loss / tokens, nll / tokens, tokens, rate, norm, finite
                )
            epoch, first = epoch + 1, 0

    def _gradients(self, batches: Sequence[Ints], step: int) -> tuple[float, float, int]:
        """Gradients of the mean loss over all target tokens of the update; returns summed loss and nll, and the tokens."""
        torch.manual_seed(_derived_seed(self.plan.seed, step))
        self.model.train()
        tokens = sum(int(self.plan.split.tgt_lengths[batch].sum()) + len(batch) for batch in batches)
        sums: list[Tensor] = []
        for batch in batches:
            arrays = collate(*self.plan.split.gather(batch))
            with self._autocast():
                losses = batch_losses(self.model, arrays, self.label_smoothing)
            self.updater.scaled(losses.loss / tokens).backward()  # type: ignore[no-untyped-call]
            sums.append(torch.stack([losses.loss.detach(), losses.nll.detach()]))
        loss, nll = torch.stack(sums).double().sum(0).tolist()
        return loss, nll, tokens

    def _autocast(self) -> AbstractContextManager[object]:
        if self.precision == "fp32":
            return nullcontext()
        kind = torch.bfloat16 if self.precision == "bf16" else torch.float16
        return torch.autocast(next(self.model.parameters()).device.type, dtype=kind)


def batch_losses(model: Seq2Seq, batch: Batch, smoothing: float) -> Losses:
    """Summed losses of a collated batch, on the model's device."""
    device = next(model.parameters()).device
    src_mask = np.arange(batch.src.shape[1]) < batch.src_lengths[:, None]
    tgt_mask = np.arange(batch.tgt_in.shape[1]) < batch.tgt_lengths[:, None]
    arrays = (batch.src, src_mask, batch.tgt_in, batch.tgt_out, tgt_mask)
    tensors = [torch.from_numpy(array).to(device, non_blocking=True) for array in arrays]
    return model.losses(*tensors, smoothing=smoothing)


def _derived_seed(seed: int, step: int) -> int:
    """A seed for dropout that no other (seed, step) shares in practice."""
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> np.uint64(1))
