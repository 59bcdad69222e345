"""Corpora for tests of alignment, as rows, and ways to spoil them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqtool.health.rows import Numbers, Rows, RowWriter, line_words

SHIPPED = Path(__file__).parents[2] / "data" / "de-en"

Ints = NDArray[np.int64]


def read_lines(path: Path) -> list[str]:
    return path.read_text("utf-8").split("\n")[:-1]


def rows_of(lines: list[str], numbers: Numbers) -> Rows:
    writer = RowWriter()
    for line in lines:
        writer.add(numbers.of(line_words(line)[0]), len(line))
    return writer.rows()


def both_rows(src: list[str], tgt: list[str]) -> tuple[Rows, Rows, int]:
    numbers = Numbers()
    one, other = rows_of(src, numbers), rows_of(tgt, numbers)
    return one, other, len(numbers)


def slipped(lines: int, place: int, shift: int) -> tuple[Ints, Ints]:
    """Which source and target lines stand beside each other where the target has, before line `place`, `shift` lines of somewhere else too
    many, or so many too few; what is left over at the end is cut off."""
    more = np.arange(shift) * 7 % lines if shift > 0 else np.zeros(0, np.int64)
    tgt = np.concatenate([np.arange(place), more, np.arange(place + max(-shift, 0), lines)])
    count = min(lines, len(tgt))
    return np.arange(count), tgt[:count]
