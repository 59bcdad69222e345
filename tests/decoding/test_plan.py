"""Plans and requests say what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from seqtool.decoding.plan import Diversity, Requests, Sampling, SearchPlan
from seqtool.decoding.search import search
from seqtool.decoding.stepper import EOS
from tests.decoding.table_stepper import TableStepper, random_tables, sources


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SearchPlan(0), "beam_size and n_best must be at least 1"),
        (lambda: SearchPlan(5, 0), "beam_size and n_best must be at least 1"),
        (lambda: SearchPlan(5, diversity=Diversity(2, 1.0)), "a beam of 5 cannot be divided into 2 groups"),
        (lambda: SearchPlan(5, diversity=Diversity(0, 1.0)), "groups are 0"),
        (lambda: SearchPlan(4, sampling=Sampling(), diversity=Diversity(2, 1.0)), "use one or the other"),
        (lambda: Sampling(temperature=0.0), "temperature is 0.0; it must be above 0"),
        (lambda: Sampling(top_k=-1), "top_k is -1"),
        (lambda: Sampling(top_p=0.0), "top_p is 0.0"),
        (lambda: Sampling(top_p=1.1), "top_p is 1.1"),
    ],
)
def test_plans_that_cannot_be(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("plan", "requests", "message"),
    [
        (SearchPlan(), Requests(prefixes=[()]), "prefixes must have one entry for each of 2 sentences"),
        (SearchPlan(), Requests(phrases=[()]), "phrases must have one entry for each of 2 sentences"),
        (SearchPlan(), Requests(numbers=np.arange(3)), "numbers must have one entry for each of 2 sentences"),
        (SearchPlan(), Requests(own=np.ones((3, 1), np.bool_)), "own must have one entry for each of 2 sentences"),
        (SearchPlan(), Requests(phrases=[[()], []]), "a phrase without tokens"),
        (SearchPlan(), Requests(phrases=[[(4, EOS)], []]), r"pad, bos and eos cannot be asked for: \[4, 3\]"),
        (SearchPlan(), Requests(prefixes=[(EOS,), ()]), r"pad, bos and eos cannot be asked for: \[3\]"),
        (SearchPlan(sampling=Sampling()), Requests(phrases=[[(4,)], []]), "phrases need a plain beam"),
        (SearchPlan(4, diversity=Diversity(2, 1.0)), Requests(phrases=[[(4,)], []]), "phrases need a plain beam"),
    ],
)
def test_requests_that_cannot_be_met(plan: SearchPlan, requests: Requests, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        search(TableStepper(random_tables(2, 2, 6, 0)), *sources(2), plan, requests)


def test_a_beam_is_as_wide_as_what_is_wanted() -> None:
    assert SearchPlan(2, 5).width == 5
    assert len(search(TableStepper(random_tables(1, 3, 9, 0)), *sources(1), SearchPlan(2, 5))[0]) == 5


def test_requests_of_some_sentences() -> None:
    requests = Requests([(4,), (5,), ()], [[(6,)], [], []], np.array([7, 8, 9])).of(np.array([2, 0]))
    assert requests.prefixes == [(), (4,)]
    assert requests.phrases == [[], [(6,)]]
    assert requests.numbers is not None
    assert requests.numbers.tolist() == [9, 7]
    unnumbered = Requests().of(np.array([2, 0])).numbers
    assert unnumbered is not None
    assert unnumbered.tolist() == [2, 0]
