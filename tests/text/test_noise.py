"""Noise on rows of ids: what each kind does, how much of it, and that it can be made again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.text.noise import Noise, noised
from seqtool.text.tokenizer import UNK

ROW = np.arange(4, 44).astype(np.uint16)


def many(noise: Noise, count: int = 300, seed: int = 1, epoch: int = 0) -> list[list[int]]:
    return [row.tolist() for row in noised([ROW] * count, noise, seed=seed, epoch=epoch)]


def is_subsequence(row: list[int]) -> bool:
    """Whether the tokens that are left stand in their order, each once."""
    kept = [i for i in row if i != UNK]
    return kept == sorted(set(kept))


@given(
    st.lists(st.integers(4, 9), min_size=1, max_size=12),
    st.floats(0, 0.999), st.floats(1, 10), st.floats(0, 0.999), st.integers(0, 20), st.integers(0, 99),
)  # fmt: skip
def test_never_an_empty_row_and_nothing_invented(
    row: list[int], mask: float, span: float, delete: float, shuffle: int, seed: int
) -> None:
    noise = Noise(mask=mask, span=span, delete=delete, shuffle=shuffle)
    (found,) = noised([np.array(row, np.uint16)], noise, seed=seed, epoch=0)
    assert 1 <= len(found) <= len(row)
    assert found.dtype == np.uint16
    left = list(row)
    for i in found.tolist():
        if i != UNK:
            left.remove(i)  # raises for a token that is there more often than before


def test_a_row_depends_on_seed_epoch_and_pair_alone() -> None:
    noise = Noise(mask=0.3, span=3.0, delete=0.1, shuffle=3)
    rows = many(noise)
    assert many(noise) == rows
    assert rows[0] != rows[1]
    assert many(noise, seed=2)[0] != rows[0] != many(noise, epoch=1)[0]
    (alone,) = noised([ROW], noise, seed=1, epoch=0, first=7)
    assert alone.tolist() == rows[7]


def test_no_noise_is_no_noise() -> None:
    assert many(Noise(), 3) == [ROW.tolist()] * 3


@pytest.mark.parametrize("share", [0.1, 0.35, 0.9])
@pytest.mark.parametrize("span", [1.0, 3.0])
def test_masks_take_the_share_of_the_tokens(share: float, span: float) -> None:
    rows = many(Noise(mask=share, span=span))
    assert all(is_subsequence(row) for row in rows)
    gone = np.mean([len(ROW) - sum(i != UNK for i in row) for row in rows]) / len(ROW)
    assert abs(gone - share) < 0.01


@pytest.mark.parametrize("span", [1.0, 2.0, 4.0])
def test_a_span_becomes_one_mask_and_is_as_long_as_said(span: float) -> None:
    rows = many(Noise(mask=0.4, span=span))
    masks = np.mean([row.count(UNK) for row in rows])
    assert masks == pytest.approx(16 / span, rel=0.15)  # the last span is cut short
    if span == 1.0:
        assert all(len(row) == len(ROW) for row in rows)


def test_masks_fall_everywhere() -> None:
    places = {place for row in many(Noise(mask=0.2, span=1.0)) for place, i in enumerate(row) if i == UNK}
    assert places == set(range(len(ROW)))


def test_deleted_tokens_leave_nothing() -> None:
    rows = many(Noise(delete=0.25))
    assert all(is_subsequence(row) and UNK not in row for row in rows)
    assert np.mean([len(row) for row in rows]) == pytest.approx(30, abs=1)


def test_one_token_always_stays() -> None:
    assert {len(row) for row in many(Noise(delete=0.999), 50)} <= {1, 2}


@pytest.mark.parametrize("distance", [1, 3])
def test_tokens_pass_others_at_most_so_far_away(distance: int) -> None:
    rows = many(Noise(shuffle=distance))
    assert all(sorted(row) == ROW.tolist() for row in rows)
    passed = [
        before - after for row in rows for place, after in enumerate(row) for before in row[:place] if before > after
    ]
    assert max(passed) == distance
