"""How well `seqtool check` tells where the two sides of a corpus slipped against each other, and how often it says so of healthy ones.

    python -m benchmarks.slips SRC TGT [--lines 1000 5000] [--times 20] [--seed 1]

SRC and TGT are line-aligned files. From each corpus parts of so many lines are taken at random places. Each is looked at as it is, and with
one slip: at a random place from the second line to 90% of the part, by 1 to 20 or by 21 to a tenth of the part, lines left out on either
side. Prints for each kind how many were judged right: nothing said of a healthy part; of a slip its size, with the number of lines by which
the place is off (median and most; where sources have no target, any of these is the place).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.zoo_report import table
from seqtool.health.affinity import REACH
from seqtool.health.alignment import align
from seqtool.health.rows import Numbers, Rows, RowWriter, line_words
from seqtool.text.formats import read_text

Lines = NDArray[np.int64]


def rows_of(src: Path, tgt: Path) -> tuple[Rows, Rows, int]:
    """Both sides, and the number of different words."""
    numbers = Numbers()
    writers = RowWriter(), RowWriter()
    for pair in read_text(src, tgt):
        for writer, line in zip(writers, pair, strict=True):
            writer.add(numbers.of(line_words(line)[0]), len(line))
    return writers[0].rows(), writers[1].rows(), len(numbers)


def slipped(lines: Lines, place: int, shift: int) -> tuple[Lines, Lines]:
    """Source and target lines beside each other where `shift` sources, or as many targets when it is negative, are left out."""
    count = len(lines) - abs(shift)
    fewer = np.delete(lines, slice(place, place + abs(shift)))
    return (fewer, lines[:count]) if shift > 0 else (lines[:count], fewer)


def parts(count: int, lines: int, times: int, rng: np.random.Generator) -> Iterator[Lines]:
    """Lines of so many random parts of a corpus."""
    for _ in range(times):
        first = int(rng.integers(count - lines + 1))
        yield np.arange(first, first + lines)


def healthy_row(src: Rows, tgt: Rows, kinds: int, lines: int, times: int, rng: np.random.Generator) -> list[str]:
    """How often nothing was said of a healthy part."""
    right = 0
    for some in parts(len(src), lines, times, rng):
        found = align(src.take(some), tgt.take(some), kinds)
        right += found.related and not found.slips and not found.strange
    return [f"{lines:,}", "healthy", f"{right} of {times}", "", ""]


def slip_row(
    src: Rows, tgt: Rows, kinds: int, lines: int, times: int, sizes: tuple[int, int], rng: np.random.Generator
) -> list[str]:
    """How often the size of a slip was found, and by how many lines its place is off."""
    right, off = 0, []
    for some in parts(len(src), lines, times, rng):
        shift = int(rng.integers(sizes[0], sizes[1] + 1)) * int(rng.choice([-1, 1]))
        place = int(rng.integers(1, lines * 9 // 10 - abs(shift)))
        one, other = slipped(some, place, shift)
        slips = align(src.take(one), tgt.take(other), kinds).slips
        if [slip.offset for slip in slips] == [shift]:
            right += 1
            off.append(max(place - slips[0].first, slips[0].first - place - max(-shift, 0), 0))
    places = [f"{np.median(off):.0f}", f"{max(off)}"] if off else ["", ""]
    return [f"{lines:,}", f"slip of {sizes[0]} to {sizes[1]}", f"{right} of {times}", *places]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("src", type=Path)
    parser.add_argument("tgt", type=Path)
    parser.add_argument("--lines", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    src, tgt, kinds = rows_of(options.src, options.tgt)
    rows = []
    for lines in options.lines:
        if lines > len(src):
            parser.error(f"{options.src} has {len(src):,} lines")
        rng = np.random.default_rng(options.seed)
        rows.append(healthy_row(src, tgt, kinds, lines, options.times, rng))
        for sizes in ((1, REACH), (REACH + 1, lines // 10)):
            rows.append(slip_row(src, tgt, kinds, lines, options.times, sizes, rng))
    print(table(["lines", "part", "judged right", "lines off, median", "most"], rows))


if __name__ == "__main__":
    main()
