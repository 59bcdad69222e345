"""What is used in a graph, and what is not."""

from __future__ import annotations

from collections import Counter

import onnx


def count_uses(model: onnx.ModelProto) -> Counter[str]:
    """How often each value is used: by nodes, those of graphs inside nodes included, and as an output."""
    uses = Counter(name for each in all_graphs(model.graph) for node in each.node for name in node.input)
    uses.update(one.name for each in all_graphs(model.graph) for one in each.output)
    return uses


def drop_unused(model: onnx.ModelProto) -> None:
    """Takes away nodes whose values nothing uses, and then weights."""
    graph = model.graph
    while True:
        used = count_uses(model)
        nodes = [node for node in graph.node if any(name in used for name in node.output)]
        if len(nodes) == len(graph.node):
            break
        del graph.node[:]  # and look again: what made their inputs may be unused now
        graph.node.extend(nodes)
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def all_graphs(graph: onnx.GraphProto) -> list[onnx.GraphProto]:
    """The graph and those inside its nodes."""
    inside = [one.g for node in graph.node for one in node.attribute if one.type == onnx.AttributeProto.GRAPH]
    return [graph, *inside]
