"""Attention in several heads: the products, however the queries and keys came about."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

# Queries times keys of a sentence up to which plain products are used on a CPU. Measured with 4 heads of 64, forward and back: at 16 x 16
# 1.7 ms instead of 4.4, at 40 x 40 3.4 instead of 6.3, at 128 x 128 and more no difference; in bfloat16 1.7, 2.1 and 4.4 ms instead of 14.
_PLAIN_PRODUCTS = 256 * 256


def split_heads(vectors: Tensor, heads: int) -> Tensor:
    """`(batch, length, heads x dim)` -> `(batch, heads, length, dim)`."""
    return vectors.view(*vectors.shape[:-1], heads, -1).transpose(1, 2)


def join_heads(vectors: Tensor) -> Tensor:
    """`(batch, heads, length, dim)` -> `(batch, length, heads x dim)`."""
    return vectors.transpose(1, 2).flatten(2)


def attend(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    mask: Tensor | None,
    *,
    causal: bool = False,
    bias: Tensor | None = None,
) -> Tensor:
    """softmax(query . keys / sqrt(dim)) values (Vaswani et al. 2017, equation 1): `query` `(batch, heads, queries, dim)`, `keys` and
    `values` `(batch, heads, length, dim)`, `mask` `(batch, length)` bool, True = may be looked at; where it is `causal`, a query sees no
    key behind its own place. `bias` `(batch, heads or 1, queries, length)` is added to the scores. Returns `(batch, heads, queries, dim)`.

    torch's fused attention, but for sentences on a CPU: up to a hundred tokens plain products take half its time, forward and back, and in
    bfloat16 a seventh. A graph that is exported has plain products, too, which ONNX Runtime knows best; and with a bias that learns,
    torch takes them anyway.
    """
    if torch.compiler.is_exporting() or _short(query, keys) or bias is not None:
        return weigh(query, keys, mask, causal=causal, bias=bias) @ values
    wide = None if mask is None else mask[:, None, None, :]
    return F.scaled_dot_product_attention(query, keys, values, attn_mask=wide, is_causal=causal)


def weigh(
    query: Tensor, keys: Tensor, mask: Tensor | None, *, causal: bool = False, bias: Tensor | None = None
) -> Tensor:
    """The weights of `attend`, `(batch, heads, queries, length)`, exactly 0 where it may not look."""
    scores = (query * query.shape[-1] ** -0.5) @ keys.transpose(-2, -1)
    if bias is not None:
        scores = scores + bias
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None, None, :], -math.inf)
    if causal:
        ahead = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(ahead, -math.inf)
    return torch.softmax(scores, dim=-1)


def _short(query: Tensor, keys: Tensor) -> bool:
    """Whether plain products are the faster way; their memory grows with the product of both lengths."""
    return query.device.type == "cpu" and query.shape[-2] * keys.shape[-2] <= _PLAIN_PRODUCTS
