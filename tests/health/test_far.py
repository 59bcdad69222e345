"""Slips by more lines than are looked at around each line, and sources that say nothing of where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seqtool.health import alignment
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


def strange(*firsts: int) -> tuple[list[str], list[str]]:
    """Both sides, with the targets of sixty lines from each of these on in disorder."""
    src, tgt = ([*side] for side in SIDES)
    for first in firsts:
        order = first + np.random.default_rng(first).permutation(60)
        tgt[first : first + 60] = [SIDES[1][place] for place in order]
    return src, tgt


def test_many_strange_parts_share_what_is_computed_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transform of the targets for each made this as slow as the square of the lines."""
    calls = {"rfft": 0, "irfft": 0}

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            calls[name] += 1
            return real(*arguments)

        return called

    for name in calls:
        monkeypatch.setattr(np.fft, name, counting(name, getattr(np.fft, name)))
    found = align(*both_rows(*strange(100, 300, 500, 700)))
    assert len(found.strange) == 4
    # Of the targets once for the whole and once for stretches, for which a shorter period will do; of the sources each time.
    assert calls == {"rfft": 2 + 5, "irfft": 5}


def test_of_many_strange_parts_the_longest_are_looked_for_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    src, tgt = strange(100)
    places = [*range(600), *range(680, LINES)]  # 80 sources without a target, and what follows
    src, tgt = src[: len(places)], [tgt[place] for place in places]
    for most, slips in ((1, [-80]), (0, [])):
        monkeypatch.setattr(alignment, "_MOST_FAR", most)
        found = align(*both_rows(src, tgt))
        assert [one.offset for one in found.slips] == slips
        assert found.strange[0].stop == 160
