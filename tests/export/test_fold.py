"""Products one after the other become one where that is the same and less to do."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper

from seqtool.export.fold import fold_products
from tests.export.test_quantize import Floats, graph_of, normal, run

WEIGHTS: dict[str, Floats] = {
    "w": normal(8, 8),
    "v": normal(8, 5, seed=2),
    "narrow": normal(8, 2, seed=3),
    "wide": normal(2, 40, seed=4),
    "number": np.array([0.3], np.float32),
    "numbers": normal(8, seed=5),
}


def made(*steps: tuple[str, str, str, str]) -> list[NodeProto]:
    return [helper.make_node(kind, [first, second], [output]) for kind, first, second, output in steps]


def folded(nodes: list[NodeProto], *outputs: str) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Before and after."""
    model, new = graph_of(nodes, WEIGHTS), onnx.ModelProto()
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs)
    new.CopyFrom(model)
    fold_products(new)
    return model, new


@pytest.mark.parametrize(
    "nodes",
    [
        made(("MatMul", "x", "w", "h"), ("MatMul", "h", "v", "y")),
        made(("MatMul", "x", "w", "h"), ("Mul", "h", "number", "s"), ("MatMul", "s", "v", "y")),
    ],
    ids=["plain", "scaled"],
)
def test_two_become_one(nodes: list[NodeProto]) -> None:
    before, after = folded(nodes)
    assert [node.op_type for node in after.graph.node] == ["MatMul"]
    assert [one.name for one in after.graph.initializer] == ["y.folded"]
    inputs = normal(7, 8, seed=9)
    np.testing.assert_allclose(run(after, inputs), run(before, inputs), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("nodes", "outputs"),
    [
        (made(("MatMul", "x", "narrow", "h"), ("MatMul", "h", "wide", "y")), ()),  # a bottleneck saves operations
        (made(("MatMul", "x", "w", "h"), ("MatMul", "h", "v", "y")), ("h",)),  # the first is wanted, too
        (made(("MatMul", "x", "w", "h"), ("Mul", "h", "numbers", "s"), ("MatMul", "s", "v", "y")), ()),
        (made(("MatMul", "x", "w", "h"), ("Add", "h", "number", "s"), ("MatMul", "s", "v", "y")), ()),
    ],
    ids=["bottleneck", "wanted", "vector", "sum"],
)
def test_what_stays_two(nodes: list[NodeProto], outputs: tuple[str, ...]) -> None:
    _, after = folded(nodes, *outputs)
    assert [node.op_type for node in after.graph.node] == [node.op_type for node in nodes]
