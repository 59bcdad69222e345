"""Slips by more lines than are looked at around each line, and sources that say nothing of where they are."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.health.affinity import REACH
from seqtool.health.alignment import align
from tests.health.rows_of import SHIPPED, both_rows, read_lines

LINES = 1200
SIDES = [read_lines(SHIPPED / f"train.{side}")[:LINES] for side in ("de", "en")]


@pytest.mark.parametrize(
    ("place", "shift"),
    [
        (2, 60),  # nearly nothing is in its place: lengths must say where it is
        (600, 45),
        (600, -100),  # 100 sources without a target, and what follows
        (600, 100),
        (1050, 33),  # too short to be known by lengths
        (1050, -40),
    ],
)
def test_a_slip_by_many_lines_is_found_with_its_size(place: int, shift: int) -> None:
    src, tgt, kinds = both_rows(*SIDES)
    lines = np.arange(LINES)
    gap = slice(place, place + abs(shift))
    count = LINES - abs(shift)
    src_lines = np.delete(lines, gap)[:count] if shift > 0 else lines[:count]
    tgt_lines = lines[:count] if shift > 0 else np.delete(lines, gap)[:count]
    found = align(src.take(src_lines), tgt.take(tgt_lines), kinds)
    slip = found.slips[-1]
    assert abs(shift) > REACH
    assert (slip.offset, slip.stop) == (shift, count)
    assert [one.offset for one in found.slips] == [shift]
    # Sources whose targets are missing belong to nothing, or to the slip.
    assert place - 5 <= slip.first <= place + max(-shift, 0) + 5


def test_lines_of_another_text_are_nowhere() -> None:
    src, tgt = ([*side] for side in SIDES)
    order = np.random.default_rng(3).permutation(LINES)[:200]
    tgt[700:900] = [tgt[place][::-1] for place in order]
    found = align(*both_rows(src, tgt))
    assert not found.slips
    assert len(found.strange) == 1


@pytest.mark.parametrize("seed", range(8))
def test_a_source_that_comes_again_and_again_is_no_slip(seed: int) -> None:
    rng = np.random.default_rng(seed)
    src, tgt = ([*side] for side in SIDES)
    first = int(rng.integers(LINES - 50))
    src[first : first + 50] = [src[int(rng.integers(LINES))]] * 50
    assert not align(*both_rows(src, tgt)).slips
