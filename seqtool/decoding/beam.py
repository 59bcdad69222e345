"""Batched beam search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.rules import LengthLimit, ending
from seqtool.decoding.stepper import BOS, EOS, Bools, Candidates, Floats, Ints, State, Stepper


class _Beams(NamedTuple):
    """Live hypotheses of the B sentences still in the batch: `sentences` `(B,)` says which, `history` `(B, K, T)` holds the tokens so far,
    `log_probs` `(B, K)` their sums (-inf: an empty place), `most` `(B,)` their limits."""

    sentences: Ints
    history: Ints
    log_probs: Floats
    most: Ints


class _Choice(NamedTuple):
    """The best continuations of each sentence, best first: the hypothesis `(B, n)` each continues, its `tokens`, and the new sums."""

    parents: Ints
    tokens: Ints
    log_probs: Floats


def beam_search(
    stepper: Stepper[State],
    src_ids: Ints,
    src_lengths: Ints,
    *,
    beam_size: int,
    n_best: int,
    limit: LengthLimit,
    length_penalty: float,
) -> list[list[Hypothesis]]:
    """Up to `n_best` hypotheses, best first, for each sentence of `src_ids` `(B, S)`; `src_lengths` `(B,)` count the eos.

    A hypothesis finishes when its eos is among the best `beam_size` continuations of its sentence; a sentence leaves the batch when
    `beam_size` hypotheses have finished, or all that were left had to end. Live hypotheses are always the best `beam_size` unfinished ones.
    """
    finished: list[list[Hypothesis]] = [[] for _ in range(len(src_ids))]
    count = len(src_ids)
    beams = _Beams(np.arange(count), np.empty((count, 1, 0), np.int64), np.zeros((count, 1)), limit.most(src_lengths))
    state = stepper.start(src_ids, src_lengths)
    tokens = np.full(count, BOS, np.int64)
    while len(beams.sentences):
        constraints = ending(beams.most, beams.history.shape[2], beams.history.shape[1])
        # one more than the beam: a row has at most one eos, and beam_size others must remain
        candidates, state = stepper.step(tokens, state, constraints, beam_size + 1)
        choice = _best(candidates, beams.log_probs, beam_size)
        _collect(choice, beams, finished, beam_size, length_penalty)
        beams, rows = _advance(choice, beams, finished, beam_size)
        if len(rows):
            state = stepper.select(state, rows)
        tokens = beams.history[:, :, -1].reshape(-1)
    return [sorted(found, key=lambda one: -one.score)[:n_best] for found in finished]


def _best(candidates: Candidates, log_probs: Floats, beam_size: int) -> _Choice:
    """The best 2 x `beam_size` continuations of each sentence: `beam_size` of them at most are eos."""
    sentences, places = log_probs.shape
    each = candidates.tokens.shape[1]
    sums = (log_probs.reshape(-1, 1) + candidates.log_probs).reshape(sentences, places * each)
    order = np.argsort(-sums, axis=1, kind="stable")[:, : 2 * beam_size]  # (B, n), n <= 2 K
    tokens = candidates.tokens.reshape(sentences, places * each)
    return _Choice(order // each, np.take_along_axis(tokens, order, axis=1), np.take_along_axis(sums, order, axis=1))


def _collect(
    choice: _Choice, beams: _Beams, finished: list[list[Hypothesis]], beam_size: int, length_penalty: float
) -> None:
    """Files the hypotheses that end here."""
    length = beams.history.shape[2] + 1
    first = slice(None, beam_size)
    ended = (choice.tokens[:, first] == EOS) & np.isfinite(choice.log_probs[:, first])
    for row, place in np.argwhere(ended).tolist():
        log_prob = float(choice.log_probs[row, place])
        tokens = tuple(beams.history[row, choice.parents[row, place]].tolist())
        score = normalised(log_prob, length, length_penalty)
        finished[beams.sentences[row]].append(Hypothesis(tokens, log_prob, score))


def _advance(choice: _Choice, beams: _Beams, finished: list[list[Hypothesis]], beam_size: int) -> tuple[_Beams, Ints]:
    """The live hypotheses after this step, and the rows of the old state they continue `(B' x K,)`."""
    places = beams.history.shape[1]
    sums = np.where(choice.tokens == EOS, -np.inf, choice.log_probs)
    if sums.shape[1] < beam_size:  # a vocabulary smaller than the beam: empty places
        choice, sums = _widen(choice, sums, beam_size)
    live = np.argsort(-sums, axis=1, kind="stable")[:, :beam_size]  # (B, K)
    parents = np.take_along_axis(choice.parents, live, axis=1)
    tokens = np.take_along_axis(choice.tokens, live, axis=1)
    sums = np.take_along_axis(sums, live, axis=1)
    stay: Bools = np.isfinite(sums[:, 0]) & np.array(
        [len(finished[one]) < beam_size for one in beams.sentences.tolist()]
    )
    kept = np.flatnonzero(stay)
    parents, tokens, sums = parents[kept], tokens[kept], sums[kept]
    history = np.concatenate([beams.history[kept[:, None], parents], tokens[:, :, None]], axis=2)
    rows = (kept[:, None] * places + parents).reshape(-1)
    return _Beams(beams.sentences[kept], history, sums, beams.most[kept]), rows


def _widen(choice: _Choice, sums: Floats, width: int) -> tuple[_Choice, Floats]:
    missing = ((0, 0), (0, width - sums.shape[1]))
    parents, tokens = (np.pad(part, missing, mode="edge") for part in (choice.parents, choice.tokens))
    wide = np.pad(sums, missing, constant_values=-np.inf)
    return _Choice(parents, tokens, wide), wide
