"""Convolution over time with gated linear units (Gehring et al. 2017, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.mixers.mixer import Mixer, MixerState


class Convolution(Mixer):
    """Each position sees `kernel` positions around itself, or, where it is `causal`, up to itself: GLU(W [x_{t-k+1}; ..; x_t] + b).

    The window is laid side by side and multiplied once, which is what a step does with the window it keeps. The paper normalises weights;
    here the block's layer normalisation keeps activations in range, as in later convolutional translation models (Wu et al. 2019).
    """

    def __init__(self, dim: int, *, kernel: int, causal: bool) -> None:
        super().__init__()
        self.kernel = kernel
        self._before = kernel - 1 if causal else (kernel - 1) // 2
        self.window = nn.Linear(kernel * dim, 2 * dim)
        # a GLU halves the variance twice over: section 3.5 there
        nn.init.normal_(self.window.weight, std=(4 / (kernel * dim)) ** 0.5)
        nn.init.zeros_(self.window.bias)

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:
        """See `Mixer.forward`."""
        if mask is not None:
            inputs = inputs * mask.unsqueeze(-1)  # what stands before and after a sentence is zero, padding as well
        length = inputs.shape[1]
        wide = F.pad(inputs, (0, 0, self._before, self.kernel - 1 - self._before))
        window = torch.cat([wide[:, shift : shift + length] for shift in range(self.kernel)], dim=-1)  # (B, T, k x D)
        return F.glu(self.window(window))

    def start(self, rows: int, like: Tensor) -> MixerState:
        """The positions before the next one, all zero: `(rows, kernel - 1, dim)`."""
        return (like.new_zeros(rows, self.kernel - 1, self.window.in_features // self.kernel),)

    def step(self, inputs: Tensor, state: MixerState) -> tuple[Tensor, MixerState]:
        """See `Mixer.step`."""
        window = torch.cat([state[0], inputs.unsqueeze(1)], dim=1)  # (R, k, D)
        return F.glu(self.window(window.flatten(1))), (window[:, 1:],)
