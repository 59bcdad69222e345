"""Numbers of a map to strengths from -1 to 1."""

from __future__ import annotations

import numpy as np

from seqtool.decoding.stepper import Floats, Floats32


def by_row(values: Floats | Floats32) -> Floats:
    """Each row divided by its largest magnitude: a sure token has small gradients everywhere, and attention to a long source is small
    everywhere."""
    wide: Floats = values.astype(np.float64)
    most = np.abs(wide).max(axis=1, keepdims=True, initial=0.0)
    scaled: Floats = np.divide(wide, most, out=np.zeros_like(wide), where=most > 0)
    return scaled


def largest_of_rows(values: Floats | Floats32) -> str:
    """What the strongest shade of a row stands for, in words: the least and the greatest of the rows' largest magnitudes."""
    most = np.abs(values).max(axis=1, initial=0.0)
    least, greatest = (f"{one:.2g}" for one in (min(most, default=0.0), max(most, default=0.0)))
    return least if least == greatest else f"{least} to {greatest}"
