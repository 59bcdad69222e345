"""A vocabulary shortlist: what is on it, and that a sentence's own list alone decides what it says."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from seqtool.decoding.plan import SearchPlan
from seqtool.decoding.search import search
from seqtool.decoding.stepper import BOS, EOS, Constraints
from seqtool.errors import ModelError
from seqtool.export.calibrate import watched
from seqtool.export.graphs import stepper_of, with_head
from seqtool.export.lexicon import learn_lexicon
from seqtool.export.quantize import quantize
from seqtool.export.shorten import short_stepper, shorten
from seqtool.export.trace import Graphs, trace
from seqtool.runtime.onnx_stepper import OnnxStepper
from seqtool.runtime.shortlist import Chosen, Shortlist
from tests.runtime.test_onnx_stepper import VOCAB, batch, equal, make_model  # noqa: F401 batch is a fixture

PRECISIONS = pytest.mark.parametrize("precision", ["fp32", "int8"])
EVERYTHING = Shortlist(np.arange(VOCAB), np.full((VOCAB, 1), -1), VOCAB)
# source token n may become n or n + 1
OWN = Shortlist(np.arange(4), np.stack([np.arange(VOCAB), np.minimum(np.arange(VOCAB) + 1, VOCAB - 1)], axis=1), VOCAB)


@cache
def graphs() -> dict[str, Graphs]:
    fp32 = trace(make_model("lstm-scaled-dot"))
    seen = [watched(graph) for graph in with_head(fp32, VOCAB)]
    stepper = OnnxStepper(seen[0], seen[1])
    search(stepper, np.array([[4, 5, 6, 7, EOS]]), np.array([5]), SearchPlan(beam_size=4))
    return {"fp32": fp32, "int8": Graphs(*(quantize(one, had.largest) for one, had in zip(fp32, seen, strict=True)))}


def steppers(precision: str, table: Shortlist) -> tuple[OnnxStepper, OnnxStepper]:
    """Over the whole vocabulary, and over the shortlist."""
    bare = graphs()[precision]
    return stepper_of(with_head(bare, VOCAB)), short_stepper(bare.encoder, shorten(bare.step), table)


@PRECISIONS
@pytest.mark.parametrize(
    "constraints", [Constraints(), Constraints(forced=np.array([-1, EOS, 5])), Constraints(never=(4, 7))]
)
def test_a_list_of_everything_changes_nothing(precision: str, constraints: Constraints, batch: Any) -> None:  # noqa: F811
    found = []
    for stepper in steppers(precision, EVERYTHING):
        state = stepper.start(batch.src, batch.src_lengths)
        first, state = stepper.step(np.full(3, BOS), state, constraints, 4, np.array([[4], [-1], [EOS]]))
        state = stepper.select(state, np.array([1, 1, 2, 2]))
        second, _ = stepper.step(np.array([5, 6, 7, 8]), state, Constraints(), 6)
        found.append((first, second))
    for one, other in zip(*found, strict=True):
        equal(one, other)


@PRECISIONS
def test_a_sentence_says_what_is_on_its_list(precision: str, batch: Any) -> None:  # noqa: F811
    whole, short = steppers(precision, OWN)
    states = [stepper.start(batch.src, batch.src_lengths) for stepper in (whole, short)]
    everything, _ = whole.step(np.full(3, BOS), states[0], Constraints(never=()), VOCAB)
    found, _ = short.step(np.full(3, BOS), states[1], Constraints(never=()), VOCAB)
    allowed = OWN.allowed(batch.src, batch.src_lengths)
    for row in range(3):
        can = np.isfinite(found.log_probs[row])
        said = found.tokens[row][can]
        assert sorted(said.tolist()) == np.flatnonzero(allowed[row]).tolist()
        # relative to the list: the same proportions as in the whole vocabulary, and a sum of one
        order = [everything.tokens[row].tolist().index(token) for token in said]
        difference = found.log_probs[row][can] - everything.log_probs[row][order]
        assert np.ptp(difference) < 1e-4
        assert np.exp(found.log_probs[row][can]).sum() == pytest.approx(1, abs=1e-4)


@PRECISIONS
def test_the_lists_of_others_do_not_matter(precision: str, batch: Any) -> None:  # noqa: F811
    _, short = steppers(precision, OWN)
    plan = SearchPlan(beam_size=3)
    together = search(short, batch.src, batch.src_lengths, plan)
    for row, length in enumerate(batch.src_lengths.tolist()):
        alone = search(short, batch.src[row : row + 1, :length], batch.src_lengths[row : row + 1], plan)
        assert alone[0][0].tokens == together[row][0].tokens
        assert alone[0][0].score == pytest.approx(together[row][0].score, abs=1e-5)


def test_what_is_not_on_the_list_cannot_be_asked_for(batch: Any) -> None:  # noqa: F811
    _, short = steppers("fp32", Shortlist(np.array([0, 1, 2, 3, 6]), np.full((VOCAB, 1), -1), VOCAB))
    found, _ = short.step(
        np.full(3, BOS), short.start(batch.src, batch.src_lengths), Constraints(), 9, np.array([[5, 6]] * 3)
    )
    assert found.asked is not None
    assert np.isneginf(found.asked[:, 0]).all()
    assert np.isfinite(found.asked[:, 1]).all()
    assert np.isfinite(found.log_probs).sum(1).tolist() == [
        2,
        2,
        2,
    ]  # eos and 6: fewer than were wanted, there are no more


def test_the_tokens_of_a_batch_come_in_whole_groups() -> None:
    table = Shortlist(np.arange(4), np.full((40, 1), -1), 40)
    tokens, mask = table.choose(np.array([[9]]), np.array([1]))
    assert tokens.tolist() == [0, 1, 2] + [3] * 29
    assert mask.tolist() == [[0.0] * 4 + [-np.inf] * 28]


def test_padding_adds_nothing_to_a_list() -> None:
    table = Shortlist(np.array([3]), np.array([[9], [8], [7], [6], [5]]), 10)
    allowed = table.allowed(np.array([[4, 3, 0, 0]]), np.array([2]))
    assert np.flatnonzero(allowed[0]).tolist() == [3, 5, 6]


def test_places_of_tokens() -> None:
    places, there = Chosen(np.array([3, 5, 9]), {}, np.zeros((1, 3), np.float32)).places(
        np.array([[5, 9], [4, -1], [99, 3]])
    )
    assert there.tolist() == [[True, True], [False, False], [False, True]]
    assert places[there].tolist() == [1, 2, 0]


def test_a_dictionary_is_learnt_from_pairs() -> None:
    """Token n becomes n + 20, in any order, among frequent tokens 4 and 5 that belong to none; which occur together is chance."""
    rng = np.random.default_rng(1)
    src = [rng.choice(np.arange(6, 20), 5, replace=False) for _ in range(400)]
    tgt = [rng.permutation([*(row + 20), 4, 4, 5]) for row in src]
    found = learn_lexicon(src, tgt, src_vocab=25, tgt_vocab=50, frequent=2, each=2)
    assert found.always.tolist() == [0, 1, 2, 3, 4, 5]
    assert all(token + 20 in found.likely[token] for token in range(6, 20))
    assert (found.likely[:6] == -1).all()
    assert (found.likely[20:] == -1).all()


def test_a_shortlist_comes_back_from_its_file() -> None:
    again = Shortlist.read(OWN.to_bytes(), where="here")
    ids, lengths = np.array([[4, 5, 9]]), np.array([3])
    np.testing.assert_array_equal(again.allowed(ids, lengths), OWN.allowed(ids, lengths))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}" * 40,
        Shortlist(np.array([3]), np.array([[12]]), 12).to_bytes(),  # a token outside the vocabulary
        Shortlist(np.array([-3]), np.array([[1]]), 12).to_bytes(),
        Shortlist(np.array([3]), np.array([[-2]]), 12).to_bytes(),
        Shortlist(np.array([[3]]), np.array([[1]]), 12).to_bytes(),
    ],
)
def test_what_is_no_shortlist_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="here is no shortlist"):
        Shortlist.read(data, where="here")
