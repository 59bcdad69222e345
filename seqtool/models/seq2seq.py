"""Encoder, decoder and generator together."""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self, cast

import torch
from torch import Tensor, nn

from seqtool.models.generator import Generator
from seqtool.models.memory import EncoderOutput


class DecoderState(Protocol):
    """What a decoder carries from step to step; search only ever reorders it."""

    def select(self, rows: Tensor, sentences: Tensor | None) -> Self:
        """The state of these rows `(R',)`; `sentences` `(B',)` are those that stay, None when all do."""


class Decoder(Protocol):
    """What `Seq2Seq` asks of a decoder; the twins `step` and `forward` compute the same numbers."""

    features_dim: int

    def start(self, source: EncoderOutput) -> DecoderState:
        """The state before the first token, one row a sentence."""

    def step(self, tokens: Tensor, state: DecoderState) -> tuple[Tensor, Tensor | None, DecoderState]:
        """One token a row -> features `(rows, features_dim)`, attention `(rows, src_len)` or None, new state."""


class SegmentState(DecoderState, Protocol):
    """The state of a decoder that may also be trained on a part of the target at a time."""

    def cut(self) -> Self:
        """The same numbers, but what belongs to rows has forgotten where it comes from: gradients end here."""


class SegmentDecoder(Decoder, Protocol):
    """A decoder whose `forward` is `embed` and one `segment`, or several, of which each begins with the last one's state."""

    def embed(self, tgt_in: Tensor) -> Tensor:
        """Inputs `(batch, tgt_len, dim)` of `tgt_in` `(batch, tgt_len)`."""

    def segment(
        self, inputs: Tensor, state: SegmentState, *, weights: bool
    ) -> tuple[Tensor, Tensor | None, SegmentState]:
        """`inputs` `(batch, length, dim)` of the next positions -> features `(batch, length, features_dim)`, attention `(batch, length,
        src_len)` if `weights` are wanted, new state."""


class Losses(NamedTuple):
    """Sums over a batch's real target positions, in nats: the smoothed loss to minimise, and the plain negative log-likelihood."""

    loss: Tensor
    nll: Tensor


class Seq2Seq(nn.Module):
    """A whole model. `encoder(src_ids, src_mask) -> EncoderOutput`, `decoder(tgt_in, encoder_output, weights=True) -> (features,
    attention)`, where nobody computes attention's weights for their own sake without `weights`."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, generator: Generator) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.generator = generator

    def forward(self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor) -> Tensor:
        """Logits `(batch, tgt_len, vocab)` of the token after each of `tgt_in` `(batch, tgt_len)`."""
        features, _ = self.features(src_ids, src_mask, tgt_in)
        logits: Tensor = self.generator(features)
        return logits

    def features(
        self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor, *, weights: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """What the generator is given, `(batch, tgt_len, features_dim)`, and, if `weights` are wanted, attention `(batch, tgt_len,
        src_len)`, None where there is none."""
        features, looked = self.decoder(tgt_in, self.encoder(src_ids, src_mask), weights=weights)
        return features, looked

    def start(self, src_ids: Tensor, src_mask: Tensor) -> DecoderState:
        """The state before the first token, one row a sentence: `src_ids` `(batch, src_len)`, `src_mask` likewise, True = real token."""
        return cast(Decoder, self.decoder).start(self.encoder(src_ids, src_mask))

    def step(self, tokens: Tensor, state: DecoderState) -> tuple[Tensor, Tensor | None, DecoderState]:
        """One token a row: `tokens` `(rows,)` -> logits `(rows, vocab)`, attention `(rows, src_len)` or None, new state."""
        features, attention, state = cast(Decoder, self.decoder).step(tokens, state)
        return self.generator(features), attention, state

    def losses(
        self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor, tgt_out: Tensor, tgt_mask: Tensor, *, smoothing: float
    ) -> Losses:
        """Summed losses of a batch; masks are bool, True = real token. Padding is never projected to the vocabulary."""
        features, _ = self.features(src_ids, src_mask, tgt_in)
        return Losses(*self.generator.loss(*chosen(features, tgt_out, tgt_mask), smoothing))

    @torch.no_grad()
    def log_probs(self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor, tgt_out: Tensor) -> Tensor:
        """Log-probability of each token of `tgt_out` `(batch, tgt_len)`, in nats, same shape; what it says at padding means nothing."""
        logits = self(src_ids, src_mask, tgt_in)
        found: Tensor = torch.log_softmax(logits.float(), dim=-1).gather(-1, tgt_out.unsqueeze(-1)).squeeze(-1)
        return found


def chosen(features: Tensor, tgt_out: Tensor, tgt_mask: Tensor) -> tuple[Tensor, Tensor]:
    """Of the real positions, row by row: features `(positions, features_dim)` and targets `(positions,)`."""
    real = tgt_mask.flatten().nonzero().squeeze(1)
    return features.flatten(0, 1).index_select(0, real), tgt_out.flatten().index_select(0, real)
