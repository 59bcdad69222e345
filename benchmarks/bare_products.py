"""The matrix products of a decoding, alone: what ONNX Runtime needs for them without everything else.

`Counting` notes the sizes of every call while text is translated; `bare_seconds` then runs graphs that hold the same products and nothing
else, on one thread, call by call in the same sizes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.onnx_stepper import Session

Sizes = tuple[int, ...]
_PRODUCTS = ("Gemm", "MatMul", "MatMulIntegerToFloat")


class Counting:
    """A session that counts its calls by their sizes: `(B, S)` of the encoder, `(B, K, S)` of a step."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.calls: Counter[Sizes] = Counter()

    def get_inputs(self) -> Sequence[Any]:
        """The session's."""
        return self._session.get_inputs()

    def get_outputs(self) -> Sequence[Any]:
        """The session's."""
        return self._session.get_outputs()

    def run(self, names: Sequence[str], feed: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """The session's values."""
        if "src_ids" in feed:
            self.calls[feed["src_ids"].shape] += 1
        else:
            memory = next(
                (value for name, value in feed.items() if name.startswith("memory") and value.ndim == 3), None
            )
            self.calls[(*feed["tokens"].shape, 1 if memory is None else memory.shape[1])] += 1
        return self._session.run(names, feed)


def step_seconds(graph: onnx.ModelProto, calls: Counter[Sizes]) -> float:
    """Time for the products of these calls of a step: those with weights, and the two of attention with the memory."""
    weights = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer}
    products = []
    for node in graph.graph.node:
        if node.op_type not in _PRODUCTS or node.input[1] not in weights or weights[node.input[1]].ndim != 2:
            continue
        transposed = any(one.name == "transB" and one.i for one in node.attribute)
        products.append((node.op_type, weights[node.input[1]].T if transposed else weights[node.input[1]]))
    bare = Bare(products)
    return sum(count * bare.seconds(sizes[0] * sizes[1]) for sizes, count in calls.items())


def encoder_seconds(graph: onnx.ModelProto, calls: Counter[Sizes]) -> float:
    """Time for the products of the encoder's recurrent layers: all positions' inputs at once, then each position's state."""
    weights = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer}
    total = 0.0
    for node in graph.graph.node:
        if node.op_type not in ("LSTM", "GRU", "RNN"):
            continue
        inputs, states = (_shape(graph, weights, name) for name in node.input[1:3])
        ahead = Bare([("MatMul", np.ones((inputs[2], inputs[1]), np.float32))])
        inside = Bare([("MatMul", np.ones((states[2], states[1]), np.float32))])
        for (sentences, length), count in calls.items():
            total += count * (ahead.seconds(sentences * length) + length * inside.seconds(sentences))
    return total


def _shape(graph: onnx.ModelProto, weights: dict[str, NDArray[Any]], name: str) -> tuple[int, ...]:
    if name in weights:
        return weights[name].shape
    known = next(one for one in graph.graph.value_info if one.name == name)
    return tuple(one.dim_value for one in known.type.tensor_type.shape.dim)


class Bare:
    """Products with constant weights, side by side in one graph; what they give is not copied out of it."""

    def __init__(self, products: Sequence[tuple[str, NDArray[Any]]]) -> None:
        nodes, inputs, outputs, constants = [], [], [], []
        for number, (kind, weight) in enumerate(products):
            integer = kind == "MatMulIntegerToFloat"
            x, w, y = f"x{number}", f"w{number}", f"y{number}"
            constants.append(numpy_helper.from_array(np.ascontiguousarray(weight), w))
            names = [x, w]
            if integer:
                parts = {
                    "a": np.array(0.01, np.float32),
                    "b": np.full(weight.shape[1], 0.01, np.float32),
                    "c": np.array(128, np.uint8),
                    "d": np.zeros(weight.shape[1], np.int8),
                }
                constants += [numpy_helper.from_array(value, f"{name}{number}") for name, value in parts.items()]
                names += [f"{name}{number}" for name in parts]
            domain = "com.microsoft" if integer else ""
            nodes.append(helper.make_node(kind if integer else "MatMul", names, [y], domain=domain))
            nodes.append(helper.make_node("Shape", [y], [f"s{number}"]))
            inputs.append(
                helper.make_tensor_value_info(
                    x, TensorProto.UINT8 if integer else TensorProto.FLOAT, ["rows", weight.shape[0]]
                )
            )
            outputs.append(helper.make_tensor_value_info(f"s{number}", TensorProto.INT64, [2]))
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(
            helper.make_graph(nodes, "bare", inputs, outputs, constants), opset_imports=opsets, ir_version=10
        )
        self._session = open_session(model.SerializeToString(), where="bare products")
        self._inputs = [(one.name, one.type, one.shape[1]) for one in self._session.get_inputs()]
        self._outputs = [one.name for one in self._session.get_outputs()]
        self._known: dict[int, float] = {}

    def seconds(self, rows: int) -> float:
        """The median of several calls with so many rows."""
        if rows not in self._known:
            feed = {
                name: np.ones((rows, width), np.uint8 if "uint8" in kind else np.float32)
                for name, kind, width in self._inputs
            }
            times = []
            for _ in range(7):
                start = time.perf_counter()
                self._session.run(self._outputs, feed)
                times.append(time.perf_counter() - start)
            self._known[rows] = sorted(times[1:])[len(times[1:]) // 2]
        return self._known[rows]
