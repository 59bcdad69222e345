"""Encoder, decoder and generator together."""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self, cast

import torch
from torch import Tensor, nn

from seqtool.models.generator import Generator
from seqtool.models.memory import EncoderOutput
from seqtool.models.mixture import Mixture, mixed_log_probs
from seqtool.models.pointer import Pointer, known, pointed_shares, sayable


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


class Said(NamedTuple):
    """Of the next token of each row: `logits` `(rows, vocab)` of generating it, `attention` `(rows, src_len)`, None without, and, of a
    model with a pointer, the `log_odds` `(rows,)` of generating against copying."""

    logits: Tensor
    attention: Tensor | None
    log_odds: Tensor | None


class Positions(NamedTuple):
    """The N real target positions of a batch: `features` `(positions, features_dim)`, `targets` `(positions,)`, and, of a model with a
    pointer, the mixture there."""

    features: Tensor
    targets: Tensor
    mixture: Mixture | None


class Seq2Seq(nn.Module):
    """A whole model. `encoder(src_ids, src_mask) -> EncoderOutput`, `decoder(tgt_in, encoder_output, weights=True) -> (features,
    attention)`, where nobody computes attention's weights for their own sake without `weights`.

    With a `pointer` ids may go on behind the vocabulary (see `Pointer`), and the logits are those of generating alone.
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, generator: Generator, pointer: Pointer | None = None
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.generator = generator
        self.pointer = pointer

    def forward(self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor) -> Tensor:
        """Logits `(batch, tgt_len, vocab)` of the token after each of `tgt_in` `(batch, tgt_len)`."""
        features, _ = self.features(src_ids, src_mask, tgt_in)
        logits: Tensor = self.generator(features)
        return logits

    def features(
        self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor, *, weights: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """What the generator is given, `(batch, tgt_len, features_dim)`, and, if `weights` are wanted or there is a pointer, attention
        `(batch, tgt_len, src_len)`, None where there is none."""
        weights = weights or self.pointer is not None
        features, looked = self.decoder(
            self.known(tgt_in), self.encoder(self.known(src_ids), src_mask), weights=weights
        )
        return features, looked

    def known(self, ids: Tensor) -> Tensor:
        """Ids as embeddings take them: a model with a pointer has unk for what is behind its vocabulary."""
        return ids if self.pointer is None else known(ids, self.generator.weight.shape[0])

    def start(self, src_ids: Tensor, src_mask: Tensor) -> DecoderState:
        """The state before the first token, one row a sentence: `src_ids` `(batch, src_len)`, `src_mask` likewise, True = real token."""
        return cast(Decoder, self.decoder).start(self.encoder(self.known(src_ids), src_mask))

    def step(self, tokens: Tensor, state: DecoderState) -> tuple[Tensor, Tensor | None, DecoderState]:
        """One token a row: `tokens` `(rows,)` -> logits `(rows, vocab)`, attention `(rows, src_len)` or None, new state."""
        said, state = self.say(tokens, state)
        return said.logits, said.attention, state

    def say(self, tokens: Tensor, state: DecoderState) -> tuple[Said, DecoderState]:
        """`step` with everything that is said of the next token."""
        features, attention, state = cast(Decoder, self.decoder).step(self.known(tokens), state)
        odds = None if self.pointer is None else self.pointer.log_odds(features)
        return Said(self.generator(features), attention, odds), state

    def losses(
        self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor, tgt_out: Tensor, tgt_mask: Tensor, *, smoothing: float
    ) -> Losses:
        """Summed losses of a batch; masks are bool, True = real token. Padding is never projected to the vocabulary."""
        features, looked = self.features(src_ids, src_mask, tgt_in)
        positions = self.positions(features, looked, src_ids, tgt_out, tgt_mask)
        return Losses(*self.generator.loss(positions.features, positions.targets, smoothing, positions.mixture))

    def positions(
        self, features: Tensor, looked: Tensor | None, src_ids: Tensor, tgt_out: Tensor, tgt_mask: Tensor
    ) -> Positions:
        """Of the real positions, row by row, what the loss is made of; `features` and `looked` are what `features` gives."""
        real = tgt_mask.flatten().nonzero().squeeze(1)
        some = features.flatten(0, 1).index_select(0, real)
        if self.pointer is None:
            return Positions(some, tgt_out.flatten().index_select(0, real), None)
        assert looked is not None, "a recipe's rule"
        tgt_out = sayable(src_ids, tgt_out, self.generator.weight.shape[0])
        shares = pointed_shares(looked, src_ids, tgt_out).flatten().index_select(0, real)
        return Positions(some, tgt_out.flatten().index_select(0, real), self.pointer.mixture(some, shares))

    @torch.no_grad()
    def log_probs(self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor, tgt_out: Tensor) -> Tensor:
        """`traced_log_probs` without gradients."""
        return self.traced_log_probs(src_ids, src_mask, tgt_in, tgt_out)

    def traced_log_probs(self, src_ids: Tensor, src_mask: Tensor, tgt_in: Tensor, tgt_out: Tensor) -> Tensor:
        """Log-probability of each token of `tgt_out` `(batch, tgt_len)`, in nats, same shape; what it says at padding means nothing."""
        features, looked = self.features(src_ids, src_mask, tgt_in)
        every = torch.ones_like(tgt_out, dtype=torch.bool)
        positions = self.positions(features, looked, src_ids, tgt_out, every)
        logits = self.generator(positions.features).float()
        if positions.mixture is not None:
            return mixed_log_probs(logits, positions.targets, positions.mixture).view_as(tgt_out)
        found: Tensor = torch.log_softmax(logits, dim=-1).gather(-1, positions.targets.unsqueeze(-1))
        return found.view_as(tgt_out)
