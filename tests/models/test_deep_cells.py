"""Layer normalisation inside cells, several cells at a position, residual connections: formulas by hand, and every option of a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.cells import CellState, RecurrentLayer
from seqtool.models.deep_cells import DeepLayer
from seqtool.models.seq2seq import Seq2Seq

CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("lstm", "tanh"), ("gru", "tanh")]
GATES = {"rnn": 1, "lstm": 4, "gru": 3}

MakeModel = Callable[..., Seq2Seq]
every_cell = pytest.mark.parametrize(("kind", "activation"), CELLS)
every_depth = pytest.mark.parametrize("transitions", [1, 2, 4])
with_and_without_norm = pytest.mark.parametrize("layer_norm", [False, True], ids=["", "norm"])


@pytest.fixture(autouse=True)
def enough_digits() -> Iterator[None]:
    """Dividing by the small spread of few units, cell after cell, would make the rounding of single precision visible."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def close(left: Tensor, right: Tensor) -> None:
    torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-6)


def drawn(kind: str, activation: str = "tanh", **options: Any) -> DeepLayer:
    """A layer from 3 to 4 with biases and gains that are not what they start with, which would hide a mistake."""
    torch.manual_seed(0)
    layer = DeepLayer(kind, 3, 4, activation=activation, **options)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if "weight_" not in name:
                parameter.add_(torch.empty_like(parameter).uniform_(-0.5, 0.5))
    return layer


def some_state(layer: DeepLayer, rows: int = 2) -> CellState:
    return tuple(torch.randn(rows, 4) for _ in range(layer.states))


@every_cell
def test_one_cell_without_normalisation_is_the_plain_layer(kind: str, activation: str) -> None:
    deep, plain = drawn(kind, activation), RecurrentLayer(kind, 3, 4, activation=activation)
    plain.load_state_dict({name.replace("cells.0.", ""): one for name, one in deep.state_dict().items()})
    inputs, state = torch.randn(2, 7, 3), some_state(deep)
    for found, expected in zip(deep(inputs, state), plain(inputs, state), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    close(deep.outputs(inputs), plain.outputs(inputs))
    for found, expected in zip(deep.step(inputs[:, 0], state), plain.step(inputs[:, 0], state), strict=True):
        close(found, expected)


@every_cell
def test_the_same_seed_gives_the_plain_layers_weights(kind: str, activation: str) -> None:
    layers = []
    for make in (DeepLayer, RecurrentLayer):
        torch.manual_seed(3)
        layers.append(make(kind, 3, 4, activation=activation))
    deep, plain = layers
    for name, one in deep.state_dict().items():
        assert torch.equal(one, plain.state_dict()[name.replace("cells.0.", "")])


@every_cell
def test_cells_are_applied_one_after_the_other(kind: str, activation: str) -> None:
    """torch's own cell, to which the inputs of all but the first are zero."""
    layer = drawn(kind, activation, transitions=3)
    cell = getattr(torch, {"rnn": f"rnn_{activation}_cell"}.get(kind, f"{kind}_cell"))
    inputs, state = torch.randn(2, 3), some_state(layer)
    for found, expected in zip(layer.step(inputs, state), cell_by_cell(layer, cell, inputs, state), strict=True):
        close(found, expected)


def cell_by_cell(layer: DeepLayer, cell: Callable[..., Any], inputs: Tensor, state: CellState) -> CellState:
    for index, one in enumerate(layer.cells):
        seen = float(index == 0)
        hx = state if len(state) > 1 else state[0]
        new = cell(inputs * seen, hx, layer.weight_ih, one.weight_hh, layer.bias_ih * seen, one.bias_hh)
        state = new if isinstance(new, tuple) else (new,)
    return state


def normalised(values: Tensor, gain: Tensor) -> Tensor:
    """One gate `(rows, 4)`."""
    centred = values - values.mean(1, keepdim=True)
    return gain * centred / (centred.pow(2).mean(1, keepdim=True) + 1e-5).sqrt()


def norm_by_hand(layer: DeepLayer, kind: str, activation: str, inputs: Tensor, state: CellState) -> CellState:
    """The equations of the docstring, gate by gate."""
    given: list[Any] = [
        normalised(inputs @ weight.T, gain) + bias
        for weight, gain, bias in zip(
            *(part.split(4) for part in (layer.weight_ih, layer.norm_ih.gain, layer.bias_ih)), strict=True
        )
    ]
    for cell in layer.cells:
        parts = (part.split(4) for part in (cell.weight_hh, cell.norm_hh.gain, cell.bias_hh))
        own = [normalised(state[0] @ weight.T, gain) + bias for weight, gain, bias in zip(*parts, strict=True)]
        if kind == "rnn":
            state = (getattr(torch, activation)(given[0] + own[0]),)
        elif kind == "gru":
            reset, update = torch.sigmoid(given[0] + own[0]), torch.sigmoid(given[1] + own[1])
            state = ((1 - update) * torch.tanh(given[2] + reset * own[2]) + update * state[0],)
        else:
            enter, forget, new, leave = (one + other for one, other in zip(given, own, strict=True))
            memory = torch.sigmoid(forget) * state[1] + torch.sigmoid(enter) * torch.tanh(new)
            seen = normalised(memory, cell.norm_cell.weight) + cell.norm_cell.bias
            state = (torch.sigmoid(leave) * torch.tanh(seen), memory)
        given = [0.0] * len(given)
    return state


@every_cell
@every_depth
def test_normalisation_by_hand(kind: str, activation: str, transitions: int) -> None:
    layer = drawn(kind, activation, transitions=transitions, layer_norm=True)
    inputs, state = torch.randn(2, 3), some_state(layer)
    for found, expected in zip(
        layer.step(inputs, state), norm_by_hand(layer, kind, activation, inputs, state), strict=True
    ):
        close(found, expected)


@every_cell
def test_normalised_gates_do_not_know_the_size_of_their_weights(kind: str, activation: str) -> None:
    layer = drawn(kind, activation, layer_norm=True)
    inputs, state = torch.randn(2, 3), some_state(layer)
    before = layer.step(inputs, state)[0]
    with torch.no_grad():
        layer.weight_ih.mul_(100.0)
        layer.cells[0].weight_hh.mul_(100.0)
    torch.testing.assert_close(layer.step(inputs, state)[0], before, rtol=1e-2, atol=1e-3)


@every_cell
@every_depth
@with_and_without_norm
def test_step_by_step_equals_the_sequence(kind: str, activation: str, transitions: int, layer_norm: bool) -> None:
    layer = drawn(kind, activation, transitions=transitions, layer_norm=layer_norm)
    inputs, state = torch.randn(2, 7, 3), some_state(layer)
    outputs, last = layer(inputs, state)
    close(layer.outputs(inputs), layer(inputs, layer.initial_state(2, inputs))[0])
    for position, part in enumerate(inputs.unbind(1)):
        state = layer.step(part, state)
        close(state[0], outputs[:, position])
    for stepped, whole in zip(state, last, strict=True):
        close(stepped, whole)


@every_cell
@with_and_without_norm
def test_recurrent_dropout_drops_the_weights_of_every_cell_once_a_call(
    kind: str, activation: str, layer_norm: bool
) -> None:
    """A call under dropout is a call of a layer with fewer connections, unrolled by its caller or not."""
    layer, fewer = (
        drawn(kind, activation, transitions=2, layer_norm=layer_norm, recurrent_dropout=p) for p in (0.5, 0.0)
    )
    inputs, state = torch.randn(2, 5, 3), some_state(layer)
    torch.manual_seed(1)
    with torch.no_grad():
        for cell in fewer.cells:
            cell.weight_hh.copy_(F.dropout(cell.weight_hh, 0.5))
            assert (cell.weight_hh == 0).any()
    expected = fewer(inputs, state)[0]
    assert not torch.allclose(layer.eval()(inputs, state)[0], expected)
    torch.manual_seed(1)
    close(layer.train()(inputs, state)[0], expected)
    torch.manual_seed(1)
    step = layer.steps()
    for position, part in enumerate(inputs.unbind(1)):
        state = step(part, state)
        close(state[0], expected[:, position])


@every_cell
@pytest.mark.parametrize("orthogonal", [True, False])
def test_each_gate_of_each_cell_is_initialised_by_itself(kind: str, activation: str, orthogonal: bool) -> None:
    layer = DeepLayer(kind, 8, 8, activation=activation, transitions=2, orthogonal=orthogonal)
    blocks = [block for cell in layer.cells for block in cell.weight_hh.chunk(GATES[kind])]
    assert all(torch.allclose(block @ block.T, torch.eye(8), atol=1e-5) == orthogonal for block in blocks)
    bound = (6 / 16) ** 0.5
    assert all(0.8 * bound < block.abs().max() <= bound for block in layer.weight_ih.chunk(GATES[kind]))


@pytest.mark.parametrize("forget_bias", [0.0, 1.0, -2.5])
@with_and_without_norm
def test_the_forget_gate_of_each_cell_starts_with_its_bias(forget_bias: float, layer_norm: bool) -> None:
    options: dict[str, Any] = {"transitions": 3, "layer_norm": layer_norm, "forget_bias": forget_bias}
    layer = DeepLayer("lstm", 3, 4, **options)
    first, *others = (cell.bias_hh.detach() for cell in layer.cells)
    for total in (layer.bias_ih.detach() + first, *others):
        assert total.tolist() == [0.0] * 4 + [forget_bias] * 4 + [0.0] * 8  # input, forget, new, output
    for kind in ("rnn", "gru"):
        other = DeepLayer(kind, 3, 4, **options)
        assert not any(part.any() for name, part in other.named_parameters() if "bias" in name)


@torch.no_grad()
def silenced(model: Seq2Seq, layer: int) -> Seq2Seq:
    """The model with rnn layers that say 0 at every position."""
    stacks = (model.encoder.forward_layers, model.encoder.backward_layers, model.decoder.layers)
    for parameter in (one for stack in stacks if len(stack) for one in stack[layer].parameters()):
        parameter.zero_()
    return model


@torch.no_grad()
def without_last_layer(make_model: MakeModel, deep: Seq2Seq, **options: Any) -> Seq2Seq:
    """A model of one layer with the weights of a model of two."""
    model = make_model(**options)
    weights = deep.state_dict()
    model.load_state_dict({name: weights[name][: len(one)] for name, one in model.state_dict().items()})
    return model


@pytest.mark.parametrize("feeding", [False, True], ids=["", "feeding"])
@pytest.mark.parametrize("backwards", [False, True], ids=["both-ways", "backwards"])
def test_a_residual_layer_that_says_nothing_is_no_layer(
    make_model: MakeModel, sample: Any, feeding: bool, backwards: bool
) -> None:
    """What a layer is given is added to what it says, also what dropout hides from it."""
    options = {"both__kind": "rnn", "decoder__input_feeding": feeding, "encoder__reversed": backwards}
    two = make_model(both__layers=2, both__residual=True, dropout__layer=0.4, **options)
    shallow = without_last_layer(make_model, silenced(two, 1), **options)
    batch = (sample.src, sample.src_mask, sample.tgt_in)
    assert torch.equal(two.encoder(*batch[:2]).memory, shallow.encoder(*batch[:2]).memory)
    close(two(*batch), shallow(*batch))
    close(*(model.step(sample.tgt_in[:, 0], model.start(*batch[:2]))[0] for model in (two, shallow)))
    plain = silenced(make_model(both__layers=2, **options), 1)
    assert not plain.encoder(*batch[:2]).memory.any()


@pytest.mark.parametrize(("embedding", "added"), [(6, True), (5, False)])
def test_the_first_layer_is_residual_where_an_embedding_has_its_size(
    make_model: MakeModel, sample: Any, embedding: int, added: bool
) -> None:
    model = silenced(make_model(embedding=embedding, both__kind="rnn", both__residual=True), 0)
    memory = model.encoder(sample.src, sample.src_mask).memory
    assert memory.any() == added
    if added:
        assert torch.equal(memory, model.encoder.embedding(sample.src))
    heard: list[Tensor] = []
    model.decoder.attention.register_forward_hook(lambda _module, inputs, _result: heard.append(inputs[0]))
    model(sample.src, sample.src_mask, sample.tgt_in)
    assert heard[0].any() == added


def test_each_side_has_its_own_depth(make_model: MakeModel) -> None:
    model = make_model(both__kind="gru", encoder__transitions=3, decoder__layer_norm=True, both__layers=2)
    layers: list[nn.Module] = [*model.encoder.forward_layers, *model.encoder.backward_layers, *model.decoder.layers]
    assert [len(layer.cells) for layer in layers] == [3, 3, 3, 3, 1, 1]
    assert [layer.norm_ih is not None for layer in layers] == [False] * 4 + [True] * 2
    plain = make_model(both__kind="gru")
    assert all(isinstance(layer, RecurrentLayer) for layer in (*plain.encoder.forward_layers, *plain.decoder.layers))
