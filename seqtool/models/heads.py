"""Attention in several heads: the products, however the queries and keys came about."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def split_heads(vectors: Tensor, heads: int) -> Tensor:
    """`(batch, length, heads x dim)` -> `(batch, heads, length, dim)`."""
    return vectors.view(*vectors.shape[:-1], heads, -1).transpose(1, 2)


def join_heads(vectors: Tensor) -> Tensor:
    """`(batch, heads, length, dim)` -> `(batch, length, heads x dim)`."""
    return vectors.transpose(1, 2).flatten(2)


def attend(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, *, causal: bool = False) -> Tensor:
    """softmax(query . keys / sqrt(dim)) values (Vaswani et al. 2017, equation 1): `query` `(batch, heads, queries, dim)`, `keys` and
    `values` `(batch, heads, length, dim)`, `mask` `(batch, length)` bool, True = may be looked at; where it is `causal`, a query sees no
    key behind its own place. Returns `(batch, heads, queries, dim)`."""
    if torch.compiler.is_exporting():  # plain products, which ONNX Runtime knows best; what is exported is never causal
        assert not causal
        return weigh(query, keys, mask) @ values
    wide = None if mask is None else mask[:, None, None, :]
    return F.scaled_dot_product_attention(query, keys, values, attn_mask=wide, is_causal=causal)


def weigh(query: Tensor, keys: Tensor, mask: Tensor | None) -> Tensor:
    """The weights of `attend`, `(batch, heads, queries, length)`, exactly 0 where the mask is False."""
    scores = (query * query.shape[-1] ** -0.5) @ keys.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None, None, :], -math.inf)
    return torch.softmax(scores, dim=-1)
