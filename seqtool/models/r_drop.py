"""The last product and the loss of two passes with different dropout, a few positions at a time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from seqtool.models.linear_cross_entropy import accumulate, block_rows, take_uniform_share


def linear_r_drop(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float, r_drop: float
) -> tuple[Tensor, Tensor]:
    """Half of Wu et al. 2021, equation 4, and the mean negative log-likelihood of both passes, summed over positions, in nats:

        (CE(p) + CE(q)) / 2 + r_drop / 2 x (KL(p || q) + KL(q || p)) / 2

    with the label-smoothed cross entropies of the two distributions p and q of a position. `features` `(2 x positions, dim)` are one pass
    after the other and `targets` `(2 x positions,)` likewise; `weight`, `bias` and `smoothing` are those of `linear_cross_entropy`, and so
    is what is kept: nothing of vocabulary size but the weights' gradient. Gradients flow from the loss only, into both passes.
    """
    kind = features.device.type
    low = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else weight.dtype
    if low == torch.float16:  # gradients are made here, before they are scaled, and would be nothing in its range
        low = weight.dtype
    with torch.autocast(kind, enabled=False):
        loss, nll = _LinearRDrop.apply(  # type: ignore[no-untyped-call]
            features.to(weight.dtype), weight, bias, targets, (smoothing, r_drop), low
        )
    return loss, nll


class _LinearRDrop(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        weights: tuple[float, float],
        low: torch.dtype,
    ) -> tuple[Tensor, Tensor]:
        positions, vocab = features.shape[0] // 2, weight.shape[0]
        block = block_rows(2 * positions, vocab) // 2 or 1
        low_weight, low_bias = weight.to(low), bias.to(low)
        grads = torch.empty_like(features), torch.zeros_like(weight), torch.zeros_like(bias)
        loss, nll = features.new_zeros(()), features.new_zeros(())
        for start in range(0, positions, block):
            firsts = start, positions + start
            rows = [slice(first, first + min(block, positions - start)) for first in firsts]
            parts = [features[some].to(low) for some in rows]
            log_probs = [
                torch.log_softmax(torch.addmm(low_bias, part, low_weight.t()).to(weight.dtype), 1) for part in parts
            ]
            told = [one.gather(1, targets[some].unsqueeze(1)) for one, some in zip(log_probs, rows, strict=True)]
            nll -= sum(one.sum() for one in told) / 2
            loss -= sum(weights[0] * one.mean(1).sum() for one in log_probs) / 2
            loss -= (1 - weights[0]) * sum(one.sum() for one in told) / 2
            apart, grad_logits = _divergence(log_probs[0], log_probs[1], weights[1] / 4)
            loss += apart
            for first, some, part, grad in zip(firsts, rows, parts, grad_logits, strict=True):
                target = targets[some].unsqueeze(1)
                grad.scatter_add_(1, target, grad.new_full(target.shape, (weights[0] - 1) / 2))
                accumulate(grads, first, part, low_weight, grad.to(low))
        if positions:
            take_uniform_share(grads, features, weight.sum(0), weights[0] / vocab / 2)
        ctx.save_for_backward(*grads)
        ctx.mark_non_differentiable(nll)
        return loss, nll

    @staticmethod
    def backward(ctx: Any, grad_loss: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        # In place: see linear_cross_entropy.
        return (*(grad.mul_(grad_loss) for grad in ctx.saved_tensors), None, None, None)


def _divergence(log_p: Tensor, log_q: Tensor, share: float) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """`share` x (KL(p || q) + KL(q || p)), and what the logits of p and of q, `(rows, vocab)`, get from that and from half of -log of
    their own sums: d KL(p || q) / d logit = p (log p - log q - KL(p || q)), d KL(q || p) / d logit = p - q."""
    p, q = log_p.exp(), log_q.exp()
    ratio = log_p - log_q
    ahead, back = (p * ratio).sum(1, keepdim=True), -(q * ratio).sum(1, keepdim=True)
    grad_p = p * (share * (ratio - ahead + 1) + 0.5) - share * q
    grad_q = q * (share * (1 - ratio - back) + 0.5) - share * p
    return share * (ahead + back).sum(), (grad_p, grad_q)
