"""What a block asks of the part that mixes positions."""

from __future__ import annotations

from torch import Tensor, nn

# What a mixer carries from one target position to the next; each tensor's first dimension is the rows.
MixerState = tuple[Tensor, ...]


class Mixer(nn.Module):
    """Lets positions see each other; what comes out is as large as what goes in.

    A decoder's mixer sees no position after its own, and its `step` says the same as `forward`, one position at a time. An encoder's sees
    all real positions and is never stepped.
    """

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:
        """`inputs` `(batch, length, dim)`, `mask` `(batch, length)` bool, True = real token, None in a decoder -> the same shape."""
        raise NotImplementedError

    def start(self, rows: int, like: Tensor) -> MixerState:
        """The state of `rows` rows before the first position, on the device and of the type of `like`."""
        raise NotImplementedError

    def step(self, inputs: Tensor, state: MixerState) -> tuple[Tensor, MixerState]:
        """One position: `inputs` `(rows, dim)` -> the same shape, and the new state."""
        raise NotImplementedError
