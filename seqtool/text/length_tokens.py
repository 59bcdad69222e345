"""Length tokens: a source begins with one of three control pieces that say how long its target is.

The lengths of the training targets are cut at their terciles into short, medium and long (as the length tokens of Fan, Grangier and Auli
2018, section 2.1). Text can never become one of these pieces.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import ModelError
from seqtool.recipe.schema import Length
from seqtool.text.tokenizer import Tokenizer

LENGTHS: tuple[Length, ...] = ("short", "medium", "long")
PIECES = tuple(f"<{name}>" for name in LENGTHS)

Lengths = NDArray[np.integer]


class Bounds(NamedTuple):
    """Targets of up to `short` tokens are short, longer ones of up to `medium` are medium, and the others long."""

    short: int
    medium: int

    def classes(self, lengths: Lengths) -> NDArray[np.int64]:
        """The place in `LENGTHS` of each of these lengths (N,), in tokens."""
        return np.searchsorted(np.array(self), lengths, side="left").astype(np.int64)


def bounds_of(lengths: Lengths) -> Bounds:
    """The bounds that come nearest to thirds of these lengths (N,), of which there is at least one. There is always one that is medium,
    which is what is asked for where nothing is said."""
    values, counts = np.unique(lengths, return_counts=True)
    shares = np.cumsum(counts) / len(lengths)
    first, second = (int(np.abs(shares - share).argmin()) for share in (1 / 3, 2 / 3))
    if first == second:
        first -= 1
    return Bounds(int(values[first]) if first >= 0 else 0, int(values[second]))


def length_ids(tokenizer: Tokenizer) -> NDArray[np.int64]:
    """The ids of the three pieces, in the order of `LENGTHS`. Raises `ModelError` for a tokenizer without them."""
    ids = [tokenizer.control(piece) for piece in PIECES]
    found = [i for i in ids if i is not None]
    if len(found) < len(ids):
        raise ModelError(
            "model.tokenizer",
            f"the tokenizer has no control pieces {', '.join(PIECES)}, which length tokens need",
            "take the tokenizer of a model with length tokens or remove tokenizer.model, or remove data.length_tokens",
        )
    return np.array(found, np.int64)
