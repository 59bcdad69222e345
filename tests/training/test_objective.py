"""Each term of the objective, by hand and by autograd, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from seqtool.batching import Batch, Ints, collate
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Losses, Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.training.objective import Objective, TensorBatch, alignment_loss, tensors_of

VOCAB = 13
DROPPING = {"embedding": 0.2, "layer": 0.2, "output": 0.2, "recurrent": 0.2, "src_word": 0.1, "tgt_word": 0.1}
KINDS: dict[str, dict[str, Any]] = {
    "lstm": {},
    "gru-feeding": {
        "encoder": {"kind": "gru", "hidden": 3, "layers": 2},
        "decoder": {"kind": "gru", "hidden": 6, "layers": 2, "input_feeding": True},
    },
    "dot-deep-lexical": {
        "decoder": {"hidden": 6, "layer_norm": True, "transitions": 2},
        "attention": {"kind": "dot"},
        "lexical": True,
    },
    "transformer": {
        "encoder": {"kind": "transformer", "hidden": 8},
        "decoder": {"kind": "transformer", "hidden": 8, "layers": 2},
    },
    "long": {
        "encoder": {"hidden": 3, "chunk": 4},
        "decoder": {"kind": "gru", "hidden": 6, "input_feeding": True},
        "lexical": True,
        "hierarchy": {"hidden": 2, "max_sentences": 3},
    },
    "no-attention": {"attention": {"kind": "none"}, "encoder": {"kind": "conv", "hidden": 8}},
}
RECURRENT = ("lstm", "gru-feeding", "dot-deep-lexical", "long")


class Slanted:
    """Links every target position to the source position twice as far on, while there is one; the first to nothing."""

    def links(self, src_rows: Sequence[Ints], tgt_rows: Sequence[Ints]) -> list[Ints]:
        found = []
        for src, tgt in zip(src_rows, tgt_rows, strict=True):
            places = np.arange(len(tgt) + 1) * 2
            found.append(np.where((places > 0) & (places <= len(src)), places, -1))
        return found


def build(kind: str, *, dropout: dict[str, float] | None = None, seed: int = 1) -> Seq2Seq:
    off = dict.fromkeys(DROPPING, 0.0)
    section = {"embedding": 5, "encoder": {"hidden": 3}, "decoder": {"hidden": 6}, "dropout": dropout or off}
    torch.manual_seed(seed)
    whole = ModelSection.model_validate({**section, **KINDS[kind]})
    return build_model(whole, VOCAB, VOCAB, sentence_ends=(5, 7, 9)).double()


@pytest.fixture
def batch() -> Batch:
    rng = np.random.default_rng(2)
    rows = [[rng.integers(4, VOCAB, length) for length in lengths] for lengths in ([4, 1, 6, 5], [3, 5, 2, 6])]
    return collate(*rows)


@pytest.fixture
def tensors(batch: Batch) -> TensorBatch:
    return tensors_of(batch, torch.device("cpu"))


def third(loss: Tensor) -> Tensor:
    return loss / 3


def learnt(model: Seq2Seq, batch: Batch, done: float = 1.0, **options: Any) -> tuple[Losses, dict[str, Tensor]]:
    """Losses and gradients of an update from one seed."""
    model.zero_grad()
    torch.manual_seed(7)
    losses = Objective(0.1, **options).backward(model.train(), batch, third, done)
    assert not losses.loss.requires_grad
    return losses, {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}


def gradients(model: Seq2Seq, loss: Tensor) -> dict[str, Tensor]:
    names, parameters = zip(*model.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss / 3, parameters, allow_unused=True), strict=True))


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    assert one.keys() == other.keys()
    return all(torch.allclose(one[name], other[name], rtol=1e-9, atol=1e-12) for name in one)


@pytest.mark.parametrize("kind", KINDS)
def test_without_options_it_is_the_models_loss(kind: str, batch: Batch, tensors: TensorBatch) -> None:
    model = build(kind)
    losses, grads = learnt(model, batch)
    expected = model.losses(*tensors[:5], smoothing=0.1)
    assert losses.loss.item() == pytest.approx(expected.loss.item(), rel=1e-12)
    assert losses.nll.item() == pytest.approx(expected.nll.item(), rel=1e-12)
    assert same(grads, gradients(model, expected.loss))


@pytest.mark.parametrize("kind", KINDS)
def test_r_drop_is_two_passes_and_what_they_disagree_in(kind: str, batch: Batch, tensors: TensorBatch) -> None:
    model = build(kind, dropout=DROPPING)
    losses, grads = learnt(model, batch, r_drop=2.0)
    torch.manual_seed(7)
    twice = [part.repeat(2, 1) for part in tensors[:3]]
    logits = torch.stack([part[tensors.tgt_mask] for part in model(*twice).chunk(2)])  # (2, N, V)
    targets = tensors.tgt_out[tensors.tgt_mask].repeat(2)
    smooth, nll = (
        F.cross_entropy(logits.flatten(0, 1), targets, reduction="sum", label_smoothing=share) / 2
        for share in (0.1, 0.0)
    )
    log_p, log_q = logits.log_softmax(-1)
    apart = ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum()
    assert apart.item() > 0.01, "the passes have masks of their own"
    assert losses.loss.item() == pytest.approx((smooth + 2.0 / 4 * apart).item(), rel=1e-9)
    assert losses.nll.item() == pytest.approx(nll.item(), rel=1e-9)
    assert same(grads, gradients(model, smooth + 2.0 / 4 * apart))


def test_passes_without_dropout_agree(batch: Batch) -> None:
    model = build("lstm")
    (once, grads), (twice, others) = learnt(model, batch), learnt(model, batch, r_drop=5.0)
    torch.testing.assert_close(tuple(once), tuple(twice))
    assert same(grads, others)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("done", [0.0, 0.5, 1.0])
def test_scheduled_sampling_takes_guesses_for_a_rising_share(
    kind: str, done: float, batch: Batch, tensors: TensorBatch
) -> None:
    model = build(kind)
    losses, grads = learnt(model, batch, done, scheduled_sampling=1.0)
    assert model.training
    with torch.no_grad():
        guesses = model(*tensors[:3]).argmax(-1)
    torch.manual_seed(7)
    taken = torch.rand(guesses.shape) < done
    tgt_in = tensors.tgt_in.clone()
    for row, place in taken.nonzero().tolist():
        if place > 0 and tensors.tgt_mask[row, place]:
            tgt_in[row, place] = guesses[row, place - 1]
    assert bool((tgt_in != tensors.tgt_in).any()) == (done > 0)
    assert torch.equal(tgt_in[:, 0], tensors.tgt_in[:, 0]), "bos stays"
    expected = model.losses(*tensors._replace(tgt_in=tgt_in)[:5], smoothing=0.1)
    assert losses.loss.item() == pytest.approx(expected.loss.item(), rel=1e-12)
    assert same(grads, gradients(model, expected.loss))


def test_guesses_are_made_without_dropout_and_learning_with_it(batch: Batch, tensors: TensorBatch) -> None:
    """At a share of everything the only draw before the second pass is that of the places."""
    model = build("lstm", dropout=DROPPING)
    losses, _ = learnt(model, batch, scheduled_sampling=1.0)
    guesses = model.eval()(*tensors[:3]).argmax(-1)
    tgt_in = torch.where(tensors.tgt_mask, torch.cat([tensors.tgt_in[:, :1], guesses[:, :-1]], 1), 0)
    torch.manual_seed(7)
    torch.rand(tgt_in.shape)
    expected = model.train().losses(*tensors._replace(tgt_in=tgt_in)[:5], smoothing=0.1)
    assert losses.loss.item() == pytest.approx(expected.loss.item(), rel=1e-12)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "no-attention"])
def test_guided_alignment_adds_the_attention_at_links(kind: str, batch: Batch, tensors: TensorBatch) -> None:
    model = build(kind)
    losses, grads = learnt(model, batch, guided_alignment=0.5, aligner=Slanted())
    plain = model.losses(*tensors[:5], smoothing=0.1)
    _, attention = model.features(*tensors[:3], weights=True)
    assert attention is not None
    away = torch.zeros(())
    for row, (src, tgt) in enumerate(zip(batch.src_lengths, batch.tgt_lengths, strict=True)):
        for place in range(1, int(tgt)):
            if 2 * place < src:
                away = away - attention[row, place, 2 * place].log()
    assert losses.loss.item() == pytest.approx((plain.loss + 0.5 * away).item(), rel=1e-6)
    assert losses.nll.item() == pytest.approx(plain.nll.item(), rel=1e-12)
    ours, theirs = grads, gradients(model, plain.loss + 0.5 * away)
    for name in ours:  # the attention's logarithm is taken in single precision
        torch.testing.assert_close(ours[name], theirs[name], rtol=1e-4, atol=1e-6)


def test_with_two_passes_coverage_counts_once(batch: Batch) -> None:
    """Without dropout both are alike."""
    model = build("lstm")

    def added(**options: float) -> float:
        return (
            learnt(model, batch, coverage=2.0, **options)[0].loss.item()
            - learnt(model, batch, **options)[0].loss.item()
        )

    assert added() > 0.1
    assert added(r_drop=0.5) == pytest.approx(added(), rel=1e-5)


def test_an_aligner_is_given_rows_without_marks(batch: Batch) -> None:
    seen: list[list[list[int]]] = []

    class Noting(Slanted):
        def links(self, src_rows: Sequence[Ints], tgt_rows: Sequence[Ints]) -> list[Ints]:
            seen.append([row.tolist() for row in (*src_rows, *tgt_rows)])
            return super().links(src_rows, tgt_rows)

    learnt(build("lstm"), batch, guided_alignment=0.5, aligner=Noting())
    src = [batch.src[row, : length - 1].tolist() for row, length in enumerate(batch.src_lengths)]
    tgt = [batch.tgt_in[row, 1:length].tolist() for row, length in enumerate(batch.tgt_lengths)]
    assert seen == [[*src, *tgt]]


def test_attention_of_nothing_costs_much_and_not_everything() -> None:
    attention = torch.tensor([[[1.0, 0.0], [0.5, 0.5]]], requires_grad=True)
    loss = alignment_loss(attention, torch.tensor([[1, 0]]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(-np.log(1e-8) - np.log(0.5))
    assert attention.grad is not None
    assert attention.grad.tolist() == [[[0.0, 0.0], [-2.0, 0.0]]]
    assert alignment_loss(attention, torch.tensor([[-1, -1]])).item() == 0.0


EXTRAS: list[dict[str, Any]] = [
    {},
    {"r_drop": 2.0},
    {"guided_alignment": 0.5, "aligner": Slanted()},
    {"scheduled_sampling": 0.5},
    {"r_drop": 2.0, "guided_alignment": 0.5, "aligner": Slanted(), "scheduled_sampling": 0.5},
]


@pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: "-".join(extra) or "plain")
@pytest.mark.parametrize("kind", RECURRENT)
def test_segments_longer_than_the_target_change_nothing(kind: str, extra: dict[str, Any], batch: Batch) -> None:
    """With the same masks, whatever else is asked for."""
    model = build(kind, dropout=DROPPING)
    (plain, grads), (cut, others) = (
        learnt(model, batch, **extra, backprop_steps=steps) for steps in (None, batch.tgt_in.shape[1])
    )
    torch.testing.assert_close(tuple(plain), tuple(cut))
    assert same(grads, others)


@pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: "-".join(extra) or "plain")
@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("steps", [1, 3])
def test_shorter_segments_say_the_same_and_learn_something_else(
    kind: str, extra: dict[str, Any], steps: int, batch: Batch
) -> None:
    """Masks are one a sentence across segments, too."""
    model = build(kind, dropout=DROPPING)
    (plain, grads), (cut, others) = (learnt(model, batch, **extra, backprop_steps=some) for some in (None, steps))
    torch.testing.assert_close(tuple(plain), tuple(cut))
    assert grads.keys() == others.keys()
    assert not same(grads, others)


def test_gradients_end_where_segments_do(batch: Batch) -> None:
    """What stands in the first segment learns from the first segment's loss alone, and the encoder from all."""
    rows = [np.array([4, 5, 6])], [np.array([7, 8, 9, 10])]
    long, short = collate(*rows), collate(rows[0], [rows[1][0][:1]])
    short.tgt_out[0, 1] = 8  # not the end yet
    model = build("lstm")
    _, cut = learnt(model, long, backprop_steps=2)
    _, first = learnt(model, short)
    _, whole = learnt(model, long)
    name = "decoder.embedding.weight"
    torch.testing.assert_close(cut[name][7], first[name][7])
    assert not torch.allclose(cut[name][7], whole[name][7])
    assert not torch.allclose(cut["encoder.embedding.weight"], first["encoder.embedding.weight"])


@pytest.mark.parametrize("kind", RECURRENT)
def test_all_of_it_in_bfloat16(kind: str, batch: Batch) -> None:
    model = build(kind).float()
    options = {**EXTRAS[-1], "scheduled_sampling": 0.0, "backprop_steps": 3}
    (exact, _), (near, grads) = (learnt(model, batch, **options, precision=one) for one in ("fp32", "bf16"))
    assert near.loss.item() != exact.loss.item()
    assert near.loss.item() == pytest.approx(exact.loss.item(), rel=0.05)
    assert all(one.isfinite().all() and one.dtype == torch.float32 for one in grads.values())


def test_guessing_in_bfloat16_leaves_gradients_whole(batch: Batch) -> None:
    """Weights that were cast without gradients in the first pass are not those of the second."""
    model = build("lstm").float()
    (_, plain), (_, guessed) = (
        learnt(model, batch, precision="bf16", scheduled_sampling=share) for share in (0.0, 1e-9)
    )
    assert plain.keys() == guessed.keys()
    for name, grad in plain.items():
        torch.testing.assert_close(guessed[name], grad)
