"""What the model section says is what is built: sizes, sharing, initial weights, and parameters to the last one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from seqtool.models.seq2seq import Seq2Seq

SRC, TGT, E = 13, 13, 5  # vocabularies of one size, as sharing asks, and the size of an embedding

MakeModel = Callable[..., Seq2Seq]
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def count(module: nn.Module) -> int:
    return sum(part.numel() for part in module.parameters())


def recurrent(kind: str, size: int, hidden: int) -> int:
    """Parameters of one layer in one direction: per gate both matrices and both biases."""
    return GATES[kind] * hidden * (size + hidden + 2)


def weights(model: Seq2Seq) -> tuple[nn.Parameter, nn.Parameter, nn.Parameter]:
    """Those of source, target and output."""
    return model.encoder.embedding.weight, model.decoder.embedding.weight, model.generator.weight


@pytest.mark.parametrize(
    ("tie", "groups", "readout"),
    [
        ("none", 3, 6),  # the readout is as large as the decoder
        ("source_target", 2, 6),
        ("target_output", 2, E),  # or as the embedding, which is the output's matrix too
        ("all", 1, E),
    ],
)
def test_sharing_is_real(make_model: MakeModel, tie: str, groups: int, readout: int) -> None:
    model = make_model(tie=tie, src_vocab=SRC, tgt_vocab=TGT)
    src, tgt, output = weights(model)
    assert len({part.untyped_storage().data_ptr() for part in (src, tgt, output)}) == groups
    assert (src is tgt) == (tie in ("source_target", "all"))
    assert (tgt is output) == (tie in ("target_output", "all"))
    assert output.shape == (TGT, readout)
    assert len(list(model.parameters())) == len({id(part) for part in model.parameters()})
    with torch.no_grad():
        src.fill_(7.0)
    assert [bool((part == 7.0).all()) for part in (tgt, output)] == [src is tgt, src is output]


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("tie", ["none", "source_target", "target_output", "all"])
@pytest.mark.parametrize("feeding", [False, True])
def test_parameters_are_what_arithmetic_says(make_model: MakeModel, kind: str, tie: str, feeding: bool) -> None:
    """Encoder: two layers of 3 in two directions; decoder: two layers of 6; general attention between 6 and 6."""
    model = make_model(
        tie=tie,
        src_vocab=SRC,
        tgt_vocab=TGT,
        both__kind=kind,
        both__layers=2,
        decoder__input_feeding=feeding,
        attention__kind="general",
    )
    features = E if tie in ("target_output", "all") else 6
    tables = {
        "none": SRC * E + TGT * E + TGT * features,
        "source_target": SRC * E + TGT * features,
        "target_output": SRC * E + TGT * E,
        "all": SRC * E,
    }[tie]
    encoder = 2 * recurrent(kind, E, 3) + 2 * recurrent(kind, 6, 3)
    first_input = E + (features if feeding else 0)
    decoder = recurrent(kind, first_input, 6) + recurrent(kind, 6, 6)
    bridge = 12 * 6 + 12  # the summary starts both layers
    readout = features * (6 + 6) + features
    assert count(model) == tables + encoder + decoder + bridge + readout + 6 * 6 + TGT  # and the output's bias


@pytest.mark.parametrize(("kind", "per_unit"), [("rnn", 0), ("lstm", 2), ("gru", 0)])
@pytest.mark.parametrize("side", ["encoder", "decoder"])
@pytest.mark.parametrize("norm", [False, True], ids=["", "norm"])
@pytest.mark.parametrize("transitions", [1, 3])
def test_parameters_of_deep_cells(
    make_model: MakeModel, kind: str, per_unit: int, side: str, norm: bool, transitions: int
) -> None:
    """A further cell has one matrix and one bias. Normalisation has a gain for each gate of each product, and, in an LSTM, gain and shift
    of each cell."""
    options = {"both__kind": kind, "both__layers": 2, "both__residual": True}
    deep = make_model(**options, **{f"{side}__layer_norm": norm, f"{side}__transitions": transitions})
    further = cells = 0
    for hidden, layers in ((3, 4), (6, 0)) if side == "encoder" else ((3, 0), (6, 2)):
        further += layers * (transitions - 1) * GATES[kind] * hidden * (hidden + 1)
        cells += layers * hidden * (GATES[kind] * (1 + transitions) + per_unit * transitions)
    assert count(deep) == count(make_model(**options)) + further + (cells if norm else 0)


@pytest.mark.parametrize(
    ("changes", "readout"),
    [
        ({}, 6),
        ({"decoder__hidden": 8}, 8),
        ({"decoder__readout": 9}, 9),
        ({"tie": "target_output"}, E),
        ({"tie": "target_output", "decoder__readout": E}, E),
    ],
)
def test_readout(make_model: MakeModel, sample: Any, changes: dict[str, Any], readout: int) -> None:
    model = make_model(**changes)
    features, _ = model.decoder(sample.tgt_in, model.encoder(sample.src, sample.src_mask))
    assert features.shape == (*sample.tgt_in.shape, readout)
    assert model.decoder.features_dim == readout


@pytest.mark.parametrize(
    ("changes", "memory"),
    [({}, 6), ({"encoder__bidirectional": False}, 3), ({"encoder__layers": 4}, 6), ({"encoder__hidden": 8}, 16)],
)
def test_memory(make_model: MakeModel, sample: Any, changes: dict[str, Any], memory: int) -> None:
    model = make_model(attention__kind="general", **changes)
    encoded = model.encoder(sample.src, sample.src_mask)
    assert encoded.memory.shape == (*sample.src.shape, memory)
    assert encoded.summary.shape == (len(sample.src), memory)
    assert model.encoder.memory_dim == memory


def recurrent_layers(model: Seq2Seq) -> list[nn.Module]:
    return [*model.encoder.forward_layers, *model.encoder.backward_layers, *model.decoder.layers]


def test_forget_bias_reaches_every_layer(make_model: MakeModel) -> None:
    for value in (1.0, 0.25):
        layers = recurrent_layers(make_model(both__layers=2, forget_bias=value))
        assert len(layers) == 6
        for layer in layers:
            gates = (layer.bias_ih + layer.bias_hh).chunk(4)
            assert [gate.unique().tolist() for gate in gates] == [[0.0], [value], [0.0], [0.0]]


@pytest.mark.parametrize("orthogonal", [True, False])
def test_orthogonal_reaches_every_layer(make_model: MakeModel, orthogonal: bool) -> None:
    for layer in recurrent_layers(make_model(both__layers=2, orthogonal=orthogonal)):
        for block in layer.weight_hh.chunk(4):
            assert torch.allclose(block @ block.T, torch.eye(len(block)), atol=1e-5) == orthogonal


@pytest.mark.parametrize(("activation", "negative"), [("relu", False), ("tanh", True)])
def test_activation_reaches_every_layer(make_model: MakeModel, sample: Any, activation: str, negative: bool) -> None:
    """Outputs of relu are never negative; those of tanh are about as often as not."""
    model = make_model(both__kind="rnn", both__activation=activation, both__layers=2)
    seen: list[bool] = []
    for layer in recurrent_layers(model):
        layer.register_forward_hook(lambda _module, _inputs, result: seen.append(bool((result[0] < 0).any())))
    model(sample.src, sample.src_mask, sample.tgt_in)
    assert seen == [negative] * 6


def test_the_same_seed_gives_the_same_weights(make_model: MakeModel) -> None:
    first, again, other = (make_model(seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_token_vectors_are_of_about_length_one(make_model: MakeModel) -> None:
    """So that one matrix serves an embedding and an output: the first loss is near that of a uniform guess."""
    model = make_model(embedding=64, src_vocab=500, tgt_vocab=500)
    for weight in weights(model)[:2]:
        assert weight.norm(dim=1).mean().item() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("tie", ["none", "all"])
def test_a_fresh_model_guesses_uniformly(make_model: MakeModel, sample: Any, tie: str) -> None:
    model = make_model(tie=tie, embedding=64, encoder__hidden=32, decoder__hidden=64, src_vocab=500, tgt_vocab=500)
    nll = model.losses(*sample, smoothing=0.0).nll.item() / int(sample.tgt_mask.sum())
    assert nll == pytest.approx(torch.tensor(500.0).log().item(), abs=0.5)
