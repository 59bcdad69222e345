"""What a hypothesis carries: token log-probabilities, attention, and a score that may count coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.decoding.plan import Diversity, Requests, Sampling, Scoring, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import BOS, Floats32
from tests.decoding.exhaustive import AnyRows, Looking, Sentence, scored
from tests.decoding.table_stepper import FIRST, random_tables, sources

VOCAB, SRC = FIRST + 3, 4
LIMIT = LengthLimit(0.0, 4)


class LookingAnyRows(Looking):
    """Both."""

    select = AnyRows.select


def looks(seed: int) -> Floats32:
    return np.random.default_rng(seed).dirichlet(np.full(SRC, 0.4), (3, VOCAB)).astype(np.float32)


plans = st.sampled_from(
    [
        (SearchPlan(1, 1, limit=LIMIT, keep_attention=True), False),
        (SearchPlan(3, 3, limit=LIMIT, keep_attention=True), False),
        (SearchPlan(4, 4, limit=LIMIT, diversity=Diversity(2, 1.0), keep_attention=True), False),
        (SearchPlan(1, 3, limit=LIMIT, sampling=Sampling(), keep_attention=True), False),
        (SearchPlan(3, 3, limit=LIMIT, keep_attention=True), True),
    ]
)


@settings(max_examples=60, deadline=None)
@given(plans, st.integers(0, 2**32 - 1))
def test_attention_and_log_probs_are_those_of_the_tokens(plan_and_phrases: tuple[SearchPlan, bool], seed: int) -> None:
    """Without the padding of the source, which is the batch's."""
    plan, with_phrases = plan_and_phrases
    tables, where = random_tables(3, 3, VOCAB, seed), looks(seed)
    src_ids, _ = sources(3)
    src_lengths = np.array([SRC, 2, 3])
    requests = Requests(phrases=[[(4,)], [], [(5, 6)]]) if with_phrases else Requests()
    results = search(LookingAnyRows(tables, looks=where), src_ids, src_lengths, plan, requests)
    for sentence, found in enumerate(results):
        for one in found:
            assert one.attention is not None
            assert one.attention.dtype == np.float32
            assert np.array_equal(one.attention, where[sentence, [BOS, *one.tokens], : src_lengths[sentence]])
            assert one.token_log_probs == pytest.approx(scored(tables[sentence], one.tokens, 1.0).token_log_probs)


@pytest.mark.parametrize("keep", [False, True])
def test_attention_is_kept_where_it_is_asked_for_and_there_is_some(keep: bool) -> None:
    tables = random_tables(3, 2, VOCAB, 1)
    for stepper, has in ((Looking(tables, looks=looks(1)), True), (AnyRows(tables), False)):
        for size in (1, 2):
            plan = SearchPlan(size, 1, limit=LIMIT, keep_attention=keep)
            found = search(stepper, *sources(3, SRC), plan)
            assert all((one.attention is not None) == (keep and has) for each in found for one in each)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.2, 3.0]), st.sampled_from([0.0, 1.0]))
def test_coverage_is_in_the_score(seed: int, beta: float, penalty: float) -> None:
    """Equation 14 of Wu et al. 2016 for every output there is; the best are found by it."""
    tables, where = random_tables(3, 3, VOCAB, seed), looks(seed)
    src_lengths = np.array([SRC, 1, 3])
    plan = SearchPlan(50, 50, Scoring(penalty, beta), LengthLimit(0.0, 3))
    results = search(Looking(tables, looks=where), sources(3)[0], src_lengths, plan)
    for sentence, found in enumerate(results):
        expected = []
        for tokens in Sentence(3).outputs(3):
            received = where[sentence, [BOS, *tokens], : src_lengths[sentence]].sum(0, dtype=np.float64)
            coverage = np.log(np.clip(received, 1e-6, 1.0)).sum()
            expected.append((scored(tables[sentence], tokens, penalty).score + beta * coverage, tokens))
        expected.sort(reverse=True)
        assert [one.score for one in found] == pytest.approx([score for score, _ in expected], abs=1e-6)
        assert found[0].score == pytest.approx({tokens: score for score, tokens in expected}[found[0].tokens])


def test_coverage_without_attention_changes_nothing() -> None:
    tables = random_tables(3, 2, VOCAB, 3)
    with_it, without = (SearchPlan(3, 3, Scoring(1.0, beta), LIMIT) for beta in (2.0, 0.0))
    assert search(AnyRows(tables), *sources(3), with_it) == search(AnyRows(tables), *sources(3), without)
