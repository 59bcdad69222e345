"""LSTM layers in int8: a loop over positions, in which the inputs and the state are multiplied together.

ONNX Runtime has an int8 LSTM of its own, but it takes its scales from the batch at hand.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from seqtool.export.rounding import ZERO_POINT, Floats, Rounded, Rounding


def lstm_nodes(model: onnx.ModelProto) -> list[NodeProto]:
    """The layers that `replace_lstm` takes: from a state of zeros, in one direction, with all positions wanted."""
    return [node for node in model.graph.node if node.op_type == "LSTM" and len(node.input) == 4]


def watched_names(model: onnx.ModelProto) -> list[str]:
    """The tensors whose magnitude must be known: each layer's inputs and outputs."""
    return [name for node in lstm_nodes(model) for name in (node.input[0], node.output[0])]


def replace_lstm(model: onnx.ModelProto, node: NodeProto, rounding: Rounding) -> list[NodeProto]:
    """The nodes that do what an LSTM node does."""
    weight_ih, weight_hh, bias = (constant_value(model, name)[0] for name in node.input[1:4])
    hidden = weight_hh.shape[1]
    name = node.output[0]
    nodes: list[NodeProto] = []
    inputs = rounding.tensor(nodes, node.input[0])  # (S, B, D)
    terms = [
        (Rounded(f"{name}.x", inputs.step), weight_ih.T),
        (Rounded(f"{name}.h_in", rounding.step_of(name)), weight_hh.T),
    ]
    nodes += [
        helper.make_node("Shape", [inputs.name], [f"{name}.rows"], start=1, end=2),
        _constant(f"{name}.hidden", np.array([hidden])),
        helper.make_node("Concat", [f"{name}.rows", f"{name}.hidden"], [f"{name}.shape"], axis=0),
        _filled(f"{name}.shape", f"{name}.h_zeros", np.array([ZERO_POINT], np.uint8)),
        _filled(f"{name}.shape", f"{name}.c_zeros", np.array([0], np.float32)),
        helper.make_node(
            "Scan",
            [f"{name}.h_zeros", f"{name}.c_zeros", inputs.name],
            [f"{name}.h", f"{name}.c", f"{name}.all"],
            body=_position(name, terms, bias[: 4 * hidden] + bias[4 * hidden :], rounding),
            num_scan_inputs=1,
        ),
        _constant(f"{name}.axis", np.array([1])),
        helper.make_node("Unsqueeze", [f"{name}.all", f"{name}.axis"], [name]),
    ]
    return nodes


def _position(name: str, terms: list[tuple[Rounded, Floats]], bias: Floats, rounding: Rounding) -> onnx.GraphProto:
    """One position: rounded h, c and rounded inputs -> the new h, rounded, the new c, and h for the outputs. Gates are input, output,
    forget, cell."""
    (_, weight_ih), (state, weight_hh) = terms
    hidden = len(weight_hh)
    nodes: list[NodeProto] = []
    rounding.product(nodes, terms, bias, f"{name}.gates")
    nodes += [
        _constant("sizes", np.array([hidden] * 4)),
        helper.make_node("Split", [f"{name}.gates", "sizes"], ["to_i", "to_o", "to_f", "cell"], axis=1),
        *(helper.make_node("Sigmoid", [f"to_{gate}"], [gate]) for gate in "iof"),
        helper.make_node("Tanh", ["cell"], ["new"]),
        helper.make_node("Mul", ["f", f"{name}.c_in"], ["kept"]),
        helper.make_node("Mul", ["i", "new"], ["added"]),
        helper.make_node("Add", ["kept", "added"], ["c_out"]),
        helper.make_node("Tanh", ["c_out"], ["squashed"]),
        helper.make_node("Mul", ["o", "squashed"], [f"{name}.h_out"]),
    ]
    rounded = rounding.round(nodes, f"{name}.h_out", state.step)
    sizes = ((f"{name}.h_in", TensorProto.UINT8, hidden), (f"{name}.c_in", TensorProto.FLOAT, hidden))
    inputs = [_info(*one) for one in (*sizes, (f"{name}.x", TensorProto.UINT8, len(weight_ih)))]
    made = ((rounded.name, TensorProto.UINT8), ("c_out", TensorProto.FLOAT), (f"{name}.h_out", TensorProto.FLOAT))
    outputs = [_info(part, kind, hidden) for part, kind in made]
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


def _filled(shape: str, name: str, value: NDArray[np.generic]) -> NodeProto:
    return helper.make_node("ConstantOfShape", [shape], [name], value=numpy_helper.from_array(value, name))


def _info(name: str, kind: int, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, ["rows", width])
