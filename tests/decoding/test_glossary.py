"""Phrases an output must contain: how far hypotheses have come, and outputs by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.decoding.constrained import _divide
from seqtool.decoding.glossary import make_phrases, met_tokens, no_progress, say, useful_tokens
from seqtool.decoding.plan import Requests, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import EOS, UNK
from tests.decoding.exhaustive import Told
from tests.decoding.table_stepper import TableStepper, sources

words = st.integers(4, 6)
phrase_lists = st.lists(st.lists(words, min_size=1, max_size=4).map(tuple), max_size=4).map(tuple)


@given(st.lists(phrase_lists, min_size=1, max_size=3), st.lists(words, max_size=12))
def test_progress_is_that_of_one_output_at_a_time(phrases: list[tuple[tuple[int, ...], ...]], said: list[int]) -> None:
    """Repeated phrases, phrases that begin with others, and such as overlap."""
    wanted = make_phrases(phrases)
    progress, told = no_progress(wanted), [Told(each) for each in phrases]
    everything = np.tile([4, 5, 6], (len(phrases), 1))
    for token in said:
        tokens = np.full(len(phrases), token)
        useful = [set(row) - {-1} for row in useful_tokens(wanted, progress).tolist()]
        assert useful == [one.useful for one in told]
        missing = wanted.totals[:, None] - met_tokens(wanted, progress, everything)
        assert missing.tolist() == [[one.say(word).missing for word in (4, 5, 6)] for one in told]
        progress, told = say(wanted, progress, tokens), [one.say(token) for one in told]


@pytest.mark.parametrize(
    ("phrases", "said", "missing"),
    [
        ([(4,)], (4, 5), 0),
        ([(4,)], (4, 6), 1),  # 6 makes another word of it
        ([(4,)], (4, 6, 4), 0),
        ([(4,)], (4, 5, 6), 0),  # of the word after it
        ([(4, 6)], (4, 6), 0),  # its own
        ([(4, 6)], (4, 6, 6), 2),
        ([(4,), (4,)], (4, 4, 6), 1),  # one of two
        ([(4,), (4, 5)], (4, 6), 3),  # what is broken off is no phrase itself when its word goes on
    ],
)
def test_a_phrase_whose_last_word_goes_on_is_missing_again(
    phrases: list[tuple[int, ...]], said: tuple[int, ...], missing: int
) -> None:
    wanted = make_phrases([phrases], np.arange(7) == 6)
    progress = no_progress(wanted)
    for token in said:
        expected = wanted.totals[0] - met_tokens(wanted, progress, np.array([[token]]))[0, 0]
        progress = say(wanted, progress, np.array([token]))
        under_way = int(progress.said[0])
        assert wanted.totals[0] - (progress.met * wanted.lengths).sum() - under_way == expected
    assert expected == missing


def test_a_word_that_goes_on_is_no_term() -> None:
    """The model would say 4 6 and nothing else; asked for 4, it says 4 on its own."""
    table = np.full((1, 1, 7, 7), np.log(1e-4))
    for last, token, prob in ((2, 4, 0.9), (4, 6, 0.9), (6, EOS, 0.9), (4, EOS, 0.05), (4, 5, 0.02), (5, EOS, 0.5)):
        table[0, 0, last, token] = np.log(prob)
    plan = SearchPlan(beam_size=4, limit=LengthLimit(0.0, 4))
    for inside, expected in ((None, (4, 6)), (np.arange(7) == 6, (4,))):
        requests = Requests(phrases=[[(4,)]], inside=inside)
        assert search(TableStepper(table), *sources(1), plan, requests)[0][0].tokens == expected


@pytest.mark.parametrize(
    ("phrases", "said", "missing"),
    [
        ([(4, 5)], (4, 5), 0),
        ([(4, 5)], (4, 6, 5), 2),  # broken off
        ([(4, 5)], (4, 4), 1),  # and begun again
        ([(4, 5), (4, 5)], (4, 5), 2),  # twice means twice
        ([(4,), (4, 5)], (4, 5), 1),  # a token counts for one phrase; the longest is begun
        ([(4,), (4, 5)], (4, 6), 2),  # what is broken off may be a phrase itself
        ([(4,), (4, 5)], (4, 6, 4, 5), 0),
    ],
)
def test_progress_by_hand(phrases: list[tuple[int, ...]], said: tuple[int, ...], missing: int) -> None:
    wanted = make_phrases([phrases])
    progress = no_progress(wanted)
    for token in said:
        progress = say(wanted, progress, np.array([token]))
    met = met_tokens(wanted, progress, np.array([[EOS]]))
    under_way = int(progress.said[0])
    assert wanted.totals[0] - (progress.met * wanted.lengths).sum() - under_way == missing
    assert (wanted.totals - met[:, 0] >= missing).all()


def test_the_beam_is_divided_over_the_banks() -> None:
    """Six places are two for each of three banks; what a bank cannot fill goes to the others."""
    log_probs = -np.arange(12.0)[None]
    banks = np.array([[0] * 6 + [1] * 5 + [2]])
    assert _divide(log_probs, banks, 6).tolist() == [[0, 1, 6, 7, 8, 11]]
    assert _divide(log_probs, np.zeros((1, 12), np.int64), 3).tolist() == [[0, 1, 2]]
    assert _divide(log_probs, banks, 2).tolist() == [[6, 11]]  # those that have met more go first
    log_probs[0, 11] = -np.inf
    assert _divide(log_probs, banks, 4).tolist() == [[0, 1, 6, 7]]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_phrase_the_model_dislikes_is_said(width: int) -> None:
    """Its cost is in the score; the sentence beside it is as it was."""
    tables = np.full((2, 1, 9, 9), -8.0)
    tables[:, :, :, 4] = -0.5
    tables[:, :, 4, EOS] = -0.2
    plan = SearchPlan(width, 1, limit=LengthLimit(0.0, 6))
    src_ids, src_lengths = sources(2)
    plain = search(TableStepper(tables), src_ids, src_lengths, plan)
    first, second = search(TableStepper(tables), src_ids, src_lengths, plan, Requests(phrases=[[(7, 8), (6,)], []]))
    text = " ".join(map(str, first[0].tokens))
    assert "7 8" in text
    assert "6" in text
    assert first[0].log_prob < -24
    assert [second] == plain[1:]


def test_phrases_go_before_ngram_blocking_and_may_be_unknown() -> None:
    tables = np.full((1, 1, 9, 9), -3.0)
    tables[..., EOS] = -0.1
    plan = SearchPlan(4, 1, limit=LengthLimit(0.0, 5), no_repeat_ngram_size=1)
    (found,) = search(TableStepper(tables), *sources(1), plan, Requests(phrases=[[(7,), (7,), (UNK,)]]))
    assert sorted(found[0].tokens) == [UNK, 7, 7]


def test_no_place_is_given_to_what_cannot_be_finished() -> None:
    """Two words asked for and room for two: a place spent on a third word would lose one of the two orders."""
    tables = np.full((1, 1, 9, 9), -2.0)
    tables[..., 8] = -0.1
    plan = SearchPlan(2, 2, limit=LengthLimit(0.0, 2))
    (found,) = search(TableStepper(tables), *sources(1), plan, Requests(phrases=[[(4,), (5,)]]))
    assert sorted(one.tokens for one in found) == [(4, 5), (5, 4)]


def test_an_output_as_long_as_its_phrases() -> None:
    """The most is raised to what is asked for, and not one token more."""
    tables = np.full((1, 1, 9, 9), -1.0)
    tables[..., EOS] = -20.0
    for width in (1, 3):
        plan = SearchPlan(width, 1, limit=LengthLimit(0.0, 1))
        (found,) = search(TableStepper(tables), *sources(1), plan, Requests([(5, 6)], [[(7, 8), (4,)]]))
        assert found[0].tokens[:2] == (5, 6)
        assert sorted(found[0].tokens[2:]) == [4, 7, 8]
