"""Recurrent layers: vanilla RNN, LSTM and GRU, over a whole sequence at once or one step at a time.

The sequence functions are torch's own, because its LSTM runs fused on CPU and all three on CUDA.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CellKind = Literal["rnn", "lstm", "gru"]
Activation = Literal["tanh", "relu"]

# What a layer carries from one position to the next: (h,) or, for the LSTM, (h, c); each (rows, hidden).
CellState = tuple[Tensor, ...]

# Inputs (rows, input_size) and a state -> the new state, whose first part is the output (rows, hidden).
CellStep = Callable[[Tensor, CellState], CellState]


@dataclass(frozen=True)
class _Cell:
    """How one kind of layer is computed: `gates` blocks of weights, `states` tensors carried along."""

    gates: int
    states: int
    sequence: Callable[..., tuple[Tensor, ...]]
    step: Callable[..., Tensor | tuple[Tensor, ...]]


_CELLS: dict[tuple[str, str], _Cell] = {
    ("lstm", "tanh"): _Cell(4, 2, torch.lstm, torch.lstm_cell),
    ("gru", "tanh"): _Cell(3, 1, torch.gru, torch.gru_cell),
    ("rnn", "tanh"): _Cell(1, 1, torch.rnn_tanh, torch.rnn_tanh_cell),
    ("rnn", "relu"): _Cell(1, 1, torch.rnn_relu, torch.rnn_relu_cell),
}


@torch.library.custom_op("seqtool::recurrent_layer", mutates_args=())
def recurrent_layer(inputs: Tensor, weights: list[Tensor], kind: str) -> Tensor:
    """A layer over a whole sequence from a state of zeros, as one operation: for graphs that are exported, where torch's own are taken
    apart, position by position of the example."""
    name, _, activation = kind.partition("_")
    cell = _CELLS[name, activation]
    zeros = inputs.new_zeros(1, inputs.shape[0], weights[1].shape[1])
    state = [zeros] * cell.states if cell.states > 1 else zeros
    return cell.sequence(inputs, state, weights, True, 1, 0.0, False, False, True)[0]


@recurrent_layer.register_fake
def _(inputs: Tensor, weights: list[Tensor], kind: str) -> Tensor:  # noqa: ARG001 the operation's arguments
    return inputs.new_empty(inputs.shape[0], inputs.shape[1], weights[1].shape[1])


class CellLayer(nn.Module, ABC):
    """What encoders and decoders ask of a recurrent layer in one direction, with `states` tensors of `hidden` units from one position to
    the next."""

    def __init__(self, hidden: int, states: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.states = states

    def initial_state(self, rows: int, like: Tensor) -> CellState:
        """Zeros, `(rows, hidden)` each, on the device and of the type of `like`."""
        return tuple(like.new_zeros(rows, self.hidden) for _ in range(self.states))

    def state_from(self, hidden: Tensor) -> CellState:
        """The state whose hidden part is `hidden` `(rows, hidden)`; an LSTM's cell starts at zero, as in Luong's and Marian's bridges."""
        return (hidden, *(torch.zeros_like(hidden) for _ in range(self.states - 1)))

    @abstractmethod
    def forward(self, inputs: Tensor, state: CellState) -> tuple[Tensor, CellState]:
        """All positions: `inputs` `(batch, length, input_size)` -> outputs `(batch, length, hidden)` and the last state."""

    @abstractmethod
    def outputs(self, inputs: Tensor) -> Tensor:
        """All positions from a state of zeros: `(batch, length, input_size)` -> `(batch, length, hidden)`."""

    @abstractmethod
    def step(self, inputs: Tensor, state: CellState) -> CellState:
        """One position with all weights, as in decoding: `inputs` `(rows, input_size)` -> the new state, whose first part is the output
        `(rows, hidden)`."""

    @abstractmethod
    def steps(self) -> CellStep:
        """`step` for a caller that unrolls many positions in training: all of them share one draw of the recurrent dropout."""


@torch.no_grad()
def initialise_gates(weight: Tensor, gates: int, *, orthogonal: bool) -> None:
    """Draws each gate's block of a weight `(gates x hidden, size)` by itself: an orthogonal matrix or, else, uniform (Glorot and Bengio
    2010, eq. 16)."""
    for block in weight.chunk(gates):
        if orthogonal:
            nn.init.orthogonal_(block)
        else:
            nn.init.xavier_uniform_(block)


class RecurrentLayer(CellLayer):
    """One recurrent layer in one direction.

    `recurrent_dropout` drops hidden-to-hidden weights, drawn once a call (Merity et al. 2018, "DropConnect"), which leaves the fused
    kernels in place. `forget_bias` is added to the LSTM's forget gate at initialisation (Jozefowicz et al. 2015); `orthogonal` initialises
    each gate's hidden-to-hidden block as an orthogonal matrix (Saxe et al. 2014).
    """

    def __init__(
        self,
        kind: CellKind,
        input_size: int,
        hidden: int,
        *,
        activation: Activation = "tanh",
        recurrent_dropout: float = 0.0,
        forget_bias: float = 1.0,
        orthogonal: bool = True,
    ) -> None:
        cell = _CELLS[kind, activation]
        super().__init__(hidden, cell.states)
        self.recurrent_dropout = recurrent_dropout
        self.kind = f"{kind}_{activation}"
        self._cell = cell
        rows = cell.gates * hidden
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden))
        self.bias_ih = nn.Parameter(torch.zeros(rows))
        self.bias_hh = nn.Parameter(torch.zeros(rows))
        initialise_gates(self.weight_ih, cell.gates, orthogonal=False)
        initialise_gates(self.weight_hh, cell.gates, orthogonal=orthogonal)
        if kind == "lstm":
            nn.init.constant_(self.bias_ih[hidden : 2 * hidden], forget_bias)

    def forward(self, inputs: Tensor, state: CellState) -> tuple[Tensor, CellState]:
        """All positions: `inputs` `(batch, length, input_size)` -> outputs `(batch, length, hidden)` and the last state."""
        weights = [self.weight_ih, self.dropped_weight(), self.bias_ih, self.bias_hh]
        hx = [part.unsqueeze(0) for part in state]
        # arguments: has_biases, num_layers, dropout, train, bidirectional, batch_first
        outputs, *last = self._cell.sequence(
            inputs, hx if len(hx) > 1 else hx[0], weights, True, 1, 0.0, self.training, False, True
        )
        return outputs, tuple(part.squeeze(0) for part in last)

    def outputs(self, inputs: Tensor) -> Tensor:
        """All positions from a state of zeros: `(batch, length, input_size)` -> `(batch, length, hidden)`."""
        if torch.compiler.is_exporting():
            weights = [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]
            found: Tensor = torch.ops.seqtool.recurrent_layer(inputs, weights, self.kind)
            return found
        return self(inputs, self.initial_state(inputs.shape[0], inputs))[0]  # type: ignore[no-any-return]

    def step(self, inputs: Tensor, state: CellState, weight_hh: Tensor | None = None) -> CellState:
        """One position: `inputs` `(rows, input_size)` -> the new state; `weight_hh` stands in for the layer's own."""
        recurrent = self.weight_hh if weight_hh is None else weight_hh
        hx = state if len(state) > 1 else state[0]
        new = self._cell.step(inputs, hx, self.weight_ih, recurrent, self.bias_ih, self.bias_hh)
        return new if isinstance(new, tuple) else (new,)

    def steps(self) -> CellStep:
        """`step` with one draw of the recurrent dropout."""
        weight_hh = self.dropped_weight()
        return lambda inputs, state: self.step(inputs, state, weight_hh)

    def dropped_weight(self) -> Tensor:
        """The hidden-to-hidden weights under the recurrent dropout of a call."""
        return F.dropout(self.weight_hh, self.recurrent_dropout, self.training)


class SentenceDropout(nn.Module):
    """Dropout with one mask a sentence, the same at every position (Gal and Ghahramani 2016).

    Drawing a mask for every position costs a tenth of a training step on CPU; sharing it costs nothing and regularises better.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def mask(self, rows: int, size: int, like: Tensor) -> Tensor | None:
        """The factors `(rows, size)` for units of `rows` sentences, or None outside training and for `p` 0."""
        if not self.training or self.p == 0.0:
            return None
        return torch.empty(rows, size, dtype=like.dtype, device=like.device).bernoulli_(1 - self.p).div_(1 - self.p)

    def forward(self, inputs: Tensor) -> Tensor:
        """`inputs` `(batch, length, dim)`; the result has the same shape."""
        mask = self.mask(inputs.shape[0], inputs.shape[-1], inputs)
        return inputs if mask is None else inputs * mask.unsqueeze(1)
