"""Diverse beams, beside the same thing written plainly for one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.decoding.plan import Diversity, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import BOS, EOS, Floats
from tests.decoding.exhaustive import scored
from tests.decoding.table_stepper import FIRST, TableStepper, random_tables, sources

Live = list[tuple[tuple[int, ...], float]]
MOST = 4


def plainly(table: Floats, groups: int, size: int, strength: float) -> set[tuple[int, ...]]:
    """All outputs that finish in any group."""
    beams: list[Live] = [[((), 0.0)] for _ in range(groups)]
    finished: list[list[tuple[int, ...]]] = [[] for _ in range(groups)]
    for step in range(MOST + 1):
        taken: list[int] = []
        for group in range(groups):
            options = []
            for tokens, log_prob in beams[group]:
                row = table[min(step, len(table) - 1), tokens[-1] if tokens else BOS]
                for token in range(EOS, len(row)) if step < MOST else [EOS]:
                    cost = strength * taken.count(token)
                    options.append((log_prob + row[token] - cost, tokens, token, log_prob + row[token]))
            options.sort(key=lambda option: -option[0])
            ended = [option for option in options[:size] if option[2] == EOS]
            live = [option for option in options if option[2] != EOS][:size]
            finished[group] += [tokens for _, tokens, _, _ in ended]
            beams[group] = [((*tokens, token), own) for _, tokens, token, own in live]
            if len(finished[group]) >= size:
                beams[group] = []
            taken += [option[2] for option in ended] + [tokens[-1] for tokens, _ in beams[group] or []]
            if not beams[group]:
                taken += [option[2] for option in live]
    return {tokens for each in finished for tokens in each}


@settings(max_examples=80, deadline=None)
@given(st.integers(2, 3), st.integers(1, 3), st.sampled_from([0.0, 0.5, 2.0]), st.integers(0, 2**32 - 1))
def test_groups_find_what_they_should(groups: int, size: int, strength: float, seed: int) -> None:
    """The outputs, none twice, with the model's own scores."""
    table = random_tables(1, 3, FIRST + 4, seed)
    plan = SearchPlan(groups * size, 99 * groups, limit=LengthLimit(0.0, MOST), diversity=Diversity(groups, strength))
    plan = SearchPlan(groups * size, groups * size, limit=plan.limit, diversity=plan.diversity)
    (found,) = search(TableStepper(table), *sources(1), plan)
    everything = plainly(table[0], groups, size, strength)
    best = sorted((scored(table[0], tokens, 1.0) for tokens in everything), key=lambda one: -one.score)
    assert [one.tokens for one in found] == [one.tokens for one in best[: groups * size]]
    assert [one.score for one in found] == pytest.approx([one.score for one in best[: groups * size]])


def test_the_second_group_says_something_else() -> None:
    """5 is behind 4 by one nat: a strength of two is enough, a half is not."""
    table = np.full((1, 2, 8, 8), -9.0)
    table[0, 0, :, [4, 5]] = np.array([-0.5, -1.5])[:, None]
    table[0, 1, :, EOS] = -0.1
    outputs = {}
    for strength in (0.5, 2.0):
        plan = SearchPlan(2, 2, limit=LengthLimit(0.0, 3), diversity=Diversity(2, strength))
        (found,) = search(TableStepper(table), *sources(1), plan)
        outputs[strength] = [one.tokens for one in found]
        assert found[0].log_prob == pytest.approx(-0.6)
    assert outputs == {0.5: [(4,)], 2.0: [(4,), (5,)]}


def test_without_strength_all_groups_find_the_same() -> None:
    tables = random_tables(3, 3, FIRST + 5, 2)
    limit = LengthLimit(0.0, MOST)
    divided = SearchPlan(6, 6, limit=limit, diversity=Diversity(3, 0.0))
    narrow = search(TableStepper(tables), *sources(3), SearchPlan(2, 2, limit=limit))
    found = search(TableStepper(tables), *sources(3), divided)
    assert [each[:2] for each in found] == narrow
