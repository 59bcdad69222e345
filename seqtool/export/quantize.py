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
from onnx import helper, numpy_helper

Floats = NDArray[np.float32]

# Activations are unsigned bytes around 128. Weights use 7 of their 8 bits: processors without VNNI add two products in 16 bits, which must
# not overflow (255 x 64 x 2 < 32,768), so every processor computes the same numbers.
_ZERO_POINT, _ACTIVATION_STEPS, _WEIGHT_STEPS = 128, 127, 63


@dataclass(frozen=True)
class Product:
    """A product with constant weights: `inputs` `(.., K)` times `weight` `(K, N)`, plus `bias` `(N,)` where there is one."""

    node: onnx.NodeProto
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


def _plain(node: onnx.NodeProto) -> bool:
    """Whether a Gemm only multiplies and adds."""
    wanted = {"alpha": 1.0, "beta": 1.0, "transA": 0}
    return all(
        helper.get_attribute_value(one) == wanted.get(one.name, helper.get_attribute_value(one))
        for one in node.attribute
    )


def quantize(model: onnx.ModelProto, largest: Mapping[str, float]) -> onnx.ModelProto:
    """A copy with int8 products. `largest` is the greatest magnitude of each product's inputs, by the tensor's name."""
    new = onnx.ModelProto()
    new.CopyFrom(model)
    replaced = {product.node.output[0]: product for product in products(model)}
    nodes: list[onnx.NodeProto] = []
    rounded: set[str] = set()
    for node in new.graph.node:
        product = replaced.get(node.output[0])
        if product is None:
            nodes.append(node)
            continue
        scale = max(largest[product.inputs], 1e-6) / _ACTIVATION_STEPS
        if product.inputs not in rounded:
            rounded.add(product.inputs)
            nodes.append(_round_inputs(new, product.inputs, scale))
        nodes.append(_product(new, product))
    del new.graph.node[:]
    new.graph.node.extend(nodes)
    new.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    _drop_unused(new)
    return new


def _round_inputs(model: onnx.ModelProto, name: str, scale: float) -> onnx.NodeProto:
    _constant(model, f"{name}.scale", np.array(scale, np.float32))
    _constant(model, f"{name}.zero", np.array(_ZERO_POINT, np.uint8))
    return helper.make_node("QuantizeLinear", [name, f"{name}.scale", f"{name}.zero"], [f"{name}.uint8"])


def _product(model: onnx.ModelProto, product: Product) -> onnx.NodeProto:
    output = product.node.output[0]
    scales = np.maximum(np.abs(product.weight).max(0), 1e-12) / _WEIGHT_STEPS  # (N,)
    _constant(model, f"{output}.weight", np.rint(product.weight / scales).astype(np.int8))
    _constant(model, f"{output}.weight_scale", scales.astype(np.float32))
    _constant(model, f"{output}.weight_zero", np.zeros(scales.shape, np.int8))
    name = product.inputs
    parts = [f"{name}.uint8", f"{output}.weight", f"{name}.scale", f"{output}.weight_scale", f"{name}.zero"]
    bias = [] if product.bias is None else [product.bias]
    return helper.make_node(
        "MatMulIntegerToFloat", [*parts, f"{output}.weight_zero", *bias], [output], domain="com.microsoft"
    )


def _constant(model: onnx.ModelProto, name: str, value: NDArray[np.generic]) -> None:
    model.graph.initializer.append(numpy_helper.from_array(value, name))


def _drop_unused(model: onnx.ModelProto) -> None:
    used = {name for node in model.graph.node for name in node.input}
    kept = [one for one in model.graph.initializer if one.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
