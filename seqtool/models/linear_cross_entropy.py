"""The last product and the loss in one pass, a few rows at a time.

Logits of a batch are its largest tensor by far (2,000 positions x 8,000 pieces = 64 MB), and the textbook chain reads or writes it about
ten times. Here a block of rows is made, turned into its own gradient and used up while it is still in cache (the idea of Hsu et al. 2024,
"Liger Kernel", for CPU), so forward does the work of backward and nothing of vocabulary size is kept but the weights' gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

# Rows of logits at a time, and the most numbers in them. Products of fewer rows are slow: with 131 rows of 8,000 the whole takes 1.4 times
# as long as with 512. More than 16 MB would leave the last cache.
_BLOCK_ROWS, _BLOCK_NUMBERS = 512, 1 << 22


def linear_cross_entropy(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float
) -> tuple[Tensor, Tensor]:
    """Label-smoothed loss and negative log-likelihood, both summed over positions, in nats.

    `features` `(positions, dim)`, `weight` `(vocab, dim)`, `bias` `(vocab,)`, `targets` `(positions,)`; smoothing mixes the target with the
    uniform distribution over the vocabulary (Szegedy et al. 2016, section 7). Gradients flow from the loss only.
    """
    if features.device.type == "cpu" and features.dtype == weight.dtype:
        loss, nll = _LinearCrossEntropy.apply(features, weight, bias, targets, smoothing)  # type: ignore[no-untyped-call]
        return loss, nll
    logits = F.linear(features, weight, bias).float()
    loss = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    with torch.no_grad():
        nll = F.cross_entropy(logits, targets, reduction="sum")
    return loss, nll


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float
    ) -> tuple[Tensor, Tensor]:
        positions, vocab = features.shape[0], weight.shape[0]
        block = max(1, min(positions, _BLOCK_ROWS, _BLOCK_NUMBERS // vocab))
        buffer = features.new_empty(block, vocab)
        need_grad = any(ctx.needs_input_grad[:3])
        grads = (torch.empty_like(features), torch.zeros_like(weight), torch.zeros_like(bias)) if need_grad else None
        mean_weight, mean_bias = weight.mean(0), bias.mean()
        loss, nll = features.new_zeros(()), features.new_zeros(())
        for first in range(0, positions, block):
            part = features[first : first + block]
            target = targets[first : first + block].unsqueeze(1)
            logits = torch.addmm(bias, part, weight.t(), out=buffer[: len(part)])
            target_logits = logits.gather(1, target)
            log_probs = torch._log_softmax(
                logits, 1, False, out=logits
            )  # in place: each row is read before it is written
            target_log_probs = log_probs.gather(1, target)
            nll -= target_log_probs.sum()
            # mean over the vocabulary of log p = mean logit - log Z, and the mean logit needs no pass over the block
            log_z = target_logits - target_log_probs
            uniform = (part @ mean_weight).sum() + mean_bias * len(part) - log_z.sum()
            loss -= (1 - smoothing) * target_log_probs.sum() + smoothing * uniform
            if grads is not None:
                _accumulate(grads, first, part, weight, log_probs.exp_(), target, smoothing)
        if grads is not None:
            ctx.save_for_backward(*grads)
        ctx.mark_non_differentiable(nll)
        return loss, nll

    @staticmethod
    def backward(ctx: Any, grad_loss: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        return (*(grad * grad_loss for grad in ctx.saved_tensors), None, None)


def _accumulate(
    grads: tuple[Tensor, Tensor, Tensor],
    first: int,
    part: Tensor,
    weight: Tensor,
    probs: Tensor,
    target: Tensor,
    smoothing: float,
) -> None:
    """Adds a block's gradients; `probs` becomes d loss / d logits on the way.

    The uniform share of the target, -smoothing / vocab everywhere, is a rank-one term and is added to the results instead of the block.
    """
    grad_features, grad_weight, grad_bias = grads
    probs.scatter_add_(1, target, probs.new_full(target.shape, smoothing - 1.0))
    share = smoothing / weight.shape[0]
    torch.mm(probs, weight, out=grad_features[first : first + len(part)])
    grad_features[first : first + len(part)].sub_(weight.sum(0), alpha=share)
    grad_weight.addmm_(probs.t(), part).sub_(part.sum(0), alpha=share)
    grad_bias.add_(probs.sum(0)).sub_(share * len(part))
