"""A stack of blocks over the target: Transformer, convolutional, or linear-recurrent, as its mixers are; each block reads the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqtool.models.attention import Attention
from seqtool.models.blocks import DecoderBlock, Norm, block_inputs
from seqtool.models.cells import SentenceDropout
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.memory import EncoderOutput, SentenceMemory
from seqtool.models.mixers.mixer import Mixer, MixerState
from seqtool.models.positions import Positions


class BlockState(NamedTuple):
    """Between two steps: `memories`, one a block, belong to the B sentences; `layers`, and the `place` `(rows,)` of the next token where
    the decoder has positions, to the R rows."""

    memories: tuple[SentenceMemory, ...]
    layers: tuple[MixerState, ...]
    place: Tensor | None

    def select(self, rows: Tensor, sentences: Tensor | None) -> BlockState:
        """The state of these rows `(R',)`, which may repeat; `sentences` `(B',)` are those that stay, None when all do."""
        memories = self.memories if sentences is None else tuple(one.select(sentences) for one in self.memories)
        layers = tuple(tuple(part.index_select(0, rows) for part in layer) for layer in self.layers)
        return BlockState(memories, layers, None if self.place is None else self.place.index_select(0, rows))


class BlockDecoder(nn.Module):
    """Writes the target. Every block looks at the source with an attention of its own; the weights it tells are the last one's."""

    def __init__(
        self,
        embedding: TokenEmbedding,
        make_mixer: Callable[[], Mixer],
        make_attention: Callable[[], Attention],
        positions: Positions | None,
        *,
        dim: int,
        layers: int,
        feed_forward: int,
        norm: Norm,
        readout: int,
        layer_dropout: float,
        output_dropout: float,
    ) -> None:
        """`make_mixer()` and `make_attention()` give those of one block; `readout` is the size of the features."""
        super().__init__()
        self.embedding = embedding
        self.positions = positions
        self.features_dim = readout
        self._scale = embedding.dim**0.5
        self.project = nn.Linear(embedding.dim, dim) if embedding.dim != dim else None
        self.blocks = nn.ModuleList(
            DecoderBlock(
                make_mixer(), make_attention(), dim, feed_forward=feed_forward, norm=norm, dropout=layer_dropout
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(dim) if norm == "pre" else None
        self.readout = nn.Linear(dim, readout) if readout != dim else None
        self.output_dropout = SentenceDropout(output_dropout)

    def start(self, source: EncoderOutput) -> BlockState:
        """The state before the first token, one row a sentence."""
        rows, like = source.memory.shape[0], source.memory
        layers = tuple(block.mixer.start(rows, like) for block in self._blocks())
        place = None if self.positions is None else torch.zeros(rows, dtype=torch.int64, device=like.device)
        return BlockState(self._memories(source), layers, place)

    def step(self, tokens: Tensor, state: BlockState) -> tuple[Tensor, Tensor | None, BlockState]:
        """One token a row: `tokens` `(rows,)` -> features `(rows, features_dim)`, attention `(rows, src_len)` or None, new state."""
        hidden = block_inputs(self.embedding.step(tokens), self._scale, self.project)
        place = state.place
        if self.positions is not None and place is not None:
            hidden, place = hidden + self.positions(place), place + 1
        layers: list[MixerState] = []
        weights: Tensor | None = None
        for block, memory, layer in zip(self._blocks(), state.memories, state.layers, strict=True):
            last = len(layers) + 1 == len(self.blocks)
            hidden, weights, layer_state = block.step(hidden, layer, memory, weights=last)
            layers.append(layer_state)
        return self._features(hidden), weights, BlockState(state.memories, tuple(layers), place)

    def forward(self, tgt_in: Tensor, source: EncoderOutput, *, weights: bool = True) -> tuple[Tensor, Tensor | None]:
        """All positions at once: `tgt_in` `(batch, tgt_len)` -> features `(batch, tgt_len, features_dim)` and, if `weights` are wanted,
        attention `(batch, tgt_len, src_len)`, None where there is none."""
        hidden = block_inputs(self.embedding(tgt_in), self._scale, self.project)
        if self.positions is not None:
            hidden = hidden + self.positions(torch.arange(tgt_in.shape[1], device=tgt_in.device))
        looked: Tensor | None = None
        blocks = self._blocks()
        for number, (block, memory) in enumerate(zip(blocks, self._memories(source), strict=True), 1):
            hidden, looked = block.read(hidden, memory, weights=weights and number == len(blocks))
        return self.output_dropout(self._features(hidden)), looked

    def _features(self, hidden: Tensor) -> Tensor:
        if self.norm is not None:
            hidden = self.norm(hidden)
        return hidden if self.readout is None else self.readout(hidden)

    def _memories(self, source: EncoderOutput) -> tuple[SentenceMemory, ...]:
        return tuple(block.remember(source) for block in self._blocks())

    def _blocks(self) -> list[DecoderBlock]:
        return [block for block in self.blocks if isinstance(block, DecoderBlock)]
