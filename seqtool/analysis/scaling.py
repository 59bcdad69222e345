"""Numbers of a map to strengths from -1 to 1."""

from __future__ import annotations

import numpy as np

from seqtool.decoding.stepper import Floats


def by_row(values: Floats) -> Floats:
    """Each row divided by its largest magnitude: a sure token has small gradients everywhere."""
    most = np.abs(values).max(axis=1, keepdims=True, initial=0.0)
    scaled: Floats = np.divide(values, most, out=np.zeros_like(values), where=most > 0)
    return scaled
