"""A model that points as a `Stepper`: what it generates and what it copies are one distribution (See et al. 2017, equation 9).

The best tokens of both together are among the best that are generated and those of the source, so the vocabulary-wide distribution need
not leave the model. Tokens that are in no vocabulary have numbers behind it, which the model inside never sees.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.decoding.stepper import (
    UNK,
    Bools,
    Candidates,
    Constraints,
    Distribution,
    Floats,
    Floats32,
    Ints,
    Speaker,
    Stepper,
    staying,
)
from seqtool.errors import ModelError


class Sources(NamedTuple):
    """The sources of B sentences: `tokens` `(B, D)`, each of a source's once, -1 after the last, and `places` `(B, S)`, where among them
    each position's is."""

    tokens: Ints
    places: Ints

    @classmethod
    def of(cls, src_ids: Ints, src_lengths: Ints) -> Sources:
        """`src_ids` `(B, S)`, padded at the end, `src_lengths` `(B,)` with eos."""
        found = [np.unique(row[:length], return_inverse=True) for row, length in zip(src_ids, src_lengths, strict=True)]
        tokens = np.full((len(src_ids), max((len(one) for one, _ in found), default=0)), -1)
        places = np.zeros_like(src_ids)  # padding points at the first, with no attention
        for row, (own, where) in enumerate(found):
            tokens[row, : len(own)] = own
            places[row, : len(where)] = where
        return cls(tokens, places)

    def select(self, sentences: Ints) -> Sources:
        """Of these sentences `(B',)`."""
        return Sources(self.tokens[sentences], self.places[sentences])

    def shares(self, attention: Floats32) -> Floats:
        """The attention `(R, S)` that each token has, summed over its positions: `(R, D)`."""
        rows, width = len(attention), self.tokens.shape[1]
        places = np.repeat(self.places, rows // len(self.places), axis=0) + np.arange(rows)[:, None] * width
        sums = np.bincount(places.ravel(), attention.ravel(), rows * width)
        return np.asarray(sums, np.float64).reshape(rows, width)


class PointingState(NamedTuple):
    """The state of the model inside, and the sources of its sentences."""

    inner: Any
    sources: Sources
    rows: int


class PointingStepper:
    """Steps a model and mixes: log p(w) = log(g p_vocab(w) + (1 - g) share(w)).

    Beside others in an ensemble a model without a pointer is taken, too, for its `distribution`.
    """

    def __init__(self, model: Speaker[Any], vocab_size: int) -> None:
        self._model, self._vocab_size = model, vocab_size

    def start(self, src_ids: Ints, src_lengths: Ints) -> PointingState:
        """See `Stepper.start`; ids may be behind the vocabulary."""
        inner = self._model.start(self._known(src_ids), src_lengths)
        return PointingState(inner, Sources.of(src_ids, src_lengths), len(src_ids))

    def step(
        self,
        tokens: Ints,
        state: PointingState,
        constraints: Constraints,
        count: int,
        asked: Ints | None = None,
        *,
        scored: bool = True,  # noqa: ARG002 - two distributions are mixed by what they are, not up to a factor
    ) -> tuple[Candidates, PointingState]:
        """See `Stepper.step`."""
        sources = self._by_row(state, len(tokens))
        questions = _together(len(tokens), asked, constraints.forced)
        inside = np.concatenate([sources, questions], axis=1)
        inside = np.where(inside < self._vocab_size, inside, -1)
        found, inner = self._model.step(self._known(tokens), state.inner, self._inside(constraints), count, inside)
        assert found.asked is not None
        mixing = _Mixing.of(found, state.sources)
        generated, answers = found.asked[:, : sources.shape[1]], found.asked[:, sources.shape[1] :]
        copied = mixing.mixed(generated)
        answers = mixing.answers(answers, questions, sources)
        own = np.where(
            (found.tokens[:, :, None] == sources[:, None, :]).any(2), -np.inf, mixing.generated(found.log_probs)
        )
        both = np.concatenate([own, np.where(_barred(sources, constraints), -np.inf, copied)], axis=1)
        # Where a beam is wider than all there is to say, what cannot be said fills it, and is fed back: no -1.
        best = _best(np.concatenate([found.tokens, np.maximum(sources, 0)], axis=1), both, count)
        if constraints.forced is not None:
            best = _forced(*best, constraints.forced, answers[:, -1])
        told = None if asked is None else answers[:, : asked.shape[1]]
        return Candidates(*best, found.attention, told), PointingState(inner, state.sources, len(tokens))

    def distribution(self, tokens: Ints, state: PointingState) -> tuple[Distribution, PointingState]:
        """Of all tokens, those of the sources behind the vocabulary among them: `(R, V + U)`."""
        said, inner = self._model.distribution(self._known(tokens), state.inner)
        rows, width = len(tokens), max(self._vocab_size, int(state.sources.tokens.max(initial=0)) + 1)
        log_probs = np.full((rows, width), -np.inf, np.float32)
        log_probs[:, : self._vocab_size] = said.log_probs
        if said.log_odds is not None and said.attention is not None:
            mixing = _Mixing(said.log_odds[:, None].astype(np.float64), state.sources.shares(said.attention))
            sources = self._by_row(state, rows)
            at = np.arange(rows)[:, None], np.maximum(sources, 0)
            copied = mixing.mixed(log_probs[at].astype(np.float64))
            log_probs = mixing.generated(log_probs)
            log_probs[at] = np.where(sources < 0, log_probs[at], copied)
        return Distribution(log_probs, said.attention), PointingState(inner, state.sources, rows)

    def select(self, state: PointingState, rows: Ints) -> PointingState:
        """See `Stepper.select`."""
        kept = staying(rows, state.rows // len(state.sources.tokens))
        return PointingState(self._model.select(state.inner, rows), state.sources.select(kept), len(rows))

    def _known(self, ids: Ints) -> Ints:
        return np.where(ids < self._vocab_size, ids, UNK)

    def _inside(self, constraints: Constraints) -> Constraints:
        """What of them concerns the vocabulary, and nothing forced: a forced token may be copied."""
        never = tuple(token for token in constraints.never if token < self._vocab_size)
        rows, tokens = constraints.forbidden_rows, constraints.forbidden_tokens
        if rows is None or tokens is None:
            return Constraints(never)
        there = tokens < self._vocab_size
        return Constraints(never, rows[there], tokens[there])

    def _by_row(self, state: PointingState, rows: int) -> Ints:
        return np.repeat(state.sources.tokens, rows // len(state.sources.tokens), axis=0)


class _Mixing(NamedTuple):
    """`log_odds` `(R, 1)` of generating against copying, and the `shares` `(R, D)` of attention that the tokens of the sources have."""

    log_odds: Floats
    shares: Floats

    @classmethod
    def of(cls, found: Candidates, sources: Sources) -> _Mixing:
        if found.log_odds is None or found.attention is None:
            message = "its configuration says that the model points, and its ONNX graphs do not"
            raise ModelError("model.graphs", message, "write them again: seqtool export")
        return cls(found.log_odds[:, None], sources.shares(found.attention))

    def generated(self, log_probs: NDArray[Any]) -> NDArray[Any]:
        """log(g p) of tokens `(R, N)` that are not in the source, in the type of `log_probs`."""
        found: NDArray[Any] = log_probs - np.logaddexp(0, -self.log_odds).astype(log_probs.dtype)
        return found

    def mixed(self, log_probs: Floats) -> Floats:
        """log p of the tokens of the sources `(R, D)`, of which a generator says `log_probs`."""
        with np.errstate(divide="ignore"):
            copied = np.log(self.shares) - np.logaddexp(0, self.log_odds)
        return np.asarray(np.logaddexp(self.generated(log_probs), copied), np.float64)

    def answers(self, log_probs: Floats, questions: Ints, sources: Ints) -> Floats:
        """log p of `questions` `(R, M)`, of which a generator says `log_probs`; `sources` `(R, D)`."""
        same = questions[:, :, None] == sources[:, None, :]
        same &= sources[:, None, :] >= 0
        shares = (same * self.shares[:, None, :]).sum(2)
        return _Mixing(self.log_odds, shares).mixed(log_probs)


def _together(rows: int, asked: Ints | None, forced: Ints | None) -> Ints:
    """All tokens that are asked about, `(rows, M)`; what is forced last."""
    parts = [part for part in (asked, None if forced is None else forced[:, None]) if part is not None]
    return np.concatenate(parts, axis=1) if parts else np.empty((rows, 0), np.int64)


def _barred(sources: Ints, constraints: Constraints) -> Bools:
    """Which of the tokens `(R, D)` may not be said; -1 is none."""
    barred = (sources < 0) | np.isin(sources, constraints.never)
    rows, tokens = constraints.forbidden_rows, constraints.forbidden_tokens
    if rows is not None and tokens is not None and len(rows):
        np.logical_or.at(barred, rows, sources[rows] == tokens[:, None])
    return barred


def _best(tokens: Ints, log_probs: Floats, count: int) -> tuple[Ints, Floats]:
    """The best `count` of candidates `(R, C)`, best first, the lower token first where two are equal."""
    if count < tokens.shape[1]:  # to sort all tokens of long sources would take longer than all else here
        some = np.argpartition(-log_probs, count - 1, axis=1)[:, :count]
        tokens, log_probs = np.take_along_axis(tokens, some, 1), np.take_along_axis(log_probs, some, 1)
    order = np.lexsort((tokens, -log_probs), axis=1)[:, :count]
    return np.take_along_axis(tokens, order, 1), np.take_along_axis(log_probs, order, 1)


def _forced(tokens: Ints, log_probs: Floats, forced: Ints, answers: Floats) -> tuple[Ints, Floats]:
    """The candidates where rows with a `forced` token `(R,)` may take nothing else; `answers` `(R,)` is what is said of it."""
    rows = np.flatnonzero(forced >= 0)
    tokens[rows, 0] = forced[rows]
    log_probs[rows] = -np.inf
    log_probs[rows, 0] = answers[rows]
    return tokens, log_probs


def pointing(model: Speaker[Any], vocab_size: int, *, points: bool) -> Stepper[Any]:
    """The model itself or, of one that points, both its ways to say a token together."""
    return PointingStepper(model, vocab_size) if points else model
