"""What may be said next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqtool.decoding.stepper import EOS, Constraints, Ints


@dataclass(frozen=True)
class LengthLimit:
    """An output ends after at most `ratio` x source tokens + `extra` tokens of its own; both sides without eos."""

    ratio: float
    extra: int

    def most(self, src_lengths: Ints) -> Ints:
        """The most tokens for sources of these lengths `(B,)`, which count the eos."""
        return (np.maximum(src_lengths - 1, 1) * self.ratio).astype(np.int64) + self.extra


def ending(most: Ints, so_far: int, rows_each: int) -> Constraints:
    """The constraints of a step after `so_far` tokens: a sentence that has reached its limit in `most` `(B,)` must end; each sentence has
    `rows_each` rows."""
    full = most <= so_far
    if not full.any():
        return Constraints()
    return Constraints(forced=np.repeat(np.where(full, EOS, -1), rows_each))
