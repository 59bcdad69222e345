"""Recurrent layers beyond torch's own: layer normalisation inside the cells, and several cells at every position.

The inputs of all positions are multiplied at once; the loop over positions does only what depends on the state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.nn import functional as F

from seqtool.models.cells import Activation, CellKind, CellLayer, CellState, CellStep, initialise_gates

# What becomes of a sum: a vanilla RNN's activation; or how an LSTM's output sees its cell, tanh of it, normalised or as it is.
_Squash = Callable[[Tensor], Tensor]


def _rnn(given: Tensor | None, own: Tensor, activation: _Squash) -> CellState:
    return (activation(own if given is None else given + own),)


def _lstm(given: Tensor | None, own: Tensor, cell: Tensor, squash: _Squash) -> CellState:
    to_input, to_forget, to_new, to_output = (own if given is None else given + own).chunk(4, -1)
    kept = torch.sigmoid(to_forget) * cell
    cell = torch.addcmul(kept, torch.sigmoid(to_input), torch.tanh(to_new))
    return torch.sigmoid(to_output) * squash(cell), cell


def _gru(given: Tensor | None, own: Tensor, hidden: Tensor) -> CellState:
    """The reset gate comes after the product, as in torch and ONNX; without inputs n = tanh(r * own)."""
    size = hidden.shape[-1]
    own_gates, own_new = own[:, : 2 * size], own[:, 2 * size :]
    if given is None:
        reset, update = torch.sigmoid(own_gates).chunk(2, -1)
        new = torch.tanh(reset * own_new)
    else:
        reset, update = torch.sigmoid(given[:, : 2 * size] + own_gates).chunk(2, -1)
        new = torch.tanh(torch.addcmul(given[:, 2 * size :], reset, own_new))
    return (torch.addcmul(new, update, hidden - new),)  # (1 - z) n + z h


@dataclass(frozen=True)
class _Kind:
    """`next_state(given, own, state, squash)`, from the products of the inputs (where there are any) and of the state, both with their
    biases and `gates` blocks wide."""

    gates: int
    states: int
    next_state: Callable[[Tensor | None, Tensor, CellState, _Squash], CellState]


# Blocks stand in torch's order: input, forget, new, output; reset, update, new.
_KINDS: dict[tuple[str, str], _Kind] = {
    ("lstm", "tanh"): _Kind(4, 2, lambda given, own, state, squash: _lstm(given, own, state[1], squash)),
    ("gru", "tanh"): _Kind(3, 1, lambda given, own, state, _: _gru(given, own, state[0])),
    ("rnn", "tanh"): _Kind(1, 1, lambda given, own, *_: _rnn(given, own, torch.tanh)),
    ("rnn", "relu"): _Kind(1, 1, lambda given, own, *_: _rnn(given, own, torch.relu)),
}


class GateNorm(nn.Module):
    """Layer normalisation (Ba, Kiros and Hinton 2016, eq. 4) of each gate by itself, as in RNMT+ (Chen et al. 2018, section 4): over the
    units of a gate, with a gain for each. The shift is the gates' bias, which a cell has anyway."""

    def __init__(self, gates: int, hidden: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(gates * hidden))
        self.gates = gates
        self.hidden = hidden

    def forward(self, products: Tensor, bias: Tensor) -> Tensor:
        """`products` `(.., gates x hidden)` -> gain * (products - mean) / deviation + `bias`, of the same shape."""
        by_gate = products.view(*products.shape[:-1], self.gates, self.hidden)
        return torch.addcmul(bias, F.layer_norm(by_gate, (self.hidden,)).flatten(-2), self.gain)


class Transition(nn.Module):
    """One cell: from the state, and from the inputs where it sees them, to the next state."""

    def __init__(self, kind: _Kind, hidden: int, *, layer_norm: bool, orthogonal: bool) -> None:
        super().__init__()
        self._kind = kind
        self.weight_hh = nn.Parameter(torch.empty(kind.gates * hidden, hidden))
        self.bias_hh = nn.Parameter(torch.zeros(kind.gates * hidden))
        self.norm_hh = GateNorm(kind.gates, hidden) if layer_norm else None
        self.norm_cell = nn.LayerNorm(hidden) if layer_norm and kind.states > 1 else None
        initialise_gates(self.weight_hh, kind.gates, orthogonal=orthogonal)

    def forward(self, given: Tensor | None, state: CellState, weight_hh: Tensor) -> CellState:
        """`given` `(rows, gates x hidden)` is the inputs' part of the gates; `weight_hh` stands in for the cell's own."""
        own = _gates(state[0], weight_hh, self.bias_hh, self.norm_hh)
        return self._kind.next_state(given, own, state, self._squash)

    def _squash(self, cell: Tensor) -> Tensor:
        return torch.tanh(cell if self.norm_cell is None else self.norm_cell(cell))


def _gates(inputs: Tensor, weight: Tensor, bias: Tensor, norm: nn.Module | None) -> Tensor:
    if norm is None:
        return F.linear(inputs, weight, bias)
    normed: Tensor = norm(F.linear(inputs, weight), bias)
    return normed


class DeepLayer(CellLayer):
    """One recurrent layer in one direction whose state passes through `transitions` cells at every position: deep transition (Pascanu et
    al. 2014), in a stack BiDeep (Miceli Barone et al. 2017). The first cell sees the inputs, the others have only the state:

        s(t,1) = cell_1(x(t), s(t-1,n)),  s(t,k) = cell_k(s(t,k-1)),  output(t) = hidden part of s(t,n)

    With `layer_norm` every product is normalised before it joins others, W x -> LN(W x) + b and U h -> LN(U h) + b, and an LSTM's output
    sees LN(c), while the cell itself is carried on as it is (Ba et al. 2016, supplementary material). In a GRU the reset gate multiplies
    LN(U h) + b. Dropout, forget bias and initial weights are those of `RecurrentLayer`, for every cell; one cell without normalisation is
    that layer.
    """

    def __init__(
        self,
        kind: CellKind,
        input_size: int,
        hidden: int,
        *,
        transitions: int = 1,
        layer_norm: bool = False,
        activation: Activation = "tanh",
        recurrent_dropout: float = 0.0,
        forget_bias: float = 1.0,
        orthogonal: bool = True,
    ) -> None:
        found = _KINDS[kind, activation]
        super().__init__(hidden, found.states)
        self.recurrent_dropout = recurrent_dropout
        self.weight_ih = nn.Parameter(torch.empty(found.gates * hidden, input_size))
        self.bias_ih = nn.Parameter(torch.zeros(found.gates * hidden))
        self.norm_ih = GateNorm(found.gates, hidden) if layer_norm else None
        initialise_gates(self.weight_ih, found.gates, orthogonal=False)
        cells = [Transition(found, hidden, layer_norm=layer_norm, orthogonal=orthogonal) for _ in range(transitions)]
        self.cells = nn.ModuleList(cells)
        if kind == "lstm":
            for bias in (self.bias_ih, *(cell.bias_hh for cell in cells[1:])):
                nn.init.constant_(bias[hidden : 2 * hidden], forget_bias)

    def forward(self, inputs: Tensor, state: CellState) -> tuple[Tensor, CellState]:
        """All positions: `inputs` `(batch, length, input_size)` -> outputs `(batch, length, hidden)` and the last state."""
        weights = self._dropped_weights()
        outputs = []
        for given in self._given(inputs.transpose(0, 1)).unbind(0):
            state = self._position(given, state, weights)
            outputs.append(state[0])
        return torch.stack(outputs, 1), state

    def outputs(self, inputs: Tensor) -> Tensor:
        """All positions from a state of zeros: `(batch, length, input_size)` -> `(batch, length, hidden)`."""
        first = self.initial_state(inputs.shape[0], inputs)
        if not torch.compiler.is_exporting():
            return self(inputs, first)[0]  # type: ignore[no-any-return]
        weights = self._weights()

        def position(state: CellState, given: Tensor) -> tuple[CellState, Tensor]:
            state = self._position(given, state, weights)
            return state, state[0].clone()  # what is carried on and what is put out may not be one tensor

        # A loop in Python would be taken apart, position by position of the example; this one becomes ONNX's Scan.
        outputs: Tensor = scan(position, first, self._given(inputs.transpose(0, 1)))[1]
        return outputs.transpose(0, 1)

    def step(self, inputs: Tensor, state: CellState) -> CellState:
        """One position: `inputs` `(rows, input_size)` -> the new state, whose first part is the output `(rows, hidden)`."""
        return self._position(self._given(inputs), state, self._weights())

    def steps(self) -> CellStep:
        """`step` with one draw of the recurrent dropout."""
        weights = self._dropped_weights()
        return lambda inputs, state: self._position(self._given(inputs), state, weights)

    def _given(self, inputs: Tensor) -> Tensor:
        """The inputs' part of the gates, `(.., input_size)` -> `(.., gates x hidden)`."""
        return _gates(inputs, self.weight_ih, self.bias_ih, self.norm_ih)

    def _position(self, given: Tensor, state: CellState, weights: Sequence[Tensor]) -> CellState:
        for index, (cell, weight) in enumerate(zip(self.cells, weights, strict=True)):
            state = cell(given if index == 0 else None, state, weight)
        return state

    def _weights(self) -> list[Tensor]:
        return [cell.weight_hh for cell in self.cells if isinstance(cell, Transition)]

    def _dropped_weights(self) -> list[Tensor]:
        return [F.dropout(weight, self.recurrent_dropout, self.training) for weight in self._weights()]
