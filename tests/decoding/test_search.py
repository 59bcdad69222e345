"""Search over written tables: greedy, beam, and what both promise about lengths, scores and batches."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.decoding import stepper as protocol
from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.plan import SearchPlan
from seqtool.decoding.rules import LengthLimit, make_rules
from seqtool.decoding.search import search
from seqtool.decoding.stepper import BOS, EOS, Constraints, Floats, Ints
from seqtool.text import tokenizer
from tests.decoding.searching import beam_search, greedy_search
from tests.decoding.table_stepper import FIRST, TableStepper, every_output, random_tables, sources


def beam(
    tables: Floats, size: int, *, n_best: int = 1, most: int = 4, penalty: float = 1.0, length: int = 2
) -> list[list[Hypothesis]]:
    """Beam search for all sentences of `tables`, at most `most` words each."""
    src_ids, src_lengths = sources(len(tables), length)
    return beam_search(
        TableStepper(tables),
        src_ids,
        src_lengths,
        beam_size=size,
        n_best=n_best,
        limit=LengthLimit(0.0, most),
        length_penalty=penalty,
    )


def greedy(stepper: TableStepper, most: int = 4, penalty: float = 1.0) -> list[list[Hypothesis]]:
    src_ids, src_lengths = sources(len(stepper.tables))
    return greedy_search(stepper, src_ids, src_lengths, limit=LengthLimit(0.0, most), length_penalty=penalty)


def same(left: Hypothesis, right: Hypothesis) -> bool:
    return (
        left.tokens == right.tokens
        and left.log_prob == pytest.approx(right.log_prob)
        and left.score == pytest.approx(right.score)
    )


tables_of_any_kind = st.builds(
    random_tables, st.integers(1, 5), st.integers(1, 4), st.integers(FIRST + 1, FIRST + 6), st.integers(0, 2**32 - 1)
)


def test_greedy_by_hand() -> None:
    """bos -> 4 -> 5 -> eos, each with probability 1/2."""
    table = np.full((1, 1, 6, 6), np.log(0.1))
    for last, token in ((BOS, 4), (4, 5), (5, EOS)):
        table[0, 0, last, token] = np.log(0.5)
    stepper = TableStepper(table)
    ((found,),) = greedy(stepper)
    assert found.tokens == (4, 5)
    assert found.log_prob == pytest.approx(3 * np.log(0.5))
    assert found.score == pytest.approx(np.log(0.5))
    assert stepper.seen == [[BOS], [4], [5]]


@settings(max_examples=40)
@given(tables=tables_of_any_kind, most=st.integers(0, 5))
def test_greedy_without_scores_says_the_same(tables: Floats, most: int) -> None:
    """A stepper may be as far off as it likes where nobody wants scores, and none are made up."""
    asked = TableStepper(tables), *sources(len(tables))
    plan = SearchPlan(1, limit=LengthLimit(0.0, most))
    unscored = search(*asked, replace(plan, scored=False))
    assert [[one.tokens for one in found] for found in unscored] == [
        [one.tokens for one in found] for found in search(*asked, plan)
    ]
    assert all(isnan(one.score) and isnan(one.log_prob) for found in unscored for one in found)


def test_a_beam_finds_what_greedy_passes_by() -> None:
    """4 looks better at first; 5 is better by far in the end."""
    table = np.full((1, 1, 6, 6), np.log(0.01))
    table[0, 0, BOS, [4, 5]] = np.log([0.6, 0.4])
    table[0, 0, 4, EOS] = np.log(0.1)
    table[0, 0, 5, EOS] = np.log(0.9)
    assert greedy(TableStepper(table))[0][0].tokens == (4,)
    assert beam(table, 2)[0][0].tokens == (5,)


@settings(deadline=None)
@given(tables_of_any_kind, st.integers(0, 5), st.sampled_from([0.0, 0.6, 1.0, 2.0]))
def test_a_beam_of_one_is_greedy(tables: Floats, most: int, penalty: float) -> None:
    one = beam(tables, 1, most=most, penalty=penalty)
    plain = greedy(TableStepper(tables), most, penalty)
    assert one == plain
    assert all(len(found) == 1 for found in plain)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3), st.sampled_from([1, 2]), st.sampled_from([0.0, 0.6, 1.0, 2.0]))
def test_a_wide_beam_is_exhaustive(seed: int, most: int, words: int, penalty: float) -> None:
    """A beam wider than the number of outputs loses none of them."""
    tables = random_tables(3, 3, FIRST + words, seed)
    outputs = sum(words**length for length in range(most + 1))
    for table, found in zip(
        tables, beam(tables, outputs + 1, n_best=outputs + 9, most=most, penalty=penalty), strict=True
    ):
        expected = every_output(table, most, penalty)
        assert len(found) == len(expected) == outputs
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.score == pytest.approx(theirs.score)
        assert {one.tokens for one in found} == {one.tokens for one in expected}
        assert same(found[0], expected[0])


@settings(deadline=None)
@given(tables_of_any_kind, st.integers(1, 6), st.integers(1, 8), st.integers(0, 5))
def test_what_every_search_promises(tables: Floats, size: int, n_best: int, most: int) -> None:
    """Best first, none twice, none too long, words only, and scores that can be recomputed."""
    results = beam(tables, size, n_best=n_best, most=most)
    assert len(results) == len(tables)
    for table, found in zip(tables, results, strict=True):
        assert 1 <= len(found) <= n_best
        assert len({one.tokens for one in found}) == len(found)
        assert all(left.score >= right.score for left, right in pairwise(found))
        for one in found:
            assert len(one.tokens) <= most
            assert all(token >= FIRST for token in one.tokens)
            path = zip((BOS, *one.tokens), (*one.tokens, EOS), strict=True)
            log_prob = sum(
                table[min(position, len(table) - 1), last, token] for position, (last, token) in enumerate(path)
            )
            assert one.log_prob == pytest.approx(log_prob)
            assert one.score == pytest.approx(log_prob / (len(one.tokens) + 1))


@settings(deadline=None)
@given(tables_of_any_kind, st.integers(1, 4), st.integers(0, 4))
def test_company_changes_nothing(tables: Floats, size: int, most: int) -> None:
    together = beam(tables, size, n_best=size, most=most)
    alone = [beam(tables[index : index + 1], size, n_best=size, most=most)[0] for index in range(len(tables))]
    assert together == alone
    assert greedy(TableStepper(tables), most) == [greedy(TableStepper(table[None]), most)[0] for table in tables]


def ends_after(*lengths: int) -> Floats:
    """Sentences that end after so many words, for sure."""
    tables = np.full((len(lengths), max(lengths) + 1, 7, 7), -20.0)
    for sentence, length in enumerate(lengths):
        tables[sentence, :length, :, 4] = -0.1
        tables[sentence, :length, :, 5] = -0.2
        tables[sentence, length:, :, EOS] = -0.1
    return tables


def test_finished_sentences_leave_the_batch() -> None:
    stepper = TableStepper(ends_after(3, 0, 1, 3))
    found = greedy(stepper)
    assert [len(one[0].tokens) for one in found] == [3, 0, 1, 3]
    assert stepper.rows == [4, 3, 2, 2]


def test_finished_sentences_leave_the_beams() -> None:
    """Two rows a sentence from the second step on; a sentence stays until as many hypotheses as the beam holds have ended."""
    stepper = TableStepper(ends_after(3, 1, 2))
    src_ids, src_lengths = sources(3)
    found = beam_search(
        stepper, src_ids, src_lengths, beam_size=2, n_best=2, limit=LengthLimit(0.0, 9), length_penalty=1.0
    )
    assert [[len(one.tokens) for one in best] for best in found] == [[3, 3], [1, 1], [2, 2]]
    assert stepper.rows == [3, 6, 4, 2]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize(
    ("ratio", "extra", "src_lengths", "words"),
    [
        (0.0, 3, [2, 5], [3, 3]),
        (1.0, 0, [2, 5], [1, 4]),  # without the eos of the source
        (1.5, 0, [4, 2], [4, 1]),  # 4.5 and 1.5 words are 4 and 1
        (2.0, 1, [3, 2], [5, 3]),
        (0.0, 0, [2, 2], [0, 0]),  # nothing may be said
        (1.0, 0, [1, 0], [1, 1]),  # an empty source counts as one token
    ],
)
def test_at_the_limit_the_end_is_forced(
    size: int, ratio: float, extra: int, src_lengths: list[int], words: list[int]
) -> None:
    """These tables never want to end; the price of ending anyway is in the score."""
    stepper = TableStepper(np.full((2, 1, 7, 7), -1.0))
    stepper.tables[:, :, :, EOS] = -30.0
    limit = LengthLimit(ratio, extra)
    lengths: Ints = np.array(src_lengths)
    src_ids, _ = sources(2)
    assert limit.most(lengths).tolist() == words
    results = beam_search(stepper, src_ids, lengths, beam_size=size, n_best=1, limit=limit, length_penalty=0.0)
    if size == 1:
        assert results == greedy_search(stepper, src_ids, lengths, limit=limit, length_penalty=0.0)
    for (found,), most in zip(results, words, strict=True):
        assert len(found.tokens) == most
        assert found.log_prob == pytest.approx(-30.0 - most)


def test_only_sentences_at_their_limit_must_end() -> None:
    rules = make_rules(LengthLimit(1.0, 0), np.array([4, 5, 3]))
    nothing: Ints = np.empty((3, 0), np.int64)
    assert rules.constraints(np.arange(2), nothing, 2, 2) == Constraints()
    forced = rules.constraints(np.arange(3), nothing, 3, 2).forced
    assert forced is not None
    assert forced.tolist() == [EOS, EOS, -1, -1, EOS, EOS]


@pytest.mark.parametrize(
    ("log_prob", "tokens", "penalty", "score"),
    [
        (-6.0, 3, 1.0, -2.0),  # the average
        (-6.0, 3, 0.0, -6.0),  # the sum
        (-6.0, 4, 0.5, -3.0),  # in between
        (-6.0, 1, 2.0, -6.0),  # an eos alone
    ],
)
def test_scores_are_normalised_by_length(log_prob: float, tokens: int, penalty: float, score: float) -> None:
    assert normalised(log_prob, tokens, penalty) == pytest.approx(score)


def test_the_length_penalty_chooses_the_length() -> None:
    """Ending at once costs 2, three words cost 3 in all: the sum prefers the first, the average the second."""
    table = np.full((1, 4, 6, 6), -50.0)
    table[0, :, :, EOS] = -200.0  # in between there is no good place to end
    table[0, 0, :, EOS] = -2.0
    table[0, :3, :, 4] = -0.75
    table[0, 3, :, EOS] = -0.75
    assert beam(table, 3, penalty=0.0)[0][0].tokens == ()
    assert beam(table, 3, penalty=1.0)[0][0].tokens == (4, 4, 4)


def test_a_beam_wider_than_the_vocabulary() -> None:
    tables = random_tables(2, 3, FIRST + 1, 1)
    for found in beam(tables, 20, n_best=20, most=3):
        assert sorted(one.tokens for one in found) == [(4,) * length for length in range(4)]


def test_special_tokens_are_never_said() -> None:
    """However probable pad, unk and bos are."""
    tables = random_tables(3, 2, 8, 2)
    tables[..., :EOS] = -0.01
    for found in (*beam(tables, 3, n_best=3), *greedy(TableStepper(tables))):
        assert all(token >= FIRST for one in found for token in one.tokens)


@pytest.mark.parametrize("size", [1, 4])
def test_no_sentences_no_steps(size: int) -> None:
    stepper = TableStepper(random_tables(1, 1, 6, 0))
    nothing: Ints = np.empty((0, 3), np.int64)
    limit = LengthLimit(1.0, 1)
    lengths: Ints = np.empty(0, np.int64)
    assert greedy_search(stepper, nothing, lengths, limit=limit, length_penalty=1.0) == []
    assert beam_search(stepper, nothing, lengths, beam_size=size, n_best=1, limit=limit, length_penalty=1.0) == []
    assert stepper.rows == []


def test_the_special_ids_are_the_tokenizers() -> None:
    for name in ("PAD", "UNK", "BOS", "EOS"):
        assert getattr(protocol, name) == getattr(tokenizer, name)
