"""Diverse beams (Vijayakumar et al. 2016): groups of hypotheses that avoid each other's words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import Diversity
from seqtool.decoding.selection import Choice, Pool, choose, joined
from seqtool.decoding.stepper import Bools, Ints


def choose_in_groups(pool: Pool, places: int, width: int, diversity: Diversity) -> Choice:
    """What each group takes from its own continuations, group after group; a token costs `strength` for every time an earlier group
    took it.

    Each sentence has `places` hypotheses; in the first step it is one that all groups share. The `width` + 1 best tokens of a row are
    always enough: the earlier groups have made at most `width` - `width` / groups of them worse.
    """
    size = width // diversity.groups
    shared = places < width
    each = pool.tokens.shape[1] if shared else pool.tokens.shape[1] // diversity.groups
    taken: Ints = np.empty((len(pool.tokens), 0), np.int64)
    choices = []
    for group in range(diversity.groups):
        first = 0 if shared else group * each
        own = pool.columns(first, first + each)
        times = (own.tokens[:, :, None] == taken[:, None, :]).sum(2)
        choice = choose(own, size, own.log_probs - diversity.strength * times)
        taken = np.concatenate([taken, _taken(choice)], axis=1)
        choices.append(choice)
    return _together(choices)


def _taken(choice: Choice) -> Ints:
    """The tokens this group took, `(B, n)`, ends among them; -1 for none."""
    live = np.where(np.isfinite(choice.live.log_probs), choice.live.tokens, -1)
    if choice.ended is None:
        return live
    return np.concatenate([live, np.where(choice.ended, choice.best.tokens, -1)], axis=1)


def _together(choices: Sequence[Choice]) -> Choice:
    live, best = joined([one.live for one in choices]), joined([one.best for one in choices])
    none: Bools = np.zeros(choices[0].best.tokens.shape, np.bool_)
    ended = np.concatenate([none if one.ended is None else one.ended for one in choices], axis=1)
    return Choice(live, best, ended if ended.any() else None)


def distinct(found: Sequence[Hypothesis], n_best: int) -> list[Hypothesis]:
    """The best `n_best` different outputs: two groups may come to the same."""
    first: dict[tuple[int, ...], Hypothesis] = {}
    for one in found:
        first.setdefault(one.tokens, one)
    return list(first.values())[:n_best]
