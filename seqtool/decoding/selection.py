"""Which continuations a beam takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from seqtool.decoding.stepper import EOS, PAD, Bools, Candidates, Floats, Ints


class Pool(NamedTuple):
    """All continuations of each sentence: its hypothesis `(B, W)` each continues, their tokens, and their sums (-inf: there is none)."""

    parents: Ints
    tokens: Ints
    log_probs: Floats

    def at(self, places: Ints) -> Pool:
        """Those in these places `(B, n)`."""
        flat = places + np.arange(0, self.tokens.size, self.tokens.shape[1])[:, None]
        parents, tokens, log_probs = self
        return Pool(parents.reshape(-1)[flat], tokens.reshape(-1)[flat], log_probs.reshape(-1)[flat])

    def columns(self, first: int, end: int) -> Pool:
        """Those from column `first` up to `end`."""
        return Pool(self.parents[:, first:end], self.tokens[:, first:end], self.log_probs[:, first:end])


def joined(pools: Sequence[Pool]) -> Pool:
    """The continuations of all, side by side."""
    parents, tokens, log_probs = zip(*pools, strict=True)
    return Pool(np.concatenate(parents, 1), np.concatenate(tokens, 1), np.concatenate(log_probs, 1))


class Choice(NamedTuple):
    """What a step chose, both `(B, K)`: the `live` hypotheses that go on, and the `best` of all with those `ended` among them; None where
    none did."""

    live: Pool
    best: Pool
    ended: Bools | None


def with_asked(candidates: Candidates, asked: Ints) -> Candidates:
    """The candidates and behind them the tokens `asked` `(R, M)` for, those in both only once."""
    assert candidates.asked is not None
    said = np.isfinite(candidates.log_probs)[:, :, None] & (candidates.tokens[:, :, None] == asked[:, None, :])
    log_probs = np.where(said.any(1), -np.inf, candidates.asked)
    tokens = np.concatenate(
        [candidates.tokens, np.maximum(asked, PAD)], axis=1
    )  # a model may be fed with these, so no -1
    return Candidates(tokens, np.concatenate([candidates.log_probs, log_probs], axis=1))


def best_first(candidates: Candidates) -> Candidates:
    """The candidates in the order of their log-probabilities."""
    order = descending(candidates.log_probs)
    log_probs = np.take_along_axis(candidates.log_probs, order, axis=1)
    return candidates._replace(tokens=np.take_along_axis(candidates.tokens, order, axis=1), log_probs=log_probs)


def continuations(candidates: Candidates, log_probs: Floats, width: int) -> Pool:
    """The continuations of the hypotheses with the sums `log_probs` `(B, K)`, padded to at least `width` of them."""
    sentences, places = log_probs.shape
    each = candidates.tokens.shape[1]
    sums = (log_probs.reshape(-1, 1) + candidates.log_probs).reshape(sentences, places * each)
    tokens = candidates.tokens.reshape(sentences, places * each)
    parents = np.broadcast_to(_parents(places, each), tokens.shape)
    pool = Pool(parents, tokens, sums)
    if tokens.shape[1] >= width:
        return pool
    missing = ((0, 0), (0, width - tokens.shape[1]))  # a vocabulary smaller than the beam
    padded = np.pad(sums, missing, constant_values=-np.inf)
    return Pool(np.pad(parents, missing, mode="edge"), np.pad(tokens, missing, mode="edge"), padded)


@lru_cache(maxsize=256)
def _parents(places: int, each: int) -> Ints:
    """The hypothesis of each candidate of a sentence `(places x each,)`; the same at every step."""
    parents: Ints = np.repeat(np.arange(places), each)
    parents.setflags(write=False)
    return parents


def closing_up(stay: Bools) -> Ints:
    """The places of those that stay, in an order in which the last of them fill the places of those that leave: few have to be moved."""
    order = np.arange(np.count_nonzero(stay))
    order[~stay[: len(order)]] = len(order) + np.flatnonzero(stay[len(order) :])
    return order


def choose(pool: Pool, width: int, keys: Floats | None = None) -> Choice:
    """The best `width` continuations of each sentence end where they are an eos; the best `width` others live on. The best have the
    greatest `keys` `(B, W)`, their sums where there are none.

    Of two with the same key the one of the earlier hypothesis goes first, and of one hypothesis the one its row lists first: the order
    depends on nothing outside the sentence.
    """
    keys = pool.log_probs if keys is None else keys
    # at most `width` are an eos, one a hypothesis, so twice as many always hold enough others
    order = descending(keys)[:, : 2 * width]
    best = pool.at(order[:, :width])
    is_eos = best.tokens == EOS
    if not is_eos.any():
        return Choice(best, best, None)
    ranked = pool.at(order)
    going_on = np.where(ranked.tokens == EOS, -np.inf, np.take_along_axis(keys, order, axis=1))
    live = without_eos(ranked).at(descending(going_on)[:, :width])
    return Choice(live, best, is_eos & np.isfinite(best.log_probs))


def without_eos(pool: Pool) -> Pool:
    """The same with the ends taken out."""
    return pool._replace(log_probs=np.where(pool.tokens == EOS, -np.inf, pool.log_probs))


def descending(values: Floats) -> Ints:
    """The order of each row `(B, W)`, greatest first, equal ones as they stand."""
    return np.argsort(-values, axis=1, kind="stable")
