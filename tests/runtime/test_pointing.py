"""What is generated and what is copied as one distribution: brute force says the same, whatever is forbidden, forced or asked."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from seqtool.decoding.plan import SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.decoding.stepper import BOS, EOS, UNK, Constraints, Ints, Stepper
from seqtool.export.graphs import stepper_of, with_head
from seqtool.export.trace import trace
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.runtime.ensemble import EnsembleStepper
from seqtool.runtime.pointing import PointingStepper
from seqtool.runtime.torch_stepper import TorchStepper

VOCAB = 13
# Two sources; 13 and 14 are their own tokens, and both are there twice.
SRC = np.array([[5, 13, 7, 14, 13, EOS], [8, 13, 8, EOS, 0, 0]])
LENGTHS = np.array([6, 4])
KINDS: dict[str, dict[str, Any]] = {
    "gru": {"encoder": {"kind": "gru", "hidden": 3}, "decoder": {"kind": "gru", "hidden": 6}},
    "covered": {
        "encoder": {"hidden": 3},
        "decoder": {"hidden": 6},
        "attention": {"kind": "additive", "coverage": True},
    },
    "transformer": {"encoder": {"kind": "transformer", "hidden": 8}, "decoder": {"kind": "ssru", "hidden": 8}},
}
every_kind = pytest.mark.parametrize(
    "kind", [pytest.param(one, marks=[pytest.mark.slow] * (one != "gru")) for one in KINDS]
)


@cache
def network(kind: str, seed: int = 1, *, pointer: bool = True) -> Seq2Seq:
    torch.manual_seed(seed)
    values = {"embedding": 5, "pointer": pointer, **KINDS[kind]}
    model = build_model(ModelSection.model_validate(values), VOCAB, VOCAB).eval()
    for parameter in model.parameters():  # so that it has opinions
        parameter.data.mul_(2.0)
    return model


def stepper(kind: str, seed: int = 1) -> PointingStepper:
    return PointingStepper(TorchStepper(network(kind, seed)), VOCAB)


def everything(kind: str, seed: int = 1) -> np.ndarray[Any, Any]:
    """Log-probabilities of all 15 tokens after bos, by brute force: `(2, 15)`."""
    src, mask = torch.from_numpy(SRC), torch.arange(6) < torch.from_numpy(LENGTHS).unsqueeze(1)
    bos = torch.full((2, 1), BOS)
    columns = [network(kind, seed).log_probs(src, mask, bos, torch.full((2, 1), one)) for one in range(VOCAB + 2)]
    found = torch.cat(columns, dim=1).double().numpy()
    found[1, 14] = -np.inf  # what its source has not counted as unk there
    return found


def first(model: Stepper[Any], constraints: Constraints, count: int, asked: Ints | None = None) -> Any:
    return model.step(np.full(2, BOS), model.start(SRC, LENGTHS), constraints, count, asked)[0]


@every_kind
@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_best_of_both(kind: str, count: int) -> None:
    expected = everything(kind)
    assert np.exp(expected).sum(1) == pytest.approx(1)
    for constraints, never in (
        (Constraints(never=()), {}),
        (Constraints(), {0: [0, 1, 2], 1: [0, 1, 2]}),
        (Constraints((), np.array([0, 0, 1]), np.array([13, 5, 8])), {0: [13, 5], 1: [8]}),
        (Constraints((13,)), {0: [13], 1: [13]}),
    ):
        found = first(stepper(kind), constraints, count)
        for row in range(2):
            allowed = expected[row].copy()
            allowed[never.get(row, [])] = -np.inf
            best = np.argsort(-allowed)[:count]
            assert found.tokens[row].tolist() == best.tolist()
            np.testing.assert_allclose(found.log_probs[row], allowed[best], atol=1e-5)


@every_kind
def test_what_is_forced_or_asked(kind: str) -> None:
    expected = everything(kind)
    asked = np.array([[13, 5, 14, -1], [13, 14, 4, EOS]])
    found = first(stepper(kind), Constraints(forced=np.array([13, -1])), 2, asked)
    assert found.tokens[0, 0] == 13
    assert found.log_probs[0].tolist() == [pytest.approx(expected[0, 13], abs=1e-5), -np.inf]
    assert found.log_probs[1, 0] == pytest.approx(expected[1, 3:].max(), abs=1e-5)
    answers = np.where(asked < 0, -np.inf, np.take_along_axis(expected, np.maximum(asked, 0), 1))
    np.testing.assert_allclose(found.asked, answers, atol=1e-5)


@every_kind
def test_the_distribution_is_everything(kind: str) -> None:
    model = stepper(kind)
    said, _ = model.distribution(np.full(2, BOS), model.start(SRC, LENGTHS))
    np.testing.assert_allclose(said.log_probs, everything(kind), atol=1e-5)


def test_an_ensemble_averages_what_its_members_say() -> None:
    """One of them has no pointer: it says nothing of the sources' own tokens."""
    plain = PointingStepper(TorchStepper(network("gru", 3, pointer=False)), VOCAB)
    found = first(EnsembleStepper([stepper("gru"), stepper("gru", 2), plain]), Constraints(never=()), 15)
    said, _ = plain.distribution(np.full(2, BOS), plain.start(SRC, LENGTHS))
    assert np.isneginf(said.log_probs[:, VOCAB:]).all()
    expected = np.logaddexp(np.logaddexp(everything("gru"), everything("gru", 2)), said.log_probs) - np.log(3)
    np.testing.assert_allclose(found.log_probs, -np.sort(-expected, axis=1), atol=1e-5)


@every_kind
@pytest.mark.parametrize("width", [1, 4])
def test_a_sentence_does_not_depend_on_its_neighbours(kind: str, width: int) -> None:
    plan = SearchPlan(beam_size=width, limit=LengthLimit(max_length=6), no_repeat_ngram_size=2, keep_attention=True)
    together = search(stepper(kind), SRC, LENGTHS, plan)
    for row, length in enumerate(LENGTHS.tolist()):
        (alone,) = search(stepper(kind), SRC[row : row + 1, :length], LENGTHS[row : row + 1], plan)
        assert [one.tokens for one in alone] == [one.tokens for one in together[row]]
        assert alone[0].log_prob == pytest.approx(together[row][0].log_prob, abs=1e-5)


def test_a_beam_wider_than_all_there_is_to_say() -> None:
    """Its empty places are fed back like all others."""
    plan = SearchPlan(beam_size=40, n_best=40, limit=LengthLimit(max_length=3, min_length=1))
    together = search(stepper("gru"), SRC, LENGTHS, plan)
    for row, length in enumerate(LENGTHS.tolist()):
        (alone,) = search(stepper("gru"), SRC[row : row + 1, :length], LENGTHS[row : row + 1], plan)
        assert [one.tokens for one in alone[:10]] == [one.tokens for one in together[row][:10]]


def test_search_says_tokens_of_the_sources() -> None:
    """A model that always copies, greedily and with a beam."""
    model = copy.deepcopy(network("gru"))
    torch.nn.init.constant_(model.pointer.generate.bias, -20.0)
    for width in (1, 3):
        plan = SearchPlan(beam_size=width, n_best=width, limit=LengthLimit(max_length=4, min_length=2))
        found = search(PointingStepper(TorchStepper(model), VOCAB), SRC, LENGTHS, plan)
        for row, hypotheses in enumerate(found):
            said = {token for one in hypotheses for token in one.tokens}
            assert said <= set(SRC[row].tolist())
        assert any(13 in one.tokens for hypotheses in found for one in hypotheses)


@every_kind
def test_graphs_say_what_torch_says(kind: str) -> None:
    """Step by step, with hypotheses reordered and a sentence gone."""
    ours = PointingStepper(stepper_of(with_head(trace(copy.deepcopy(network(kind))), VOCAB)), VOCAB)
    theirs = stepper(kind)
    one, other = ours.start(SRC, LENGTHS), theirs.start(SRC, LENGTHS)
    tokens = np.full(2, BOS)
    for rows in ([0, 0, 0, 1, 1, 1], [1, 0, 2, 5, 5, 3], [5, 3, 4], [0, 2, 1]):
        asked = np.full((len(tokens), 1), 13)
        mine, one = ours.step(tokens, one, Constraints(), 5, asked)
        its, other = theirs.step(tokens, other, Constraints(), 5, asked)
        np.testing.assert_allclose(mine.log_probs, its.log_probs, atol=1e-4)
        np.testing.assert_allclose(mine.asked, its.asked, atol=1e-4)
        np.testing.assert_allclose(mine.attention, its.attention, atol=1e-5)
        kept = np.array(rows)
        one, other = ours.select(one, kept), theirs.select(other, kept)
        tokens = np.array([13, UNK, 5, 14, 8, EOS])[: len(rows)]
