"""Which continuations a beam takes: ties, ends and empty places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.decoding.selection import Pool, choose, closing_up, continuations
from seqtool.decoding.stepper import EOS, Candidates, staying


@pytest.mark.parametrize("width", [3, 20])
def test_of_equals_the_first_goes_first(width: int) -> None:
    """Wide enough that a sort which is not stable would show; and the same for both sentences."""
    tokens = np.tile(np.arange(4, 4 + 30 * width), (2, 1))
    tokens[:, 1] = EOS
    pool = Pool(np.tile(np.repeat(np.arange(width), 30), (2, 1)), tokens, np.full(tokens.shape, -1.0))
    choice = choose(pool, width)
    assert choice.best.tokens.tolist() == tokens[:, :width].tolist()
    assert choice.live.tokens.tolist() == tokens[:, [0, *range(2, width + 1)]].tolist()
    assert choice.ended is not None
    assert np.argwhere(choice.ended).tolist() == [[0, 1], [1, 1]]


def test_an_eos_that_cannot_be_is_no_end() -> None:
    candidates = Candidates(np.array([[5, EOS]]), np.array([[-1.0, -np.inf]]))
    choice = choose(continuations(candidates, np.zeros((1, 1)), 2), 2)
    assert choice.live.log_probs.tolist() == [[-1.0, -np.inf]]
    assert choice.ended is None or not choice.ended.any()


def test_places_beyond_a_small_vocabulary_are_empty() -> None:
    pool = continuations(Candidates(np.array([[5, 6]]), np.array([[-1.0, -2.0]])), np.array([[-1.0]]), 4)
    assert pool.parents.tolist() == [[0, 0, 0, 0]]
    assert pool.log_probs.tolist() == [[-2.0, -3.0, -np.inf, -np.inf]]


def test_others_than_the_sums_may_decide() -> None:
    """The sums stay what they are."""
    pool = Pool(np.zeros((1, 3), np.int64), np.array([[4, 5, 6]]), np.array([[-1.0, -2.0, -3.0]]))
    choice = choose(pool, 2, np.array([[-9.0, -2.0, -3.0]]))
    assert choice.live.tokens.tolist() == [[5, 6]]
    assert choice.live.log_probs.tolist() == [[-2.0, -3.0]]


@given(st.lists(st.booleans(), max_size=12))
def test_the_last_fill_the_places_of_those_that_leave(stay: list[bool]) -> None:
    order = closing_up(np.array(stay, np.bool_)).tolist()
    assert sorted(order) == [place for place, stays in enumerate(stay) if stays]
    moved = [place for place, source in enumerate(order) if place != source]
    assert moved == [place for place in range(len(order)) if not stay[place]], "nobody else moves"


@given(st.permutations(range(6)), st.integers(0, 6), st.integers(1, 4), st.integers(1, 4))
def test_the_sentences_of_rows_are_found_in_their_order(order: list[int], count: int, each: int, new: int) -> None:
    rows = [sentence * each + place % each for sentence in order[:count] for place in range(new)]
    assert staying(np.array(rows, np.int64), each).tolist() == order[:count]
