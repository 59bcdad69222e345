"""Systems of which one knows which is better: the shipped English test lines with words replaced at random."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

_TEST = Path(__file__).parents[2] / "data/de-en/test"


def references(count: int) -> list[str]:
    """The first English lines of the shipped test set."""
    return _first("en", count)


def sources(count: int) -> list[str]:
    """Their German sources."""
    return _first("de", count)


def _first(side: str, count: int) -> list[str]:
    with _TEST.with_suffix(f".{side}").open(encoding="utf-8") as lines:
        return [line.rstrip("\n") for line in islice(lines, count)]


def degraded(count: int, rate: float, seed: int) -> list[str]:
    """The references, with this share of their words replaced by other words of the text."""
    rng = random.Random(seed)
    lines = references(count)
    vocabulary = sorted({word for line in lines for word in line.split()})
    return [
        " ".join(rng.choice(vocabulary) if rng.random() < rate else word for word in line.split()) for line in lines
    ]
