"""A whole sentence in one vector."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from seqtool.models.heads import join_heads, split_heads

_MOST_HEADS = 8


class Pooling(nn.Module):
    """Several heads, as many as divide `dim` up to eight, each look at the real positions with a learned score and give a part of the
    vector (Lin et al. 2017, section 2.1, with values of their own): unlike a mean, it can say what stands where."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.heads = math.gcd(dim, _MOST_HEADS)
        self.score = nn.Linear(dim, self.heads, bias=False)
        self.value = nn.Linear(dim, dim)
        for layer in (self.score, self.value):
            nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(self.value.bias)

    def forward(self, memory: Tensor, mask: Tensor) -> Tensor:
        """`memory` `(batch, length, dim)`, `mask` `(batch, length)` bool, True = real token -> `(batch, dim)`."""
        scores = self.score(memory).transpose(1, 2).masked_fill(~mask.unsqueeze(1), -math.inf)  # (B, H, S)
        shares = torch.softmax(scores, dim=-1).unsqueeze(2)
        return join_heads(shares @ split_heads(self.value(memory), self.heads)).squeeze(1)
