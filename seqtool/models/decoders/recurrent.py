"""A stack of recurrent layers over the target, with attention read by the last layer's outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqtool.models.attention import Attention
from seqtool.models.cells import CellLayer, CellState, CellStep, SentenceDropout
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.memory import EncoderOutput, SentenceMemory


class RecurrentState(NamedTuple):
    """Between two steps: `memory` belongs to the B sentences; `layers`, `feed` (the last features, with input feeding) and `coverage`
    `(rows, src_len)` (the sums of the attention so far, where it reads them) to the R rows."""

    memory: SentenceMemory
    layers: tuple[CellState, ...]
    feed: Tensor | None
    coverage: Tensor | None = None

    def select(self, rows: Tensor, sentences: Tensor | None) -> RecurrentState:
        """The state of these rows `(R',)`, which may repeat; `sentences` `(B',)` are those that stay, None when all do."""
        memory = self.memory if sentences is None else self.memory.select(sentences)
        layers = tuple(tuple(part.index_select(0, rows) for part in layer) for layer in self.layers)
        own = (None if part is None else part.index_select(0, rows) for part in (self.feed, self.coverage))
        return RecurrentState(memory, layers, *own)

    def cut(self) -> RecurrentState:
        """See `SegmentState.cut`."""
        layers = tuple(tuple(part.detach() for part in layer) for layer in self.layers)
        return RecurrentState(self.memory, layers, *(None if one is None else one.detach() for one in self[2:]))


class RecurrentDecoder(nn.Module):
    """Writes the target: h_t = layers(y_{t-1}), c_t = attention(h_t), features = tanh(W [c_t; h_t]) (Luong et al. 2015, eq. 5).

    With `input_feeding` the features of the last step join the next input (section 3.3 there), and training unrolls the target step by
    step, as it does where the attention reads its own coverage; without them each layer is one fused call over all positions. Layers start
    from a tanh projection of the encoder's summary.
    """

    def __init__(
        self,
        embedding: TokenEmbedding,
        attention: Attention,
        make_layer: Callable[[int], CellLayer],
        *,
        layers: int,
        memory_dim: int,
        readout: int,
        input_feeding: bool,
        residual: bool = False,
        layer_dropout: float,
        output_dropout: float,
    ) -> None:
        """`make_layer(input_size)` gives one layer; `readout` is the size of the features. `residual` is the encoder's: a layer's input is
        added to its output where both have one size."""
        super().__init__()
        self.embedding = embedding
        self.attention = attention
        self.input_feeding = input_feeding
        self.residual = residual
        self.features_dim = readout
        self.layers = nn.ModuleList()
        size = embedding.dim + (readout if input_feeding else 0)
        for _ in range(layers):
            layer = make_layer(size)
            self.layers.append(layer)
            size = layer.hidden
        self.bridge = nn.Linear(memory_dim, layers * size)
        self.readout = nn.Linear(attention.context_dim + size, readout)
        self.layer_dropout = SentenceDropout(layer_dropout)
        self.output_dropout = SentenceDropout(output_dropout)

    def start(self, source: EncoderOutput) -> RecurrentState:
        """The state before the first token, one row a sentence."""
        bridged = torch.tanh(self.bridge(source.summary)).chunk(len(self.layers), dim=-1)
        layers = tuple(layer.state_from(part.contiguous()) for layer, part in zip(self._layers(), bridged, strict=True))
        feed = source.summary.new_zeros(source.summary.shape[0], self.features_dim) if self.input_feeding else None
        looked = source.mask.to(source.summary.dtype) * 0.0 if self._covers else None
        return RecurrentState(self.attention.remember(source), layers, feed, looked)

    def step(self, tokens: Tensor, state: RecurrentState) -> tuple[Tensor, Tensor | None, RecurrentState]:
        """One token a row: `tokens` `(rows,)` -> features `(rows, features_dim)`, attention `(rows, src_len)` or None, new state."""
        below = self.embedding.step(tokens)
        return self._advance(below, state, [layer.step for layer in self._layers()], [None] * len(self.layers))

    def forward(self, tgt_in: Tensor, source: EncoderOutput, *, weights: bool = True) -> tuple[Tensor, Tensor | None]:
        """All positions at once: `tgt_in` `(batch, tgt_len)` -> features `(batch, tgt_len, features_dim)` and, if `weights` are wanted,
        attention `(batch, tgt_len, src_len)`, None where there is none."""
        state = self.start(source)
        features, looked, _ = self.segment(self.embed(tgt_in), state, weights=weights)
        return features, looked

    def embed(self, tgt_in: Tensor) -> Tensor:
        """See `SegmentDecoder.embed`."""
        vectors: Tensor = self.embedding(tgt_in)
        return vectors

    def segment(
        self, inputs: Tensor, state: RecurrentState, *, weights: bool
    ) -> tuple[Tensor, Tensor | None, RecurrentState]:
        """See `SegmentDecoder.segment`."""
        way = self._unrolled if self.input_feeding or self._covers else self._parallel
        features, looked, state = way(inputs, state, weights=weights)
        return self.output_dropout(features), looked, state

    def _parallel(
        self, hidden: Tensor, state: RecurrentState, *, weights: bool
    ) -> tuple[Tensor, Tensor | None, RecurrentState]:
        last: list[CellState] = []
        for index, (layer, layer_state) in enumerate(zip(self._layers(), state.layers, strict=True)):
            outputs, new = layer(self.layer_dropout(hidden) if index else hidden, layer_state)
            last.append(new)
            hidden = self._joined(hidden, outputs)
        context, looked = self.attention(hidden, state.memory, weights=weights)
        return self._features(context, hidden), looked, state._replace(layers=tuple(last))

    def _unrolled(
        self, embedded: Tensor, state: RecurrentState, *, weights: bool
    ) -> tuple[Tensor, Tensor | None, RecurrentState]:
        steps = [layer.steps() for layer in self._layers()]
        rows = embedded.shape[0]
        masks = [None, *(self.layer_dropout.mask(rows, layer.hidden, embedded) for layer in self._layers()[:-1])]
        features: list[Tensor] = []
        looks: list[Tensor] = []
        for below in embedded.unbind(1):
            feature, looked, state = self._advance(below, state, steps, masks)
            features.append(feature)
            if weights and looked is not None:
                looks.append(looked)
        return torch.stack(features, 1), torch.stack(looks, 1) if looks else None, state

    def _advance(
        self, below: Tensor, state: RecurrentState, steps: Sequence[CellStep], masks: Sequence[Tensor | None]
    ) -> tuple[Tensor, Tensor | None, RecurrentState]:
        """One step of all layers on the embedded tokens `below` `(rows, dim)`."""
        if state.feed is not None:
            below = torch.cat([below, state.feed], dim=-1)
        new: list[CellState] = []
        for step, layer_state, mask in zip(steps, state.layers, masks, strict=True):
            new.append(step(below if mask is None else below * mask, layer_state))
            below = self._joined(below, new[-1][0])
        sentences = state.memory.mask.shape[0]
        query = below.view(sentences, -1, below.shape[-1])  # (B, K, H)
        covered = None if state.coverage is None else state.coverage.view(sentences, -1, state.coverage.shape[-1])
        context, weights = self.attention(query, state.memory, coverage=covered)
        features = self._features(context.flatten(0, 1), below)
        feed = None if state.feed is None else features
        flat = None if weights is None else weights.reshape(-1, weights.shape[-1])
        coverage = None if state.coverage is None or flat is None else state.coverage + flat
        return features, flat, RecurrentState(state.memory, tuple(new), feed, coverage)

    @property
    def _covers(self) -> bool:
        return self.attention.cover is not None

    def _joined(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        return inputs + outputs if self.residual and inputs.shape[-1] == outputs.shape[-1] else outputs

    def _features(self, context: Tensor, hidden: Tensor) -> Tensor:
        return torch.tanh(self.readout(torch.cat([context, hidden], dim=-1)))

    def _layers(self) -> list[CellLayer]:
        return [layer for layer in self.layers if isinstance(layer, CellLayer)]
