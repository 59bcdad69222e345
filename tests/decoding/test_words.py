"""Limits on words: what trying everything finds, and what holds in every search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import Diversity, Requests, Sampling, Scoring, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import BOS, EOS, UNK, Candidates, Constraints, Floats, Ints
from seqtool.decoding.words import WordTable
from tests.decoding.exhaustive import AnyRows, Tokens, scored
from tests.decoding.table_stepper import FIRST, TableState, TableStepper, random_tables, sources

# Every kind of piece there is: `▁the` `ning` `.` `▁` `▁of▁it`, after the four that are never said.
THE, NING, STOP, BLANK, OF_IT = range(FIRST, FIRST + 5)
VOCAB = FIRST + 5
PIECES = {THE: " the", NING: "ning", STOP: ".", BLANK: " ", OF_IT: " of it"}
TABLE = WordTable(
    np.array([0, 0, 0, 0, 1, 0, 0, 0, 2]),
    np.array([0, 0, 0, 0, 1, 1, 1, 0, 2]),
    np.array([False] * 4 + [True, True, True, False, True]),
    np.array([False] * 4 + [True, False, False, True, True]),
    np.array([False] * 4 + [False, True, False, False, False]),
)


def words_of(tokens: Sequence[int]) -> int:
    return len("".join(PIECES[token] for token in tokens).split())


def find(
    tables: Floats, plan: SearchPlan, requests: Requests | None = None, only: list[int] | None = None
) -> list[list[Hypothesis]]:
    """Searches all sentences, or only some of them, with the requests of each."""
    src_ids, src_lengths = sources(len(tables))
    kept = np.arange(len(tables)) if only is None else np.array(only)
    requests = replace(requests or Requests(), words=TABLE).of(kept)
    return search(AnyRows(tables), src_ids[kept], src_lengths[kept], plan, requests)


@dataclass(frozen=True)
class Sentence:
    """What the limits say of one sentence, and what the model says."""

    table: Floats
    limit: LengthLimit
    prefix: Tokens

    def outputs(self) -> list[Tokens]:
        found = list(self._from(()))
        return found or list(replace(self, limit=replace(self.limit, min_words=0))._from(()))

    def _from(self, tokens: Tokens) -> Iterator[Tokens]:
        room = max(self.limit.extra, len(self.prefix))
        most = max(self.limit.max_words or 99, words_of(self.prefix))
        if len(tokens) < len(self.prefix):
            yield from self._from((*tokens, self.prefix[len(tokens)]))
            return
        enough = words_of(tokens) >= min(self.limit.min_words, most)
        if enough or len(tokens) == room:
            yield tokens
        if len(tokens) == room:
            return
        log_probs = self.table[min(len(tokens), len(self.table) - 1), tokens[-1] if tokens else BOS]
        sayable = [*range(FIRST, VOCAB), *([EOS] if enough else [])]
        best = max(sayable, key=lambda token: float(log_probs[token]))
        for token in range(FIRST, VOCAB):
            full = words_of(tokens) >= most
            too_much = words_of((*tokens, token)) > most or (full and PIECES[token].startswith(" "))
            another = full and token == NING and best != NING
            if not too_much and not another:
                yield from self._from((*tokens, token))


some_words = st.integers(FIRST, VOCAB - 1)
prefixes = st.lists(some_words, max_size=2).map(tuple)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3), st.integers(0, 3), st.none() | st.integers(0, 2), st.data())
def test_a_wide_beam_is_exhaustive(seed: int, room: int, least: int, more: int | None, data: st.DataObject) -> None:
    tables = random_tables(2, 3, VOCAB, seed)
    limit = LengthLimit(0.0, room, min_words=least, max_words=None if more is None else max(least + more, 1))
    starts = [data.draw(prefixes) for _ in tables]
    plan = SearchPlan(200, 200, Scoring(0.7), limit)
    for table, prefix, found in zip(tables, starts, find(tables, plan, Requests(starts)), strict=True):
        expected = {tokens: scored(table, tokens, 0.7) for tokens in Sentence(table, limit, prefix).outputs()}
        assert {one.tokens for one in found} == expected.keys()
        for one in found:
            assert one.score == pytest.approx(expected[one.tokens].score), "scores are the model's own"
            assert one.token_log_probs == pytest.approx(expected[one.tokens].token_log_probs)


searches = st.one_of(
    st.builds(SearchPlan, st.integers(1, 4), st.integers(1, 3)),
    st.builds(lambda size: SearchPlan(2 * size, 2, diversity=Diversity(2, 0.5)), st.integers(1, 2)),
    st.builds(
        lambda samples, k, p: SearchPlan(1, samples, sampling=Sampling(1.5, k, p)),
        st.integers(1, 3),
        st.integers(0, 4),
        st.sampled_from([0.7, 1.0]),
    ),
)
phrase_lists = st.lists(st.sampled_from([(THE,), (THE, NING), (OF_IT,), (THE, STOP, THE), (BLANK, NING)]), max_size=2)


@settings(max_examples=150, deadline=None)
@given(st.data(), searches, st.integers(0, 3), st.none() | st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_limits_hold_in_every_search_and_any_company(
    data: st.DataObject, plan: SearchPlan, least: int, more: int | None, seed: int
) -> None:
    tables = random_tables(4, 2, VOCAB, seed).round(1)
    wide = data.draw(st.booleans())
    if not wide:
        tables[..., OF_IT] = -60.0
    most = None if more is None else max(least + more, 1)
    plan = replace(plan, limit=LengthLimit(0.0, 9, min_words=least, max_words=most))
    plain = plan.sampling is None and plan.diversity.groups == 1
    starts = [data.draw(prefixes) for _ in tables]
    phrases = [data.draw(phrase_lists) if plain else [] for _ in tables]
    requests = Requests(starts, phrases, np.array([7, 3, 5, 1]))
    together = find(tables, plan, requests)
    assert [find(tables, plan, requests, [row])[0] for row in range(len(tables))] == together
    assert find(tables, plan, requests, [2, 0]) == [together[2], together[0]]
    for table, start, asked, found in zip(tables, starts, phrases, together, strict=True):
        assert found
        # a phrase that begins with no mark may have to stand alone
        needed = words_of(start) + sum(words_of(phrase) for phrase in asked)
        for one in found:
            words = words_of(one.tokens)
            assert most is None or words <= max(most, needed)
            full = most is not None and words >= most
            # where a token begins two words, nothing but it may have been left to say, and the least gives way
            assert words >= least or len(one.tokens) >= 9 or full or wide
            assert one.tokens[: len(start)] == start
            for phrase in asked:
                places = range(len(one.tokens) - len(phrase) + 1)
                assert any(one.tokens[place : place + len(phrase)] == phrase for place in places)
            assert one.token_log_probs == pytest.approx(scored(table, one.tokens, 1.0).token_log_probs)


@settings(max_examples=80, deadline=None)
@given(searches, st.integers(0, 3), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_tokens_of_a_source_count_as_they_are_written(plan: SearchPlan, least: int, more: int, seed: int) -> None:
    """Two of each sentence, of which one goes on with the word before it; which one differs."""
    tables = random_tables(4, 2, VOCAB + 2, seed)
    tables[..., OF_IT] = -60.0
    most = max(least + more, 1)
    own = np.array([[True, False], [False, True], [True, True], [False, False]])
    plan = replace(plan, limit=LengthLimit(0.0, 9, min_words=least, max_words=most))
    requests = Requests(numbers=np.array([7, 3, 5, 1]), own=own)
    together = find(tables, plan, requests)
    assert [find(tables, plan, requests, [row])[0] for row in range(len(tables))] == together
    for goes_on, found in zip(own.tolist(), together, strict=True):
        spoken = PIECES | {VOCAB + place: "zo" if on else " Zo" for place, on in enumerate(goes_on)}
        for one in found:
            words = len("".join(spoken[token] for token in one.tokens).split())
            assert words <= most
            assert words >= least or len(one.tokens) >= 9


def test_tokens_of_a_source_of_which_nothing_is_said_are_words() -> None:
    tokens = np.array([[VOCAB, THE], [VOCAB + 1, NING]])
    assert TABLE.known(tokens).tolist() == [[UNK, THE], [UNK, NING]]
    assert TABLE.known(tokens, np.zeros((2, 0), np.bool_)).tolist() == [[UNK, THE], [UNK, NING]]
    assert TABLE.known(tokens, np.array([[True, True], [True, False]])).tolist() == [[NING, THE], [THE, NING]]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2), st.integers(0, 2), st.booleans())
def test_greedy_search_is_a_beam_of_one(seed: int, least: int, more: int, scored: bool) -> None:
    """Beside a sentence with a phrase it is one: what a sentence gets must not depend on that."""
    tables = random_tables(2, 3, VOCAB, seed)
    limit = LengthLimit(0.0, 6, min_words=least, max_words=max(least + more, 1))
    plan = SearchPlan(1, limit=limit, scored=scored)
    alone = find(tables, plan, only=[0])[0]
    beside = find(tables, plan, Requests(phrases=[[], [(THE, NING)]]))[0]
    assert [one.tokens for one in alone] == [one.tokens for one in beside]


def says(*pairs: tuple[int, int, float]) -> Floats:
    """A model that says, of a last token, a next one with a log-probability; everything else is far off."""
    table = np.full((1, 1, VOCAB, VOCAB), -30.0)
    table[..., EOS] = -90.0
    for last, token, log_prob in pairs:
        table[0, 0, last, token] = log_prob
    return table


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("pairs", "tokens"),
    [
        # the word goes on, and then the model would begin another
        ([(BOS, THE, -0.1), (THE, NING, -0.1), (NING, THE, -0.1), (NING, EOS, -9.0)], (THE, NING)),
        # the model would begin another at once: `ning` would make another word of the last one, though it is likelier than the end
        ([(BOS, THE, -0.1), (THE, THE, -0.1), (THE, NING, -5.0), (THE, EOS, -9.0)], (THE,)),
        # a full stop does not
        ([(BOS, THE, -0.1), (THE, STOP, -0.1), (STOP, THE, -0.1), (STOP, EOS, -9.0)], (THE, STOP)),
        # a blank would begin another
        ([(BOS, THE, -0.1), (THE, BLANK, -0.1), (BLANK, NING, -0.1), (THE, EOS, -9.0)], (THE,)),
    ],
)
def test_the_last_word_is_written_to_its_end(size: int, pairs: list[tuple[int, int, float]], tokens: Tokens) -> None:
    plan = SearchPlan(size, limit=LengthLimit(0.0, 9, max_words=1))
    assert find(says(*pairs), plan)[0][0].tokens == tokens


def test_the_end_is_there_however_unlikely_and_before_the_least_length() -> None:
    table = says((BOS, THE, -0.1), (THE, THE, -0.1), (THE, EOS, -20.0))
    for size in (1, 4):
        plan = SearchPlan(size, limit=LengthLimit(0.0, 9, min_length=5, max_words=2))
        assert find(table, plan)[0][0].tokens == (THE, THE)


@dataclass
class Asked(TableStepper):
    """Remembers whether it was asked or forbidden anything."""

    troubled: bool = False

    def step(
        self,
        tokens: Ints,
        state: TableState,
        constraints: Constraints,
        count: int,
        asked: Ints | None = None,
        *,
        scored: bool = True,
    ) -> tuple[Candidates, TableState]:
        self.troubled |= asked is not None or constraints.forbidden_rows is not None
        return super().step(tokens, state, constraints, count, asked, scored=scored)


@pytest.mark.parametrize("size", [1, 3])
def test_limits_that_are_off_or_far_off_change_nothing(size: int) -> None:
    tables = random_tables(3, 2, VOCAB, 11)
    results = []
    for limit in (LengthLimit(0.0, 6), LengthLimit(0.0, 6, max_words=50)):
        stepper = Asked(tables)
        results.append(search(stepper, *sources(3), SearchPlan(size, 2, limit=limit), Requests(words=TABLE)))
        assert not stepper.troubled
    assert results[0] == results[1]


def test_limits_need_to_know_what_a_word_is() -> None:
    plan = SearchPlan(limit=LengthLimit(max_words=3))
    with pytest.raises(ValueError, match="nothing says which tokens begin one"):
        search(TableStepper(random_tables(1, 1, VOCAB, 1)), *sources(1), plan)
