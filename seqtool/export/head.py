"""From logits to candidates, as the last nodes of a step's graph.

The distribution over the vocabulary stays in the graph: the best `count` tokens of each row leave it, and the tokens that were asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import onnx
from onnx import NodeProto, TensorProto, helper

from seqtool.runtime.shortlist import SHORT_WIDTH


def add_head(step: onnx.ModelProto, vocab_size: int | None) -> None:
    """Adds the inputs `count` `(1,)` and `asked` `(R, M)`, and the outputs `best` and `log_probs` `(R, count)`, `answers` `(R, M)` and
    `normaliser` `(R, 1)`: log-probabilities in nats, and what is taken off a logit to make one. A `vocab_size` of None varies, and is a
    multiple of `SHORT_WIDTH`."""
    graph = step.graph
    graph.node.extend([*_best(vocab_size), *_normaliser(), *_log_probs()])
    for name, values in _constants(vocab_size).items():
        graph.initializer.append(helper.make_tensor(f"head.{name}", TensorProto.INT64, [len(values)], values))
    graph.input.append(helper.make_tensor_value_info("count", TensorProto.INT64, [1]))
    graph.input.append(helper.make_tensor_value_info("asked", TensorProto.INT64, ["rows", "asked"]))
    outputs = (
        ("best", TensorProto.INT64, "count"),
        ("log_probs", TensorProto.FLOAT, "count"),
        ("answers", TensorProto.FLOAT, "asked"),
        ("normaliser", TensorProto.FLOAT, 1),
    )
    graph.output.extend(helper.make_tensor_value_info(name, kind, ["rows", width]) for name, kind, width in outputs)


def group_width(vocab_size: int | None) -> int | None:
    """How many neighbouring tokens make a group: the divisor of the vocabulary's size nearest to 50, if there is one from 25 to 160."""
    if vocab_size is None:
        return SHORT_WIDTH
    fitting = [width for width in range(25, 161) if vocab_size % width == 0 and vocab_size // width >= 32]
    return min(fitting, key=lambda width: abs(width - 50), default=None)


def _constants(vocab_size: int | None) -> dict[str, Sequence[int]]:
    width = group_width(vocab_size) or 1
    shape = [0, -1, width]  # 0: as many rows as there are
    return {"zero": [0], "one": [1], "two": [2], "minus": [-1], "width": [width], "groups": shape}


def _best(vocab_size: int | None) -> list[NodeProto]:
    """`best_logits` and `best` `(R, count)`. The `count` largest logits are in the `count` groups with the largest maxima, so the search
    among all tokens is one among groups and one inside those that were found: half the time of TopK over everything."""
    if group_width(vocab_size) is None:
        return [_node("TopK", ["logits", "count"], ["best_logits", "best"], axis=1)]
    return [
        _node("Reshape", ["logits", "head.groups"], ["grouped"]),  # (R, G, W)
        _node("ReduceMax", ["grouped", "head.two"], ["maxima"], keepdims=0),
        _node("Shape", ["maxima"], ["groups"], start=1, end=2),
        _node("Min", ["count", "groups"], ["found_groups"]),
        _node("TopK", ["maxima", "found_groups"], ["group_maxima", "group"], axis=1),  # (R, C)
        _node("Unsqueeze", ["group", "head.two"], ["group_index"]),
        _node("GatherND", ["grouped", "group_index"], ["inside"], batch_dims=1),  # (R, C, W)
        _node("Mul", ["found_groups", "head.width"], ["inside_size"]),
        _node("Concat", ["head.minus", "inside_size"], ["inside_shape"], axis=0),
        _node("Reshape", ["inside", "inside_shape"], ["inside_flat"]),
        _node("TopK", ["inside_flat", "count"], ["best_logits", "place"], axis=1),
        _node("Div", ["place", "head.width"], ["which"]),
        _node("GatherElements", ["group", "which"], ["best_group"], axis=1),
        _node("Sub", ["best_group", "which"], ["moved"]),
        _node("Mul", ["moved", "head.width"], ["offset"]),
        _node("Add", ["place", "offset"], ["best"]),
    ]


def _normaliser() -> list[NodeProto]:
    """log of the sum of exp(logits): the largest logit less the logarithm of its probability, which is at least 1 / V. ONNX Runtime's
    Softmax is one fused pass; its ReduceLogSumExp takes several times as long."""
    return [
        _node("Softmax", ["logits"], ["probabilities"], axis=1),
        _node("Slice", ["best", "head.zero", "head.one", "head.one"], ["first"]),
        _node("Slice", ["best_logits", "head.zero", "head.one", "head.one"], ["largest"]),
        _node("GatherElements", ["probabilities", "first"], ["largest_probability"], axis=1),
        _node("Log", ["largest_probability"], ["largest_log_prob"]),
        _node("Sub", ["largest", "largest_log_prob"], ["normaliser"]),
    ]


def _log_probs() -> list[NodeProto]:
    return [
        _node("Sub", ["best_logits", "normaliser"], ["log_probs"]),
        _node("GatherElements", ["logits", "asked"], ["asked_logits"], axis=1),
        _node("Sub", ["asked_logits", "normaliser"], ["answers"]),
    ]


def _node(kind: str, inputs: list[str], outputs: list[str], **attributes: int) -> NodeProto:
    node = helper.make_node(kind, inputs, outputs)
    node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
    return node
