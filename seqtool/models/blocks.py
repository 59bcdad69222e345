"""Blocks: parts with residual connections, one after the other (Vaswani et al. 2017, figure 1).

An encoder's block mixes positions and transforms each; a decoder's looks at the source in between.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.attention import Attention
from seqtool.models.cells import SentenceDropout
from seqtool.models.memory import EncoderOutput, SentenceMemory
from seqtool.models.mixers.mixer import Mixer, MixerState

Norm = Literal["pre", "post"]


class Residual(nn.Module):
    """What goes around a part: x + part(norm(x)) where normalisation comes before (Xiong et al. 2020), else norm(x + part(x)).

    A part that does not read its inputs has nothing to normalise before it.
    """

    def __init__(self, dim: int, *, norm: Norm, dropout: float, read: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim) if read or norm == "post" else nn.Identity()
        self.dropout = SentenceDropout(dropout)
        self._before = norm == "pre"

    def enter(self, inputs: Tensor) -> Tensor:
        """What the part is given, of the same shape."""
        normed: Tensor = self.norm(inputs) if self._before else inputs
        return normed

    def leave(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        """Inputs and the part's `outputs`, `(batch, length, dim)`, together."""
        return self.leave_step(inputs, self.dropout(outputs))

    def leave_step(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        """The same without dropout, `(.., dim)`: for decoding."""
        total = inputs + outputs
        normed: Tensor = total if self._before else self.norm(total)
        return normed


class FeedForward(nn.Module):
    """W_2 relu(W_1 x + b_1) + b_2 at every position (Vaswani et al. 2017, equation 2)."""

    def __init__(self, dim: int, inner: int) -> None:
        super().__init__()
        self.inner = nn.Linear(dim, inner)
        self.outer = nn.Linear(inner, dim)
        for layer in (self.inner, self.outer):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(.., dim)` -> the same shape."""
        outputs: Tensor = self.outer(F.relu(self.inner(inputs), inplace=True))
        return outputs


class EncoderBlock(nn.Module):
    """Mixer and, where `feed_forward` is not 0, a feed-forward part of that inner size."""

    def __init__(self, mixer: Mixer, dim: int, *, feed_forward: int, norm: Norm, dropout: float) -> None:
        super().__init__()
        self.mixer = mixer
        self.around_mixer = Residual(dim, norm=norm, dropout=dropout)
        self.feed_forward = FeedForward(dim, feed_forward) if feed_forward else None
        self.around_feed_forward = Residual(dim, norm=norm, dropout=dropout) if feed_forward else None

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:
        """`inputs` `(batch, length, dim)`, `mask` `(batch, length)` bool, True = real token -> the same shape as `inputs`."""
        around = self.around_mixer
        return self.transform(around.leave(inputs, self.mixer(around.enter(inputs), mask)))

    def transform(self, inputs: Tensor) -> Tensor:
        """The feed-forward part, `(batch, length, dim)`."""
        if self.feed_forward is None or self.around_feed_forward is None:
            return inputs
        around = self.around_feed_forward
        return around.leave(inputs, self.feed_forward(around.enter(inputs)))

    def transform_step(self, inputs: Tensor) -> Tensor:
        """The feed-forward part of one position, `(rows, dim)`."""
        if self.feed_forward is None or self.around_feed_forward is None:
            return inputs
        around = self.around_feed_forward
        return around.leave_step(inputs, self.feed_forward(around.enter(inputs)))


class DecoderBlock(EncoderBlock):
    """Mixer, attention to the source, feed-forward part."""

    def __init__(
        self, mixer: Mixer, attention: Attention, dim: int, *, feed_forward: int, norm: Norm, dropout: float
    ) -> None:
        super().__init__(mixer, dim, feed_forward=feed_forward, norm=norm, dropout=dropout)
        self.attention = attention
        self.context = nn.Linear(attention.context_dim, dim)
        self.around_attention = Residual(dim, norm=norm, dropout=dropout, read=attention.reads_query)
        nn.init.xavier_uniform_(self.context.weight)
        nn.init.zeros_(self.context.bias)

    def read(self, inputs: Tensor, memory: SentenceMemory, *, weights: bool) -> tuple[Tensor, Tensor | None]:
        """All positions: `inputs` `(batch, tgt_len, dim)` -> the same shape, and, if `weights` are wanted, those of attention `(batch,
        tgt_len, src_len)`, None where it has none."""
        around = self.around_mixer
        inputs = around.leave(inputs, self.mixer(around.enter(inputs), None))
        context, looked = self.attention(self.around_attention.enter(inputs), memory, weights=weights)
        return self.transform(self.around_attention.leave(inputs, self.context(context))), looked

    def remember(self, source: EncoderOutput) -> SentenceMemory:
        """What attention needs of these sentences, computed once."""
        return self.attention.remember(source)

    def step(
        self, inputs: Tensor, state: MixerState, memory: SentenceMemory, *, weights: bool
    ) -> tuple[Tensor, Tensor | None, MixerState]:
        """One position: `inputs` `(rows, dim)` -> the same shape, weights `(rows, src_len)` or None as in `read`, and the new state."""
        mixed, state = self.mixer.step(self.around_mixer.enter(inputs), state)
        inputs = self.around_mixer.leave_step(inputs, mixed)
        query = self.around_attention.enter(inputs).view(memory.mask.shape[0], -1, inputs.shape[-1])  # (B, K, D)
        context, looked = self.attention(query, memory, weights=weights)
        inputs = self.around_attention.leave_step(inputs, self.context(context).flatten(0, 1))
        flat = None if looked is None else looked.reshape(-1, looked.shape[-1])
        return self.transform_step(inputs), flat, state


def block_inputs(vectors: Tensor, scale: float, projection: nn.Linear | None) -> Tensor:
    """Token vectors `(.., embedding)` of length about one as the inputs of blocks, `(.., dim)`, of about one a unit."""
    scaled = vectors * scale
    return scaled if projection is None else projection(scaled)


def masked_mean(vectors: Tensor, mask: Tensor) -> Tensor:
    """`(batch, length, dim)` -> `(batch, dim)`, the mean of the real positions."""
    weights = mask.to(vectors.dtype)
    return torch.bmm(weights.unsqueeze(1), vectors).squeeze(1) / weights.sum(1, keepdim=True)
