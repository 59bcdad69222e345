"""Plain searches, as most tests want them."""

from __future__ import annotations

from typing import Any

from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import Scoring, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import Ints, Stepper


def beam_search(
    stepper: Stepper[Any],
    src_ids: Ints,
    src_lengths: Ints,
    *,
    beam_size: int,
    n_best: int,
    limit: LengthLimit,
    length_penalty: float,
) -> list[list[Hypothesis]]:
    return search(stepper, src_ids, src_lengths, SearchPlan(beam_size, n_best, Scoring(length_penalty), limit))


def greedy_search(
    stepper: Stepper[Any], src_ids: Ints, src_lengths: Ints, *, limit: LengthLimit, length_penalty: float
) -> list[list[Hypothesis]]:
    return search(stepper, src_ids, src_lengths, SearchPlan(1, 1, Scoring(length_penalty), limit))
