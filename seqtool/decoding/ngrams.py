"""Repeated n-grams: which tokens would repeat one, and whether an output runs in circles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from seqtool.decoding.stepper import Bools, Ints

# An n-gram of up to so many tokens, so many times running, is a loop.
_LONGEST, _TIMES = 8, 4


def repeating(history: Ints, size: int) -> tuple[Ints, Ints]:
    """The (row, token) pairs that would repeat an n-gram of `size` tokens, for rows whose tokens so far are `history` `(R, T)`."""
    rows, so_far = history.shape
    windows = so_far - size + 1  # the earlier places where such an n-gram starts
    if windows < 1:
        nothing: Ints = np.empty(0, np.int64)
        return nothing, nothing
    same: Bools = np.ones((rows, windows), np.bool_)
    for offset in range(size - 1):
        same &= history[:, offset : offset + windows] == history[:, windows + offset, None]
    found, starts = np.nonzero(same)
    return found, history[found, starts + size - 1]


def having_loops(history: Ints) -> Bools:
    """Of which rows `(R, T)` `has_loop` is true."""
    ordered = np.sort(history, axis=1)
    # has_loop's cheap answer, for all rows at once
    repeated = np.count_nonzero(ordered[:, 1:] == ordered[:, :-1], axis=1)
    found: Bools = repeated >= _TIMES - 1
    for row in np.flatnonzero(found):
        found[row] = has_loop(history[row].tolist())
    return found


def has_loop(tokens: Sequence[int]) -> bool:
    """Whether the same n-gram of 1 to 8 tokens stands four times running in `tokens`."""
    # cheap answers, right for nearly all outputs: each token of a loop is there so many times
    if len(tokens) - len(set(tokens)) < _TIMES - 1 or max(Counter(tokens).values()) < _TIMES:
        return False
    return any(_repeats(tokens, size) for size in range(1, min(_LONGEST, len(tokens) // _TIMES) + 1))


def _repeats(tokens: Sequence[int], size: int) -> bool:
    run = 0
    for one, before in zip(tokens[size:], tokens, strict=False):
        run = run + 1 if one == before else 0
        if run == size * (_TIMES - 1):
            return True
    return False
