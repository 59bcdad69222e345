"""ONNX Runtime says what torch says: the same candidates, answers and attention, step after step, whatever is forbidden or forced."""

from __future__ import annotations

from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from seqtool.batching import Batch, collate
from seqtool.decoding.stepper import BOS, EOS, PAD, UNK, Candidates, Constraints, Ints
from seqtool.errors import ModelError
from seqtool.export.calibrate import watched
from seqtool.export.graphs import stepper_of, with_head
from seqtool.export.quantize import quantize
from seqtool.export.trace import Graphs, trace
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.onnx_stepper import OnnxState, OnnxStepper, allowed, spare
from seqtool.runtime.torch_stepper import TorchStepper

VOCAB = 13
KINDS: dict[str, dict[str, Any]] = {
    "lstm-scaled-dot": {"attention": {"kind": "scaled_dot"}},
    "gru-additive": {"encoder": {"kind": "gru", "hidden": 3, "layers": 2}, "decoder": {"kind": "gru", "hidden": 6}},
    "feeding": {"decoder": {"kind": "gru", "hidden": 6, "input_feeding": True}, "attention": {"kind": "general"}},
    "no-attention": {"attention": {"kind": "none"}, "encoder": {"hidden": 4, "bidirectional": False}},
    "rnn-tanh": {"encoder": {"kind": "rnn", "hidden": 3}, "decoder": {"kind": "rnn", "hidden": 6, "layers": 2}},
    "rnn-relu-dot": {
        "encoder": {"kind": "rnn", "hidden": 3, "activation": "relu"},
        "decoder": {"kind": "rnn", "hidden": 6, "activation": "relu"},
        "attention": {"kind": "dot"},
    },
    "residual-norm": {
        "encoder": {"hidden": 3, "layers": 2, "residual": True, "layer_norm": True},
        "decoder": {"hidden": 6, "layers": 2, "residual": True, "layer_norm": True},
    },
    "residual-lstm": {"embedding": 6, "encoder": {"hidden": 3, "layers": 2, "residual": True}},
    "deep-gru": {
        "encoder": {"kind": "gru", "hidden": 3, "layers": 2, "transitions": 2},
        "decoder": {"kind": "gru", "hidden": 6, "transitions": 2},
    },
    "deep-norm-feeding": {
        "encoder": {"kind": "rnn", "hidden": 6, "reversed": True, "layer_norm": True, "transitions": 2},
        "decoder": {"hidden": 6, "input_feeding": True, "layer_norm": True, "transitions": 3},
    },
    "deep-lstm-relu": {
        "encoder": {"hidden": 3, "transitions": 3},
        "decoder": {"kind": "rnn", "activation": "relu", "hidden": 6, "layers": 2, "transitions": 2, "residual": True},
    },
}
# Tracing one takes seconds; the others are for the whole suite.
kinds = [pytest.param(name, marks=() if name == "lstm-scaled-dot" else pytest.mark.slow) for name in KINDS]
every_kind = pytest.mark.parametrize("kind", kinds)


def make_model(kind: str, vocab: int = VOCAB) -> Seq2Seq:
    torch.manual_seed(1)
    sizes: dict[str, Any] = {"embedding": 5, "encoder": {"hidden": 3}, "decoder": {"hidden": 6}}
    return build_model(ModelSection.model_validate({**sizes, **KINDS[kind]}), vocab, vocab).eval()


@cache
def steppers(kind: str, vocab: int = VOCAB) -> tuple[TorchStepper, OnnxStepper]:
    model = make_model(kind, vocab)
    return TorchStepper(model), stepper_of(with_head(trace(model), vocab))


@pytest.fixture
def batch() -> Batch:
    rng = np.random.default_rng(2)
    rows = [[rng.integers(4, VOCAB, length) for length in lengths] for lengths in ([4, 1, 6], [3, 5, 2])]
    return collate(*rows)


def equal(one: Candidates, other: Candidates) -> None:
    np.testing.assert_array_equal(one.tokens[np.isfinite(one.log_probs)], other.tokens[np.isfinite(other.log_probs)])
    np.testing.assert_allclose(one.log_probs, other.log_probs, atol=1e-5)
    for mine, theirs in ((one.attention, other.attention), (one.asked, other.asked)):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            np.testing.assert_allclose(mine, theirs, atol=1e-5)


@every_kind
def test_three_steps_are_torchs(kind: str, batch: Batch) -> None:
    """Rows are repeated, reordered and dropped on the way, and a sentence ends."""
    torch_stepper, onnx_stepper = steppers(kind)
    both: list[tuple[Any, Any]] = [(one, one.start(batch.src, batch.src_lengths)) for one in steppers(kind)]
    rows_of = [np.array([0, 0, 1, 1, 2, 2]), np.array([5, 4, 1, 0]), np.array([3, 3, 0, 0])]
    tokens_of = [np.full(3, BOS), np.array([4, 5, 6, 7, 8, 9]), np.array([9, 9, 5, 4]), np.array([10, 4, 4, 11])]
    for tokens, rows in zip(tokens_of, [*rows_of, None], strict=True):
        asked = np.stack([tokens, np.full(len(tokens), -1), np.full(len(tokens), EOS)], axis=1)
        found = [stepper.step(tokens, state, Constraints(), 4, asked) for stepper, state in both]
        equal(found[0][0], found[1][0])
        if rows is not None:
            both = [(stepper, stepper.select(new, rows)) for (stepper, _), (_, new) in zip(both, found, strict=True)]
    assert isinstance(both[1][1], OnnxState)
    assert both[1][1].sentences == 2
    assert (torch_stepper, onnx_stepper) == steppers(kind)


@pytest.mark.parametrize(
    "constraints",
    [
        Constraints(never=()),
        Constraints(),
        Constraints(forced=np.array([-1, EOS, 5])),
        Constraints(forbidden_rows=np.array([0, 0, 2, 0]), forbidden_tokens=np.array([EOS, 7, 4, 12])),
        Constraints(forced=np.array([9, -1, -1]), forbidden_rows=np.array([1, 1]), forbidden_tokens=np.array([EOS, 5])),
    ],
    ids=["anything", "never", "forced", "forbidden", "both"],
)
@pytest.mark.parametrize("count", [1, 4, VOCAB, 1 << 30])
def test_constraints_are_torchs(constraints: Constraints, count: int, batch: Batch) -> None:
    found = []
    for stepper in steppers("lstm-scaled-dot"):
        state: Any = stepper.start(batch.src, batch.src_lengths)
        found.append(stepper.step(np.full(3, BOS), state, constraints, count, np.array([[4], [-1], [EOS]]))[0])
    equal(*found)


@pytest.mark.parametrize("runtime", [0, 1], ids=["torch", "onnx"])
def test_without_scores_each_row_is_off_by_a_number_of_its_own(runtime: int, batch: Batch) -> None:
    stepper: Any = steppers("lstm-scaled-dot")[runtime]
    state = stepper.start(batch.src, batch.src_lengths)
    asked = np.array([[4], [5], [EOS]])
    step = partial(stepper.step, np.full(3, BOS), state, Constraints(), 4, asked)
    (scored, _), (unscored, _) = step(), step(scored=False)
    np.testing.assert_array_equal(unscored.tokens, scored.tokens)
    off = unscored.log_probs - scored.log_probs
    assert abs(off).min() > 0.1
    np.testing.assert_allclose(off, np.broadcast_to(off[:, :1], off.shape), atol=1e-5)
    np.testing.assert_allclose(unscored.asked - scored.asked, off[:, :1], atol=1e-5)


@every_kind
def test_the_distribution_is_the_candidates(kind: str, batch: Batch) -> None:
    _, stepper = steppers(kind)
    state = stepper.start(batch.src, batch.src_lengths)
    (log_probs, attention, _), _ = stepper.distribution(np.full(3, BOS), state)
    found, _ = stepper.step(np.full(3, BOS), state, Constraints(never=()), VOCAB)
    np.testing.assert_allclose(np.exp(log_probs).sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(log_probs, found.tokens, 1), found.log_probs, atol=1e-6)
    assert (attention is None) == (found.attention is None)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["residual-norm", "deep-gru"])
def test_graphs_with_loops_inside_can_be_rounded(kind: str, batch: Batch) -> None:
    """What a loop multiplies stays as it is; what comes before and after it becomes int8."""
    graphs = trace(make_model(kind))
    encoder, step = (watched(graph) for graph in with_head(graphs, VOCAB))
    exact = _probable(OnnxStepper(encoder, step), batch)
    near = Graphs(quantize(graphs.encoder, encoder.largest), quantize(graphs.step, step.largest))
    kinds = {node.op_type for node in near.encoder.graph.node}
    assert {"Scan", "MatMulIntegerToFloat"} <= kinds
    found = _probable(stepper_of(with_head(near, VOCAB)), batch)
    assert 0 < np.abs(found - exact).max() < 0.5


def test_no_product_is_taken_with_a_vector_sentence_by_sentence() -> None:
    """ONNX Runtime takes ten times as long for it: additive attention was two fifths of all decoding."""
    step = trace(make_model("gru-additive")).step
    vectors = {one.name for one in step.graph.initializer if len(one.dims) == 1}
    shapes = {one.name: len(one.type.tensor_type.shape.dim) for one in step.graph.value_info}
    products = [node for node in step.graph.node if node.op_type == "MatMul" and node.input[1] in weights_of(step)]
    assert products
    assert not [node.name for node in products if node.input[1] in vectors]
    energies = [node for node in products if weights_of(step)[node.input[1]] == 1]
    assert [shapes.get(node.input[0], 2) for node in energies] == [2]


def weights_of(model: Any) -> dict[str, int]:
    """The columns of each constant."""
    return {one.name: one.dims[-1] for one in model.graph.initializer if one.dims}


def _probable(stepper: OnnxStepper, batch: Batch) -> Any:
    """Log-probabilities after two tokens."""
    _, state = stepper.step(np.full(3, BOS), stepper.start(batch.src, batch.src_lengths), Constraints(), 1)
    return stepper.distribution(np.array([4, 5, 6]), state)[0].log_probs


def test_a_step_does_not_change_its_state(batch: Batch) -> None:
    _, stepper = steppers("lstm-scaled-dot")
    state = stepper.start(batch.src, batch.src_lengths)
    copies = [part.copy() for part in (*state.memory, *state.layers, state.rows)]
    first, new = stepper.step(np.full(3, BOS), state, Constraints(), 3)
    stepper.step(np.array([5, 6, 7]), new, Constraints(), 3)
    again, _ = stepper.step(np.full(3, BOS), state, Constraints(), 3)
    equal(first, again)
    for before, after in zip(copies, (*state.memory, *state.layers, state.rows), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.slow
@pytest.mark.parametrize("vocab", [800, 1000, 997], ids=["groups", "other-groups", "prime"])
def test_large_vocabularies_have_the_same_best_tokens(vocab: int, batch: Batch) -> None:
    """From some size on candidates are found in groups of neighbours."""
    found = []
    for stepper in steppers("no-attention", vocab):
        state: Any = stepper.start(batch.src, batch.src_lengths)
        found.append([stepper.step(np.full(3, BOS), state, Constraints(), count)[0] for count in (1, 6, 40, vocab)])
    for one, other in zip(*found, strict=True):
        equal(one, other)


def test_graphs_that_do_not_belong_together_are_refused() -> None:
    _, stepper = steppers("lstm-scaled-dot")
    with pytest.raises(ModelError, match="do not fit together"):
        OnnxStepper(stepper._step, stepper._encoder)


@pytest.mark.parametrize("graph", [b"", b"\x00" * 100, b"not a graph"], ids=["empty", "zeros", "text"])
def test_what_is_no_graph_is_refused(graph: bytes) -> None:
    with pytest.raises(ModelError, match=r"here\.onnx") as caught:
        open_session(graph, where="here.onnx")
    assert "seqtool export" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), MemoryError),
        (
            RuntimeError("FAIL : node Add\nBFCArena: Failed to allocate memory for requested buffer of size 64"),
            MemoryError,
        ),
        (RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc"), MemoryError),
        (RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bad allocation"), MemoryError),
        (RuntimeError("[ONNXRuntimeError] : 1 : FAIL : shapes that do not fit"), ModelError),
    ],
)
def test_too_little_memory_is_not_the_graphs_fault(
    error: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of which ONNX Runtime tells in words only."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(onnxruntime, "InferenceSession", refuse)
        with pytest.raises(expected):
            open_session(b"", where="here.onnx")
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: SimpleNamespace(run=refuse))
    with pytest.raises(expected):
        open_session(b"", where="here.onnx").run([], {})


def constrained(rows: list[int], tokens: list[int], never: tuple[int, ...] = ()) -> Constraints:
    return Constraints(never, np.array(rows, np.int64), np.array(tokens, np.int64))


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        (Constraints(never=()), [[7, 1], [5, 2]]),  # nothing to leave out
        (Constraints(), [[7, 9], [5, 9]]),  # pad, unk and bos are never said
        (constrained([0], [7]), [[1, 9], [5, 2]]),  # in one row only
        (constrained([0, 0, 1], [7, 1, 2]), [[9, 4], [5, 9]]),  # several in a row
        (constrained([1], [12]), [[7, 1], [5, 2]]),  # what was no candidate
    ],
    ids=["nothing", "never", "one-row", "several", "no-candidate"],
)
def test_the_best_that_may_be_said(constraints: Constraints, expected: list[list[int]]) -> None:
    best: Ints = np.array([[7, UNK, 9, 4], [5, BOS, 9, PAD]])
    tokens, log_probs = allowed(best, -np.arange(8.0).reshape(2, 4), constraints, 2)
    assert tokens.tolist() == expected
    assert np.isfinite(log_probs).all()


def test_what_may_not_be_said_comes_last_and_is_impossible() -> None:
    tokens, log_probs = allowed(np.array([[7, 8]]), np.array([[-1.0, -2.0]]), constrained([0, 0], [7, 8]), 2)
    assert tokens.shape == (1, 2)
    assert np.isneginf(log_probs).all()


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [(Constraints(never=()), 0), (Constraints(), 3), (constrained([], []), 0), (constrained([2, 0, 2], [4, 4, 5]), 2)],
)
def test_as_many_more_candidates_as_may_be_forbidden(constraints: Constraints, expected: int) -> None:
    assert spare(constraints, 3) == expected
