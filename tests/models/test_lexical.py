"""The lexical model: source words that are looked at speak for themselves, in torch and in graphs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from seqtool.decoding.stepper import BOS, Constraints
from seqtool.export.calibrate import watched
from seqtool.export.graphs import stepper_of, with_head
from seqtool.export.quantize import products, quantize
from seqtool.export.shorten import short_stepper, shorten
from seqtool.export.trace import Graphs, trace
from seqtool.models.seq2seq import Seq2Seq
from seqtool.runtime.onnx_stepper import OnnxStepper
from seqtool.runtime.shortlist import Shortlist
from seqtool.runtime.torch_stepper import TorchStepper

MakeModel = Callable[..., Seq2Seq]
KINDS: dict[str, dict[str, Any]] = {
    "lstm": {},
    "feeding": {"decoder__input_feeding": True, "attention__kind": "dot"},
    "tied": {"tie": "all", "src_vocab": 13},
    "transformer": {"both__kind": "transformer", "both__hidden": 8},
    "backwards": {"encoder__reversed": True, "decoder__kind": "mingru", "attention__heads": 3},
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def make(make_model: MakeModel, kind: str, **changes: Any) -> Seq2Seq:
    return make_model(lexical=True, **KINDS[kind], **changes)


def close(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@every_kind
def test_logits_by_hand(make_model: MakeModel, sample: Any, kind: str) -> None:
    """Those of the decoder inside, and W_lex (tanh(W f) + f) with f = tanh(sum of attention times source vectors)."""
    model = make(make_model, kind).eval()
    inner, generator = model.decoder.decoder, model.generator
    features, attention = inner(sample.tgt_in, model.encoder(sample.src, sample.src_mask))
    found = torch.tanh(attention @ model.encoder.embedding.weight[sample.src])
    said = torch.tanh(found @ model.decoder.hidden.weight.T) + found
    expected = F.linear(features, generator.weight, generator.bias) + said @ generator.lexical_weight.T
    logits = model(sample.src, sample.src_mask, sample.tgt_in)
    close(logits, expected)
    assert not torch.allclose(logits, F.linear(features, generator.weight, generator.bias))


def test_only_a_lexical_model_has_its_parameters(make_model: MakeModel) -> None:
    """W is as large as an embedding squared, W_lex as the target vocabulary's vectors, and there is one bias."""
    plain, lexical = (
        sum(part.numel() for part in make_model(lexical=one, tie="target_output").parameters()) for one in (False, True)
    )
    assert lexical - plain == 5 * 5 + 13 * 5
    model = make_model(lexical=True, tie="target_output")
    assert model.generator.weight is model.decoder.decoder.embedding.weight


@every_kind
def test_losses_are_those_of_the_logits_and_all_parameters_learn(make_model: MakeModel, sample: Any, kind: str) -> None:
    model = make(make_model, kind)
    logits = model(sample.src, sample.src_mask, sample.tgt_in)[sample.tgt_mask]
    expected = F.cross_entropy(logits, sample.tgt_out[sample.tgt_mask], reduction="sum", label_smoothing=0.1)
    loss = model.losses(*sample, smoothing=0.1).loss
    close(loss, expected)
    grads = [torch.autograd.grad(one, list(model.parameters())) for one in (loss, expected)]
    for ours, theirs in zip(*grads, strict=True):
        close(ours, theirs)
        assert ours.any()


@every_kind
def test_steps_say_what_all_positions_say(make_model: MakeModel, sample: Any, kind: str) -> None:
    """With three hypotheses a sentence and a sentence gone."""
    model = make(make_model, kind).eval()
    _, _, state = model.step(torch.full((4,), 2), model.start(sample.src, sample.src_mask))
    second = torch.arange(12) % 9 + 4
    _, _, state = model.step(second, state.select(torch.arange(4).repeat_interleave(3), None))
    rows = torch.tensor([2, 2, 0, 7, 6, 8, 10, 9, 9])  # sentence 1 leaves
    logits, attention, _ = model.step(torch.full((9,), 5), state.select(rows, torch.tensor([0, 2, 3])))
    assert attention is not None
    assert attention.shape == (9, 6)
    for index, row in enumerate(rows.tolist()):
        one = slice(row // 3, row // 3 + 1)
        prefix = torch.tensor([[2, int(second[row]), 5]])
        close(logits[index], model(sample.src[one], sample.src_mask[one], prefix)[0, -1])


@every_kind
def test_padding_changes_nothing(make_model: MakeModel, sample: Any, kind: str) -> None:
    model = make(make_model, kind).eval()
    noise = torch.where(sample.src_mask, sample.src, torch.full_like(sample.src, 9))
    logits = model(sample.src, sample.src_mask, sample.tgt_in)
    close(model(noise, sample.src_mask, sample.tgt_in), logits)
    alone = sample.src[2:3, :4]
    close(model(alone, torch.ones_like(alone, dtype=torch.bool), sample.tgt_in[2:3]), logits[2:3])


def test_dropped_source_words_are_silent_too(make_model: MakeModel, sample: Any) -> None:
    """The vectors that speak are those that the encoder read."""
    model = make_model(lexical=True, dropout__src_word=0.5)
    encoded = model.encoder(sample.src, sample.src_mask)
    gone = (encoded.vectors == 0).all(2)
    assert gone.any()
    assert not gone.all()


def graphs_of(model: Seq2Seq, sample: Any) -> dict[str, Graphs]:
    """fp32 and int8, the latter calibrated on two steps of the sample."""
    fp32 = trace(copy.deepcopy(model))
    seen = [watched(graph) for graph in with_head(fp32, 13)]
    stepped(OnnxStepper(seen[0], seen[1]), sample)
    return {"fp32": fp32, "int8": Graphs(*(quantize(one, had.largest) for one, had in zip(fp32, seen, strict=True)))}


def stepped(stepper: Any, sample: Any) -> list[Any]:
    """What is found in two steps, rows reordered and a sentence gone in between: log-probabilities by token, and attention."""
    state = stepper.start(sample.src.numpy(), sample.src_mask.sum(1).numpy())
    first, state = stepper.step(np.full(4, BOS), state, Constraints(never=()), 13)
    state = stepper.select(state, np.arange(4).repeat(2))
    state = stepper.select(state, np.array([1, 0, 5, 4, 6, 6]))
    second, _ = stepper.step(np.arange(6) + 4, state, Constraints(never=()), 13)
    return [
        part
        for one in (first, second)
        for part in (np.take_along_axis(one.log_probs, one.tokens.argsort(1), 1), one.attention)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lstm", "tied", "transformer"])
def test_graphs_say_what_torch_says(make_model: MakeModel, sample: Any, kind: str) -> None:
    """In fp32 the same, in int8 about the same, and over a shortlist of everything what they say without one."""
    model = make(make_model, kind).eval()
    exact, everything = stepped(TorchStepper(model), sample), Shortlist(np.arange(13), np.full((13, 1), -1), 13)
    for precision, graphs in graphs_of(model, sample).items():
        whole = stepped(stepper_of(with_head(graphs, 13)), sample)
        short = stepped(short_stepper(graphs.encoder, shorten(graphs.step), everything), sample)
        for its, mine, listed in zip(exact, whole, short, strict=True):
            np.testing.assert_allclose(mine, its, atol=1e-5 if precision == "fp32" else 0.2)
            np.testing.assert_allclose(listed, mine, atol=1e-5)


@pytest.mark.slow
def test_the_last_product_of_a_graph_is_one(make_model: MakeModel) -> None:
    """With a weight that a shortlist can choose from and int8 can round."""
    graph = trace(make(make_model, "tied").eval()).step
    last = next(one for one in products(graph) if one.node.output[0] == "logits")
    assert last.weight.shape == (5 + 5, 13)
