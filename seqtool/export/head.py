"""From logits to candidates, as the last nodes of a step's graph.

The distribution over the vocabulary stays in the graph: the best `count` tokens of each row leave it, and the tokens that were asked for.
Tokens that may never be said stand first in every vocabulary, and are kept from being chosen here: a search that chose more, to have enough
left without them, would take a fifth longer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import onnx
from onnx import NodeProto, TensorProto, helper

from seqtool.runtime.shortlist import SHORT_WIDTH

# The smallest number with all its digits: a probability below counts as this.
_LEAST = 2.0**-126

# The names a head shares with the rest of a step's graph; all others are its own, under names that no network's graph has.
_SHARED = {"count", "barred", "asked", "scored", "logits", "best", "log_probs", "answers", "normaliser"}


def add_head(step: onnx.ModelProto, vocab_size: int | None) -> None:
    """Adds the inputs `count` `(1,)`, `barred` `(W,)`, which says what of the first group of tokens may not be chosen, `asked` `(R, M)` and
    `scored` `()`, and the outputs `best` and `log_probs` `(R, count)`, `answers` `(R, M)` and `normaliser` `(R, 1)`: log-probabilities in
    nats, and what is taken off a logit to make one, which is nothing where it is not `scored`. A `vocab_size` of None varies, and is a
    multiple of `SHORT_WIDTH`, of two at least."""
    graph = step.graph
    graph.node.extend([*_best(vocab_size), *_normaliser(), *_log_probs()])
    for name, values in _constants(vocab_size).items():
        graph.initializer.append(helper.make_tensor(f"head.{name}", TensorProto.INT64, [len(values)], values))
    graph.input.append(helper.make_tensor_value_info("count", TensorProto.INT64, [1]))
    width = group_width(vocab_size) or vocab_size
    graph.initializer.append(helper.make_tensor("head.nothing", TensorProto.FLOAT, [], [-math.inf]))
    graph.initializer.append(helper.make_tensor("head.least", TensorProto.FLOAT, [], [_LEAST]))
    graph.initializer.append(helper.make_tensor("head.none", TensorProto.FLOAT, [1, 1], [0.0]))
    graph.input.append(helper.make_tensor_value_info("barred", TensorProto.BOOL, [width]))
    graph.input.append(helper.make_tensor_value_info("asked", TensorProto.INT64, ["rows", "asked"]))
    graph.input.append(helper.make_tensor_value_info("scored", TensorProto.BOOL, []))
    outputs = (
        ("best", TensorProto.INT64, "count"),
        ("log_probs", TensorProto.FLOAT, "count"),
        ("answers", TensorProto.FLOAT, "asked"),
        ("normaliser", TensorProto.FLOAT, 1),
    )
    graph.output.extend(helper.make_tensor_value_info(name, kind, [None, width]) for name, kind, width in outputs)


def group_width(vocab_size: int | None) -> int | None:
    """How many neighbouring tokens make a group: the divisor of the vocabulary's size nearest to 50, if there is one from 25 to 160."""
    if vocab_size is None:
        return SHORT_WIDTH
    fitting = [width for width in range(25, 161) if vocab_size % width == 0 and vocab_size // width >= 32]
    return min(fitting, key=lambda width: abs(width - 50), default=None)


def _constants(vocab_size: int | None) -> dict[str, Sequence[int]]:
    width = group_width(vocab_size) or 1
    shape = [0, -1, width]  # 0: as many rows as there are
    pads = [0, 0, 0, 1]  # one column behind
    numbers: dict[str, Sequence[int]] = {"zero": [0], "one": [1], "two": [2], "last": [1 << 31]}
    return {**numbers, "width": [width], "groups": shape, "flat": shape[:2], "pads": pads}


def _best(vocab_size: int | None) -> list[NodeProto]:
    """`best_logits` and `best` `(R, count)`. The `count` largest logits are in the `count` groups with the largest maxima, so the search
    among all tokens is one among groups and one inside those that were found: half the time of TopK over everything. The first group,
    without what is barred there, is always looked into."""
    if group_width(vocab_size) is None:
        return [
            _node("Where", ["barred", "head.nothing", "logits"], ["open"]),
            _node("TopK", ["open", "count"], ["best_logits", "best"], axis=1),
        ]
    return [
        _node("Reshape", ["logits", "head.groups"], ["grouped"]),  # (R, G, W)
        _node("Gather", ["grouped", "head.zero"], ["first_group"], axis=1),  # (R, 1, W)
        _node("Where", ["barred", "head.nothing", "first_group"], ["open_group"]),
        _node("Squeeze", ["open_group", "head.one"], ["open"]),
        _node("ReduceMax", ["grouped", "head.two"], ["all_maxima"], keepdims=0),
        _node("Slice", ["all_maxima", "head.one", "head.last", "head.one"], ["maxima"]),  # (R, G - 1)
        _node("Shape", ["maxima"], ["group_count"], start=1, end=2),
        _node("Min", ["count", "group_count"], ["found_groups"]),
        _node("TopK", ["maxima", "found_groups"], ["group_maxima", "place_of_group"], axis=1),  # (R, C)
        _node("Add", ["place_of_group", "head.one"], ["group"]),
        _node("Unsqueeze", ["group", "head.two"], ["group_index"]),
        _node("GatherND", ["grouped", "group_index"], ["inside"], batch_dims=1),  # (R, C, W)
        _node("Reshape", ["inside", "head.flat"], ["inside_flat"]),
        _node("Concat", ["inside_flat", "open"], ["looked_into"], axis=1),  # (R, C W + W)
        _node("TopK", ["looked_into", "count"], ["best_logits", "place"], axis=1),
        _node("Div", ["place", "head.width"], ["which"]),
        _node("Pad", ["group", "head.pads"], ["every_group"]),  # the first one, 0, stands last
        _node("GatherElements", ["every_group", "which"], ["best_group"], axis=1),
        _node("Sub", ["best_group", "which"], ["moved"]),
        _node("Mul", ["moved", "head.width"], ["offset"]),
        _node("Add", ["place", "offset"], ["best"]),
    ]


def _normaliser() -> list[NodeProto]:
    """log of the sum of exp(logits), or 0 where it is not `scored`, which saves a pass over the vocabulary. It is the best token's logit
    less the logarithm of its probability. That is at least 1 / V, unless what is barred is far more probable. ONNX Runtime's Softmax is
    one fused pass; its ReduceLogSumExp takes several times as long."""
    scored = [
        _node("Softmax", ["logits"], ["probabilities"], axis=1),
        _node("Slice", ["best", "head.zero", "head.one", "head.one"], ["first"]),
        _node("Slice", ["best_logits", "head.zero", "head.one", "head.one"], ["largest"]),
        _node("GatherElements", ["probabilities", "first"], ["largest_probability"], axis=1),
        _node("Max", ["largest_probability", "head.least"], ["probable"]),
        _node("Log", ["probable"], ["largest_log_prob"]),
        _node("Sub", ["largest", "largest_log_prob"], ["sum"]),
    ]
    unscored = [_node("Identity", ["head.none"], ["zero_normaliser"])]
    branches = {
        "then_branch": _graph("scored", scored, "sum"),
        "else_branch": _graph("unscored", unscored, "zero_normaliser"),
    }
    return [helper.make_node("If", ["scored"], ["normaliser"], **branches)]


def _graph(name: str, nodes: list[NodeProto], output: str) -> onnx.GraphProto:
    return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(_named(output), TensorProto.FLOAT, None)])


def _log_probs() -> list[NodeProto]:
    return [
        _node("Sub", ["best_logits", "normaliser"], ["log_probs"]),
        _node("GatherElements", ["logits", "asked"], ["asked_logits"], axis=1),
        _node("Sub", ["asked_logits", "normaliser"], ["answers"]),
    ]


def _node(kind: str, inputs: list[str], outputs: list[str], **attributes: int) -> NodeProto:
    node = helper.make_node(kind, [_named(name) for name in inputs], [_named(name) for name in outputs])
    node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
    return node


def _named(name: str) -> str:
    return name if name in _SHARED or name.startswith("head.") else f"head.{name}"
