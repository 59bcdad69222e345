"""A decoder beside which the source words that it looks at speak for themselves."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from seqtool.models.memory import EncoderOutput
from seqtool.models.seq2seq import Decoder, DecoderState, SegmentDecoder, SegmentState


class LexicalState(NamedTuple):
    """Between two steps: the state of the decoder inside, and `vectors` `(batch, src_len, embedding)` of the sentences' tokens."""

    inner: DecoderState
    vectors: Tensor

    def select(self, rows: Tensor, sentences: Tensor | None) -> LexicalState:
        """The state of these rows `(R',)`, which may repeat; `sentences` `(B',)` are those that stay, None when all do."""
        vectors = self.vectors if sentences is None else self.vectors.index_select(0, sentences)
        return LexicalState(self.inner.select(rows, sentences), vectors)

    def cut(self) -> LexicalState:
        """See `SegmentState.cut`."""
        return LexicalState(cast(SegmentState, self.inner).cut(), self.vectors)


class LexicalDecoder(nn.Module):
    """Adds what source words say by themselves to the features of a decoder with attention a; e are the vectors of the source's tokens:

        f_t = tanh(sum_s a_ts e_s),  h_t = tanh(W f_t) + f_t,  features = [the decoder's own; h_t]

    (Nguyen and Chiang 2018, section 4). `LexicalGenerator` has a table of its own for h.
    """

    def __init__(self, decoder: nn.Module, *, features_dim: int, dim: int) -> None:
        """`features_dim` is the size of the decoder's own features, `dim` that of the vectors of source tokens."""
        super().__init__()
        self.decoder = decoder
        self.features_dim = features_dim + dim
        self.hidden = nn.Linear(dim, dim, bias=False)
        nn.init.xavier_uniform_(self.hidden.weight)

    def start(self, source: EncoderOutput) -> LexicalState:
        """The state before the first token, one row a sentence."""
        return LexicalState(cast(Decoder, self.decoder).start(source), source.vectors)

    def step(self, tokens: Tensor, state: LexicalState) -> tuple[Tensor, Tensor | None, LexicalState]:
        """One token a row: `tokens` `(rows,)` -> features `(rows, features_dim)`, attention `(rows, src_len)`, new state."""
        features, looked, inner = cast(Decoder, self.decoder).step(tokens, state.inner)
        assert looked is not None
        by_sentence = looked.view(state.vectors.shape[0], -1, looked.shape[-1])  # (B, K, S)
        said = self._said(by_sentence, state.vectors).flatten(0, 1)
        return torch.cat([features, said], dim=-1), looked, LexicalState(inner, state.vectors)

    def forward(self, tgt_in: Tensor, source: EncoderOutput, *, weights: bool = True) -> tuple[Tensor, Tensor | None]:
        """All positions at once: `tgt_in` `(batch, tgt_len)` -> features `(batch, tgt_len, features_dim)` and, if `weights` are wanted,
        attention `(batch, tgt_len, src_len)`."""
        features, looked = self.decoder(tgt_in, source, weights=True)
        features = torch.cat([features, self._said(looked, source.vectors)], dim=-1)
        return features, looked if weights else None

    def embed(self, tgt_in: Tensor) -> Tensor:
        """See `SegmentDecoder.embed`."""
        return cast(SegmentDecoder, self.decoder).embed(tgt_in)

    def segment(
        self, inputs: Tensor, state: LexicalState, *, weights: bool
    ) -> tuple[Tensor, Tensor | None, LexicalState]:
        """See `SegmentDecoder.segment`."""
        features, looked, inner = cast(SegmentDecoder, self.decoder).segment(
            inputs, cast(SegmentState, state.inner), weights=True
        )
        assert looked is not None
        features = torch.cat([features, self._said(looked, state.vectors)], dim=-1)
        return features, looked if weights else None, LexicalState(inner, state.vectors)

    def _said(self, looked: Tensor, vectors: Tensor) -> Tensor:
        """h of attention `(batch, queries, src_len)`: `(batch, queries, embedding)`."""
        found = torch.tanh(torch.bmm(looked, vectors))
        return torch.tanh(self.hidden(found)) + found
