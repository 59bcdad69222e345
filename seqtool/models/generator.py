"""From features to a distribution over the target vocabulary."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.linear_cross_entropy import linear_cross_entropy


class Generator(nn.Module):
    """A linear layer over the vocabulary; `weight` `(vocab, features_dim)` may be the target embedding (Press and Wolf 2017)."""

    def __init__(self, weight: nn.Parameter) -> None:
        super().__init__()
        self.weight = weight
        self.bias = nn.Parameter(torch.zeros(weight.shape[0]))

    def forward(self, features: Tensor) -> Tensor:
        """`features` `(.., features_dim)` -> logits `(.., vocab)`."""
        return F.linear(features, self.weight, self.bias)

    def loss(self, features: Tensor, targets: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
        """Loss with label smoothing and negative log-likelihood without, summed in nats over real positions only: `features`
        `(positions, features_dim)`, `targets` `(positions,)`."""
        return linear_cross_entropy(features, self.weight, self.bias, targets, smoothing)
