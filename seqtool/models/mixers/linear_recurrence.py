"""Linear recurrences: gates see the input alone, so all their products are made at once and only a scan runs over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqtool.models.mixers.mixer import Mixer, MixerState
from seqtool.models.reversal import reorder, reversal
from seqtool.models.scan import linear_scan

LinearKind = Literal["sru", "ssru", "mingru", "minlstm"]


class Terms(NamedTuple):
    """state_t = `decay` * state_{t-1} + `added`, and `gate`, for kinds whose output has one."""

    decay: Tensor
    added: Tensor
    gate: Tensor | None = None


class _Cell(NamedTuple):
    """`blocks` products of the input; `terms` of these; the output `read` from state, terms and input; `kept` and `replaced` are the blocks
    whose bias makes a state last longer, and shorter."""

    blocks: int
    terms: Callable[..., Terms]
    read: Callable[[Tensor, Terms, Tensor], Tensor]
    kept: int | None = None
    replaced: int | None = None


def _sru(candidate: Tensor, forget: Tensor, reset: Tensor) -> Terms:
    """Lei et al. 2018, equations 1 to 3, without the terms v * c_{t-1} of its gates: with them it is no linear recurrence. Its factor for
    the highway's input is left out: blocks have a residual connection of their own."""
    decay = torch.sigmoid(forget)
    return Terms(decay, candidate - decay * candidate, torch.sigmoid(reset))


def _highway(state: Tensor, terms: Terms, inputs: Tensor) -> Tensor:
    """Lei et al. 2018, equation 4."""
    assert terms.gate is not None
    return torch.lerp(inputs.to(state.dtype), state, terms.gate)


def _ssru(candidate: Tensor, forget: Tensor) -> Terms:
    """Kim et al. 2019, section 3.1: SRU without its reset gate."""
    decay = torch.sigmoid(forget)
    return Terms(decay, candidate - decay * candidate)


def _mingru(candidate: Tensor, update: Tensor) -> Terms:
    """Feng et al. 2024, section 3.1."""
    weight = torch.sigmoid(update)
    return Terms(1 - weight, weight * candidate)


def _minlstm(candidate: Tensor, forget: Tensor, put: Tensor) -> Terms:
    """Feng et al. 2024, section 3.2: forget and input gate, made to sum to one: f / (f + i) = sigmoid(log f - log i), which is a number
    also where both are too small to be one."""
    decay = torch.sigmoid(F.softplus(-put) - F.softplus(-forget))
    return Terms(decay, candidate - decay * candidate)


def _plain(state: Tensor, _terms: Terms, _inputs: Tensor) -> Tensor:
    return state


def _relu(state: Tensor, _terms: Terms, _inputs: Tensor) -> Tensor:
    return torch.relu(state)


_CELLS: dict[LinearKind, _Cell] = {
    "sru": _Cell(3, _sru, _highway, kept=1),
    "ssru": _Cell(2, _ssru, _relu, kept=1),
    "mingru": _Cell(2, _mingru, _plain, replaced=1),
    "minlstm": _Cell(3, _minlstm, _plain, kept=1),
}


class LinearRecurrence(Mixer):
    """One linear recurrence, from the first position to the last; its state is one vector a row.

    `forget_bias` is what the bias of the gate that keeps the state begins with, as in an LSTM.
    """

    def __init__(self, kind: LinearKind, dim: int, *, forget_bias: float) -> None:
        super().__init__()
        self._cell = _CELLS[kind]
        self.gates = nn.Linear(dim, self._cell.blocks * dim)
        with torch.no_grad():
            for block in self.gates.weight.chunk(self._cell.blocks):
                nn.init.xavier_uniform_(block)
            bias = self.gates.bias.zero_().chunk(self._cell.blocks)
            if self._cell.kept is not None:
                bias[self._cell.kept].fill_(forget_bias)
            if self._cell.replaced is not None:
                bias[self._cell.replaced].fill_(-forget_bias)

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:  # noqa: ARG002 - padding comes last and is not seen
        """See `Mixer.forward`."""
        terms = self._terms(inputs)
        return self._cell.read(linear_scan(terms.decay, terms.added), terms, inputs)

    def start(self, rows: int, like: Tensor) -> MixerState:
        """Zeros `(rows, dim)`."""
        return (like.new_zeros(rows, self.gates.in_features),)

    def step(self, inputs: Tensor, state: MixerState) -> tuple[Tensor, MixerState]:
        """See `Mixer.step`."""
        terms = self._terms(inputs)
        new = torch.addcmul(terms.added, terms.decay, state[0])
        return self._cell.read(new, terms, inputs), (new,)

    def _terms(self, inputs: Tensor) -> Terms:
        # in single precision whatever the products were made in: a state is a sum over all positions
        return self._cell.terms(*self.gates(inputs).float().chunk(self._cell.blocks, dim=-1))


class Backwards(Mixer):
    """A mixer that reads an encoder's sentences from their last token to their first."""

    def __init__(self, mixer: Mixer) -> None:
        super().__init__()
        self.mixer = mixer

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:
        """See `Mixer.forward`."""
        assert mask is not None
        order = reversal(mask.sum(1), inputs.shape[1])
        return reorder(self.mixer(reorder(inputs, order), mask), order)


class BothDirections(Mixer):
    """Two mixers of an encoder, one in each direction, and a projection of what they say back to the size of the input."""

    def __init__(self, ahead: Mixer, behind: Mixer, *, dim: int) -> None:
        super().__init__()
        self.ahead = ahead
        self.behind = Backwards(behind)
        self.merge = nn.Linear(2 * dim, dim)
        nn.init.xavier_uniform_(self.merge.weight)
        nn.init.zeros_(self.merge.bias)

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:
        """See `Mixer.forward`."""
        merged: Tensor = self.merge(torch.cat([self.ahead(inputs, mask), self.behind(inputs, mask)], dim=-1))
        return merged
