"""LSTM and GRU layers in int8: a loop over positions, in which the inputs and the state are multiplied together.

ONNX Runtime has an int8 LSTM of its own, but it takes its scales from the batch at hand; of the GRU it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from seqtool.export.cells_int8 import Position, Weights, gru, lstm
from seqtool.export.rounding import ZERO_POINT, Rounded, Rounding

_CELLS: Mapping[str, Callable[[Position], list[NodeProto]]] = {"LSTM": lstm, "GRU": gru}


def recurrent_nodes(model: onnx.ModelProto) -> list[NodeProto]:
    """The layers that `replace_recurrent` takes: from a state of zeros, in one direction, with all positions wanted."""
    return [
        node for node in model.graph.node if node.op_type in _CELLS and len(node.input) == 4 and _as_torch_has_it(node)
    ]


def _as_torch_has_it(node: NodeProto) -> bool:
    """Whether the reset gate of a GRU multiplies the state's product; ONNX knows another GRU, too."""
    given = {one.name: one.i for one in node.attribute}
    return node.op_type != "GRU" or given.get("linear_before_reset") == 1


def watched_names(model: onnx.ModelProto) -> list[str]:
    """The tensors whose magnitude must be known: each layer's inputs and outputs."""
    return [name for node in recurrent_nodes(model) for name in (node.input[0], node.output[0])]


def replace_recurrent(model: onnx.ModelProto, node: NodeProto, rounding: Rounding) -> list[NodeProto]:
    """The nodes that do what the node of a layer does."""
    of_inputs, of_state, biases = (constant_value(model, name)[0].astype(np.float32) for name in node.input[1:4])
    input_bias, state_bias = np.split(biases, 2)
    name = node.output[0]
    nodes: list[NodeProto] = []
    inputs = rounding.tensor(nodes, node.input[0])  # (S, B, D)
    position = Position(
        name,
        Rounded(f"{name}.x", inputs.step),
        Rounded(f"{name}.h_in", rounding.step_of(name)),
        Weights(of_inputs.T, of_state.T, input_bias, state_bias),
        rounding,
    )
    nodes += [
        helper.make_node("Shape", [inputs.name], [f"{name}.rows"], start=1, end=2),
        _constant(f"{name}.hidden", np.array([of_state.shape[1]])),
        helper.make_node("Concat", [f"{name}.rows", f"{name}.hidden"], [f"{name}.shape"], axis=0),
        _filled(f"{name}.shape", f"{name}.h_zeros", np.array([ZERO_POINT], np.uint8)),
        _filled(f"{name}.shape", f"{name}.kept_zeros", np.array([0], np.float32)),
        helper.make_node(
            "Scan",
            [f"{name}.h_zeros", f"{name}.kept_zeros", inputs.name],
            [f"{name}.h", f"{name}.kept", f"{name}.all"],
            body=_body(position, _CELLS[node.op_type]),
            num_scan_inputs=1,
        ),
        _constant(f"{name}.axis", np.array([1])),
        helper.make_node("Unsqueeze", [f"{name}.all", f"{name}.axis"], [name]),
    ]
    return nodes


def _body(at: Position, cell: Callable[[Position], list[NodeProto]]) -> onnx.GraphProto:
    """The rounded state, what is kept beside it and rounded inputs -> the new ones of both, and the state for the outputs."""
    nodes = cell(at)
    rounded = at.rounding.round(nodes, at.output, at.state.step)
    width, hidden = len(at.weights.inputs), len(at.weights.state)
    inputs = [
        _info(at.state.name, TensorProto.UINT8, hidden),
        _info(at.kept, TensorProto.FLOAT, hidden),
        _info(at.inputs.name, TensorProto.UINT8, width),
    ]
    made = ((rounded.name, TensorProto.UINT8), (at.left, TensorProto.FLOAT), (at.output, TensorProto.FLOAT))
    outputs = [_info(part, kind, hidden) for part, kind in made]
    return helper.make_graph(nodes, f"{at.layer}.position", inputs, outputs)


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
