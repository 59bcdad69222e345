"""A stack of blocks over the source: Transformer, convolutional, or linear-recurrent, as its mixers are."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seqtool.models.blocks import EncoderBlock, Norm, block_inputs, masked_mean
from seqtool.models.cells import SentenceDropout
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.memory import EncoderOutput
from seqtool.models.mixers.mixer import Mixer
from seqtool.models.pooling import Pooling
from seqtool.models.positions import Positions


class BlockEncoder(nn.Module):
    """Reads a source sentence; padding never changes a result. The summary is the mean of what it says of the real positions, or, with
    `pooling`, learned heads' choice of it: for decoders that see nothing else."""

    def __init__(
        self,
        embedding: TokenEmbedding,
        make_mixer: Callable[[], Mixer],
        positions: Positions | None,
        *,
        dim: int,
        layers: int,
        feed_forward: int,
        norm: Norm,
        layer_dropout: float,
        output_dropout: float,
        pooling: bool = False,
    ) -> None:
        """`make_mixer()` gives the mixer of one block."""
        super().__init__()
        self.embedding = embedding
        self.positions = positions
        self.memory_dim = dim
        self._scale = embedding.dim**0.5
        self.project = nn.Linear(embedding.dim, dim) if embedding.dim != dim else None
        self.blocks = nn.ModuleList(
            EncoderBlock(make_mixer(), dim, feed_forward=feed_forward, norm=norm, dropout=layer_dropout)
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(dim) if norm == "pre" else None
        self.output_dropout = SentenceDropout(output_dropout)
        self.pooling = Pooling(dim) if pooling else None

    def forward(self, src_ids: Tensor, src_mask: Tensor) -> EncoderOutput:
        """`src_ids` `(batch, src_len)`; `src_mask` of the same shape, True = real token, each row True from the left."""
        vectors = self.embedding(src_ids)
        hidden = block_inputs(vectors, self._scale, self.project)
        if self.positions is not None:
            hidden = hidden + self.positions(torch.arange(src_ids.shape[1], device=src_ids.device))
        for block in self.blocks:
            hidden = block(hidden, src_mask)
        if self.norm is not None:
            hidden = self.norm(hidden)
        hidden = self.output_dropout(hidden)
        pool = masked_mean if self.pooling is None else self.pooling
        return EncoderOutput(hidden, src_mask, pool(hidden, src_mask), vectors)
