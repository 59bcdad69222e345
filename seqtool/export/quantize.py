"""int8 graphs whose rows do not know each other: every product with constant weights becomes one of rounded numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from seqtool.export.prune import count_uses, drop_unused
from seqtool.export.recurrent_int8 import recurrent_nodes, replace_recurrent, watched_names
from seqtool.export.rounding import Rounding

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Product:
    """A product with constant weights: `inputs` `(.., K)` times `weight` `(K, N)`, plus `bias` `(N,)` where there is one."""

    node: NodeProto
    inputs: str
    weight: Floats
    bias: Floats | None


def products(model: onnx.ModelProto) -> list[Product]:
    """The products of a graph that can be rounded, in its order."""
    weights = {one.name: one for one in model.graph.initializer}
    found = []
    for node in model.graph.node:
        if node.op_type not in ("Gemm", "MatMul") or not {*node.input[1:]} <= weights.keys():
            continue
        weight, *bias = (numpy_helper.to_array(weights[name]).astype(np.float32) for name in node.input[1:])
        # A product with a vector is no faster when it is rounded.
        if weight.ndim != 2 or min(weight.shape) == 1 or not _plain(node):
            continue
        transposed = any(one.name == "transB" and one.i for one in node.attribute)
        found.append(Product(node, node.input[0], weight.T if transposed else weight, bias[0] if bias else None))
    return found


def rounded_tensors(model: onnx.ModelProto) -> list[str]:
    """The tensors that are rounded, each once: what products are given, and the inputs and outputs of recurrent layers."""
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
    rounding = Rounding(new, largest)
    sums = _sums(model)
    terms = {product.node.output[0] for parts in sums.values() for product in parts}
    replaced = {product.node.output[0]: [product] for product in products(model)} | sums
    layers = {node.output[0] for node in recurrent_nodes(model)}
    nodes: list[NodeProto] = []
    for node in list(new.graph.node):
        name = node.output[0]
        if name in layers:
            nodes.extend(replace_recurrent(new, node, rounding))
        elif name in replaced:
            if name not in terms:
                _add_sum(nodes, rounding, replaced[name], name)
        else:
            nodes.append(node)
    del new.graph.node[:]
    new.graph.node.extend(nodes)
    new.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    drop_unused(new)
    return new


def _sums(model: onnx.ModelProto) -> dict[str, list[Product]]:
    """The sums of two products that are used for nothing else, by their names: gates of recurrent cells. A Gemm has two dimensions, so
    nothing is repeated to make shapes fit."""
    uses = count_uses(model)
    known = {product.node.output[0]: product for product in products(model) if product.node.op_type == "Gemm"}
    return {
        node.output[0]: [known[name] for name in node.input]
        for node in model.graph.node
        if node.op_type == "Add" and all(name in known and uses[name] == 1 for name in node.input)
    }


def _add_sum(nodes: list[NodeProto], rounding: Rounding, parts: list[Product], output: str) -> None:
    terms = [(rounding.tensor(nodes, part.inputs), part.weight) for part in parts]
    biases = [part.bias for part in parts if part.bias is not None]
    rounding.product(nodes, terms, np.sum(biases, axis=0) if biases else None, output)
