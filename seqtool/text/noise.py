"""Damage to rows of token ids, for a model that learns to restore them. NumPy, no torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqtool.text.tokenizer import UNK

Row = NDArray[np.integer]


@dataclass(frozen=True)
class Noise:
    """What is done to a row, in this order.

    Each token is left out with probability `delete`, but never all of them (Hill et al. 2016, Lample et al. 2018). Tokens change places
    with others at most `shuffle` away (the same). A share `mask` of the tokens goes in spans of `span` tokens on
    average, each of which becomes one mask, for which unk stands (text infilling: Lewis et al. 2020, section 2.2; but a span here is
    1 + Poisson(span - 1) long: theirs may be empty).
    """

    mask: float = 0.0
    span: float = 1.0
    delete: float = 0.0
    shuffle: int = 0

    def of(self, row: Row, rng: np.random.Generator) -> Row:
        """The damaged row; never empty where `row` is not."""
        if not len(row):
            return row
        if self.delete:
            row = _delete(row, self.delete, rng)
        if self.shuffle:
            # The key of a token is less than shuffle + 1 beyond its place, so it passes none that is further away.
            row = row[np.argsort(np.arange(len(row)) + rng.uniform(0, self.shuffle + 1, len(row)), kind="stable")]
        return _mask(row, self.mask, self.span, rng) if self.mask else row


def _delete(row: Row, share: float, rng: np.random.Generator) -> Row:
    kept = rng.random(len(row)) >= share
    if not kept.any():
        kept[rng.integers(len(row))] = True
    return row[kept]


def _mask(row: Row, share: float, span: float, rng: np.random.Generator) -> Row:
    """Spans of tokens as one mask each. How many tokens go is the share rounded up or down at random, so that it is right on average."""
    masked = int(len(row) * share + rng.random())
    if not masked:
        return row
    ends = np.cumsum(1 + rng.poisson(span - 1.0, masked))
    spans = 1 + int(np.searchsorted(ends, masked))  # the last one is cut short where it goes beyond
    lengths = np.diff(np.minimum(ends[:spans], masked), prepend=0)
    slots = np.sort(rng.choice(len(row) - masked + spans, spans, replace=False))
    widths = np.ones(len(row) - masked + spans, np.int64)  # of the row, for each token of the result
    widths[slots] = lengths
    result: Row = row[np.cumsum(widths) - widths]
    result[slots] = UNK
    return result


def noised(rows: Iterable[Row], noise: Noise, *, seed: int, epoch: int, first: int = 0) -> Iterator[Row]:
    """The rows of pairs `first`, `first` + 1, ... with noise: each a pure function of row, noise, seed, epoch and its pair's number."""
    for index, row in enumerate(rows, first):
        yield noise.of(row, np.random.Generator(np.random.PCG64([seed, epoch, index])))
