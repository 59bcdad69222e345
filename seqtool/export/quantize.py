"""int8 graphs whose rows do not know each other.

Weights are rounded to int8, each output column with its own scale. Activations are rounded with one fixed scale for each product, taken
from what passed through it on sample text. ONNX Runtime's dynamic quantization would take the scale from the batch at hand instead, and a
line's text would depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from seqtool.export.recurrent_int8 import lstm_nodes, replace_lstm, watched_names

Floats = NDArray[np.float32]

# Activations are unsigned bytes around 128. Weights use 7 of their 8 bits: processors without VNNI add two products in 16 bits, which must
# not overflow (255 x 64 x 2 < 32,768), so every processor computes the same numbers.
_ZERO_POINT, _ACTIVATION_STEPS, _WEIGHT_STEPS = 128, 127, 63


@dataclass(frozen=True)
class Product:
    """A product with constant weights: `inputs` `(.., K)` times `weight` `(K, N)`, plus `bias` `(N,)` where there is one."""

    node: NodeProto
    inputs: str
    weight: Floats
    bias: str | None


def products(model: onnx.ModelProto) -> list[Product]:
    """The products of a graph that can be rounded, in its order."""
    weights = {one.name: one for one in model.graph.initializer}
    found = []
    for node in model.graph.node:
        if node.op_type not in ("Gemm", "MatMul") or node.input[1] not in weights:
            continue
        weight = numpy_helper.to_array(weights[node.input[1]]).astype(np.float32)
        if weight.ndim != 2 or not _plain(node):
            continue
        transposed = any(one.name == "transB" and one.i for one in node.attribute)
        bias = node.input[2] if len(node.input) > 2 else None
        found.append(Product(node, node.input[0], weight.T if transposed else weight, bias))
    return found


def rounded_tensors(model: onnx.ModelProto) -> list[str]:
    """The tensors that are rounded, each once: what products are given, and the inputs and outputs of LSTM layers."""
    return list(dict.fromkeys([*(product.inputs for product in products(model)), *watched_names(model)]))


def _plain(node: NodeProto) -> bool:
    """Whether a Gemm only multiplies and adds."""
    wanted = {"alpha": 1.0, "beta": 1.0, "transA": 0}
    return all(
        helper.get_attribute_value(one) == wanted.get(one.name, helper.get_attribute_value(one))
        for one in node.attribute
    )


def quantize(model: onnx.ModelProto, largest: Mapping[str, float]) -> onnx.ModelProto:
    """A copy with int8 products. `largest` is the greatest magnitude of each tensor of `rounded_tensors`, by its name."""
    new = onnx.ModelProto()
    new.CopyFrom(model)
    rounding = _Rounding(new, largest)
    replaced = {product.node.output[0]: product for product in products(model)}
    layers = {node.output[0] for node in lstm_nodes(model)}
    nodes: list[NodeProto] = []
    for node in list(new.graph.node):
        if node.output[0] in layers:
            nodes.extend(replace_lstm(new, node, rounding.of_layer(node).add))
        elif node.output[0] in replaced:
            rounding.add_as(nodes, replaced[node.output[0]])
        else:
            nodes.append(node)
    del new.graph.node[:]
    new.graph.node.extend(nodes)
    new.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    _drop_unused(new)
    return new


class _Rounding:
    """Makes rounded products of a model's graph; an input that several have is rounded once."""

    def __init__(self, model: onnx.ModelProto, largest: Mapping[str, float]) -> None:
        self._model, self._largest = model, largest
        self._rounded: set[str] = set()

    def of_layer(self, node: NodeProto) -> _LayerRounding:
        """For the products of an LSTM layer, whose state is as large as its outputs."""
        return _LayerRounding(self, node.output[0])

    def add_as(self, nodes: list[NodeProto], product: Product) -> None:
        """A product in the place of one of the graph's."""
        if product.inputs not in self._rounded:
            self._rounded.add(product.inputs)
            nodes.append(self._round(product.inputs, self._largest[product.inputs]))
        bias = [] if product.bias is None else [product.bias]
        nodes.append(self.product(product.inputs, product.node.output[0], product.weight, bias))

    def add_inside(
        self, nodes: list[NodeProto], inputs: str, largest: float, weight: Floats, bias: Floats | None
    ) -> str:
        """A product with a name of its own, its inputs rounded beside it."""
        output = f"{inputs}.product"
        nodes.append(self._round(inputs, largest))
        names = []
        if bias is not None:
            names = [f"{output}.bias"]
            self._constant(names[0], bias.astype(np.float32))
        nodes.append(self.product(inputs, output, weight, names))
        return output

    def largest(self, name: str) -> float:
        """The greatest magnitude of a tensor."""
        return self._largest[name]

    def _round(self, name: str, largest: float) -> NodeProto:
        self._constant(f"{name}.scale", np.array(max(largest, 1e-6) / _ACTIVATION_STEPS, np.float32))
        self._constant(f"{name}.zero", np.array(_ZERO_POINT, np.uint8))
        return helper.make_node("QuantizeLinear", [name, f"{name}.scale", f"{name}.zero"], [f"{name}.uint8"])

    def product(self, inputs: str, output: str, weight: Floats, bias: list[str]) -> NodeProto:
        """The node of a product whose inputs are rounded already."""
        scales = np.maximum(np.abs(weight).max(0), 1e-12) / _WEIGHT_STEPS  # (N,)
        self._constant(f"{output}.weight", np.rint(weight / scales).astype(np.int8))
        self._constant(f"{output}.weight_scale", scales.astype(np.float32))
        self._constant(f"{output}.weight_zero", np.zeros(scales.shape, np.int8))
        parts = [f"{inputs}.uint8", f"{output}.weight", f"{inputs}.scale", f"{output}.weight_scale", f"{inputs}.zero"]
        return helper.make_node(
            "MatMulIntegerToFloat", [*parts, f"{output}.weight_zero", *bias], [output], domain="com.microsoft"
        )

    def _constant(self, name: str, value: NDArray[np.generic]) -> None:
        if all(one.name != name for one in self._model.graph.initializer):
            self._model.graph.initializer.append(numpy_helper.from_array(value, name))


@dataclass(frozen=True)
class _LayerRounding:
    """Rounded products of one LSTM layer."""

    rounding: _Rounding
    outputs: str

    def add(self, nodes: list[NodeProto], inputs: str, weight: Floats, bias: Floats | None) -> str:
        """See `AddProduct`."""
        inside = inputs.startswith(f"{self.outputs}.")
        name = inputs if inside else f"{self.outputs}.in"
        if not inside:
            nodes.append(helper.make_node("Identity", [inputs], [name]))
        largest = self.rounding.largest(self.outputs if inside else inputs)
        return self.rounding.add_inside(nodes, name, largest, weight, bias)


def _drop_unused(model: onnx.ModelProto) -> None:
    used = {name for graph in _graphs(model.graph) for node in graph.node for name in node.input}
    used |= {one.name for one in model.graph.output}
    nodes = [node for node in model.graph.node if any(name in used for name in node.output)]
    while len(nodes) < len(model.graph.node):  # what only made the weights of a layer is not needed any more
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        used = {name for graph in _graphs(model.graph) for node in graph.node for name in node.input}
        used |= {one.name for one in model.graph.output}
        nodes = [node for node in model.graph.node if any(name in used for name in node.output)]
    kept = [one for one in model.graph.initializer if one.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def _graphs(graph: onnx.GraphProto) -> list[onnx.GraphProto]:
    """The graph and those inside its nodes."""
    inside = [one.g for node in graph.node for one in node.attribute if one.type == onnx.AttributeProto.GRAPH]
    return [graph, *inside]
