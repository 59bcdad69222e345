"""Which words of one side go with which of the other, learned from the pairs alone: canonical correlation analysis (Hotelling 1936)
between the frequent words of the lines and their lengths. No dictionary, no language is known beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqtool.health.rows import Floats, Rows

FEATURES = 500
DIRECTIONS = 128
# A word must be in so many of the lines that are learned from.
_LEAST_LINES = 3
_SMALL = np.float32(1e-3)


@dataclass(frozen=True)
class Features:
    """The columns of a side: `columns` (W + 1,) has one for each word, or `count` where a word is left out, as at the end for words that
    came later."""

    columns: NDArray[np.int16]
    count: int

    def of(self, rows: Rows) -> NDArray[np.int16]:
        """The column of each word of lines."""
        return self.columns[np.minimum(rows.ids, len(self.columns) - 1)]

    def matrix(self, rows: Rows) -> Floats:
        """Whether each line has each word, and its length last: (N, F)."""
        filled = np.zeros((len(rows), self.count + 1), np.float32)
        filled[rows.line_of_word(), self.of(rows)] = 1.0
        filled[:, self.count] = rows.lengths
        return filled


def choose_features(rows: Rows, kinds: int, most: int) -> Features:
    """The `most` words that are in most lines."""
    frequencies = rows.frequencies(kinds)
    chosen = np.argsort(-frequencies, kind="stable")[:most]
    chosen = chosen[frequencies[chosen] >= _LEAST_LINES]
    columns = np.full(kinds + 1, len(chosen), np.int16)
    columns[chosen] = np.arange(len(chosen))
    return Features(columns, len(chosen))


@dataclass(frozen=True)
class Whitened:
    """A side's features made comparable: mean and deviation (F,), the Cholesky factor (F, F) of their correlations, and the `values` (N, F)
    of lines without these correlations."""

    features: Features
    mean: Floats
    deviation: Floats
    factor: Floats
    values: Floats


def correlations(one: Floats, other: Floats) -> Floats:
    """The mean products of two sets of features (N, F) of as many lines: (F, F)."""
    return np.asarray(one.T @ other / np.float32(len(one)), np.float32)


def whiten(rows: Rows, features: Features) -> Whitened:
    """Standardise the features of lines. The fewer lines, the more the correlations are drawn to none (ridge)."""
    values = features.matrix(rows)
    mean, deviation = values.mean(0), values.std(0) + _SMALL
    values = (values - mean) / deviation
    count = values.shape[1]
    ridge = np.float32(0.1 + count / max(len(rows), 1))
    factor = np.asarray(
        np.linalg.cholesky(correlations(values, values) + ridge * np.eye(count, dtype=np.float32)), np.float32
    )
    return Whitened(features, mean, deviation, factor, np.ascontiguousarray(np.linalg.solve(factor, values.T).T))


@dataclass(frozen=True)
class Projection:
    """A line of one side to a point that its counterpart's is close to: `vectors` (F + 1, R) has a row for each column of
    the features, with zeros for what is left out; `origin` (R,) is where the mean line comes to lie."""

    features: Features
    vectors: Floats
    length_vector: Floats
    origin: Floats

    def __call__(self, rows: Rows) -> Floats:
        """Points of length one (N, R)."""
        points = np.zeros((len(rows), self.vectors.shape[1]), np.float32)
        filled = np.flatnonzero(np.diff(rows.starts))
        if len(filled):
            points[filled] = np.add.reduceat(self.vectors[self.features.of(rows)], rows.starts[filled], axis=0)
        points += rows.lengths[:, None] * self.length_vector - self.origin
        return np.asarray(points / (np.linalg.norm(points, axis=1, keepdims=True) + _SMALL), np.float32)


@dataclass(frozen=True)
class Lexicon:
    """Both sides' projections: the nearer the points of two lines, the more likely they say the same."""

    src: Projection
    tgt: Projection


def learn(src: Rows, tgt: Rows, kinds: int) -> Lexicon:
    """Learns from lines that belong together, most of them."""
    most = int(min(FEATURES, max(len(src) / 2.5, 10)))
    one, other = (whiten(rows, choose_features(rows, kinds, most)) for rows in (src, tgt))
    left, canonical, right = np.linalg.svd(correlations(one.values, other.values))
    count = min(DIRECTIONS, len(canonical))
    weights = np.sqrt(canonical[:count])
    return Lexicon(_projection(one, left[:, :count] * weights), _projection(other, right[:count].T * weights))


def _projection(side: Whitened, directions: Floats) -> Projection:
    vectors = np.linalg.solve(side.factor.T, directions) / side.deviation[:, None]
    words, length_vector = vectors[:-1], vectors[-1]
    padded = np.concatenate([words, np.zeros((1, words.shape[1]), np.float32)]).astype(np.float32)
    return Projection(side.features, padded, length_vector.astype(np.float32), (side.mean @ vectors).astype(np.float32))
