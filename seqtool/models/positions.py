"""Where a token stands: vectors that are added, or angles by which queries and keys are turned."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_LONGEST_WAVE = 10_000.0


class Positions(nn.Module):
    """Vectors of positions, counted from 0."""

    def forward(self, places: Tensor) -> Tensor:
        """`places` `(..)` -> `(.., dim)`."""
        raise NotImplementedError


class SinusoidalPositions(Positions):
    """Sines and cosines of wavelengths from 2 pi to 10,000 x 2 pi (Vaswani et al. 2017, section 3.5); they have no end."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, places: Tensor) -> Tensor:
        """See `Positions.forward`."""
        angles = _angles(places, self.dim + self.dim % 2)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)[..., : self.dim]


class LearnedPositions(Positions):
    """A vector for each of `count` positions; the last one stands for all that follow."""

    def __init__(self, dim: int, *, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(count, dim) * 0.1)

    def forward(self, places: Tensor) -> Tensor:
        """See `Positions.forward`."""
        return F.embedding(places.clamp(max=self.weight.shape[0] - 1), self.weight)


def rotate(vectors: Tensor, places: Tensor) -> Tensor:
    """Rotary positions (Su et al. 2021, section 3.2): each pair of units of `vectors` `(.., dim)`, one from either half, is turned by an
    angle proportional to its place. `places` has the shape of `vectors` without the last dimension, or one that fits it; dim is even."""
    angles = _angles(places, vectors.shape[-1])
    cosine, sine = angles.cos(), angles.sin()
    one, other = vectors.chunk(2, dim=-1)
    return torch.cat([one * cosine - other * sine, one * sine + other * cosine], dim=-1)


def _angles(places: Tensor, dim: int) -> Tensor:
    """`(.., dim / 2)`: the place times falling frequencies."""
    exponents = torch.arange(0, dim, 2, device=places.device, dtype=torch.float32) / dim
    return places.unsqueeze(-1) * _LONGEST_WAVE**-exponents
