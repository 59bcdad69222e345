"""Slips are found where they are, and healthy corpora have none."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.health import alignment
from seqtool.health.alignment import align, align_by
from seqtool.health.rows import Rows
from tests.health.rows_of import SHIPPED, both_rows, read_lines, slipped

Corpus = tuple[Rows, Rows, int]
LINES = 1200


@pytest.fixture(scope="module")
def shipped() -> Corpus:
    """1,200 pairs of the shipped sentences, which share hardly any words."""
    return both_rows(*(read_lines(SHIPPED / f"train.{side}")[:LINES] for side in ("de", "en")))


@pytest.mark.parametrize("lines", [300, 500, LINES])
def test_a_healthy_corpus_has_one_stretch(lines: int, shipped: Corpus) -> None:
    src, tgt, kinds = shipped
    found = align(src.part(0, lines), tgt.part(0, lines), kinds)
    assert [(one.first, one.stop, one.offset) for one in found.stretches] == [(0, lines, 0)]
    assert found.related
    assert found.gain > 2


@pytest.mark.parametrize(
    ("place", "shift"),
    [
        (3, 1),  # nearly all lines are wrong: what is right is learned where most goes together
        (5, -3),
        (600, -1),  # as many right as wrong
        (400, 20),  # as far as is looked
        (1150, 2),
        (1175, -10),  # the last two percent
    ],
)
def test_a_slip_is_found_with_its_place_and_size(place: int, shift: int, shipped: Corpus) -> None:
    src, tgt, kinds = shipped
    src_lines, tgt_lines = slipped(LINES, place, shift)
    found = align(src.take(src_lines), tgt.take(tgt_lines), kinds)
    (slip,) = found.slips
    assert (slip.offset, slip.stop) == (shift, len(src_lines))
    # Sources whose targets are missing belong to neither side of the slip.
    assert place - 2 <= slip.first <= place + max(-shift, 0) + 2


def test_two_slips_that_make_up_for_each_other(shipped: Corpus) -> None:
    src, tgt, kinds = shipped
    order = np.concatenate([np.arange(400), [5], np.arange(400, 800), np.arange(801, LINES)])
    found = align(src, tgt.take(order), kinds)
    assert [one.offset for one in found.stretches] == [0, 1, 0]
    assert np.abs(np.array([one.first for one in found.stretches]) - [0, 400, 801]).max() <= 2


@pytest.mark.parametrize("lines", [300, LINES])
def test_shuffled_sides_are_not_related(lines: int, shipped: Corpus) -> None:
    src, tgt, kinds = shipped
    order = np.random.default_rng(5).permutation(lines)
    assert not align(src.part(0, lines), tgt.take(order), kinds).related


def test_a_strange_part_is_told_from_a_slip(shipped: Corpus) -> None:
    src, tgt, kinds = shipped
    order = np.arange(LINES)
    order[500:800] = 500 + np.random.default_rng(5).permutation(300)
    found = align(src, tgt.take(order), kinds)
    assert not found.slips
    (strange,) = found.strange
    assert abs(strange.first - 500) <= 5
    assert abs(strange.stop - 800) <= 5


def test_a_judge_finds_a_slip_in_a_handful_of_other_lines(shipped: Corpus) -> None:
    src, tgt, kinds = shipped
    learned = align(src.part(0, 1100), tgt.part(0, 1100), kinds)
    assert learned.judge is not None
    src_lines, tgt_lines = slipped(100, 40, 1)
    found = align_by(learned.judge, src.part(1100, 1200).take(src_lines), tgt.part(1100, 1200).take(tgt_lines), kinds)
    assert [(one.offset, one.first) for one in found.stretches] == [(0, 0), (1, 40)]


def test_what_is_found_does_not_depend_on_the_pieces_it_is_found_in(
    shipped: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    src, tgt, kinds = shipped
    src_lines, tgt_lines = slipped(LINES, 500, -1)
    whole = align(src.take(src_lines), tgt.take(tgt_lines), kinds)
    monkeypatch.setattr(alignment, "_AT_ONCE", 256)
    pieces = align(src.take(src_lines), tgt.take(tgt_lines), kinds)
    assert [(one.first, one.stop, one.offset) for one in pieces.stretches] == [
        (one.first, one.stop, one.offset) for one in whole.stretches
    ]
    assert pieces.gain == pytest.approx(whole.gain, rel=1e-5)


def test_lines_without_words_and_words_that_come_later_are_no_trouble(shipped: Corpus) -> None:
    src, tgt, kinds = shipped
    learned = align(src, tgt, kinds)
    assert learned.judge is not None
    blank = both_rows([""] * 5, ["", "x", "", "", ""])
    later = Rows(blank[1].ids + kinds, blank[1].starts, blank[1].lengths)
    found = align_by(learned.judge, blank[0], later, kinds + 5)
    assert [(one.first, one.stop) for one in found.stretches] == [(0, 5)]
    assert np.isfinite(found.gain)
