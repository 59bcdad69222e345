"""Limits on the number of words of an output, whatever the search.

A row that has as many words as it may have goes on with its last word or ends. What goes on with a word is looked for among the candidates
of the row alone, and what would make another word of it (`run`, `running`) only where that is what the model would say next: else the word
is whole. Its eos is always there, because it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from seqtool.decoding.stepper import EOS, UNK, Bools, Candidates, Constraints, Ints


class WordTable(NamedTuple):
    """What tokens `(V,)` do to words: the words each begins where the word before goes on (`after_word`) and where that has ended or there
    is none (`after_space`); whether what it ends with goes on (`open`); whether it ends the word before (`begins`); and whether it makes
    another word of that (`joins`)."""

    after_word: Ints
    after_space: Ints
    open: Bools
    begins: Bools
    joins: Bools

    @property
    def widest(self) -> int:
        """The most words that a token begins."""
        return int(self.after_space.max(initial=1))

    def known(self, tokens: Ints, own: Bools | None = None) -> Ints:
        """`tokens` `(R,)` or `(R, C)` with others, which do the same to words, for those behind the vocabulary: tokens that a source has
        for itself. `own` `(R, O)` says which of these go on with the word before them; those of the others begin a word, as letters after
        a space do. Without it each is a word, as unk is."""
        behind = tokens >= len(self.open)
        if own is None or not own.shape[1] or not behind.any():
            return np.where(behind, UNK, tokens)
        places = np.clip(tokens - len(self.open), 0, own.shape[1] - 1).reshape(len(own), -1)
        goes_on = np.take_along_axis(own, places, axis=1).reshape(tokens.shape)
        letter = self._like(self.after_word == 0, ~self.begins, self.joins)
        first_letter = self._like(self.after_word == 1, self.begins, ~self.joins)
        return np.where(behind, np.where(goes_on, letter, first_letter), tokens)

    def _like(self, *wanted: Bools) -> int:
        """A token that is a part of a word and like this."""
        found = np.flatnonzero(np.logical_and.reduce([self.after_space == 1, self.open, *wanted]))
        return int(found[0]) if len(found) else UNK

    def begun(self, tokens: Sequence[int]) -> list[int]:
        """The words begun by the first 0, 1, ... of these tokens, which begin a word or follow a space."""
        counts, goes_on = [0], False
        for token in self.known(np.asarray(tokens, np.int64)).tolist():
            words = self.after_word[token] if goes_on else self.after_space[token]
            counts.append(counts[-1] + int(words))
            goes_on = bool(self.open[token])
        return counts


@dataclass(frozen=True)
class WordLimit:
    """The `least` words of each of B sentences `(B,)`, and the `most` `(B,)`, not below it; `own` as in `WordTable.known`."""

    table: WordTable
    least: Ints
    most: Ints
    own: Bools | None = None

    def of(self, sentences: Ints) -> WordLimit:
        """The limits of these sentences `(B',)`, which may repeat."""
        own = None if self.own is None else self.own[sentences]
        return replace(self, least=self.least[sentences], most=self.most[sentences], own=own)


@dataclass(frozen=True)
class Missing:
    """What R rows lack of phrases they must contain: words `now` `(R,)`, words `after` each candidate `(R, C)`, and whether any token is
    missing, `bound` `(R,)`."""

    now: Ints
    after: Ints
    bound: Bools


class WordCount:
    """The words that the rows of a search have said; with None as limit it counts nothing and changes nothing.

    In each step `early` and `asks` come before the stepper's, `fit` and `grow` after it.
    """

    def __init__(self, limit: WordLimit | None, rows: int) -> None:
        self._limit = limit
        if limit is not None:
            self._least, self._most, self._own = limit.least, limit.most, limit.own
            self._words: Ints = np.zeros(rows, np.int64)
            self._open: Bools = np.zeros(rows, np.bool_)

    def early(self, constraints: Constraints) -> Constraints:
        """The constraints, and no eos for a row with fewer than its least words where it is not forced."""
        if self._limit is None:
            return constraints
        early = np.flatnonzero((self._words < self._least) & _loose(constraints, len(self._words)))
        if not len(early):
            return constraints
        rows, tokens = early, np.full(len(early), EOS)
        if constraints.forbidden_rows is not None and constraints.forbidden_tokens is not None:
            rows = np.concatenate([constraints.forbidden_rows, rows])
            tokens = np.concatenate([constraints.forbidden_tokens, tokens])
        return replace(constraints, forbidden_rows=rows, forbidden_tokens=tokens)

    def asks(self, constraints: Constraints, missing: Ints | None = None) -> Ints | None:
        """The eos for each row that is full, or may not take every token, `(R, 1)`, -1 for the others; None where all are others.
        `missing` `(R,)` are words of phrases."""
        if self._limit is None:
            return None
        left = self._most - self._words - (0 if missing is None else missing)
        full = (left < self._limit.table.widest) & (self._words >= self._least) & _loose(constraints, len(left))
        return np.where(full, EOS, -1)[:, None] if full.any() else None

    def fit(self, candidates: Candidates, constraints: Constraints, missing: Missing | None = None) -> Candidates:
        """The candidates with those that would begin a word too many at -inf."""
        if self._limit is None:
            return candidates
        table, left = self._limit.table, self._most - self._words
        close = left - (0 if missing is None else missing.now) < table.widest
        rows = np.flatnonzero(close & _loose(constraints, len(left)))
        if not len(rows):
            return candidates
        tokens = table.known(candidates.tokens[rows], None if self._own is None else self._own[rows])
        words = np.where(self._open[rows, None], table.after_word[tokens], table.after_space[tokens])
        after: Ints | int = 0 if missing is None else missing.after[rows]
        full, bound = left[rows] <= 0, False if missing is None else missing.bound[rows]
        over = (words + after > left[rows, None]) | (table.begins[tokens] & (full & ~np.asarray(bound))[:, None])
        first = tokens[np.arange(len(rows)), candidates.log_probs[rows].argmax(1)]
        whole = full & ~table.joins[first] & ~np.asarray(bound)
        over |= table.joins[tokens] & whole[:, None]
        log_probs = candidates.log_probs.copy()
        log_probs[rows] = np.where(over & (tokens != EOS), -np.inf, log_probs[rows])
        return candidates._replace(log_probs=log_probs)

    def grow(self, rows: Ints, tokens: Ints) -> None:
        """The rows go on: the old row each continues and its token, both `(R',)`."""
        if self._limit is None:
            return
        table, goes_on = self._limit.table, self._open[rows]
        self._own = None if self._own is None else self._own[rows]
        tokens = table.known(tokens, self._own)
        self._words = self._words[rows] + np.where(goes_on, table.after_word[tokens], table.after_space[tokens])
        self._open = table.open[tokens]
        self._least, self._most = self._least[rows], self._most[rows]


def _loose(constraints: Constraints, rows: int) -> Bools:
    """The rows `(R,)` whose token is not forced."""
    if constraints.forced is None:
        return np.ones(rows, np.bool_)
    loose: Bools = constraints.forced < 0
    return loose
