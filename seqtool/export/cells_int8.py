"""One position of a recurrent layer in int8: nodes that make a new state of rounded inputs and a rounded state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from onnx import NodeProto, helper, numpy_helper

from seqtool.export.rounding import Floats, Rounded, Rounding


class Weights(NamedTuple):
    """Of the inputs `(D, N)` and of the state `(H, N)`, and a bias `(N,)` for each."""

    inputs: Floats
    state: Floats
    input_bias: Floats
    state_bias: Floats

    def of(self, start: int, stop: int) -> Weights:
        """Those of some of the gates."""
        return Weights(*(part[..., start:stop] for part in self))


@dataclass(frozen=True)
class Position:
    """Where a cell stands: its layer's name, what goes in, and the layer's weights. `kept` is a tensor that the position before left in
    fp32, and `left` the name of what this one leaves."""

    layer: str
    inputs: Rounded
    state: Rounded
    weights: Weights
    rounding: Rounding

    @property
    def kept(self) -> str:
        """In: what the position before left."""
        return f"{self.layer}.kept_in"

    @property
    def left(self) -> str:
        """Out: what this position leaves."""
        return f"{self.layer}.kept_out"

    @property
    def output(self) -> str:
        """Out: the state in fp32."""
        return f"{self.layer}.h_out"

    def sum_of_products(self, nodes: list[NodeProto], weights: Weights, name: str) -> None:
        """The inputs and the state, each times its weights, and both biases."""
        terms = [(self.inputs, weights.inputs), (self.state, weights.state)]
        self.rounding.product(nodes, terms, weights.input_bias + weights.state_bias, name)


def lstm(at: Position) -> list[NodeProto]:
    """Gates are input, output, forget, cell. What is kept is the cell."""
    nodes: list[NodeProto] = []
    at.sum_of_products(nodes, at.weights, f"{at.layer}.gates")
    return [
        *nodes,
        *_split(f"{at.layer}.gates", ["to_i", "to_o", "to_f", "cell"], len(at.weights.state)),
        *(helper.make_node("Sigmoid", [f"to_{gate}"], [gate]) for gate in "iof"),
        helper.make_node("Tanh", ["cell"], ["new"]),
        helper.make_node("Mul", ["f", at.kept], ["held"]),
        helper.make_node("Mul", ["i", "new"], ["added"]),
        helper.make_node("Add", ["held", "added"], [at.left]),
        helper.make_node("Tanh", [at.left], ["squashed"]),
        helper.make_node("Mul", ["o", "squashed"], [at.output]),
    ]


def gru(at: Position) -> list[NodeProto]:
    """Gates are update, reset, hidden; the reset gate multiplies the state's product, so what is new takes a product for each. What is
    kept is the state as it was before rounding: most of it is handed on from position to position, and errors would add up."""
    hidden = len(at.weights.state)
    gates, new = at.weights.of(0, 2 * hidden), at.weights.of(2 * hidden, 3 * hidden)
    nodes: list[NodeProto] = []
    at.sum_of_products(nodes, gates, f"{at.layer}.gates")
    at.rounding.product(nodes, [(at.inputs, new.inputs)], new.input_bias, f"{at.layer}.of_inputs")
    at.rounding.product(nodes, [(at.state, new.state)], new.state_bias, f"{at.layer}.of_state")
    return [
        *nodes,
        helper.make_node("Sigmoid", [f"{at.layer}.gates"], ["open"]),
        *_split("open", ["update", "reset"], hidden),
        helper.make_node("Mul", ["reset", f"{at.layer}.of_state"], ["remembered"]),
        helper.make_node("Add", [f"{at.layer}.of_inputs", "remembered"], ["to_new"]),
        helper.make_node("Tanh", ["to_new"], ["new"]),
        helper.make_node("Sub", [at.kept, "new"], ["apart"]),
        helper.make_node("Mul", ["update", "apart"], ["held"]),
        helper.make_node("Add", ["new", "held"], [at.output]),
        helper.make_node("Identity", [at.output], [at.left]),
    ]


def _split(name: str, parts: list[str], size: int) -> list[NodeProto]:
    """Columns of `(B, N)`, so many for each part."""
    sizes = numpy_helper.from_array(np.array([size] * len(parts)), "sizes")
    return [
        helper.make_node("Constant", [], ["sizes"], value=sizes),
        helper.make_node("Split", [name, "sizes"], parts, axis=1),
    ]
