"""Rounded tensors and products of rounded tensors, as nodes of a graph.

Weights are rounded to int8, each output column with its own step. Activations are rounded with one fixed step for each tensor, taken from
what passed through it on sample text. ONNX Runtime's dynamic quantization would take the step from the batch at hand instead, and a line's
text would depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

Floats = NDArray[np.float32]

# Activations are unsigned bytes around 128. Weights use 7 of their 8 bits: processors without VNNI add two products in 16 bits, which must
# not overflow (255 x 64 x 2 < 32,768), so every processor computes the same numbers.
ZERO_POINT, _ACTIVATION_STEPS, _WEIGHT_STEPS = 128, 127, 63

# These put numbers in other places and change none, so rounding may as well come before: a quarter of the bytes to move.
_MOVES = ("Gather", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze")


class Rounded(NamedTuple):
    """A tensor of unsigned bytes: `step` x (byte - 128) is the number that a byte stands for."""

    name: str
    step: float


class Rounding:
    """Makes the nodes of a model's rounded tensors, each once, and of their products. `largest` is the greatest magnitude of each tensor
    that is to be rounded."""

    def __init__(self, model: onnx.ModelProto, largest: Mapping[str, float]) -> None:
        self._model = model
        self._makers = {output: node for node in model.graph.node for output in node.output}
        self._weights = {one.name: one for one in model.graph.initializer}
        self._largest: dict[str, float] = {}
        for name, value in largest.items():
            source = self._source(name)
            self._largest[source] = max(value, self._largest.get(source, 0.0))
        self._known: dict[str, Rounded] = {}
        self.zero = self.constant("rounding.zero", np.array(ZERO_POINT, np.uint8))

    def tensor(self, nodes: list[NodeProto], name: str) -> Rounded:
        """A tensor of the graph rounded; nodes that are missing for that are added to the list."""
        if name in self._known:
            return self._known[name]
        maker = self._makers.get(name)
        if maker is not None and maker.op_type in _MOVES:
            source = self.tensor(nodes, maker.input[0])
            moved = NodeProto()
            moved.CopyFrom(maker)
            moved.name = f"{name}.uint8"
            moved.input[0], moved.output[0] = source.name, f"{name}.uint8"
            nodes.append(moved)
            found = Rounded(f"{name}.uint8", source.step)
        elif name in self._weights:
            found = Rounded(f"{name}.uint8", self.step_of(name))
            value = np.rint(numpy_helper.to_array(self._weights[name]) / np.float32(found.step)) + ZERO_POINT
            self.constant(found.name, np.clip(value, 0, 255).astype(np.uint8))
        else:
            found = self.round(nodes, name, self.step_of(name))
        self._known[name] = found
        return found

    def step_of(self, name: str) -> float:
        """The step of a tensor that is to be rounded."""
        return max(self._largest[self._source(name)], 1e-6) / _ACTIVATION_STEPS

    def round(self, nodes: list[NodeProto], name: str, step: float) -> Rounded:
        """Adds the rounding of any tensor."""
        scale = self.constant(f"{name}.step", np.array(step, np.float32))
        nodes.append(helper.make_node("QuantizeLinear", [name, scale, self.zero], [f"{name}.uint8"]))
        return Rounded(f"{name}.uint8", step)

    def product(
        self, nodes: list[NodeProto], terms: Sequence[tuple[Rounded, Floats]], bias: Floats | None, output: str
    ) -> None:
        """Adds `output` `(.., N)`, the sum of rounded tensors `(.., K)` each times its weight `(K, N)`, and of a bias `(N,)`. Several
        terms are one product of what stands side by side: where the steps differ, the weights make up for it."""
        inputs, step = terms[0][0]
        if len(terms) > 1:
            inputs = f"{output}.terms.uint8"
            nodes.append(helper.make_node("Concat", [tensor.name for tensor, _ in terms], [inputs], axis=-1))
        weight = np.concatenate([part * np.float32(tensor.step / step) for tensor, part in terms])
        steps = np.maximum(np.abs(weight).max(0), 1e-12) / _WEIGHT_STEPS  # (N,)
        names = [
            inputs,
            self.constant(f"{output}.weight", np.rint(weight / steps).astype(np.int8)),
            self.constant(f"{output}.input_step", np.array(step, np.float32)),
            self.constant(f"{output}.weight_step", steps.astype(np.float32)),
            self.zero,
            self.constant(f"{output}.weight_zero", np.zeros(steps.shape, np.int8)),
        ]
        if bias is not None:
            names.append(self.constant(f"{output}.bias", bias.astype(np.float32)))
        nodes.append(helper.make_node("MatMulIntegerToFloat", names, [output], domain="com.microsoft"))

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Adds a constant; returns its name."""
        self._model.graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def _source(self, name: str) -> str:
        """Where a tensor's numbers come from."""
        maker = self._makers.get(name)
        return self._source(maker.input[0]) if maker is not None and maker.op_type in _MOVES else name
