"""What may be said next, whatever the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqtool.decoding.ngrams import repeating
from seqtool.decoding.stepper import EOS, Bools, Constraints, Ints
from seqtool.decoding.words import WordLimit, WordTable

_MOST = 2**31  # longer than any output, and far from where whole numbers end


@dataclass(frozen=True)
class LengthLimit:
    """An output has at most `ratio` x source tokens + `extra` tokens of its own, and at most `max_length`; at least `min_length` and
    `min_ratio` x source tokens; all without eos. It has at least `min_words` and at most `max_words` words. Where the least is above the
    most, the most wins, and the most tokens win over words."""

    ratio: float = 2.0
    extra: int = 10
    max_length: int | None = None
    min_length: int = 0
    min_ratio: float = 0.0
    min_words: int = 0
    max_words: int | None = None

    @property
    def counts_words(self) -> bool:
        """Whether words are limited at all."""
        return self.min_words > 0 or self.max_words is not None

    def most(self, src_lengths: Ints) -> Ints:
        """The most tokens for sources of these lengths `(B,)`, which count the eos."""
        most = np.minimum(np.maximum(src_lengths - 1, 1) * self.ratio, _MOST).astype(np.int64) + self.extra
        return most if self.max_length is None else np.minimum(most, self.max_length)

    def least(self, src_lengths: Ints) -> Ints:
        """The fewest tokens for sources of these lengths `(B,)`, which count the eos; `most` is above it."""
        least = (np.maximum(src_lengths - 1, 1) * self.min_ratio).round(9)  # 30 x 0.1 is 3
        return np.maximum(np.ceil(np.minimum(least, _MOST)).astype(np.int64), self.min_length)


@dataclass(frozen=True)
class Rules:
    """The rules of B sentences: the `most` and `least` tokens of each `(B,)`, the `prefixes` they start with `(B, P)`, -1 after the end of
    each, and the size of the n-grams that none may repeat (0: any may). `quiet` are the steps at which lengths and prefixes say nothing to
    any of them. `words` limits words, None where they are free: it is for
    `WordCount`. `never` are tokens that are never said, beside those that no model says."""

    most: Ints
    least: Ints
    prefixes: Ints
    quiet: range
    no_repeat_ngram_size: int = 0
    words: WordLimit | None = None
    never: tuple[int, ...] = ()

    @property
    def need_history(self) -> bool:
        """Whether `constraints` reads what was said so far."""
        return self.no_repeat_ngram_size > 0

    def of(self, sentences: Ints) -> Rules:
        """The rules of these sentences `(B',)`, which may repeat."""
        words = None if self.words is None else self.words.of(sentences)
        most, least, prefixes = self.most[sentences], self.least[sentences], self.prefixes[sentences]
        return replace(self, most=most, least=least, prefixes=prefixes, words=words)

    def constraints(self, sentences: Ints, history: Ints, so_far: int, rows_each: int) -> Constraints:
        """The constraints of the step after `so_far` tokens for these `sentences` `(B',)` with `rows_each` rows each; `history`
        `(B' x rows_each, so_far)` may be empty where it is not needed.

        What is forced goes before what is forbidden: an n-gram of a prefix may repeat, and an output that is full ends.
        """
        found = self._constraints(sentences, history, so_far, rows_each)
        return replace(found, never=(*found.never, *self.never)) if self.never else found

    def _constraints(self, sentences: Ints, history: Ints, so_far: int, rows_each: int) -> Constraints:
        if so_far in self.quiet and not self.no_repeat_ngram_size:
            return Constraints()
        forced = self._forced(sentences, so_far)
        at_least = so_far < self.least[sentences]
        free = self.no_repeat_ngram_size == 0 and not at_least.any()
        if free and forced is None:
            return Constraints()
        by_row = None if forced is None else np.repeat(forced, rows_each)
        if free:
            return sayable(Constraints(forced=by_row))
        early = np.flatnonzero(np.repeat(at_least, rows_each))
        rows, tokens = early, np.full(len(early), EOS)
        if self.no_repeat_ngram_size:
            again, same = repeating(history, self.no_repeat_ngram_size)
            rows, tokens = np.concatenate([rows, again]), np.concatenate([tokens, same])
        if by_row is not None:
            loose = by_row[rows] < 0
            rows, tokens = rows[loose], tokens[loose]
        return sayable(Constraints(forbidden_rows=rows, forbidden_tokens=tokens, forced=by_row))

    def _forced(self, sentences: Ints, so_far: int) -> Ints | None:
        """The token each sentence must take, or -1; None where all are free."""
        forced = np.where(self.most[sentences] <= so_far, EOS, -1)
        if so_far < self.prefixes.shape[1]:
            prefix = self.prefixes[sentences, so_far]
            forced = np.where(prefix >= 0, prefix, forced)
        return forced if (forced >= 0).any() else None


def make_rules(
    limit: LengthLimit,
    src_lengths: Ints,
    *,
    no_repeat_ngram_size: int = 0,
    prefixes: Sequence[Sequence[int]] | None = None,
    phrase_tokens: Sequence[int] | None = None,
) -> Rules:
    """The rules of the sources of these lengths `(B,)`, which count the eos. The most an output may have is raised where its prefix and the
    `phrase_tokens` it must have do not fit."""
    most, least = limit.most(src_lengths), limit.least(src_lengths)
    lengths = [len(prefix) for prefix in prefixes or ()]
    padded: Ints = np.full((len(src_lengths), max(lengths, default=0)), -1)
    for row, prefix in enumerate(prefixes or ()):
        padded[row, : len(prefix)] = prefix
    needed = (padded >= 0).sum(1)
    if phrase_tokens is not None:
        needed = needed + np.array(phrase_tokens, np.int64)
    most = np.maximum(most, needed)
    least = np.minimum(least, most)
    quiet = range(max(padded.shape[1], int(least.max(initial=0))), int(most.min()) if len(most) else 0)
    return Rules(most, least, padded, quiet, no_repeat_ngram_size)


def limit_words(
    limit: LengthLimit,
    table: WordTable | None,
    count: int,
    prefixes: Sequence[Sequence[int]] | None,
    phrases: Sequence[Sequence[Sequence[int]]] | None,
    own: Bools | None = None,
) -> WordLimit | None:
    """The limits on the words of `count` sentences, None where they are free; `own` as in `WordTable.known`. The most is raised where the
    words of prefix and phrases do not fit. Raises `ValueError` where words are limited and there is no table that knows them."""
    if not limit.counts_words:
        return None
    if table is None:
        raise ValueError("words are limited, and nothing says which tokens begin one: give requests.words")
    most: Ints = np.full(count, _MOST if limit.max_words is None else limit.max_words, np.int64)
    for row in range(count):
        said = [*([prefixes[row]] if prefixes else []), *(phrases[row] if phrases else [])]
        most[row] = max(most[row], sum(table.begun(tokens)[-1] for tokens in said))
    return WordLimit(table, np.minimum(limit.min_words, most), most, own)


def sayable(constraints: Constraints) -> Constraints:
    """The same, with tokens that are otherwise never said allowed where they are forced: a prefix may hold an unknown token."""
    forced = constraints.forced
    if forced is None:
        return constraints
    asked = set(constraints.never) & set(np.unique(forced).tolist())
    if not asked:
        return constraints
    others = np.array(sorted(asked))
    rows, columns = np.nonzero(forced[:, None] != others)
    old_rows, old_tokens = constraints.forbidden_rows, constraints.forbidden_tokens
    tokens = others[columns]
    if old_rows is not None and old_tokens is not None:
        rows, tokens = np.concatenate([old_rows, rows]), np.concatenate([old_tokens, tokens])
    never = tuple(token for token in constraints.never if token not in asked)
    return Constraints(never, rows, tokens, forced)
