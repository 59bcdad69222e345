"""Sentences read from their end: reversed within their length, so that padding stays behind them."""

from __future__ import annotations

import torch
from torch import Tensor


def reversal(lengths: Tensor, width: int) -> Tensor:
    """The positions of all rows, one row after the other, `(batch x src_len,)`, in the order that reverses each row's real part and leaves
    its padding in place; its own inverse."""
    position = torch.arange(width, device=lengths.device).unsqueeze(0)
    mirrored = lengths.unsqueeze(1) - 1 - position
    rows = torch.arange(lengths.shape[0], device=lengths.device).unsqueeze(1)
    return (torch.where(mirrored >= 0, mirrored, position) + rows * width).flatten()


def reorder(inputs: Tensor, positions: Tensor) -> Tensor:
    """`inputs` `(batch, length, dim)` with its positions in a new order. Whole vectors are copied, which takes a fifth of the time of
    `gather`, forward and back."""
    return inputs.flatten(0, 1).index_select(0, positions).view_as(inputs)
