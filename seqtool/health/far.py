"""Slips by more lines than are looked at around each line.

Long sources have long translations, so that the lengths of a stretch of sources, seen along all targets, fit best where its own are: the
phase correlation of both, by Fourier transforms (Knapp and Carter 1976), which periods in the lengths do not lead astray. Short stretches
have too few lengths to be known by; those are known by their words, where a lexicon has been learned. What is found so is only a proposal.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.health.lexicon import Lexicon
from seqtool.health.rows import Floats, Rows

_FEWEST = 10
# How far words are looked for, and the lines of a stretch that are.
_REACH, _MOST_LINES = 5000, 500
# Documents have long and short lines in turn; what says where a line is is how it differs from those around it.
_AROUND = 51
# So many standard deviations above all other distances a proposal must be.
_CLEAR = 6.0
_SMALL = 1e-9


def distance_by_words(lexicon: Lexicon, src: Rows, tgt: Rows, first: int, stop: int) -> int | None:
    """As `LengthsBeside.distance`; looks 5,000 lines far."""
    stop = min(stop, first + _MOST_LINES)
    count = stop - first
    if count < _FEWEST:
        return None
    before, behind, beyond = max(0, first - _REACH), min(len(tgt), stop + _REACH), count // 2
    products = np.zeros((count, behind - before + 2 * beyond), np.float32)
    points = lexicon.src(src.part(first, stop)), lexicon.tgt(tgt.part(before, behind))
    products[:, beyond : beyond + behind - before] = points[0] @ points[1].T
    step, along = products.strides
    shape = count, products.shape[1] - count + 1
    fits = np.lib.stride_tricks.as_strided(products, shape, (step + along, along), writeable=False).sum(0)
    best = int(fits.argmax())
    return before - beyond + best - first if _stands_out(fits) else None


class LengthsBeside:
    """The lengths of all sources and all targets, by which stretches are looked for. What is the same for each of them is computed once,
    when the first is looked for."""

    def __init__(self, src: Rows, tgt: Rows) -> None:
        self._src, self._tgt = src, tgt
        self._transformed: tuple[int, NDArray[Any]] | None = None

    @cached_property
    def _bare_src(self) -> Floats:
        return _bare(self._src.lengths)

    def _whole(self, size: int) -> NDArray[Any]:
        """The transform of all targets, in a period of so many lines; the last one is kept."""
        if self._transformed is None or self._transformed[0] != size:
            self._transformed = size, np.fft.rfft(_bare(self._tgt.lengths), size)
        return self._transformed[1]

    def distance(self, first: int, stop: int) -> int | None:
        """By how many lines the targets of source lines `first` to `stop`, without the last, are further on in the whole of the targets
        than their sources; None where no distance stands out."""
        count = stop - first
        if count < _FEWEST:
            return None
        size = 1 << (count + len(self._tgt)).bit_length()
        both = np.conj(np.fft.rfft(self._bare_src[first:stop], size)) * self._whole(size)
        sums = np.fft.irfft(both / (np.abs(both) + _SMALL), size)
        # Of the first line, so that half of the stretch is there at least.
        places = np.arange(-(count // 2), len(self._tgt) - count // 2)
        fits = sums[places % size]
        return int(places[fits.argmax()]) - first if _stands_out(fits) else None


def _stands_out(fits: NDArray[Any]) -> bool:
    return bool(fits.max() > fits.mean() + _CLEAR * fits.std())


def _bare(lengths: Floats) -> Floats:
    """Lengths less the mean of those around each."""
    sums = np.concatenate([[0.0], np.cumsum(lengths, dtype=np.float64)])
    places = np.arange(len(lengths))
    low, high = np.maximum(places - _AROUND // 2, 0), np.minimum(places + _AROUND // 2 + 1, len(lengths))
    return np.asarray(lengths - (sums[high] - sums[low]) / (high - low), np.float64)
