"""int8 graphs: close to fp32, the same for a row whatever the other rows are, and the same on every processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from seqtool.export.calibrate import watched
from seqtool.export.quantize import products, quantize
from seqtool.export.recurrent_int8 import constant_value
from seqtool.runtime.onnx_session import open_session

Floats = NDArray[np.float32]


def graph_of(nodes: list[onnx.NodeProto], weights: dict[str, Floats]) -> onnx.ModelProto:
    """`x` `(rows, 8)` to `y`."""
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def normal(*shape: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


TWO_PRODUCTS = graph_of(
    [
        helper.make_node("Gemm", ["x", "w", "b"], ["h"], transB=1),
        helper.make_node("Tanh", ["h"], ["t"]),
        helper.make_node("MatMul", ["t", "v"], ["y"]),
    ],
    {"w": normal(6, 8), "b": normal(6, seed=2), "v": normal(6, 5, seed=3)},
)


def run(model: onnx.ModelProto, inputs: Floats) -> Any:
    return open_session(model.SerializeToString(), where="test").run(["y"], {"x": inputs})[0]


def rounded(model: onnx.ModelProto, sample: Floats) -> onnx.ModelProto:
    watching = watched(model)
    watching.run(["y"], {"x": sample})
    return quantize(model, watching.largest)


def test_it_is_close_to_fp32() -> None:
    inputs = normal(50, 8, seed=4)
    exact, near = run(TWO_PRODUCTS, inputs), run(rounded(TWO_PRODUCTS, inputs), inputs)
    assert 0 < np.abs(exact - near).max() < 0.05 * np.abs(exact).max()


def test_a_row_does_not_know_the_others() -> None:
    """Bit for bit, beside small rows, large ones, and ones beyond everything the calibration saw."""
    inputs = normal(7, 8, seed=4)
    model = rounded(TWO_PRODUCTS, inputs)
    together = run(model, inputs)
    for others in (0.0, 0.001, 1000.0):
        beside = run(model, np.concatenate([inputs * others, inputs, inputs * others]))
        np.testing.assert_array_equal(beside[7:14], together)
    alone = np.concatenate([run(model, inputs[row : row + 1]) for row in range(len(inputs))])
    np.testing.assert_array_equal(alone, together)


def test_inputs_beyond_the_calibration_are_cut_off() -> None:
    inputs = np.ones((1, 8), np.float32)
    model = rounded(TWO_PRODUCTS, inputs)
    np.testing.assert_allclose(run(model, inputs * 50), run(model, inputs), atol=0.05)


def test_weights_leave_room_for_sixteen_bit_sums() -> None:
    """Two products of an unsigned and a signed byte are summed in 16 bits where there is no VNNI."""
    model = rounded(TWO_PRODUCTS, normal(9, 8))
    whole = [numpy_helper.to_array(one) for one in model.graph.initializer]
    weights = [one for one in whole if one.dtype == np.int8 and one.ndim == 2]
    assert [one.shape for one in weights] == [(8, 6), (6, 5)]
    assert all((np.abs(one).max(0) == 63).all() for one in weights)
    assert 255 * 63 * 2 < 2**15


def test_the_rounded_weights_alone_are_kept() -> None:
    model = rounded(TWO_PRODUCTS, normal(9, 8))
    names = {one.name for one in model.graph.initializer}
    assert {"h.weight", "y.weight"} <= names
    assert not {"w", "v", "b"} & names


def test_an_input_of_two_products_is_rounded_once() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["one"]),
        helper.make_node("MatMul", ["x", "v"], ["two"]),
        helper.make_node("Add", ["one", "two"], ["y"]),
    ]
    model = rounded(graph_of(nodes, {"w": normal(8, 4), "v": normal(8, 4, seed=2)}), normal(9, 8))
    assert [node.op_type for node in model.graph.node].count("QuantizeLinear") == 1


GATES = graph_of(
    [
        helper.make_node("Gemm", ["x", "w", "b"], ["one"]),
        helper.make_node("Tanh", ["x"], ["small"]),
        helper.make_node("Gemm", ["small", "v"], ["two"]),
        helper.make_node("Add", ["one", "two"], ["y"]),
    ],
    {"w": normal(8, 6), "v": normal(8, 6, seed=2), "b": normal(6, seed=3)},
)


def test_a_sum_of_products_is_one_product_whatever_the_sizes_of_their_inputs() -> None:
    inputs = normal(50, 8, seed=4) * np.float32(3)
    model = rounded(GATES, inputs)
    assert [node.op_type for node in model.graph.node].count("MatMulIntegerToFloat") == 1
    exact, near = run(GATES, inputs), run(model, inputs)
    assert 0 < np.abs(exact - near).max() < 0.03 * np.abs(exact).max()


def test_what_a_product_gives_may_be_what_the_next_is_given() -> None:
    """Nothing between them: each has a step of its own for the same tensor's name."""
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["h"]),
        helper.make_node("Gemm", ["h", "v"], ["y"]),
    ]
    weights = {"w": normal(8, 6) * np.float32(5), "b": normal(6, seed=2), "v": normal(6, 5, seed=3)}
    inputs, plain = normal(50, 8, seed=4), graph_of(nodes, weights)
    model = rounded(plain, inputs)
    names = [one.name for one in model.graph.initializer]
    assert len(names) == len(set(names))
    exact, near = run(plain, inputs), run(model, inputs)
    assert 0 < np.abs(exact - near).max() < 0.05 * np.abs(exact).max()


def test_a_term_that_is_needed_elsewhere_stays_a_product_of_its_own() -> None:
    model = onnx.ModelProto()
    model.CopyFrom(GATES)
    model.graph.output.append(helper.make_tensor_value_info("two", TensorProto.FLOAT, None))
    kinds = [node.op_type for node in rounded(model, normal(9, 8)).graph.node]
    assert (kinds.count("MatMulIntegerToFloat"), kinds.count("Add")) == (2, 1)


def moved_graph() -> onnx.ModelProto:
    """Rows of a table, and the same with their halves in another order, each times a weight."""
    nodes = [
        helper.make_node("Cast", ["x"], ["ids"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "ids"], ["rows"]),  # (n, 8, 6)
        helper.make_node("Transpose", ["rows"], ["turned"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["turned", "w"], ["y"]),
    ]
    return graph_of(nodes, {"table": normal(20, 6), "w": normal(6, 4, seed=2)})


def test_a_table_is_rounded_once_for_all_and_moves_are_moves_of_bytes() -> None:
    ids = np.random.default_rng(5).integers(0, 20, (9, 8)).astype(np.float32)
    model, plain = rounded(moved_graph(), ids), moved_graph()
    table = next(one for one in model.graph.initializer if one.name == "table.uint8")
    assert numpy_helper.to_array(table).dtype == np.uint8
    assert "table" not in {one.name for one in model.graph.initializer}
    assert "QuantizeLinear" not in {node.op_type for node in model.graph.node}
    exact, near = run(plain, ids), run(model, ids)
    assert 0 < np.abs(exact - near).max() < 0.03 * np.abs(exact).max()


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("MatMul", ["x", "x"], ["y"]),  # no weight
        helper.make_node("Gemm", ["x", "w"], ["y"], alpha=2.0),  # more than a product
        helper.make_node("Gemm", ["x", "w"], ["y"], transA=1),
        helper.make_node("MatMul", ["x", "stack"], ["y"]),  # several products at once
        helper.make_node("Add", ["x", "w"], ["y"]),
    ],
    ids=["no-weight", "alpha", "transA", "stack", "no-product"],
)
def test_what_is_not_a_plain_product_stays(node: onnx.NodeProto) -> None:
    model = graph_of([node], {"w": normal(8, 8), "stack": normal(2, 8, 8)})
    assert products(model) == []
    assert [one.op_type for one in quantize(model, {}).graph.node] == [node.op_type]


def test_a_column_without_weights_is_zero() -> None:
    weight = normal(8, 3)
    weight[:, 1] = 0.0
    model = rounded(graph_of([helper.make_node("MatMul", ["x", "w"], ["y"])], {"w": weight}), normal(9, 8))
    assert not run(model, normal(9, 8))[:, 1].any()


def test_the_calibration_sees_the_largest_number_of_all_runs() -> None:
    watching = watched(TWO_PRODUCTS)
    for size in (1.0, -7.0, 3.0):
        watching.run(["y"], {"x": np.full((2, 8), size, np.float32)})
    assert watching.largest["x"] == 7.0
    assert 0 < watching.largest["t"] <= 1.0


BLOCKS = {"LSTM": 4, "GRU": 3}
# Torch's GRU: the reset gate multiplies the product of the state.
OF_TORCH: dict[str, dict[str, int]] = {"LSTM": {}, "GRU": {"linear_before_reset": 1}}


def layer_graph(kind: str, inputs: int, hidden: int) -> onnx.ModelProto:
    """`x` `(S, B, inputs)` through a recurrent layer to `y`."""
    size = BLOCKS[kind] * hidden
    nodes = [
        helper.make_node("Gather", ["torch_w", "order"], ["w2"]),  # as weights come out of the exporter
        helper.make_node("Unsqueeze", ["w2", "zero"], ["w"]),
        helper.make_node(kind, ["x", "w", "r", "b"], ["y"], hidden_size=hidden, **OF_TORCH[kind]),
    ]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["length", "rows", inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(normal(size, inputs, seed=1), "torch_w"),
            numpy_helper.from_array(np.arange(size)[::-1].copy(), "order"),
            numpy_helper.from_array(np.array([0]), "zero"),
            numpy_helper.from_array(normal(1, size, hidden, seed=2) * np.float32(0.5), "r"),
            numpy_helper.from_array(normal(1, 2 * size, seed=3), "b"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_recurrent_layer_is_close_to_fp32_and_its_rows_are_their_own(kind: str) -> None:
    model = layer_graph(kind, 6, 5)
    inputs = normal(9, 4, 6, seed=5)
    near = rounded(model, inputs)
    assert kind not in {node.op_type for node in near.graph.node}
    exact, found = run(model, inputs), run(near, inputs)
    assert exact.shape == found.shape == (9, 1, 4, 5)
    assert 0 < np.abs(exact - found).max() < 0.08
    for row in range(4):
        np.testing.assert_array_equal(run(near, inputs[:, row : row + 1]), found[:, :, row : row + 1])


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_layer_is_as_close_after_many_positions(kind: str) -> None:
    model = layer_graph(kind, 6, 5)
    inputs = normal(400, 3, 6, seed=5)
    far = np.abs(run(model, inputs) - run(rounded(model, inputs), inputs))
    assert far[300:].max() < 2 * far[:100].max()


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_layer_keeps_nothing_of_its_old_weights(kind: str) -> None:
    model = rounded(layer_graph(kind, 6, 5), normal(9, 4, 6, seed=5))
    assert {one.name for one in model.graph.initializer}.isdisjoint({"torch_w", "order", "r", "b", "zero"})
    assert {node.op_type for node in model.graph.node}.isdisjoint({"Gather", kind})


@pytest.mark.parametrize("kind", BLOCKS)
def test_layers_with_a_state_of_their_own_stay(kind: str) -> None:
    model = layer_graph(kind, 6, 5)
    layer = model.graph.node[-1]
    layer.input.extend(["", "h0"])
    model.graph.initializer.append(numpy_helper.from_array(np.zeros((1, 4, 5), np.float32), "h0"))
    assert kind in {node.op_type for node in quantize(model, {}).graph.node}


def test_a_gru_that_resets_before_its_product_stays() -> None:
    model = layer_graph("GRU", 6, 5)
    layer = model.graph.node[-1]
    del layer.attribute[:]
    layer.attribute.append(helper.make_attribute("hidden_size", 5))
    assert "GRU" in {node.op_type for node in quantize(model, {}).graph.node}


def test_weights_made_of_other_weights_are_found() -> None:
    model = layer_graph("LSTM", 6, 5)
    weights = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    np.testing.assert_array_equal(constant_value(model, "w"), weights["torch_w"][::-1][None])
    with pytest.raises(KeyError, match="x"):
        constant_value(model, "y")


def test_a_product_with_a_vector_stays_as_it_is() -> None:
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["h"], transB=1), helper.make_node("MatMul", ["h", "v"], ["y"])]
    model = graph_of(nodes, {"w": normal(6, 8), "b": normal(6, seed=2), "v": normal(6, 1, seed=3)})
    assert [product.node.op_type for product in products(model)] == ["Gemm"]
