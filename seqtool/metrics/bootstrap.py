"""Confidence intervals of what is a sum over lines divided by another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from seqtool.errors import ResourceError
from seqtool.metrics.score import BOOTSTRAP_SEED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Resampled indices held at once: 8 MB.
_INDICES_AT_ONCE = 1 << 20
# What sacrebleu holds of each resampled line. It draws all of them before it counts any: of a bootstrap up to 18 numbers of four bytes, of
# randomization which side of the swap it is on, twice, and once more as a number while it counts.
_DRAWN_BYTES = {"bs": 18 * 4, "ar": 2 + 8}
_MOST_BYTES = 7_200_000_000


def most_drawn(lines: int, kind: Literal["bs", "ar"] = "bs") -> int:
    """How often so many lines can be resampled in the memory that should be spent on it."""
    return _MOST_BYTES // max(1, lines * _DRAWN_BYTES[kind])


def check_drawn(samples: int, lines: int, kind: Literal["bs", "ar"] = "bs") -> None:
    """Raises `ResourceError` for more resampled lines than memory should be spent on."""
    most = most_drawn(lines, kind)
    if samples > most:
        size = samples * lines * _DRAWN_BYTES[kind] / 1e9
        message = f"{samples:,} resamples of {lines:,} lines would take about {size:,.0f} GB of memory"
        hint = f"ask for {max(2, most):,} or fewer; 1,000 are usual for a bootstrap"
        raise ResourceError("metrics.resamples", message, hint)


@contextmanager
def sacrebleu_seed(seed: int) -> Iterator[None]:
    """sacrebleu resamples from this seed meanwhile. It takes one from the environment and from nowhere else; 0 would mean none."""
    before = os.environ.get("SACREBLEU_SEED")
    os.environ["SACREBLEU_SEED"] = str(seed)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SACREBLEU_SEED"]
        else:
            os.environ["SACREBLEU_SEED"] = before


def interval(
    parts: NDArray[np.float64], wholes: NDArray[np.float64], samples: int, seed: int = BOOTSTRAP_SEED
) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of sum(parts) / sum(wholes) over lines drawn with replacement.

    Efron and Tibshirani 1993, chapter 13, on percentile intervals. Both are `(lines,)`; a mean is the ratio to ones. A sample without any
    whole counts as 0. The value itself is always inside.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    at_once = max(1, _INDICES_AT_ONCE // len(parts))
    found: list[float] = []
    while len(found) < samples:
        rows = min(at_once, samples - len(found))
        drawn = generator.integers(0, len(parts), size=(rows, len(parts)))  # (rows, lines)
        found.extend(ratio(part, whole) for part, whole in zip(parts[drawn], wholes[drawn], strict=True))
    low, high = np.percentile(found, [2.5, 97.5])
    value = ratio(parts, wholes)
    return min(float(low), value), max(float(high), value)


def ratio(parts: NDArray[np.float64], wholes: NDArray[np.float64]) -> float:
    """sum(parts) / sum(wholes), 0 where the wholes are."""
    whole = float(wholes.sum())
    return float(parts.sum()) / whole if whole else 0.0


def resampling(samples: int, seed: int = BOOTSTRAP_SEED) -> str:
    """What a signature says about an interval: `bs:1000|seed:12345|`, nothing where there is none."""
    return f"bs:{samples}|seed:{seed}|" if samples > 1 else ""
