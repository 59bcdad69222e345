"""How far hypotheses have come with the phrases they must contain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqtool.decoding.stepper import Bools, Ints

_NONE = -1


class Phrases(NamedTuple):
    """The phrases of B sentences, at most P each, longest first: `tokens` `(B, P, L)`, -1 after the end of each; `lengths` `(B, P)`, 0
    where there is none; and `begins` `(B, P, P)`, whether phrase p begins with all of the shorter phrase q. `inside` `(V,)` are the tokens
    that go on with the word before them: after a phrase they make another word of its last, and it counts as missing again."""

    tokens: Ints
    lengths: Ints
    begins: Bools
    inside: Bools

    @property
    def totals(self) -> Ints:
        """The tokens of all phrases of each sentence `(B,)`."""
        totals: Ints = self.lengths.sum(1)
        return totals


class Progress(NamedTuple):
    """Where R hypotheses are: the sentence `(R,)` of each, which phrases it has `met` `(R, P)`, which one is `under_way` `(R,)` (-1: none),
    how many tokens of it were `said` `(R,)`, and which one the last token made whole: `fresh` `(R,)` (-1: none). A token counts for one
    phrase only."""

    sentences: Ints
    met: Bools
    under_way: Ints
    said: Ints
    fresh: Ints

    def of(self, rows: Ints) -> Progress:
        """The progress of these rows."""
        sentences, met, under_way, said, fresh = self
        return Progress(sentences[rows], met[rows], under_way[rows], said[rows], fresh[rows])


def make_phrases(phrases: Sequence[Sequence[Sequence[int]]], inside: Bools | None = None) -> Phrases:
    """The phrases of each sentence, padded. Without `inside` every token may follow a phrase."""
    ordered = [sorted(map(tuple, each), key=len, reverse=True) for each in phrases]
    most = max([1, *map(len, ordered)])  # a place at least, so that there is one to look at
    longest = max((len(phrase) for each in ordered for phrase in each), default=1)
    tokens: Ints = np.full((len(ordered), most, longest), _NONE)
    for sentence, each in enumerate(ordered):
        for place, phrase in enumerate(each):
            tokens[sentence, place, : len(phrase)] = phrase
    lengths = (tokens != _NONE).sum(2)
    same = (tokens[:, :, None] == tokens[:, None]) | (tokens[:, None] == _NONE)
    shorter = (lengths[:, None] < lengths[:, :, None]) & (lengths[:, None] > 0)
    return Phrases(tokens, lengths, same.all(3) & shorter, np.zeros(0, np.bool_) if inside is None else inside)


def no_progress(phrases: Phrases) -> Progress:
    """One hypothesis without tokens for each sentence; phrases that are not there count as met."""
    count = len(phrases.lengths)
    none = np.full(count, _NONE)
    return Progress(np.arange(count), phrases.lengths == 0, none, np.zeros(count, np.int64), none)


def useful_tokens(phrases: Phrases, progress: Progress) -> Ints:
    """The tokens that start a phrase or go on with the one under way `(R, P + 1)`, each once a row; -1 for none."""
    starts = np.where(progress.met, _NONE, phrases.tokens[progress.sentences, :, 0])
    tokens = np.concatenate([_next(phrases, progress)[:, None], starts], axis=1)
    same = tokens[:, :, None] == tokens[:, None, :]
    again = np.tril(same, k=-1).any(2)
    return np.where(again, _NONE, tokens)


def met_tokens(phrases: Phrases, progress: Progress, tokens: Ints) -> Ints:
    """How many tokens of phrases each row has met once it says each of `tokens` `(R, C)`."""
    sizes = np.minimum(np.arange(phrases.tokens.shape[2] + 1), phrases.lengths[..., None])
    return met_sizes(phrases, progress, tokens, sizes)


def met_sizes(phrases: Phrases, progress: Progress, tokens: Ints, sizes: Ints) -> Ints:
    """The same, where the first l tokens of a phrase count `sizes[..., l]`, `(B, P, L + 1)`."""
    lengths = sizes[progress.sentences, :, -1]
    met = _met_after_break(phrases, progress)
    starts = np.where(met, _NONE, phrases.tokens[progress.sentences, :, 0])
    firsts = sizes[progress.sentences, None, :, 1]
    begun = np.where(tokens[:, :, None] == starts[:, None, :], firsts, 0).max(2)
    broken = (met * lengths).sum(1)[:, None] + begun
    lost = (_without_fresh(progress) * lengths).sum(1)[:, None] + begun
    broken = np.where(_goes_on_inside(phrases, tokens), lost, broken)
    said = np.minimum(progress.said + 1, sizes.shape[2] - 1)
    gone_on = ((progress.met * lengths).sum(1) + sizes[progress.sentences, progress.under_way, said])[:, None]
    met_after: Ints = np.where(tokens == _next(phrases, progress)[:, None], gone_on, broken)
    return met_after


def missing_now(progress: Progress, sizes: Ints) -> Ints:
    """What each row `(R,)` lacks of its phrases, counted as in `met_sizes`."""
    missing = (~progress.met * sizes[progress.sentences, :, -1]).sum(1)
    said = np.where(progress.under_way == _NONE, 0, sizes[progress.sentences, progress.under_way, progress.said])
    left: Ints = missing - said
    return left


def say(phrases: Phrases, progress: Progress, tokens: Ints) -> Progress:
    """The progress of each row once it says its token of `tokens` `(R,)`. A token that may start several phrases starts the longest."""
    goes_on = tokens == _next(phrases, progress)
    inside = _goes_on_inside(phrases, tokens)[:, None]
    broken = np.where(inside, _without_fresh(progress), _met_after_break(phrases, progress))
    met = np.where(goes_on[:, None], progress.met, broken)
    starts = (phrases.tokens[progress.sentences, :, 0] == tokens[:, None]) & ~met
    begun = np.where(starts.any(1), starts.argmax(1), _NONE)
    under_way = np.where(goes_on, progress.under_way, begun)
    said = np.where(goes_on, progress.said + 1, (begun != _NONE).astype(np.int64))
    done = np.flatnonzero((under_way != _NONE) & (said == phrases.lengths[progress.sentences, under_way]))
    fresh = np.full(len(tokens), _NONE)
    fresh[done] = under_way[done]
    met[done, under_way[done]] = True
    under_way[done], said[done] = _NONE, 0
    return Progress(progress.sentences, met, under_way, said, fresh)


def _next(phrases: Phrases, progress: Progress) -> Ints:
    """The token that goes on with the phrase under way `(R,)`; -1 where there is none. No token is -1, so that never goes on."""
    following = phrases.tokens[progress.sentences, progress.under_way, progress.said]
    return np.where(progress.under_way == _NONE, _NONE, following)


def _goes_on_inside(phrases: Phrases, tokens: Ints) -> Bools:
    """Which of the tokens make another word of the one before, of the shape of `tokens`."""
    if not len(phrases.inside):
        return np.zeros(tokens.shape, np.bool_)
    goes_on: Bools = phrases.inside[tokens]
    return goes_on


def _without_fresh(progress: Progress) -> Bools:
    """The phrases met `(R, P)` without the one that the last token made whole."""
    met = progress.met.copy()
    rows = np.flatnonzero(progress.fresh != _NONE)
    met[rows, progress.fresh[rows]] = False
    return met


def _met_after_break(phrases: Phrases, progress: Progress) -> Bools:
    """The phrases met `(R, P)` if the one under way is broken off: what was said of it is lost, unless that is a whole shorter phrase."""
    begins = phrases.begins[progress.sentences, progress.under_way]  # (R, P)
    whole = phrases.lengths[progress.sentences] == progress.said[:, None]
    credit = begins & whole & ~progress.met & (progress.under_way != _NONE)[:, None]
    first = np.cumsum(credit, axis=1) == 1  # of equal phrases one
    met: Bools = progress.met | (credit & first)
    return met
