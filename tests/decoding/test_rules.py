"""What may be said next: lengths, prefixes, n-grams, and what goes first where they disagree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.decoding.ngrams import has_loop, having_loops, repeating
from seqtool.decoding.plan import Requests, SearchPlan
from seqtool.decoding.rules import LengthLimit, make_rules
from seqtool.decoding.search import in_circles, search
from seqtool.decoding.stepper import BOS, EOS, PAD, UNK, Constraints, Ints
from tests.decoding.exhaustive import repeats
from tests.decoding.table_stepper import FIRST, TableStepper, random_tables, sources

NOTHING: Ints = np.empty((0, 0), np.int64)


@pytest.mark.parametrize(
    ("limit", "src_lengths", "most", "least"),
    [
        (LengthLimit(2.0, 10), [5, 1], [18, 12], [0, 0]),
        (LengthLimit(2.0, 10, max_length=15), [5, 1], [15, 12], [0, 0]),  # the lower of both
        (LengthLimit(1.0, 0, min_length=3), [6, 9], [5, 8], [3, 3]),
        (LengthLimit(1.0, 0, min_ratio=0.5), [6, 9], [5, 8], [3, 4]),  # 2.5 and 4 words
        (LengthLimit(1.0, 0, min_ratio=0.07), [101, 102], [100, 101], [7, 8]),  # 7.000000000000001 words are 7
        (LengthLimit(1.0, 0, min_length=4, min_ratio=0.5), [6, 13], [5, 12], [4, 6]),  # the higher of both
        (LengthLimit(1.0, 0, min_length=9), [6, 13], [5, 12], [5, 9]),  # the most wins
        (LengthLimit(0.0, 0, max_length=0, min_length=9), [6, 13], [0, 0], [0, 0]),
    ],
)
def test_lengths(limit: LengthLimit, src_lengths: list[int], most: list[int], least: list[int]) -> None:
    rules = make_rules(limit, np.array(src_lengths))
    assert (rules.most.tolist(), rules.least.tolist()) == (most, least)


def test_the_most_leaves_room_for_prefix_and_phrases() -> None:
    limit = LengthLimit(0.0, 3)
    rules = make_rules(limit, np.array([2, 2, 2]), prefixes=[(4,) * 5, (4,), ()], phrase_tokens=[2, 3, 0])
    assert rules.most.tolist() == [7, 4, 3]


def test_before_its_least_length_a_sentence_may_not_end() -> None:
    rules = make_rules(LengthLimit(1.0, 2, min_ratio=1.0), np.array([3, 5]))
    early = rules.constraints(np.array([0, 1]), NOTHING, 2, 2)
    assert early.forbidden_rows is not None
    assert early.forbidden_tokens is not None
    assert early.forbidden_rows.tolist() == [2, 3]
    assert early.forbidden_tokens.tolist() == [EOS, EOS]
    table = np.full((1, 1, 7, 7), -3.0)
    table[..., EOS] = -0.1
    for size in (1, 3):
        plan = SearchPlan(size, 1, limit=LengthLimit(0.0, 6, min_length=4))
        assert len(search(TableStepper(table), *sources(1), plan)[0][0].tokens) == 4


def test_what_is_forced_goes_first() -> None:
    """The prefix repeats a 1-gram, and at the most a sentence ends, however short."""
    rules = make_rules(LengthLimit(0.0, 2), np.array([2, 2]), no_repeat_ngram_size=1, prefixes=[(4, 4, 4), ()])
    history: Ints = np.array([[4, 4], [5, 6]])
    found = rules.constraints(np.arange(2), history, 2, 1)
    assert found.forced is not None
    assert found.forbidden_rows is not None
    assert found.forced.tolist() == [4, EOS]
    assert found.forbidden_rows.tolist() == []


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("least", [0, 3])
def test_a_prefix_may_hold_an_unknown_token(size: int, least: int) -> None:
    """There alone: neither the sentence beside it nor the rest of the output may."""
    tables = random_tables(2, 4, FIRST + 3, 5)
    tables[..., UNK] = -0.01
    plan = SearchPlan(size, size, limit=LengthLimit(0.0, 4, min_length=least))
    first, second = search(TableStepper(tables), *sources(2), plan, Requests([(5, UNK), ()]))
    assert first
    for one in first:
        assert one.tokens[:2] == (5, UNK)
        assert len(one.tokens) >= least
        assert one.token_log_probs[1] == pytest.approx(-0.01)
        assert not {PAD, UNK, BOS} & set(one.tokens[2:])
    assert all(min(one.tokens, default=FIRST) >= FIRST for one in second)


@given(st.lists(st.lists(st.integers(4, 6), min_size=6, max_size=6), max_size=4), st.integers(1, 4), st.integers(0, 6))
def test_repeating_finds_what_would_repeat(rows: list[list[int]], size: int, so_far: int) -> None:
    history: Ints = np.array(rows, np.int64).reshape(len(rows), 6)[:, :so_far]
    found = set(zip(*(part.tolist() for part in repeating(history, size)), strict=True))
    tokens = [tuple(row[:so_far]) for row in rows]
    assert found == {
        (row, token) for row in range(len(rows)) for token in (4, 5, 6) if repeats(tokens[row], token, size)
    }


@pytest.mark.parametrize("width", [1, 4])
def test_no_ngram_is_said_twice(width: int) -> None:
    """A table that only wants to say 4 5 6 4 5 6, and must not."""
    table = np.full((1, 1, 8, 8), -6.0)
    table[..., EOS] = -40.0
    for last, token in ((BOS, 4), (4, 5), (5, 6), (6, 4)):
        table[0, 0, last, token] = -0.01
    for size in (0, 1, 2, 3):
        plan = SearchPlan(width, 1, limit=LengthLimit(0.0, 12), no_repeat_ngram_size=size)
        tokens = search(TableStepper(table), *sources(1), plan)[0][0].tokens
        grams = [tokens[start : start + size] for start in range(len(tokens) - size + 1)]
        if size:
            assert len(set(grams)) == len(grams)
        else:
            assert tokens == (4, 5, 6) * 4


@pytest.mark.parametrize(
    ("tokens", "loops"),
    [
        ((), False),
        ((9, 9, 9), False),  # three times
        ((9, 9, 9, 9), True),  # "ha ha ha ha"
        ((1, 9, 9, 9, 9, 2), True),  # in the middle
        ((9, 9, 1, 9, 9), False),  # not running
        ((1, 2) * 3 + (1,), False),
        ((1, 2) * 4, True),
        ((7, *(1, 2, 3) * 4), True),
        (tuple(range(8)) * 4, True),  # the longest
        (tuple(range(8)) * 3 + tuple(range(7)), False),
        (tuple(range(9)) * 4, False),  # longer than a loop is
        (tuple(range(50)), False),
        ((1, 2, 1, 2, 3) * 3 + (1, 2, 1, 2), False),
    ],
)
def test_loops(tokens: tuple[int, ...], loops: bool) -> None:
    assert has_loop(tokens) is loops
    assert has_loop(list(tokens)) is loops


@given(st.lists(st.integers(0, 2), max_size=24))
def test_loops_are_what_their_definition_says(tokens: list[int]) -> None:
    expected = any(
        tokens[start : start + 4 * size] == tokens[start : start + size] * 4
        for size in range(1, 9)
        for start in range(len(tokens) - 4 * size + 1)
    )
    assert has_loop(tokens) is expected


@given(st.lists(st.lists(st.integers(4, 6), min_size=12, max_size=12), min_size=1, max_size=8))
def test_many_rows_have_the_loops_that_each_has(rows: list[list[int]]) -> None:
    assert having_loops(np.array(rows)).tolist() == [has_loop(row) for row in rows]


def test_a_loop_is_given_up_before_it_has_filled_its_length_and_nothing_else_is() -> None:
    """Only where that is asked for; the other sentence says all that it would have said."""
    tables = np.full((2, 1, 6, 6), -9.0)
    tables[0, 0, :, 4] = -0.1  # 4 4 4 4 ...
    tables[1, 0, BOS, 4], tables[1, 0, 4, 5], tables[1, 0, 5, EOS] = -0.1, -0.1, -0.1
    limit = LengthLimit(0.0, 90)
    src_ids, src_lengths = np.array([[0], [1]]), np.array([1, 1])
    results = []
    for give_up in (False, True):
        stepper = TableStepper(tables)
        plan = SearchPlan(1, limit=limit, give_up_loops=give_up)
        found = search(stepper, src_ids, src_lengths, plan)
        assert has_loop(found[0][0].tokens)
        results.append((len(found[0][0].tokens), len(stepper.rows), found[1]))
    (whole, _, other), (part, steps, same) = results
    assert whole == 90
    assert part < 33
    assert steps <= 33
    assert same == other


def test_a_loop_is_seen_and_blocking_ends_it() -> None:
    """The first sentence repeats itself for ever, the second ends."""
    tables = np.full((2, 1, 7, 7), -5.0)
    tables[0, 0, :, EOS] = -40.0
    tables[0, 0, :, 4] = -0.01
    tables[1, 0, :, EOS] = -0.01
    plan = SearchPlan(2, 1, limit=LengthLimit(0.0, 8))
    src_ids, src_lengths = sources(2)
    before = search(TableStepper(tables), src_ids, src_lengths, plan)
    strict = SearchPlan(2, 1, limit=LengthLimit(0.0, 8), no_repeat_ngram_size=3)
    requests = Requests([(5,), (6,)])
    again = search(TableStepper(tables), src_ids, src_lengths, strict, requests)
    assert in_circles(before) == [0]
    assert in_circles(again) == in_circles([[]]) == []
    assert again[0][0].tokens[0] == 5


def test_where_nothing_may_be_said_lengths_and_ngrams_give_way() -> None:
    """One word that may not be said twice, and an output of three words at least. A prefix stays."""
    tables = np.full((2, 1, FIRST + 1, FIRST + 1), -1.0)
    tables[..., EOS] = -0.5
    limit = LengthLimit(0.0, 4, min_length=3)
    for size in (1, 2):
        stepper = TableStepper(tables)
        plan = SearchPlan(size, 1, limit=limit, no_repeat_ngram_size=1)
        found = search(stepper, *sources(2), plan, Requests([(4, 4, 4), (4, 4)]))
        assert [one.tokens for (one,) in found] == [(4, 4, 4), (4, 4)]
        if size == 1:  # the second sentence leaves when it is stuck, and is searched again: three steps each
            assert stepper.rows == [2, 2, 2, 1, 1, 1, 1]


def test_without_rules_there_are_no_constraints() -> None:
    rules = make_rules(LengthLimit(0.0, 5), np.array([2, 2]))
    assert rules.constraints(np.arange(2), NOTHING, 4, 3) == Constraints()
    assert not rules.need_history
