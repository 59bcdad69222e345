"""From features to a distribution over the target vocabulary."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.linear_cross_entropy import linear_cross_entropy
from seqtool.models.mixture import Mixture
from seqtool.models.r_drop import linear_r_drop

# Rows of logits that are made at a time where they are only looked at.
_ROWS = 1024


class Generator(nn.Module):
    """A linear layer over the vocabulary; `weight` `(vocab, features_dim)` may be the target embedding (Press and Wolf 2017)."""

    def __init__(self, weight: nn.Parameter) -> None:
        super().__init__()
        self.weight = weight
        self.bias = nn.Parameter(torch.zeros(weight.shape[0]))

    def forward(self, features: Tensor) -> Tensor:
        """`features` `(.., features_dim)` -> logits `(.., vocab)`."""
        return F.linear(features, self.weight, self.bias)

    def loss(
        self, features: Tensor, targets: Tensor, smoothing: float, mixture: Mixture | None = None
    ) -> tuple[Tensor, Tensor]:
        """Loss with label smoothing and negative log-likelihood without, summed in nats over real positions only: `features`
        `(positions, features_dim)`, `targets` `(positions,)`, which with a `mixture` may also be copied."""
        return linear_cross_entropy(features, self.table(), self.bias, targets, smoothing, mixture)

    def twice_loss(self, features: Tensor, targets: Tensor, smoothing: float, r_drop: float) -> tuple[Tensor, Tensor]:
        """See `linear_r_drop`: the loss of two passes over the same positions, one after the other in `features`."""
        return linear_r_drop(features, self.table(), self.bias, targets, smoothing, r_drop)

    @torch.no_grad()
    def best(self, features: Tensor) -> Tensor:
        """The most probable token of each position: `(positions, features_dim)` -> `(positions,)`."""
        return torch.cat([self(part).argmax(-1) for part in torch.split(features, _ROWS)])

    def table(self) -> Tensor:
        """All weights that meet the features: `(vocab, features_dim)`."""
        return self.weight

    def whole(self) -> Generator:
        """The same with one table, for graphs."""
        return self


class LexicalGenerator(Generator):
    """The generator of a `LexicalDecoder`, whose features end in h: `weight` meets all but h, `lexical_weight` `(vocab, dim)` meets h."""

    def __init__(self, weight: nn.Parameter, lexical_weight: nn.Parameter) -> None:
        super().__init__(weight)
        self.lexical_weight = lexical_weight

    def forward(self, features: Tensor) -> Tensor:
        """See `Generator.forward`."""
        own, said = torch.split(features, [self.weight.shape[1], self.lexical_weight.shape[1]], dim=-1)
        return super().forward(own) + F.linear(said, self.lexical_weight)

    def table(self) -> Tensor:
        """See `Generator.table`."""
        return torch.cat([self.weight, self.lexical_weight], dim=1)

    def whole(self) -> Generator:
        """See `Generator.whole`."""
        one = Generator(nn.Parameter(self.table()))
        one.bias = self.bias
        return one
