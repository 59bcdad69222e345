"""Two ways to say a token: from the vocabulary, or by pointing at it in the source."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Mixture(NamedTuple):
    """What is mixed with the distribution over the vocabulary at each of N positions: logarithms of the share of generating, and of the
    probability that the target is copied, both `(positions, 1)`."""

    log_generate: Tensor
    log_copy: Tensor


def mixed_log_probs(logits: Tensor, targets: Tensor, mixture: Mixture) -> Tensor:
    """log p of the targets `(positions,)`, generated or copied: `logits` `(positions, vocab)`."""
    inside = targets < logits.shape[1]
    said = torch.log_softmax(logits, dim=-1).gather(1, targets.where(inside, 0).unsqueeze(1)).squeeze(1)
    generated = (mixture.log_generate.squeeze(1) + said).masked_fill(~inside, -math.inf)
    return torch.logaddexp(generated, mixture.log_copy.squeeze(1))


def mixed_cross_entropy(logits: Tensor, targets: Tensor, smoothing: float, mixture: Mixture) -> tuple[Tensor, Tensor]:
    """Loss and negative log-likelihood as in `linear_cross_entropy`, from `logits` `(positions, vocab)` in one piece."""
    nll = -mixed_log_probs(logits, targets, mixture).sum()
    uniform = torch.log_softmax(logits, dim=-1).mean(1).sum()
    return (1 - smoothing) * nll - smoothing * uniform, nll.detach()


class MixtureBlocks:
    """A mixture that is used a block of positions at a time; `grads` are those of its two logarithms, filled in by `of`."""

    def __init__(self, mixture: Mixture, targets: Tensor, vocab: int) -> None:
        self._mixture = mixture
        self._unknown = targets.unsqueeze(1) >= vocab
        self.grads = torch.empty_like(mixture.log_generate), torch.empty_like(mixture.log_copy)

    def of(self, rows: slice, log_probs: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
        """log p of the targets, either way, and the share of generating in it, both `(rows, 1)`; `log_probs` are the generator's."""
        generated = (self._mixture.log_generate[rows] + log_probs).masked_fill(self._unknown[rows], -math.inf)
        total = torch.logaddexp(generated, self._mixture.log_copy[rows])
        share = torch.exp(generated - total)
        self.grads[0][rows] = (smoothing - 1.0) * share
        self.grads[1][rows] = (smoothing - 1.0) * (1.0 - share)
        return total, share
