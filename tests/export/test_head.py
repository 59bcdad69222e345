"""The head of a step's graph: the best tokens of all that may be said, and log-probabilities over all there are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from seqtool.export.head import add_head, group_width
from seqtool.runtime.onnx_session import open_session

Floats = NDArray[np.float32]


def run(
    logits: Floats, barred: list[int], count: int, asked: list[int], *, fixed: bool = True, scored: bool = True
) -> list[Any]:
    """`best`, `log_probs`, `answers` and `normaliser`."""
    size = logits.shape[1]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["logits"])],
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", size])],
        [],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    add_head(model, size if fixed else None)
    session = open_session(model.SerializeToString(), where="test")
    width = next(one.shape[0] for one in session.get_inputs() if one.name == "barred")
    feed = {
        "x": logits,
        "count": np.array([count]),
        "barred": np.isin(np.arange(width), barred),
        "scored": np.array(scored),
        "asked": np.tile(np.array(asked, np.int64), (len(logits), 1)),
    }
    return session.run(["best", "log_probs", "answers", "normaliser"], feed)


def log_softmax(logits: Floats) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    largest = wide.max(1, keepdims=True)
    return wide - largest - np.log(np.exp(wide - largest).sum(1, keepdims=True))


@pytest.mark.parametrize("barred", [[], [0, 1, 2], [3], [0, 1, 2, 3, 7, 11]])
@pytest.mark.parametrize("count", [1, 4, 30])
@pytest.mark.parametrize(("size", "fixed"), [(97, True), (1600, True), (5000, True), (32, False), (160, False)])
def test_the_best_of_what_may_be_said(size: int, fixed: bool, count: int, barred: list[int]) -> None:
    logits = np.random.default_rng(size + count).normal(0, 3, (50, size)).astype(np.float32)
    logits[:10, :12] += 20  # the first group has all the best
    logits[10:20, -20:] += 20  # and the last one
    asked = [0, 3, size - 1]
    best, log_probs, answers, _ = run(logits, barred, count, asked, fixed=fixed)
    every = log_softmax(logits)
    open_to_all = np.delete(np.arange(size), barred)
    count = min(count, len(open_to_all))
    expected = open_to_all[np.argsort(-every[:, open_to_all], axis=1)[:, :count]]
    np.testing.assert_array_equal(best[:, :count], expected)
    np.testing.assert_allclose(log_probs[:, :count], np.take_along_axis(every, expected, 1), atol=1e-4)
    assert not np.isfinite(log_probs[:, count:]).any()
    np.testing.assert_allclose(answers, every[:, asked], atol=1e-4)


@pytest.mark.parametrize(("size", "fixed"), [(97, True), (1600, True), (160, False)])
def test_without_scores_there_are_logits(size: int, fixed: bool) -> None:
    logits = np.random.default_rng(size).normal(0, 3, (50, size)).astype(np.float32)
    best, raw, answers, normaliser = run(logits, [0, 1], 4, [0, 5], fixed=fixed, scored=False)
    scored_best, log_probs, *_, sums = run(logits, [0, 1], 4, [], fixed=fixed)
    np.testing.assert_array_equal(best, scored_best)
    np.testing.assert_array_equal(raw, np.take_along_axis(logits, best, 1))
    np.testing.assert_array_equal(answers, logits[:, [0, 5]])
    np.testing.assert_array_equal(raw - sums, log_probs)
    assert not normaliser.any()


def test_some_sizes_are_searched_in_groups_and_some_whole() -> None:
    assert [group_width(size) for size in (97, 1600, 5000, None)] == [None, 50, 50, 16]


@pytest.mark.parametrize("lead", [30.0, 80.0, 200.0])
def test_what_is_barred_may_be_far_more_probable_than_all_else(lead: float) -> None:
    logits = np.random.default_rng(1).normal(0, 1, (5, 1600)).astype(np.float32)
    logits[:, 3] = lead
    best, log_probs, *_ = run(logits, [3], 2, [])
    every = log_softmax(logits)
    assert (best[:, 0] == np.delete(every, 3, 1).argmax(1) + 1 - (np.delete(every, 3, 1).argmax(1) < 3)).all()
    if lead < 87:  # beyond that a probability is no fp32 number
        np.testing.assert_allclose(log_probs[:, 0], np.take_along_axis(every, best, 1)[:, 0], rtol=1e-5)
    assert np.isfinite(log_probs).all()
