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

from seqtool.models.mixture import Mixture, MixtureBlocks, mixed_cross_entropy

# Rows of logits at a time, and the most numbers in them (32 MB). Products of fewer rows are slow: with 131 rows of 8,000 the whole takes
# 1.6 times as long as with 874, with 512 rows 1.05 times.
_BLOCK_ROWS, _BLOCK_NUMBERS = 1024, 1 << 23

_TINY = 1e-30  # below it a softmax in float32 has lost digits or is 0


def linear_cross_entropy(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float, mixture: Mixture | None = None
) -> tuple[Tensor, Tensor]:
    """Label-smoothed loss and negative log-likelihood, both summed over positions, in nats.

    `features` `(positions, dim)`, `weight` `(vocab, dim)`, `bias` `(vocab,)`, `targets` `(positions,)`; smoothing mixes the target with the
    uniform distribution over the vocabulary (Szegedy et al. 2016, section 7). Gradients flow from the loss only. Under autocast products
    and the softmax are made in its precision (in bfloat16 the gradient at a target of probability 0.998 and more is nothing), and summed up
    in that of `weight`.
    """
    if features.device.type == "cpu" and len(features):
        low = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else weight.dtype
        if not torch.is_grad_enabled():  # of which a function is told nothing
            features, weight, bias = features.detach(), weight.detach(), bias.detach()
        with torch.autocast("cpu", enabled=False):
            loss, nll = _LinearCrossEntropy.apply(  # type: ignore[no-untyped-call]
                features.to(weight.dtype), weight, bias, targets, smoothing, low, *(mixture or (None, None))
            )
        return loss, nll
    logits = F.linear(features, weight, bias).float()
    if mixture is not None:
        return mixed_cross_entropy(logits, targets, smoothing, mixture)
    loss = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    with torch.no_grad():
        nll = F.cross_entropy(logits, targets, reduction="sum")
    return loss, nll


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        smoothing: float,
        low: torch.dtype,
        log_generate: Tensor | None,
        log_copy: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        positions, vocab = features.shape[0], weight.shape[0]
        block = block_rows(positions, vocab)
        buffer = features.new_empty(block, vocab, dtype=low)
        low_weight, low_bias = weight.to(low), bias.to(low)
        mixing = None
        if log_generate is not None and log_copy is not None:
            mixing = MixtureBlocks(Mixture(log_generate, log_copy), targets, vocab)
        need_grad = any(ctx.needs_input_grad)
        grads = (torch.empty_like(features), torch.empty_like(weight), torch.zeros_like(bias)) if need_grad else None
        weight_sum, mean_bias = weight.sum(0), bias.mean()
        loss, nll = features.new_zeros(()), features.new_zeros(())
        for first in range(0, positions, block):
            part = features[first : first + block]
            low_part = part.to(low)
            target = targets[first : first + block].unsqueeze(1)
            if mixing is not None:
                target = target.where(target < vocab, 0)
            logits = torch.addmm(low_bias, low_part, low_weight.t(), out=buffer[: len(part)])
            target_logits = logits.gather(1, target).to(weight.dtype)
            probs = torch.softmax(logits, 1, out=logits)  # in place: each row is read before it is written
            target_log_probs = _log_probs(probs, target, target_logits, part, weight, bias)
            # mean over the vocabulary of log p = mean logit - log Z, and the mean logit needs no pass over the block
            log_z = target_logits - target_log_probs
            uniform = (part.sum(0) @ weight_sum) / vocab + mean_bias * len(part) - log_z.sum()
            to_target = probs.new_full(target.shape, smoothing - 1.0)
            if mixing is not None:
                target_log_probs, share = mixing.of(slice(first, first + len(part)), target_log_probs, smoothing)
                to_target = to_target * share.to(low)
                probs.mul_(smoothing - to_target)
            nll -= target_log_probs.sum()
            loss -= (1 - smoothing) * target_log_probs.sum() + smoothing * uniform
            if grads is not None:
                probs.scatter_add_(1, target, to_target)  # now d loss / d logits
                accumulate(grads, first, low_part, low_weight, probs)
        if grads is not None:
            take_uniform_share(grads, features, weight_sum, smoothing / vocab)
            ctx.save_for_backward(*grads, *(mixing.grads if mixing is not None else ()))
        ctx.mark_non_differentiable(nll)
        return loss, nll

    @staticmethod
    def backward(ctx: Any, grad_loss: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        # In place: a graph is walked once. A second walk (`retain_graph`) is an error of autograd's, not a wrong number.
        of_product, of_mixture = ctx.saved_tensors[:3], ctx.saved_tensors[3:] or (None, None)
        grads = [None if grad is None else grad.mul_(grad_loss) for grad in (*of_product, *of_mixture)]
        return (*grads[:3], None, None, None, *grads[3:])


def block_rows(positions: int, vocab: int) -> int:
    """Rows of a block when all blocks are about as large."""
    most = max(1, min(_BLOCK_ROWS, _BLOCK_NUMBERS // vocab))
    blocks = max(1, -(-positions // most))
    return max(1, -(-positions // blocks))


def _log_probs(
    probs: Tensor, target: Tensor, target_logits: Tensor, part: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    """log p of the targets, `(rows, 1)`, from a softmax. A probability too small for float32 is taken from its row's logits again."""
    chosen = probs.gather(1, target).to(weight.dtype)
    log_probs = chosen.log()
    tiny = (chosen.squeeze(1) < _TINY).nonzero().squeeze(1)
    if len(tiny):
        logits = torch.addmm(bias, part[tiny], weight.t())
        log_probs[tiny] = target_logits[tiny] - logits.logsumexp(1, keepdim=True)
    return log_probs


def accumulate(
    grads: tuple[Tensor, Tensor, Tensor],
    first: int,
    part: Tensor,
    weight: Tensor,
    grad_logits: Tensor,
) -> None:
    """Adds the gradients of a block that begins at row `first`, but for the uniform share."""
    grad_features, grad_weight, grad_bias = grads
    rows = slice(first, first + len(part))
    if part.dtype == grad_weight.dtype:
        torch.mm(grad_logits, weight, out=grad_features[rows])
        grad_weight.addmm_(
            grad_logits.t(), part, beta=1 if first else 0
        )  # 0: whatever the new tensor holds is not read
    else:
        grad_features[rows] = torch.mm(grad_logits, weight)
        product = torch.mm(grad_logits.t(), part)
        grad_weight.add_(product) if first else grad_weight.copy_(product)
    grad_bias.add_(grad_logits.sum(0, dtype=grad_bias.dtype))


def take_uniform_share(
    grads: tuple[Tensor, Tensor, Tensor], features: Tensor, weight_sum: Tensor, share: float
) -> None:
    """The uniform part of the target, -`share` at every logit, is a term of rank one: it is added to the results instead of the blocks."""
    grad_features, grad_weight, grad_bias = grads
    grad_features.sub_(weight_sum, alpha=share)
    grad_weight.sub_(features.sum(0), alpha=share)
    grad_bias.sub_(share * len(features))
