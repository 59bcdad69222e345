"""What a model says of given outputs is what search summed for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.decoding.forced import force, score_forced
from seqtool.decoding.plan import Requests, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import BOS, UNK, Ints
from tests.decoding.exhaustive import AnyRows, Looking
from tests.decoding.table_stepper import FIRST, random_tables, sources


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 4), st.integers(0, 4), st.integers(0, 2**32 - 1))
def test_forcing_what_was_found_gives_the_scores_of_search(size: int, least: int, seed: int) -> None:
    """N-best lists with a forced prefix, an unknown token and a least length: the model's numbers all the same."""
    tables = random_tables(3, 3, FIRST + 4, seed)
    plan = SearchPlan(size, size, limit=LengthLimit(0.0, 5, min_length=least))
    src_ids, src_lengths = sources(3)
    found = search(AnyRows(tables), src_ids, src_lengths, plan, Requests([(4, 5), (), (UNK,)]))
    assert all(found)
    each = [(sentence, one) for sentence, best in enumerate(found) for one in best]
    rows = np.array([sentence for sentence, _ in each])
    tgt_ids: Ints = np.full((len(each), 7), -5, np.int64)  # padding is never read
    for row, (_, one) in enumerate(each):
        tgt_ids[row, : len(one.tokens)] = one.tokens
    lengths = np.array([len(one.tokens) for _, one in each])
    log_probs = score_forced(AnyRows(tables), src_ids[rows], src_lengths[rows], tgt_ids, lengths)
    assert log_probs.shape == (len(each), 8)
    for (_, one), ours in zip(each, log_probs, strict=True):
        assert ours[: len(one.tokens) + 1] == pytest.approx(one.token_log_probs, abs=1e-4)
        assert not ours[len(one.tokens) + 1 :].any()
        assert ours.sum() == pytest.approx(one.log_prob, abs=1e-4)


def test_finished_outputs_leave_the_batch() -> None:
    stepper = AnyRows(random_tables(3, 1, 6, 0))
    tgt_ids = np.array([[4, 0, 0], [4, 5, 4], [0, 0, 0]])
    score_forced(stepper, *sources(3), tgt_ids, np.array([1, 3, 0]))
    assert stepper.rows == [3, 2, 1, 1]


def test_no_outputs_no_steps() -> None:
    stepper = AnyRows(random_tables(1, 1, 6, 0))
    nothing: Ints = np.empty((0, 2), np.int64)
    lengths: Ints = np.empty(0, np.int64)
    assert score_forced(stepper, nothing, lengths, nothing, lengths).shape == (0, 3)
    assert stepper.rows == []


def test_forcing_looks_where_search_looked() -> None:
    """Row by row the attention that search would have kept, and nothing behind an end."""
    looks = np.random.default_rng(3).dirichlet(np.full(4, 0.4), (3, FIRST + 4)).astype(np.float32)
    stepper = Looking(random_tables(3, 3, FIRST + 4, 5), looks=looks)
    src_ids, src_lengths = sources(3, 4)
    tgt_ids, lengths = np.array([[4, 5], [6, 0], [0, 0]]), np.array([2, 1, 0])
    found = force(stepper, src_ids, src_lengths, tgt_ids, lengths, keep_attention=True)
    assert found.attention is not None
    for row, size in enumerate(lengths):
        wanted = [BOS, *tgt_ids[row, :size]]
        assert np.array_equal(found.attention[row, : size + 1], looks[row, wanted])
        assert not found.attention[row, size + 1 :].any()
    assert force(stepper, src_ids, src_lengths, tgt_ids, lengths).attention is None
