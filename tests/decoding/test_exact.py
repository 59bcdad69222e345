"""Search under every rule at once: a wide beam finds exactly what trying everything finds, and company changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import Diversity, Requests, Sampling, Scoring, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import EOS, Floats
from tests.decoding.exhaustive import AnyRows, Sentence, scored
from tests.decoding.table_stepper import FIRST, random_tables, sources

WORDS = 3
words = st.integers(FIRST, FIRST + WORDS - 1)
prefixes = st.lists(words, max_size=2).map(tuple)
phrase_lists = st.lists(st.lists(words, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple)
limits = st.builds(
    LengthLimit, st.just(0.0), st.integers(0, 3), st.none() | st.integers(0, 4), st.integers(0, 4), st.just(0.0)
)
penalties = st.sampled_from([0.0, 0.7, 1.0])


def find(tables: Floats, plan: SearchPlan, requests: Requests, only: list[int] | None = None) -> list[list[Hypothesis]]:
    """Searches all sentences, or only some of them, with the requests of each."""
    src_ids, src_lengths = sources(len(tables))
    kept = np.arange(len(tables)) if only is None else np.array(only)
    return search(AnyRows(tables), src_ids[kept], src_lengths[kept], plan, requests.of(kept))


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(0, 2**32 - 1), limits, st.integers(0, 3), penalties)
def test_a_wide_beam_is_exhaustive_under_every_rule(
    data: st.DataObject, seed: int, limit: LengthLimit, size: int, penalty: float
) -> None:
    tables = random_tables(2, 3, FIRST + WORDS, seed)
    asked = [(data.draw(prefixes), data.draw(phrase_lists)) for _ in tables]
    most = limit.extra if limit.max_length is None else min(limit.extra, limit.max_length)
    rules = [Sentence(most, limit.min_length, size, *each) for each in asked]
    outputs = [rule.outputs(WORDS) for rule in rules]
    wide = 1 + max(sum(WORDS**length for length in range(rule.room + 1)) for rule in rules)
    plan = SearchPlan(wide, wide, Scoring(penalty), limit, no_repeat_ngram_size=size)
    requests = Requests([each[0] for each in asked], [each[1] for each in asked])
    for table, expected, found in zip(tables, outputs, find(tables, plan, requests), strict=True):
        best = sorted((scored(table, tokens, penalty) for tokens in expected), key=lambda one: -one.score)
        assert {one.tokens for one in found} == set(expected)
        assert len(found) == len(expected)
        assert [one.score for one in found] == pytest.approx([one.score for one in best])
        for one in found:
            assert one.token_log_probs == pytest.approx(scored(table, one.tokens, penalty).token_log_probs)


searches = st.one_of(
    st.builds(SearchPlan, st.integers(1, 5), st.integers(1, 3)),
    st.builds(
        lambda groups, size, strength: SearchPlan(groups * size, 2 * groups, diversity=Diversity(groups, strength)),
        st.integers(2, 3),
        st.integers(2, 3),
        st.sampled_from([0.3, 2.0]),
    ),
    st.builds(
        lambda samples, k, p: SearchPlan(1, samples, sampling=Sampling(0.8, k, p)),
        st.integers(1, 3),
        st.integers(0, 4),
        st.sampled_from([0.7, 1.0]),
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.data(), searches, limits, st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_company_changes_nothing_under_any_rule(
    data: st.DataObject, plan: SearchPlan, limit: LengthLimit, size: int, seed: int
) -> None:
    """Ties are made on purpose: log-probabilities are rounded."""
    tables = random_tables(4, 2, FIRST + WORDS, seed).round()
    plan = replace(plan, limit=limit, no_repeat_ngram_size=size)
    plain = plan.sampling is None and plan.diversity.groups == 1
    each = [(data.draw(prefixes), data.draw(phrase_lists) if plain else ()) for _ in tables]
    numbers = data.draw(st.permutations(range(len(tables))))
    requests = Requests([one[0] for one in each], [one[1] for one in each], np.array(numbers))
    together = find(tables, plan, requests)
    assert [find(tables, plan, requests, [row])[0] for row in range(len(tables))] == together
    assert find(tables, plan, requests, [3, 1]) == [together[3], together[1]]
    for found in together:
        assert 1 <= len(found) <= plan.n_best
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        for one in found:
            assert one.log_prob == pytest.approx(sum(one.token_log_probs))
            assert len(one.token_log_probs) == len(one.tokens) + 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), limits, st.integers(0, 3), st.lists(prefixes, min_size=3, max_size=3), st.integers(0, 2**32))
def test_what_asks_for_nothing_gets_what_a_plain_beam_gives(
    width: int, limit: LengthLimit, size: int, starts: list[tuple[int, ...]], seed: int
) -> None:
    """A sentence without phrases beside one that has some; one group; a beam of one beside greedy search."""
    tables = random_tables(3, 3, FIRST + WORDS, seed).round(1)
    plan = SearchPlan(width, width, limit=limit, no_repeat_ngram_size=size)
    plain = find(tables, plan, Requests(starts))
    assert find(tables, plan, Requests(starts, [[], [], [(4, 5)]]))[:2] == plain[:2]
    assert find(tables, replace(plan, diversity=Diversity(1, 9.0)), Requests(starts)) == plain


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(0, 5), st.lists(phrase_lists, min_size=3, max_size=3), st.integers(0, 2**32))
def test_every_hypothesis_has_its_phrases_and_ends_for_good(
    width: int, most: int, phrases: list[tuple[tuple[int, ...], ...]], seed: int
) -> None:
    """However narrow the beam and however short the output may be; and no eos is ever fed for a live hypothesis."""
    tables = random_tables(3, 3, FIRST + 5, seed)
    tables[:, :, EOS] = 0.0  # extending a finished hypothesis would pay
    plan = SearchPlan(width, width, limit=LengthLimit(0.0, most))
    for each, found in zip(phrases, find(tables, plan, Requests(phrases=phrases)), strict=True):
        assert found
        for one in found:
            assert one.tokens in Sentence(most, phrases=each).outputs(5)
