"""Which source token each target token stands for, learned from the pairs alone: IBM Model 1 with a preference for the diagonal (Dyer,
Chahuneau and Smith 2013, `fast_align`), between rows of token ids. NumPy, no torch.

Letters: S and T tokens of a pair, C cells of many pairs (a target token with one source token, or with null), K different pairs of tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqtool.text.tokenizer import PAD

Ids = NDArray[np.integer]
Keys = NDArray[np.int64]
Floats = NDArray[np.float64]

# Null, to which words without a counterpart are linked, is written as pad, which no row holds.
_NULL = PAD
# The values of fast_align: how probable null is, how narrow the diagonal, and what a pair of tokens that was never seen is worth.
_NULL_SHARE = 0.08
_TENSION = 4.0
_UNSEEN = 1e-9
# Of a larger corpus an even share of the pairs is used: each cell takes some 40 bytes.
_MOST_CELLS = 16_000_000


class AlignedPairs(Protocol):
    """N pairs of id rows, without bos and eos."""

    @property
    def src_lengths(self) -> NDArray[np.integer]:
        """Of the sources (N,), in tokens."""

    @property
    def tgt_lengths(self) -> NDArray[np.integer]:
        """Of the targets (N,), in tokens."""

    def gather(self, indices: Iterable[int]) -> tuple[Sequence[Ids], Sequence[Ids]]:
        """Source rows and target rows."""


@dataclass(frozen=True)
class Aligner:
    """What was learned: `keys` (K,), ascending, name pairs of a source and a target token, and `probabilities` (K,) are those of the target
    token given the source token."""

    keys: Keys
    probabilities: Floats

    def links(self, src_rows: Sequence[Ids], tgt_rows: Sequence[Ids]) -> list[Keys]:
        """For each pair (T + 1,), the place of the most probable source token of each target token, -1 for none; the last entry links the
        eos of the target to the eos of the source, at S."""
        return [np.append(self._best(src, tgt), len(src)) for src, tgt in zip(src_rows, tgt_rows, strict=True)]

    def _best(self, src: Ids, tgt: Ids) -> Keys:
        wanted = _keys(src, tgt)  # (T, S + 1)
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = np.where(self.keys[places] == wanted, self.probabilities[places], _UNSEEN)
        return np.asarray((known * _prior(len(src), len(tgt))).argmax(1) - 1, np.int64)


def train_aligner(pairs: AlignedPairs, iterations: int = 5) -> Aligner:
    """Learns from pairs, at least one and none with an empty side, in so many iterations of EM over them: a pure function."""
    src_lengths, tgt_lengths = np.asarray(pairs.src_lengths, np.int64), np.asarray(pairs.tgt_lengths, np.int64)
    step = 1 + int(((src_lengths + 1) * tgt_lengths).sum()) // _MOST_CELLS
    src_rows, tgt_rows = pairs.gather(range(0, len(src_lengths), step))
    cells = np.concatenate([_keys(src, tgt).ravel() for src, tgt in zip(src_rows, tgt_rows, strict=True)])
    prior = np.concatenate(
        [_prior(len(src), len(tgt)).ravel() for src, tgt in zip(src_rows, tgt_rows, strict=True)], dtype=np.float32
    )
    widths = np.repeat(src_lengths[::step] + 1, tgt_lengths[::step])  # of each target token, in cells
    starts = np.cumsum(widths) - widths
    keys, names = np.unique(cells, return_inverse=True)
    sources = np.asarray(keys >> 32, np.int64)
    probabilities = np.ones(len(keys))
    for _ in range(iterations):
        shares = prior * probabilities[names]  # (C,)
        shares /= np.repeat(np.add.reduceat(shares, starts), widths)
        counts = (
            np.bincount(names, shares, len(keys)) + np.finfo(np.float64).tiny
        )  # many iterations bring some to nothing
        probabilities = counts / np.bincount(sources, counts)[sources]
    return Aligner(keys, probabilities)


def _keys(src: Ids, tgt: Ids) -> Keys:
    """A number for each target token with null and with each source token (T, S + 1)."""
    with_null = np.concatenate([[_NULL], src]).astype(np.int64)
    return with_null << 32 | tgt.astype(np.int64)[:, None]


def _prior(src_length: int, tgt_length: int) -> Floats:
    """How probable null and each source place are for each target place (T, S + 1), before the tokens are seen: the closer to the diagonal
    the more (section 2)."""
    src_places, tgt_places = np.arange(1, src_length + 1) / src_length, np.arange(1, tgt_length + 1) / tgt_length
    near = np.exp(-_TENSION * np.abs(tgt_places[:, None] - src_places))  # (T, S)
    near *= (1.0 - _NULL_SHARE) / near.sum(1, keepdims=True)
    return np.concatenate([np.full((tgt_length, 1), _NULL_SHARE), near], axis=1)
