"""Drawn outputs: from the right distribution, decided by seed and number, and scored by the model itself."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import Requests, Sampling, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.sample import mixed, nucleus, uniform
from seqtool.decoding.search import search
from seqtool.decoding.stepper import EOS, Floats
from tests.decoding.exhaustive import AnyRows, scored
from tests.decoding.table_stepper import FIRST, random_tables, sources

# One word of five, or none: eos is the sixth.
PROBS = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])
CHOICES = [4, 5, 6, 7, 8, EOS]


def one_word(probs: Floats) -> Floats:
    table = np.full((1, 2, 9, 9), -np.inf)
    table[0, 0, :, CHOICES] = np.log(probs)[:, None]
    table[0, 1, :, EOS] = 0.0
    return table


def draw(table: Floats, sampling: Sampling, times: int) -> list[Hypothesis]:
    src_ids, src_lengths = sources(1)
    plan = SearchPlan(1, times, limit=LengthLimit(0.0, 3), sampling=sampling)
    return search(AnyRows(table), src_ids, src_lengths, plan)[0]


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(), PROBS),
        (Sampling(seed=9), PROBS),
        (Sampling(temperature=0.5), PROBS**2),
        (Sampling(temperature=2.0), PROBS**0.5),
        (Sampling(top_k=2), PROBS * [1, 1, 0, 0, 0, 0]),
        (Sampling(top_k=1), PROBS * [1, 0, 0, 0, 0, 0]),
        (Sampling(top_p=0.3), PROBS * [1, 0, 0, 0, 0, 0]),
        (Sampling(top_p=0.5), PROBS * [1, 1, 0, 0, 0, 0]),  # .4 is less, .65 is enough
        (Sampling(top_p=0.79), PROBS * [1, 1, 1, 0, 0, 0]),
        (Sampling(top_k=3, top_p=0.4), PROBS * [1, 0, 0, 0, 0, 0]),  # .4 of .8 is a half
        (Sampling(temperature=0.5, top_p=0.7), PROBS**2 * [1, 1, 0, 0, 0, 0]),  # of the tempered ones .61 and .24
    ],
)
def test_words_are_drawn_as_often_as_they_should_be(sampling: Sampling, expected: Floats) -> None:
    """Within five standard deviations of 6,000 draws, and never where the probability is 0."""
    times = 6000
    drawn = draw(one_word(PROBS), sampling, times)
    counts = Counter(one.tokens[0] if one.tokens else EOS for one in drawn)
    share = expected / expected.sum()
    for token, probability in zip(CHOICES, share, strict=True):
        spread = 5 * np.sqrt(times * probability * (1 - probability))
        assert abs(counts[token] - times * probability) <= spread, token


def test_scores_are_the_models_whatever_the_temperature() -> None:
    table = random_tables(1, 3, FIRST + 4, 3)
    for one in draw(table, Sampling(temperature=3.0, top_k=4, top_p=0.9), 30):
        expected = scored(table[0], one.tokens, 1.0)
        assert one.token_log_probs == pytest.approx(expected.token_log_probs)
        assert one.score == pytest.approx(expected.score)


def test_seed_number_and_sample_decide() -> None:
    tables = np.repeat(random_tables(1, 3, FIRST + 9, 4), 3, axis=0) * 0.3  # three equal sentences
    src_ids, src_lengths = sources(3)

    def drawn(seed: int, *numbers: int) -> list[list[tuple[int, ...]]]:
        plan = SearchPlan(1, 4, limit=LengthLimit(0.0, 9), sampling=Sampling(seed=seed))
        found = search(AnyRows(tables), src_ids, src_lengths, plan, Requests(numbers=np.array(numbers)))
        return [[one.tokens for one in each] for each in found]

    first = drawn(1, 10, 11, 10)
    assert first[0] == first[2] != first[1]
    assert len(set(first[0])) > 1
    assert drawn(1, 11, 10, 12)[:2] == first[1::-1]
    assert drawn(2, 10, 11, 10) != first


def test_every_step_draws_anew() -> None:
    table = np.full((1, 1, 40, 40), -3.0)
    table[..., EOS] = -50.0
    src_ids, src_lengths = sources(1)
    plan = SearchPlan(limit=LengthLimit(0.0, 20), sampling=Sampling())
    ((one,),) = search(AnyRows(table), src_ids, src_lengths, plan)
    assert len(set(one.tokens)) > 5


def test_drawn_outputs_obey_the_rules() -> None:
    tables = random_tables(1, 3, FIRST + 4, 6)
    plan = SearchPlan(
        1, 40, limit=LengthLimit(0.0, 6, min_length=4), no_repeat_ngram_size=2, sampling=Sampling(temperature=2.0)
    )
    (found,) = search(AnyRows(tables), *sources(1), plan, Requests([(5, 6)]))
    assert len(found) == 40
    for one in found:
        assert one.tokens[:2] == (5, 6)
        assert 4 <= len(one.tokens) <= 6
        pairs = list(zip(one.tokens, one.tokens[1:], strict=False))
        assert len(set(pairs)) == len(pairs)


@given(st.lists(st.floats(-9, 0), min_size=1, max_size=8), st.floats(0.01, 1.0))
def test_the_nucleus_is_the_smallest_that_is_enough(values: list[float], top_p: float) -> None:
    log_probs = np.sort(np.array([values]))[:, ::-1]
    kept = int(np.isfinite(nucleus(log_probs, top_p)).sum())
    probs = np.exp(log_probs[0]) / np.exp(log_probs[0]).sum()
    assert 1 <= kept <= len(values)
    assert probs[:kept].sum() >= top_p - 1e-9
    assert probs[: kept - 1].sum() < top_p + 1e-9


def test_a_nucleus_that_is_just_enough_is_enough() -> None:
    assert np.isfinite(nucleus(np.log([[0.5, 0.25, 0.25]]), 0.5)).tolist() == [[True, False, False]]


def test_noise_is_even_and_independent() -> None:
    """Ten buckets of 100,000 numbers, neighbours without correlation, and never 0 or 1."""
    rows, columns = np.arange(1000)[:, None], np.arange(100)
    numbers = uniform(mixed(3, rows, columns))
    counts = np.histogram(numbers, 10, (0, 1))[0]
    assert np.abs(counts - 10_000).max() < 5 * np.sqrt(9_000)
    for left, right in ((numbers[1:], numbers[:-1]), (numbers[:, 1:], numbers[:, :-1])):
        assert abs(np.corrcoef(left.reshape(-1), right.reshape(-1))[0, 1]) < 5 / np.sqrt(left.size)
    ends = uniform(np.array([0, 2**64 - 1], np.uint64))
    assert 0 < ends[0] < ends[1] < 1
