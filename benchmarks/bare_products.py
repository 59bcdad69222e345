"""The matrix products of a decoding, alone: what ONNX Runtime needs for them without everything else.

`Counting` notes the sizes of every call while text is translated; `bare_seconds` then runs graphs that hold the same products and nothing
else, on one thread, call by call in the same sizes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from seqtool.export.recurrent_int8 import constant_value
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
    """Time for the products of these calls of a step: those with weights, and those of attention with the memory."""
    bare = Bare([(kind, weight) for kind, weight, _ in _weighted(graph)])
    attention = [Batched(transposed, size) for transposed, size in _with_memory(graph)]
    total = 0.0
    for (sentences, beam, length), count in calls.items():
        total += count * bare.seconds(sentences * beam)
        total += count * sum(one.seconds((sentences, beam, length)) for one in attention)
    return total


def encoder_seconds(graph: onnx.ModelProto, calls: Counter[Sizes]) -> float:
    """Time for the products of the encoder: those with weights, the recurrent ones once for each position."""
    products = [(Bare([(kind, weight)]), name) for kind, weight, name in _weighted(graph)]
    inside = [Bare([product]) for product in _recurrent(graph)]
    total = 0.0
    for (sentences, length), count in calls.items():
        rows = _rows(graph, [name for _, name in products], sentences, length)
        each = sum(bare.seconds(rows[name]) for bare, name in products)
        total += count * (each + length * sum(bare.seconds(sentences) for bare in inside))
    return total


def _weighted(graph: onnx.ModelProto) -> list[tuple[str, NDArray[Any], str]]:
    """Kind, weight `(K, N)` and input of the products with constant weights; an LSTM's for all positions' inputs is one of them."""
    weights = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer}
    found = []
    for node in graph.graph.node:
        if node.op_type in ("LSTM", "GRU", "RNN"):
            found.append(("MatMul", constant_value(graph, node.input[1])[0].T, node.input[0]))
        if node.op_type not in _PRODUCTS or node.input[1] not in weights or weights[node.input[1]].ndim != 2:
            continue
        transposed = any(one.name == "transB" and one.i for one in node.attribute)
        weight = weights[node.input[1]]
        found.append((node.op_type, weight.T if transposed else weight, node.input[0]))
    return found


def _recurrent(graph: onnx.ModelProto) -> list[tuple[str, NDArray[Any]]]:
    """Kind and weight of the products inside recurrent layers."""
    weights = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer}
    found = []
    for node in graph.graph.node:
        if node.op_type in ("LSTM", "GRU", "RNN"):
            found.append(("MatMul", constant_value(graph, node.input[2])[0].T))
        bodies = [one.g for one in node.attribute if one.type == onnx.AttributeProto.GRAPH]
        found += [
            (each.op_type, weights[each.input[1]]) for body in bodies for each in body.node if each.op_type in _PRODUCTS
        ]
    return found


def _with_memory(graph: onnx.ModelProto) -> list[tuple[bool, int]]:
    """For each product with the memory whether it is transposed there, and the memory's size."""
    shapes = {one.name: one.type.tensor_type.shape.dim for one in graph.graph.input}
    sizes = {name: dims[-1].dim_value for name, dims in shapes.items() if dims}
    turned = {node.output[0]: node.input[0] for node in graph.graph.node if node.op_type == "Transpose"}
    names = [node.input[1] for node in graph.graph.node if node.op_type == "MatMul"]
    found = [(name in turned, turned.get(name, name)) for name in names]
    return [(transposed, sizes[name]) for transposed, name in found if name.startswith("memory.")]


def _rows(graph: onnx.ModelProto, names: Sequence[str], sentences: int, length: int) -> dict[str, int]:
    """How many rows the inputs of products have."""
    looked = onnx.ModelProto()
    looked.CopyFrom(graph)
    known = {one.name for one in (*graph.graph.input, *graph.graph.output)}
    wanted = [name for name in dict.fromkeys(names) if name not in known]
    kinds = {name: TensorProto.UINT8 if name.endswith(".uint8") else TensorProto.FLOAT for name in wanted}
    looked.graph.output.extend(helper.make_tensor_value_info(name, kinds[name], None) for name in wanted)
    session = open_session(looked.SerializeToString(), where="rows of products")
    ids = np.full((sentences, length), 4)
    values = session.run(list(dict.fromkeys(names)), {"src_ids": ids, "src_lengths": np.full(sentences, length)})
    return {name: value.size // value.shape[-1] for name, value in zip(dict.fromkeys(names), values, strict=True)}


class Batched:
    """A product of hypotheses with the memory of their sentences: `(B, K, D)` times `(B, S, D)` transposed, or `(B, K, S)` times it."""

    def __init__(self, transposed: bool, size: int) -> None:
        self._transposed, self._size = transposed, size
        nodes = [helper.make_node("MatMul", ["x", "turned" if transposed else "memory"], ["y"])]
        if transposed:
            nodes.insert(0, helper.make_node("Transpose", ["memory"], ["turned"], perm=[0, 2, 1]))
        nodes.append(helper.make_node("Shape", ["y"], ["s"]))
        inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 3) for name in ("x", "memory")]
        outputs = [helper.make_tensor_value_info("s", TensorProto.INT64, [3])]
        graph = helper.make_graph(nodes, "batched", inputs, outputs)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        self._session = open_session(model.SerializeToString(), where="bare products")
        self._known: dict[Sizes, float] = {}

    def seconds(self, sizes: Sizes) -> float:
        """The median of several calls with so many sentences, hypotheses and source tokens."""
        if sizes not in self._known:
            sentences, beam, length = sizes
            x = np.ones((sentences, beam, self._size if self._transposed else length), np.float32)
            memory = np.ones((sentences, length, self._size), np.float32)
            self._known[sizes] = median_seconds(lambda: self._session.run(["s"], {"x": x, "memory": memory}))
        return self._known[sizes]


def median_seconds(call: Callable[[], object]) -> float:
    """Of six calls after one that is left out."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times[1:])[3]


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
            self._known[rows] = median_seconds(lambda: self._session.run(self._outputs, feed))
        return self._known[rows]
