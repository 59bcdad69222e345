"""Pointing and coverage: the mixture by hand, steps that say what all positions say, and gradients that arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from seqtool.batching import Batch
from seqtool.models import linear_cross_entropy as fused
from seqtool.models.embedding import UNK
from seqtool.models.linear_cross_entropy import linear_cross_entropy
from seqtool.models.mixture import Mixture
from seqtool.models.seq2seq import Seq2Seq
from seqtool.text import tokenizer
from seqtool.training.objective import Objective, coverage_loss

MakeModel = Callable[..., Seq2Seq]
VOCAB = 13
KINDS: dict[str, dict[str, Any]] = {
    "lstm": {"attention__kind": "additive", "attention__size": 4},
    "feeding": {"decoder__input_feeding": True, "attention__kind": "dot"},
    "lexical": {"lexical": True, "tie": "all"},
    "transformer": {"both__kind": "transformer", "both__hidden": 8},
    "ssru": {"decoder__kind": "ssru", "attention__heads": 3},
}
every_kind = pytest.mark.parametrize("kind", KINDS)
COVERED: dict[str, dict[str, Any]] = {
    "additive": {"attention__size": 4},
    "dot": {"decoder__input_feeding": True},
    "general": {},
    "scaled_dot": {"attention__size": 4},
    "multi_head": {"attention__heads": 2},
}
every_coverage = pytest.mark.parametrize("attention", COVERED)


def make(make_model: MakeModel, kind: str, **changes: Any) -> Seq2Seq:
    return make_model(pointer=True, src_vocab=VOCAB, **KINDS[kind], **changes)


def covering(make_model: MakeModel, attention: str, **changes: Any) -> Seq2Seq:
    """With coverage that has something to say."""
    options = {"both__kind": "gru", "attention__kind": attention, "attention__coverage": True, **COVERED[attention]}
    model = make_model(**options, **changes)
    torch.nn.init.normal_(model.decoder.attention.cover.weight)
    return model


def close(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.fixture
def own(sample: Any) -> Any:
    """The batch with tokens of the sources' own: 13 and 14, which some targets have, too; 15 is nowhere in its source."""
    src, tgt_in, tgt_out = sample.src.clone(), sample.tgt_in.clone(), sample.tgt_out.clone()
    src[0, 1], src[0, 3], src[0, 4], src[2, 0] = 13, 14, 13, 13
    tgt_out[0, 1], tgt_out[2, 0], tgt_out[1, 2] = 13, 13, 15
    tgt_in[0, 2] = 13
    return sample._replace(src=src, tgt_in=tgt_in, tgt_out=tgt_out)


def test_unk_is_the_tokenizers() -> None:
    assert tokenizer.UNK == UNK


@every_kind
def test_log_probabilities_are_those_of_the_mixture(make_model: MakeModel, own: Any, kind: str) -> None:
    """g softmax + (1 - g) sum of attention, position by position; a target that its source has not is unk."""
    model = make(make_model, kind).eval()
    torch.nn.init.normal_(model.pointer.generate.weight)
    known = [torch.where(ids < VOCAB, ids, UNK) for ids in (own.src, own.tgt_in)]
    features, attention = model.decoder(known[1], model.encoder(known[0], own.src_mask), weights=True)
    generate = torch.sigmoid(F.linear(features, model.pointer.generate.weight, model.pointer.generate.bias))
    everything = F.pad(generate * torch.softmax(model.generator(features), -1), (0, 3))
    copied = (1 - generate) * attention
    everything = everything.scatter_add(2, own.src.unsqueeze(1).expand_as(copied), copied)
    close(everything.sum(-1), torch.ones(own.tgt_in.shape))
    targets = torch.where(own.tgt_out == 15, UNK, own.tgt_out)
    expected = everything.gather(2, targets.unsqueeze(2)).squeeze(2).log()
    found = model.log_probs(own.src, own.src_mask, own.tgt_in, own.tgt_out)
    close(found[own.tgt_mask], expected[own.tgt_mask])
    loss, nll = model.losses(*own, smoothing=0.0)
    close(loss, -expected[own.tgt_mask].sum())
    close(nll, loss)


@every_kind
def test_every_parameter_learns(make_model: MakeModel, own: Any, kind: str) -> None:
    model = make(make_model, kind)
    model.losses(*own, smoothing=0.1).loss.backward()
    assert not {name for name, one in model.named_parameters() if one.grad is None or not one.grad.any()}


@every_kind
def test_steps_say_what_all_positions_say(make_model: MakeModel, own: Any, kind: str) -> None:
    model = make(make_model, kind).eval()
    features, attention = model.features(own.src, own.src_mask, own.tgt_in)
    state = model.start(own.src, own.src_mask)
    for place, tokens in enumerate(own.tgt_in.unbind(1)):
        said, state = model.say(tokens, state)
        close(said.logits, model.generator(features[:, place]))
        close(said.attention, attention[:, place])
        close(said.log_odds, model.pointer.log_odds(features[:, place]))


def inputs(positions: int) -> tuple[tuple[Tensor, ...], Tensor]:
    """Features, weight, bias, and logarithms of the shares of generating and of what is copied (leaves), and targets, some behind 7."""
    generator = torch.Generator().manual_seed(3)
    shapes = (positions, 4), (7, 4), (7,), (positions, 1), (positions, 1)
    leaves = tuple(torch.randn(one, generator=generator, dtype=torch.float64).requires_grad_() for one in shapes)
    return leaves, torch.randint(10, (positions,), generator=generator)


@pytest.mark.parametrize("rows", [1, 2, 100])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_fused_loss_is_the_textbooks(monkeypatch: pytest.MonkeyPatch, rows: int, smoothing: float) -> None:
    monkeypatch.setattr(fused, "_BLOCK_ROWS", rows)
    (features, weight, bias, odds, copy), targets = inputs(6)
    leaves = (features, weight, bias, odds, copy)
    mixture, again = (Mixture(F.logsigmoid(odds), F.logsigmoid(-odds) + copy - 3) for _ in range(2))
    loss, nll = linear_cross_entropy(features, weight, bias, targets, smoothing, again)
    log_probs = torch.log_softmax(F.linear(features, weight, bias), -1)
    said = F.pad(log_probs, (0, 3), value=-torch.inf).gather(1, targets.unsqueeze(1))
    total = torch.log(torch.exp(mixture.log_generate + said) + torch.exp(mixture.log_copy))
    expected = -(1 - smoothing) * total.sum() - smoothing * log_probs.mean(1).sum()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(nll, -total.sum())
    for ours, theirs in zip(
        torch.autograd.grad(loss * 0.3, leaves), torch.autograd.grad(expected * 0.3, leaves), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


@every_coverage
def test_coverage_enters_the_scores_of_the_next_position(make_model: MakeModel, sample: Any, attention: str) -> None:
    """The first position knows nothing of it, the others do; steps carry what all positions have."""
    model = covering(make_model, attention).eval()
    _, looked = model.features(*sample[:3], weights=True)
    state = model.start(*sample[:2])
    for place, tokens in enumerate(sample.tgt_in.unbind(1)):
        _, found, state = model.step(tokens, state)
        close(found, looked[:, place])
        close(state.coverage, looked[:, : place + 1].sum(1))
    torch.nn.init.zeros_(model.decoder.attention.cover.weight)
    _, uncovered = model.features(*sample[:3], weights=True)
    close(looked[:, 0], uncovered[:, 0])
    long = sample.src_mask.sum(1) > 1
    assert not torch.allclose(looked[long, 1], uncovered[long, 1], atol=1e-3)


@every_coverage
def test_coverage_learns_from_the_first_step_on(make_model: MakeModel, sample: Any, attention: str) -> None:
    """It starts as nothing, but its weights have a gradient; without it there are none."""
    options = {"both__kind": "gru", "attention__kind": attention, **COVERED[attention]}
    model, plain = (make_model(**options, attention__coverage=on) for on in (True, False))
    model.losses(*sample, smoothing=0.0).loss.backward()
    assert model.decoder.attention.cover.weight.grad.any()
    assert plain.decoder.attention.cover is None


def test_the_coverage_loss_by_hand() -> None:
    """min(attention, attention so far), at real positions; the first has nothing behind it."""
    attention = torch.tensor([[[0.7, 0.3], [0.4, 0.6], [0.5, 0.5]]])
    mask = torch.tensor([[True, True, False]])
    assert coverage_loss(attention, mask).item() == pytest.approx(0.4 + 0.3)
    assert coverage_loss(attention, torch.ones_like(mask)).item() == pytest.approx(0.7 + 0.5 + 0.5)


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_the_objective_has_the_coverage_loss(make_model: MakeModel, sample: Any, weight: float) -> None:
    model = make_model(both__kind="transformer", both__hidden=8)
    arrays = (sample.src, sample.src_mask.sum(1), sample.tgt_in, sample.tgt_out, sample.tgt_mask.sum(1))
    losses = Objective(coverage=weight).backward(model, Batch(*(one.numpy() for one in arrays)), lambda loss: loss, 0.0)
    _, looked = model.features(*sample[:3], weights=True)
    expected = model.losses(*sample, smoothing=0.0).loss + weight * coverage_loss(looked, sample.tgt_mask)
    close(losses.loss, expected.detach())


def test_a_pointer_learns_in_segments_as_in_one_piece(make_model: MakeModel, own: Any) -> None:
    """Segments as long as the target cut nothing off: the gradients are those of the whole; shorter ones still meet tokens of the sources'
    own."""
    arrays = (own.src, own.src_mask.sum(1), own.tgt_in, own.tgt_out, own.tgt_mask.sum(1))
    batch = Batch(*(one.numpy() for one in arrays))
    gradients, losses = [], []
    for steps in (None, own.tgt_in.shape[1], 2):
        model = make(make_model, "feeding")
        losses.append(Objective(backprop_steps=steps).backward(model, batch, lambda loss: loss, 0.0).loss)
        gradients.append({name: one.grad for name, one in model.named_parameters()})
    for name, expected in gradients[0].items():
        close(gradients[1][name], expected)
    for loss in losses[1:]:
        close(loss, losses[0])
