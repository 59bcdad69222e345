"""The energies of additive attention, a few sentences at a time.

The sums of every query and every key, `(B, T, S, A)`, are by far the largest tensor of a model with additive attention, and plain
operations read or write it about ten times. Here a block of it is made, used up while it is still in cache, and made again for the
gradient, so memory does not grow with T x S either. tanh(x) is taken as 2 sigmoid(2x) - 1, which torch computes six times as fast on CPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

# Numbers in a block: 2 MB, about what the cores' own caches hold. A GPU has nothing of small blocks but the cost of starting them: there a
# block only bounds memory.
_BLOCK_NUMBERS, _GPU_BLOCK_NUMBERS = 1 << 19, 1 << 26


def additive_energies(
    queries: Tensor, keys: Tensor, energy: Tensor, coverage: Tensor | None = None, weight: Tensor | None = None
) -> Tensor:
    """energy . tanh(query + key): `queries` `(batch, tgt_len, size)`, `keys` `(batch, src_len, size)`, `energy` `(size,)` ->
    `(batch, tgt_len, src_len)`; with `coverage` `(batch, tgt_len, src_len)` times `weight` `(size,)` added inside."""
    if torch.compiler.is_exporting():  # a graph has no blocks, and steps have few queries
        inner = queries.unsqueeze(2) + keys.unsqueeze(1)
        if coverage is not None and weight is not None:
            inner = inner + coverage.unsqueeze(-1) * weight
        inner = torch.tanh(inner)
        # One product of two matrices: ONNX Runtime takes ten times as long for many small ones with a vector.
        return (inner.flatten(0, 2) @ energy.unsqueeze(1)).view(inner.shape[:3])
    # A CPU's sigmoid is slow in other precisions than this, and autocast leaves coverage in it.
    if queries.device.type == "cpu" or coverage is not None:
        queries, keys = queries.to(energy.dtype), keys.to(energy.dtype)
        coverage = None if coverage is None else coverage.to(energy.dtype)
    energies: Tensor = _AdditiveEnergies.apply(queries, keys, energy, coverage, weight)  # type: ignore[no-untyped-call]
    return energies


class _AdditiveEnergies(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, queries: Tensor, keys: Tensor, energy: Tensor, coverage: Tensor | None, weight: Tensor | None
    ) -> Tensor:
        ctx.save_for_backward(queries, keys, energy, coverage, weight)
        result = queries.new_empty(*queries.shape[:2], keys.shape[1])  # (B, T, S)
        for batch, some in _blocks(queries, keys):
            seen = None if coverage is None else coverage[batch, some]
            result[batch, some] = _inner(queries[batch, some], keys[batch], seen, weight) @ energy
        return result.mul_(2).sub_(energy.sum())

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys, energy, coverage, weight = ctx.saved_tensors
        grad_queries, grad_keys, grad_energy = (
            torch.empty_like(queries),
            torch.zeros_like(keys),
            torch.zeros_like(energy),
        )
        grad_coverage = None if coverage is None else torch.empty_like(coverage)
        grad_weight = None if weight is None else torch.zeros_like(weight)
        for batch, some in _blocks(queries, keys):
            seen = None if coverage is None else coverage[batch, some]
            inner, part = _inner(queries[batch, some], keys[batch], seen, weight), grad[batch, some]
            grad_energy += 2 * (part.reshape(-1) @ inner.flatten(0, 2)) - part.sum()
            slope = torch.ops.aten.sigmoid_backward(part.unsqueeze(-1), inner)  # d tanh / 4, weighted: (b, t, S, A)
            grad_queries[batch, some] = slope.sum(2)
            grad_keys[batch] += slope.sum(1)
            if seen is not None and grad_coverage is not None and grad_weight is not None:
                grad_coverage[batch, some] = slope @ (4 * energy * weight)
                grad_weight += seen.reshape(-1) @ slope.flatten(0, 2)
        scale = 4 * energy
        grad_weight = None if grad_weight is None else grad_weight.mul_(scale)
        return grad_queries.mul_(scale), grad_keys.mul_(scale), grad_energy, grad_coverage, grad_weight


def _inner(queries: Tensor, keys: Tensor, coverage: Tensor | None, weight: Tensor | None) -> Tensor:
    """sigmoid(2 (query + key + coverage weight)), `(batch, queries, src_len, size)`."""
    total = 2 * queries.unsqueeze(2) + 2 * keys.unsqueeze(1)
    if coverage is not None and weight is not None:
        total.addcmul_(coverage.unsqueeze(-1), weight, value=2)
    return total.sigmoid_()


def _blocks(queries: Tensor, keys: Tensor) -> Iterator[tuple[slice, slice]]:
    """Slices of sentences and of queries that together are everything: several whole sentences, or a part of one."""
    sentences, length = queries.shape[:2]
    numbers = _BLOCK_NUMBERS if queries.device.type == "cpu" else _GPU_BLOCK_NUMBERS
    at_once = max(1, numbers // (keys.shape[1] * keys.shape[2]))  # queries
    for first in range(0, sentences, max(1, at_once // length)):
        batch = slice(first, first + max(1, at_once // length))
        for query in range(0, length, min(at_once, length)):
            yield batch, slice(query, query + min(at_once, length))
