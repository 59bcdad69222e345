"""What an update lowers: the loss of a batch, and its gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, cast

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from seqtool.batching import Batch, Ints, pad
from seqtool.models.seq2seq import Losses, SegmentDecoder, SegmentState, Seq2Seq

Precision = Literal["fp32", "bf16", "fp16"]

# Attention below this counts as this: it may be exactly 0, whose logarithm is no loss to learn from.
_LEAST_ATTENTION = 1e-8


class Aligner(Protocol):
    """Says which source token a target token stands for."""

    def links(self, src_rows: Sequence[Ints], tgt_rows: Sequence[Ints]) -> Sequence[Ints]:
        """For rows of ids without bos and eos: of each target position, eos as the last, the source position, eos included, -1 for none."""


class TensorBatch(NamedTuple):
    """A batch on the model's device: ids `(batch, src_len)` and `(batch, tgt_len)`, masks bool, True = real token, and, with an aligner,
    `links` `(batch, tgt_len)`, the source position of each target position or -1."""

    src_ids: Tensor
    src_mask: Tensor
    tgt_in: Tensor
    tgt_out: Tensor
    tgt_mask: Tensor
    links: Tensor | None = None

    def twice(self) -> TensorBatch:
        """All sentences, and all again."""
        links = None if self.links is None else self.links.repeat(2, 1)
        src_ids, src_mask, tgt_in, tgt_out, tgt_mask = (part.repeat(2, 1) for part in self[:5])
        return TensorBatch(src_ids, src_mask, tgt_in, tgt_out, tgt_mask, links)

    def part(self, first: int, last: int) -> TensorBatch:
        """The target positions from `first` up to `last`."""
        links = None if self.links is None else self.links[:, first:last]
        tgt_in, tgt_out, tgt_mask = (part[:, first:last] for part in (self.tgt_in, self.tgt_out, self.tgt_mask))
        return TensorBatch(self.src_ids, self.src_mask, tgt_in, tgt_out, tgt_mask, links)


@dataclass(frozen=True)
class Objective:
    """The loss of a batch with everything a recipe adds to it.

    `r_drop` is the weight of what `linear_r_drop` adds: two passes over the batch, whose masks differ, and whose mean loss counts; weights
    of recurrent layers are dropped alike in both. `scheduled_sampling` is the share of target inputs that a first pass guesses
    (Mihaylova and Martins 2019, section 3.2) at the end of training, rising from 0 on a line. `guided_alignment` is the weight of
    -log of the attention at each link of the `aligner` (Chen et al. 2016, section 3.2). `coverage` is the weight of looking again where it
    has looked before (See et al. 2017, equation 12). `backprop_steps` are the target positions after
    which gradients of a `SegmentDecoder` are cut off: its memory is that of so many.
    """

    label_smoothing: float = 0.0
    precision: Precision = "fp32"
    r_drop: float = 0.0
    scheduled_sampling: float = 0.0
    guided_alignment: float = 0.0
    aligner: Aligner | None = None
    coverage: float = 0.0
    backprop_steps: int | None = None

    def backward(self, model: Seq2Seq, batch: Batch, scaled: Callable[[Tensor], Tensor], done: float) -> Losses:
        """Adds the gradients of `scaled(loss)`, which is linear, to the parameters'; returns the batch's summed losses, detached: the loss
        with all its terms, and the plain negative log-likelihood. `done` is how much of the training is over, 0 to 1."""
        given = self._given(model, batch, done)
        if self.backprop_steps is not None:
            return self._backward_in_segments(model, given, scaled, self.backprop_steps)
        with self._autocast(model):
            weights = given.links is not None or self.coverage > 0
            found = model.features(given.src_ids, given.src_mask, given.tgt_in, weights=weights)
            losses = self._losses(model, *found, given)
        scaled(losses.loss).backward()  # type: ignore[no-untyped-call]
        return _detached(losses)

    def _given(self, model: Seq2Seq, batch: Batch, done: float) -> TensorBatch:
        given = tensors_of(batch, _device(model))
        if self.aligner is not None and self.guided_alignment > 0:
            given = given._replace(links=_links(self.aligner, batch, given.tgt_in))
        if self.scheduled_sampling * done > 0:
            given = given._replace(tgt_in=self._sampled(model, given, self.scheduled_sampling * done))
        return given.twice() if self.r_drop > 0 else given

    @torch.no_grad()
    def _sampled(self, model: Seq2Seq, given: TensorBatch, share: float) -> Tensor:
        """Target inputs of which a share, bos never, is what the model, told the right ones, finds most probable."""
        training, guesses = model.training, given.tgt_out.clone()
        model.eval()
        # An autocast of its own: the next one must not find weights that were cast without gradients.
        with self._autocast(model):
            features, _ = model.features(given.src_ids, given.src_mask, given.tgt_in)
            guesses[given.tgt_mask] = model.generator.best(features[given.tgt_mask])
        model.train(training)
        taken = torch.rand(guesses.shape, device=guesses.device) < share
        taken[:, 0] = False
        return torch.where(taken, guesses.roll(1, 1), given.tgt_in)

    def _losses(self, model: Seq2Seq, features: Tensor, looked: Tensor | None, given: TensorBatch) -> Losses:
        given_out = given.src_ids, given.tgt_out, given.tgt_mask
        features, targets, mixture = model.positions(features, looked, *given_out)
        if self.r_drop > 0:
            loss, nll = model.generator.twice_loss(features, targets, self.label_smoothing, self.r_drop)
        else:
            loss, nll = model.generator.loss(features, targets, self.label_smoothing, mixture)
        passes = 2 if self.r_drop > 0 else 1  # each counts half, as in the cross entropy
        if given.links is not None:
            assert looked is not None, "a recipe's rule"
            loss = loss + self.guided_alignment / passes * alignment_loss(looked, given.links)
        if self.coverage > 0:
            assert looked is not None, "here too"
            loss = loss + self.coverage / passes * coverage_loss(looked, given.tgt_mask)
        return Losses(loss, nll)

    def _backward_in_segments(
        self, model: Seq2Seq, given: TensorBatch, scaled: Callable[[Tensor], Tensor], steps: int
    ) -> Losses:
        """Everything before the decoder's recurrence is made once; gradients gather there, segment after segment, and then go back."""
        decoder, length = cast(SegmentDecoder, model.decoder), given.tgt_in.shape[1]
        with self._autocast(model):
            state = cast(SegmentState, model.start(given.src_ids, given.src_mask))
            before = state, torch.split(decoder.embed(model.known(given.tgt_in)), steps, dim=1)
        weights = given.links is not None or model.pointer is not None
        leaves = pytree.tree_map(_leaf, before)
        state, inputs = leaves
        sums: list[Losses] = []
        for first, part in zip(range(0, length, steps), inputs, strict=True):
            # One mask a sentence: each segment draws what the first one drew.
            with _same_draws(_device(model), enabled=first + steps < length):
                with self._autocast(model):
                    features, looked, state = decoder.segment(part, state, weights=weights)
                    losses = self._losses(model, features, looked, given.part(first, first + steps))
                scaled(losses.loss).backward()  # type: ignore[no-untyped-call]
            state = state.cut()
            sums.append(_detached(losses))
        _go_back(pytree.tree_leaves(before), pytree.tree_leaves(leaves))
        return Losses(*(torch.stack(parts).sum() for parts in zip(*sums, strict=True)))

    def _autocast(self, model: Seq2Seq) -> AbstractContextManager[object]:
        if self.precision == "fp32":
            return nullcontext()
        kind = torch.bfloat16 if self.precision == "bf16" else torch.float16
        return torch.autocast(_device(model).type, dtype=kind)


def batch_losses(model: Seq2Seq, batch: Batch, smoothing: float) -> Losses:
    """Summed losses of a collated batch, on the model's device."""
    given = tensors_of(batch, _device(model))
    return model.losses(*given[:5], smoothing=smoothing)


def tensors_of(batch: Batch, device: torch.device) -> TensorBatch:
    """A collated batch on a device, without links."""
    src_mask = np.arange(batch.src.shape[1]) < batch.src_lengths[:, None]
    tgt_mask = np.arange(batch.tgt_in.shape[1]) < batch.tgt_lengths[:, None]
    arrays = (batch.src, src_mask, batch.tgt_in, batch.tgt_out, tgt_mask)
    return TensorBatch(*(torch.from_numpy(array).to(device, non_blocking=True) for array in arrays))


def alignment_loss(attention: Tensor, links: Tensor) -> Tensor:
    """-log of the attention `(batch, tgt_len, src_len)` at the links `(batch, tgt_len)`, source positions or -1, summed, in nats."""
    at = (links >= 0).nonzero(as_tuple=True)
    return -attention[(*at, links[at])].float().clamp(min=_LEAST_ATTENTION).log().sum()


def coverage_loss(attention: Tensor, tgt_mask: Tensor) -> Tensor:
    """Sum over target positions and source tokens of min(attention now, attention so far): `attention` `(batch, tgt_len, src_len)`,
    `tgt_mask` `(batch, tgt_len)` (See et al. 2017, equation 12, which takes the mean over positions)."""
    looked = attention.float()
    before = looked.cumsum(1) - looked
    return torch.minimum(looked, before).sum(-1)[tgt_mask].sum()


def _links(aligner: Aligner, batch: Batch, like: Tensor) -> Tensor:
    """`(batch, tgt_len)`, on the device of `like`."""
    src, tgt = (
        [row[: length - 1] for row, length in zip(rows, lengths, strict=True)]
        for rows, lengths in ((batch.src, batch.src_lengths), (batch.tgt_out, batch.tgt_lengths))
    )
    return torch.from_numpy(pad(aligner.links(src, tgt), -1)).to(like.device)


def _leaf(tensor: Tensor | None) -> Tensor | None:
    """The same numbers, where gradients stop and gather."""
    return None if tensor is None else tensor.detach().requires_grad_(tensor.requires_grad)


def _go_back(tensors: Sequence[Tensor | None], leaves: Sequence[Tensor | None]) -> None:
    """Takes the gradients that gathered at leaves on to the tensors they were made of."""
    pairs = zip(tensors, leaves, strict=True)
    found = [
        (tensor, leaf.grad)
        for tensor, leaf in pairs
        if tensor is not None and leaf is not None and leaf.grad is not None
    ]
    if found:
        torch.autograd.backward([tensor for tensor, _ in found], [grad for _, grad in found])


def _same_draws(device: torch.device, *, enabled: bool) -> AbstractContextManager[object]:
    """Afterwards torch's generators are where they were."""
    return torch.random.fork_rng([device] if device.type == "cuda" else [], enabled=enabled)


def _detached(losses: Losses) -> Losses:
    return Losses(losses.loss.detach(), losses.nll.detach())


def _device(model: Seq2Seq) -> torch.device:
    return next(model.parameters()).device
