"""What a check finds, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

# "untold" is what could not be looked at.
Level = Literal["ok", "untold", "warning", "error"]
Side = Literal["src", "tgt"]
Split = Literal["train", "valid", "test"]
Number = int | float

SPLITS: tuple[Split, ...] = ("train", "valid", "test")
SIDES: tuple[Side, Side] = ("src", "tgt")
SIDE_NAMES: dict[Side, str] = {"src": "source", "tgt": "target"}
MOST_EXAMPLES = 3


@dataclass(frozen=True)
class Example:
    """A line of a split by its number from 0; `place` (file:line) and `text` are filled in when all findings are known."""

    split: Split
    side: Side
    pair: int
    place: str = ""
    text: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for: its stable id, how bad it is, what was found in words, and what to do about it. `numbers` are for
    scripts, counts or shares from 0 to 1."""

    id: str
    level: Level
    split: Split
    message: str
    advice: str = ""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    examples: Sequence[Example] = ()
    words: Sequence[str] = ()


def examples_of(split: Split, side: Side, pairs: Sequence[int]) -> list[Example]:
    """The first few of them."""
    return [Example(split, side, int(pair)) for pair in pairs[:MOST_EXAMPLES]]


def share(part: int, whole: int) -> str:
    """A share in words: `3 (0.1%)`."""
    return f"{part:,} ({rate(part, whole)})"


def rate(part: float, whole: float) -> str:
    """A percentage with as many digits as it needs to be none of 0% and 100% by rounding alone."""
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 0.1 or 99.9 < percent < 100:
        return f"{percent:.2g}%" if percent < 1 else f"{percent:.3f}%"
    return f"{percent:.1f}%"
