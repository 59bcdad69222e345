"""LSTM layers in int8: one product for all positions' inputs, then a loop over positions with a product each.

ONNX Runtime has an int8 LSTM of its own, but it takes its scales from the batch at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]
# Adds a product of `inputs` and `weight` (K, N) with a bias (N,) or none to a list of nodes, rounded inputs first; returns its output.
AddProduct = Callable[[list[NodeProto], str, Floats, Floats | None], str]


def lstm_nodes(model: onnx.ModelProto) -> list[NodeProto]:
    """The layers that `replace_lstm` takes: from a state of zeros, in one direction, with all positions wanted."""
    return [node for node in model.graph.node if node.op_type == "LSTM" and len(node.input) == 4]


def watched_names(model: onnx.ModelProto) -> list[str]:
    """The tensors whose magnitude must be known: each layer's inputs and outputs."""
    return [name for node in lstm_nodes(model) for name in (node.input[0], node.output[0])]


def replace_lstm(model: onnx.ModelProto, node: NodeProto, add_product: AddProduct) -> list[NodeProto]:
    """The nodes that do what an LSTM node does."""
    weight_ih, weight_hh, bias = (constant_value(model, name)[0] for name in node.input[1:4])
    hidden = weight_hh.shape[1]
    name = node.output[0]
    nodes: list[NodeProto] = []
    gates = add_product(nodes, node.input[0], weight_ih.T, bias[: 4 * hidden] + bias[4 * hidden :])  # (S, B, 4 H)
    nodes += [
        helper.make_node("Shape", [node.input[0]], [f"{name}.rows"], start=1, end=2),
        _constant(f"{name}.hidden", np.array([hidden])),
        helper.make_node("Concat", [f"{name}.rows", f"{name}.hidden"], [f"{name}.shape"], axis=0),
        helper.make_node("ConstantOfShape", [f"{name}.shape"], [f"{name}.zeros"]),
        helper.make_node(
            "Scan",
            [f"{name}.zeros", f"{name}.zeros", gates],
            [f"{name}.h", f"{name}.c", f"{name}.all"],
            body=_position(name, weight_hh.T, hidden, add_product),
            num_scan_inputs=1,
        ),
        _constant(f"{name}.axis", np.array([1])),
        helper.make_node("Unsqueeze", [f"{name}.all", f"{name}.axis"], [name]),
    ]
    return nodes


def _position(name: str, weight_hh: Floats, hidden: int, add_product: AddProduct) -> onnx.GraphProto:
    """One position: h, c and the inputs' part of the gates -> the new h and c, and h once more for the outputs. Gates are input, output,
    forget, cell."""
    nodes: list[NodeProto] = []
    recurrent = add_product(nodes, f"{name}.h_in", weight_hh, None)
    nodes += [
        helper.make_node("Add", [recurrent, f"{name}.x"], ["gates"]),
        _constant("sizes", np.array([hidden] * 4)),
        helper.make_node("Split", ["gates", "sizes"], ["to_i", "to_o", "to_f", "cell"], axis=1),
        *(helper.make_node("Sigmoid", [f"to_{gate}"], [gate]) for gate in "iof"),
        helper.make_node("Tanh", ["cell"], ["new"]),
        helper.make_node("Mul", ["f", f"{name}.c_in"], ["kept"]),
        helper.make_node("Mul", ["i", "new"], ["added"]),
        helper.make_node("Add", ["kept", "added"], ["c_out"]),
        helper.make_node("Tanh", ["c_out"], ["squashed"]),
        helper.make_node("Mul", ["o", "squashed"], ["h_out"]),
        helper.make_node("Identity", ["h_out"], ["y"]),
    ]
    state: list[str | int | None] = ["rows", hidden]
    wide: list[str | int | None] = ["rows", 4 * hidden]
    inputs = [
        helper.make_tensor_value_info(f"{name}.{part}", TensorProto.FLOAT, shape)
        for part, shape in (("h_in", state), ("c_in", state), ("x", wide))
    ]
    outputs = [helper.make_tensor_value_info(part, TensorProto.FLOAT, state) for part in ("h_out", "c_out", "y")]
    return helper.make_graph(nodes, f"{name}.position", inputs, outputs)


def constant_value(model: onnx.ModelProto, name: str) -> NDArray[np.generic]:
    """The value of a tensor that is made of weights alone. Raises `KeyError` for one that is not."""
    for weight in model.graph.initializer:
        if weight.name == name:
            return numpy_helper.to_array(weight)
    node = next((one for one in model.graph.node if name in one.output), None)
    if node is None:
        raise KeyError(name)
    values = [constant_value(model, one) for one in node.input]
    attributes: Mapping[str, object] = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    if node.op_type == "Constant":
        value = next(iter(attributes.values()))
        return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.array(value)
    if node.op_type == "Gather":
        return np.take(values[0], values[1].astype(np.int64), axis=int(str(attributes.get("axis", 0))))
    if node.op_type == "Unsqueeze":
        return np.expand_dims(values[0], tuple(values[1].astype(np.int64).tolist()))
    if node.op_type == "Concat":
        return np.concatenate(values, axis=int(str(attributes["axis"])))
    raise KeyError(name)


def _constant(name: str, value: NDArray[np.int64]) -> NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value, name))
