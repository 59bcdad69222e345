"""Recurrent layers: torch's own numbers, one step at a time too; initial weights; dropout of weights and of units."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqtool.models.cells import RecurrentLayer, SentenceDropout
from seqtool.models.embedding import TokenEmbedding
from seqtool.models.encoders.recurrent import RecurrentEncoder

CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("lstm", "tanh"), ("gru", "tanh")]
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
every_cell = pytest.mark.parametrize(("kind", "activation"), CELLS)
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def close(left: Tensor, right: Tensor) -> None:
    torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-6)


def reference(kind: str, activation: str, size: int, hidden: int, layers: int, bidirectional: bool) -> nn.RNNBase:
    """torch's own network."""
    options = {"num_layers": layers, "bidirectional": bidirectional, "batch_first": True}
    if kind == "rnn":
        return nn.RNN(size, hidden, nonlinearity=activation, **options)
    return (nn.LSTM if kind == "lstm" else nn.GRU)(size, hidden, **options)


@torch.no_grad()
def copy_weights(layer: RecurrentLayer, network: nn.RNNBase, suffix: str) -> None:
    """The weights of the network's layer `suffix`, such as `l0_reverse`; biases are drawn, because zeros would hide a mistake."""
    for name in WEIGHTS:
        theirs = getattr(network, f"{name}_{suffix}")
        if "bias" in name:
            theirs.uniform_(-0.5, 0.5)
        getattr(layer, name).copy_(theirs)


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_an_encoder_is_torchs_network_on_packed_sequences(
    kind: str, activation: str, layers: int, bidirectional: bool
) -> None:
    torch.manual_seed(0)
    network = reference(kind, activation, 5, 4, layers, bidirectional)
    vectors = nn.Parameter(torch.randn(11, 5))
    encoder = RecurrentEncoder(
        TokenEmbedding(vectors, dropout=0.0),
        lambda size: RecurrentLayer(kind, size, 4, activation=activation),
        layers=layers,
        bidirectional=bidirectional,
        layer_dropout=0.0,
        output_dropout=0.0,
    )
    for index in range(layers):
        copy_weights(encoder.forward_layers[index], network, f"l{index}")
        if bidirectional:
            copy_weights(encoder.backward_layers[index], network, f"l{index}_reverse")
    lengths = torch.tensor([2, 6, 1, 4])
    mask = torch.arange(6) < lengths.unsqueeze(1)
    src = torch.randint(4, 11, mask.shape) * mask

    packed = pack_padded_sequence(vectors[src], lengths, batch_first=True, enforce_sorted=False)
    outputs, last = network(packed)
    expected, _ = pad_packed_sequence(outputs, batch_first=True)
    memory, out_mask, summary, *_ = encoder(src, mask)
    close(memory[mask], expected[mask])
    assert torch.equal(out_mask, mask)
    hidden = last[0] if kind == "lstm" else last
    close(summary, torch.cat(list(hidden[-2:] if bidirectional else hidden[-1:]), dim=-1))


@every_cell
def test_step_by_step_equals_the_sequence(kind: str, activation: str) -> None:
    torch.manual_seed(0)
    layer = RecurrentLayer(kind, 3, 4, activation=activation)
    inputs = torch.randn(2, 7, 3)
    state = layer.state_from(torch.randn(2, 4))
    outputs, last = layer(inputs, state)
    for position, part in enumerate(inputs.unbind(1)):
        state = layer.step(part, state)
        close(state[0], outputs[:, position])
    assert len(state) == len(last) == (2 if kind == "lstm" else 1)
    for stepped, whole in zip(state, last, strict=True):
        close(stepped, whole)


@every_cell
def test_states_begin_where_they_are_told(kind: str, activation: str) -> None:
    layer = RecurrentLayer(kind, 3, 4, activation=activation)
    like = torch.zeros(1, dtype=torch.float64)
    assert all(part.shape == (2, 4) and not part.any() for part in layer.initial_state(2, like))
    assert all(part.dtype == torch.float64 for part in layer.initial_state(2, like))
    hidden = torch.randn(2, 4)
    first, *others = layer.state_from(hidden)
    assert torch.equal(first, hidden)
    assert not any(part.any() for part in others), "an LSTM's cell starts at zero"


@every_cell
@pytest.mark.parametrize("orthogonal", [True, False])
def test_each_gate_is_initialised_by_itself(kind: str, activation: str, orthogonal: bool) -> None:
    layer = RecurrentLayer(kind, 8, 8, activation=activation, orthogonal=orthogonal)
    for block in layer.weight_hh.chunk(GATES[kind]):
        product = block @ block.T
        assert torch.allclose(product, torch.eye(8), atol=1e-5) == orthogonal
    for block in layer.weight_ih.chunk(GATES[kind]):
        bound = (6 / 16) ** 0.5  # Glorot and Bengio 2010, eq. 16, of one gate and not of the stack
        assert 0.8 * bound < block.abs().max() <= bound


@pytest.mark.parametrize("forget_bias", [0.0, 1.0, -2.5])
def test_the_forget_gate_starts_with_its_bias(forget_bias: float) -> None:
    layer = RecurrentLayer("lstm", 3, 4, forget_bias=forget_bias)
    total = (layer.bias_ih + layer.bias_hh).detach()
    assert total.tolist() == [0.0] * 4 + [forget_bias] * 4 + [0.0] * 8  # torch's order: input, forget, cell, output
    for kind in ("rnn", "gru"):
        other = RecurrentLayer(kind, 3, 4, forget_bias=forget_bias)
        assert not (other.bias_ih + other.bias_hh).any(), "the others have no forget gate"


def test_a_forget_bias_makes_an_lstm_remember() -> None:
    """The cell of an open gate decays slower; this fails where the bias lands in another gate."""
    kept = []
    for forget_bias in (-4.0, 4.0):
        torch.manual_seed(0)
        layer = RecurrentLayer("lstm", 3, 4, forget_bias=forget_bias)
        state = (torch.zeros(1, 4), torch.ones(1, 4))
        for _ in range(5):
            state = layer.step(torch.zeros(1, 3), state)
        kept.append(state[1].abs().mean().item())
    assert kept[0] < 0.05
    assert kept[1] > 0.7


@every_cell
def test_recurrent_dropout_drops_weights_in_training_only(kind: str, activation: str) -> None:
    torch.manual_seed(0)
    layer = RecurrentLayer(kind, 3, 16, activation=activation, recurrent_dropout=0.5)
    inputs, state = torch.randn(2, 5, 3), layer.state_from(torch.randn(2, 16))
    first, again = layer(inputs, state)[0], layer(inputs, state)[0]
    assert not torch.allclose(first, again)
    dropped = layer.dropped_weight()
    gone = dropped == 0
    assert 0.4 < gone.float().mean() < 0.6
    close(dropped[~gone], 2 * layer.weight_hh[~gone])
    layer.eval()
    assert torch.equal(layer(inputs, state)[0], layer(inputs, state)[0])
    assert torch.equal(layer.dropped_weight(), layer.weight_hh)
    plain = RecurrentLayer(kind, 3, 16, activation=activation)
    plain.load_state_dict(layer.state_dict())
    close(layer(inputs, state)[0], plain(inputs, state)[0])


@every_cell
def test_recurrent_dropout_is_drawn_once_a_call(kind: str, activation: str) -> None:
    """A sequence under dropout equals steps that share one draw of the weights."""
    torch.manual_seed(0)
    layer = RecurrentLayer(kind, 3, 4, activation=activation, recurrent_dropout=0.5)
    inputs, state = torch.randn(2, 6, 3), layer.state_from(torch.randn(2, 4))
    torch.manual_seed(1)
    outputs, _ = layer(inputs, state)
    torch.manual_seed(1)
    weight = layer.dropped_weight()
    for position, part in enumerate(inputs.unbind(1)):
        state = layer.step(part, state, weight)
        close(state[0], outputs[:, position])


def test_units_are_dropped_for_a_whole_sentence() -> None:
    torch.manual_seed(0)
    drop = SentenceDropout(0.25)
    outputs = drop(torch.ones(200, 5, 20))
    assert torch.equal(outputs, outputs[:, :1].expand_as(outputs)), "one mask at every position"
    assert not torch.equal(outputs[0], outputs[1]), "and another one in every sentence"
    assert outputs.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert outputs[:, 0].mean().item() == pytest.approx(1.0, abs=0.04)  # 4,000 draws: 4.4 standard errors


@pytest.mark.parametrize(("p", "training"), [(0.0, True), (0.5, False)])
def test_no_dropout_without_reason(p: float, training: bool) -> None:
    drop = SentenceDropout(p).train(training)
    inputs = torch.randn(3, 2, 4)
    assert drop(inputs) is inputs
    assert drop.mask(3, 4, inputs) is None
