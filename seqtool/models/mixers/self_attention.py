"""Self-attention in several heads (Vaswani et al. 2017, section 3.2.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqtool.models.heads import attend, join_heads
from seqtool.models.mixers.mixer import Mixer, MixerState
from seqtool.models.positions import rotate


class SelfAttention(Mixer):
    """Every position looks at all real ones, or, where it is `causal`, at those up to itself.

    In decoding the keys and values of earlier positions are kept, and those of a new one are appended once. With `rotary`, queries and keys
    are turned by their positions.
    """

    def __init__(self, dim: int, *, heads: int, causal: bool, rotary: bool) -> None:
        super().__init__()
        self.heads = heads
        self.causal = causal
        self.rotary = rotary
        self.projections = nn.Linear(dim, 3 * dim)
        self.output = nn.Linear(dim, dim)
        for block in (*self.projections.weight.chunk(3), self.output.weight):
            nn.init.xavier_uniform_(block)
        nn.init.zeros_(self.projections.bias)
        nn.init.zeros_(self.output.bias)

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:
        """See `Mixer.forward`."""
        parts = self.projections(inputs).view(*inputs.shape[:2], 3, self.heads, -1).transpose(1, 3)  # (B, H, 3, T, D)
        query, keys, values = parts.unbind(2)
        if self.rotary:
            places = torch.arange(inputs.shape[1], device=inputs.device)
            query, keys = rotate(query, places), rotate(keys, places)
        found: Tensor = self.output(join_heads(attend(query, keys, values, mask, causal=self.causal)))
        return found

    def start(self, rows: int, like: Tensor) -> MixerState:
        """Keys and values of no position: `(rows, heads, 0, dim)` each."""
        nothing = like.new_zeros(rows, self.heads, 0, self.output.in_features // self.heads)
        return nothing, nothing.clone()

    def step(self, inputs: Tensor, state: MixerState) -> tuple[Tensor, MixerState]:
        """See `Mixer.step`."""
        # heads of one position are where they belong without any copy
        parts = self.projections(inputs).view(inputs.shape[0], 3 * self.heads, 1, -1)
        query, key, value = parts.chunk(3, dim=1)  # (R, H, 1, D)
        if self.rotary:
            place = torch.full((1,), state[0].shape[2], device=inputs.device)
            query, key = rotate(query, place), rotate(key, place)
        keys, values = torch.cat([state[0], key], dim=2), torch.cat([state[1], value], dim=2)  # (R, H, T, D)
        found: Tensor = self.output(attend(query, keys, values, None).flatten(1))
        return found, (keys, values)
