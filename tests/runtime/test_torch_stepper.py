"""The torch stepper: the model's own log-probabilities, constraints before the choice, and states that are values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from seqtool.batching import Batch, collate
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.stepper import BOS, EOS, PAD, UNK, Constraints, Ints
from seqtool.models.build import build_model
from seqtool.models.decoders.recurrent import RecurrentState
from seqtool.models.memory import SentenceMemory
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.runtime.torch_stepper import TorchState, TorchStepper
from tests.decoding.searching import beam_search

VOCAB = 13
ANYTHING = Constraints(never=())
KINDS: list[dict[str, Any]] = [
    {},
    {"decoder": {"kind": "gru", "hidden": 6, "input_feeding": True}},
    {"attention": {"kind": "none"}},
    {"decoder": {"kind": "rnn", "hidden": 6, "layers": 2}, "attention": {"kind": "dot"}},
    {"encoder": {"hidden": 3, "chunk": 3}, "hierarchy": {"hidden": 2, "max_sentences": 3}},
]
NAMES = ["lstm", "feeding", "no-attention", "two-layers", "hierarchy"]
every_kind = pytest.mark.parametrize("changes", KINDS, ids=NAMES)


def make_model(changes: dict[str, Any]) -> Seq2Seq:
    """Dropout is on: a stepper must not use it."""
    torch.manual_seed(1)
    sizes: dict[str, Any] = {"embedding": 5, "encoder": {"hidden": 3}, "decoder": {"hidden": 6}}
    return build_model(ModelSection.model_validate({**sizes, **changes}), VOCAB, VOCAB, sentence_ends=(5, 7))


@pytest.fixture
def batch() -> Batch:
    rng = np.random.default_rng(2)
    rows = [[rng.integers(4, VOCAB, length) for length in lengths] for lengths in ([4, 1, 6], [3, 5, 2])]
    return collate(*rows)


def begin(model: Seq2Seq, batch: Batch) -> tuple[TorchStepper, TorchState]:
    stepper = TorchStepper(model)
    return stepper, stepper.start(batch.src, batch.src_lengths)


def full(length: int, token: int = BOS) -> Ints:
    return np.full(length, token, np.int64)


def tensors(state: TorchState) -> list[torch.Tensor]:
    assert isinstance(state.decoder, RecurrentState)
    feed = [] if state.decoder.feed is None else [state.decoder.feed]
    return [*leaves(state.decoder.memory), *(part for layer in state.decoder.layers for part in layer), *feed]


def leaves(memory: SentenceMemory) -> list[torch.Tensor]:
    return [*memory[:3], *(memory.outline or ())]


@every_kind
def test_log_probabilities_are_the_models(batch: Batch, changes: dict[str, Any]) -> None:
    model = make_model(changes)
    stepper, state = begin(model, batch)
    src, tgt_in, tgt_out = (torch.from_numpy(part) for part in (batch.src, batch.tgt_in, batch.tgt_out))
    expected = model.log_probs(src, src != PAD, tgt_in, tgt_out).numpy()
    for position in range(batch.tgt_in.shape[1]):
        candidates, state = stepper.step(batch.tgt_in[:, position], state, ANYTHING, VOCAB)
        assert np.exp(candidates.log_probs).sum(1) == pytest.approx(1, abs=1e-5)
        for row in np.flatnonzero(position < batch.tgt_lengths):
            place = candidates.tokens[row].tolist().index(batch.tgt_out[row, position])
            assert candidates.log_probs[row, place] == pytest.approx(expected[row, position], abs=1e-5)


def test_candidates_are_the_best_first(batch: Batch) -> None:
    stepper, state = begin(make_model({}), batch)
    everything, _ = stepper.step(full(3), state, ANYTHING, 100)
    assert everything.tokens.shape == everything.log_probs.shape == (3, VOCAB), "fewer where the vocabulary is smaller"
    assert (everything.tokens.dtype, everything.log_probs.dtype) == (np.int64, np.float64)
    assert (np.diff(everything.log_probs, axis=1) <= 0).all()
    best, _ = stepper.step(full(3), state, ANYTHING, 4)
    assert np.array_equal(best.tokens, everything.tokens[:, :4])
    assert np.array_equal(best.log_probs, everything.log_probs[:, :4])


def test_constraints_forbid_and_keep_scores(batch: Batch) -> None:
    """Scores stay the model's own: what is forbidden takes nothing to the others."""
    stepper, state = begin(make_model({}), batch)
    free, _ = stepper.step(full(3), state, ANYTHING, VOCAB)
    own = [dict(zip(*row, strict=True)) for row in zip(free.tokens.tolist(), free.log_probs.tolist(), strict=True)]
    bound, _ = stepper.step(
        full(3),
        state,
        Constraints(
            forbidden_rows=np.array([1, 1]), forbidden_tokens=np.array([EOS, 5]), forced=np.array([-1, -1, EOS])
        ),
        VOCAB,
    )
    forbidden = [{PAD, UNK, BOS}, {PAD, UNK, BOS, EOS, 5}, set(range(VOCAB)) - {EOS}]
    for row in range(3):
        found = dict(zip(bound.tokens[row].tolist(), bound.log_probs[row].tolist(), strict=True))
        assert {token for token, log_prob in found.items() if log_prob == -np.inf} == forbidden[row]
        assert all(found[token] == own[row][token] for token in set(range(VOCAB)) - forbidden[row])


def test_special_tokens_are_forbidden_unless_told(batch: Batch) -> None:
    stepper, state = begin(make_model({}), batch)
    usual, _ = stepper.step(full(3), state, Constraints(), VOCAB - 3)
    assert not np.isin(usual.tokens, [PAD, UNK, BOS]).any()
    assert np.isfinite(usual.log_probs).all()


@every_kind
def test_select_reorders_rows_and_lets_sentences_go(batch: Batch, changes: dict[str, Any]) -> None:
    stepper, start = begin(make_model(changes), batch)
    _, state = stepper.step(full(3), start, ANYTHING, 1)
    state = stepper.select(state, np.array([0, 0, 1, 1, 2, 2]))
    tokens: Ints = np.array([5, 6, 7, 8, 9, 10])
    _, state = stepper.step(tokens, state, ANYTHING, 1)
    everything, _ = stepper.step(full(6, 4), state, ANYTHING, VOCAB)
    rows: Ints = np.array([5, 4, 1, 1])  # sentence 1 has finished, and the last has taken the first place
    state = stepper.select(state, rows)
    assert (state.sentences, state.rows) == (2, 4)
    kept, _ = stepper.step(full(4, 4), state, ANYTHING, VOCAB)
    assert np.allclose(kept.log_probs, everything.log_probs[rows], atol=1e-5)
    assert np.array_equal(kept.tokens, everything.tokens[rows])


@every_kind
def test_keys_are_kept_once_a_sentence(batch: Batch, changes: dict[str, Any]) -> None:
    """However wide the beam: only what belongs to a hypothesis has its number of rows."""
    stepper, state = begin(make_model(changes), batch)
    _, state = stepper.step(full(3), state, ANYTHING, 1)
    memory = leaves(state.decoder.memory)
    for size in (1, 8):
        state = stepper.select(state, np.repeat(np.arange(3) * (state.rows // 3), size))
        _, state = stepper.step(full(3 * size, 4), state, ANYTHING, 1)
        assert all(len(part) == 3 for part in memory)
        assert all(ours is first for ours, first in zip(leaves(state.decoder.memory), memory, strict=True)), (
            "not even copied"
        )
        assert all(len(part) == 3 * size for layer in state.decoder.layers for part in layer)
        assert state.decoder.feed is None or len(state.decoder.feed) == 3 * size


@every_kind
def test_a_step_does_not_change_its_state(batch: Batch, changes: dict[str, Any]) -> None:
    stepper, state = begin(make_model(changes), batch)
    before = [part.clone() for part in tensors(state)]
    first, after = stepper.step(full(3), state, Constraints(forced=full(3, EOS)), 2)
    stepper.step(full(3, 5), after, Constraints(), 2)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(tensors(state), before, strict=True))
    again, _ = stepper.step(full(3), state, Constraints(forced=full(3, EOS)), 2)
    assert np.array_equal(first.log_probs, again.log_probs)


def test_nothing_is_kept_for_a_gradient(batch: Batch) -> None:
    stepper, state = begin(make_model({}), batch)
    _, state = stepper.step(full(3), state, ANYTHING, 1)
    assert not any(part.requires_grad for part in tensors(state))


@every_kind
@pytest.mark.parametrize("size", [1, 3])
def test_search_finds_the_same_alone_and_in_a_batch(batch: Batch, changes: dict[str, Any], size: int) -> None:
    """And its sums are what the model says of the same tokens at once."""
    model = make_model(changes)
    limit = LengthLimit(1.0, 3)

    def search(src: Ints, lengths: Ints) -> list[Any]:
        return beam_search(
            TorchStepper(model), src, lengths, beam_size=size, n_best=size, limit=limit, length_penalty=1.0
        )

    for row, found in enumerate(search(batch.src, batch.src_lengths)):
        length = batch.src_lengths[row]
        src = batch.src[row : row + 1, :length]
        (alone,) = search(src, batch.src_lengths[row : row + 1])
        assert [one.tokens for one in found] == [one.tokens for one in alone]
        for one in found:
            tgt_in, tgt_out = torch.tensor([[BOS, *one.tokens]]), torch.tensor([[*one.tokens, EOS]])
            source = torch.from_numpy(src)
            log_prob = model.log_probs(source, source != PAD, tgt_in, tgt_out).sum().item()
            assert one.log_prob == pytest.approx(log_prob, abs=1e-4)


@every_kind
def test_answers_are_the_models_own_whatever_is_forbidden(changes: dict[str, Any], batch: Batch) -> None:
    stepper, state = begin(make_model(changes), batch)
    everything, _ = stepper.step(full(3), state, ANYTHING, VOCAB)
    asked = np.array([[5, -1], [EOS, 7], [PAD, 5]])
    found, _ = stepper.step(full(3), state, Constraints(forced=np.array([-1, 4, 5])), 2, asked)
    assert found.asked is not None
    for row, tokens in enumerate(asked.tolist()):
        for place, token in enumerate(tokens):
            at = everything.tokens[row].tolist().index(token) if token >= 0 else 0
            wanted = everything.log_probs[row, at] if token >= 0 else -np.inf
            assert found.asked[row, place] == wanted


@every_kind
def test_attention_comes_with_the_candidates(changes: dict[str, Any], batch: Batch) -> None:
    stepper, state = begin(make_model(changes), batch)
    found, _ = stepper.step(full(3), state, ANYTHING, 1)
    if changes.get("attention") == {"kind": "none"}:
        assert found.attention is None
        return
    assert found.attention is not None
    np.testing.assert_allclose(found.attention.sum(1), 1, rtol=1e-5)
    assert not found.attention[np.arange(batch.src.shape[1]) >= batch.src_lengths[:, None]].any()
