"""What a graph does not need."""

from __future__ import annotations

import onnx


def drop_unused(model: onnx.ModelProto) -> None:
    """Takes away nodes whose values nothing uses, and then weights."""
    graph = model.graph
    while True:
        used = {name for each in _graphs(graph) for node in each.node for name in node.input}
        used |= {one.name for one in graph.output}
        nodes = [node for node in graph.node if any(name in used for name in node.output)]
        if len(nodes) == len(graph.node):
            break
        del graph.node[:]  # and look again: what made their inputs may be unused now
        graph.node.extend(nodes)
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _graphs(graph: onnx.GraphProto) -> list[onnx.GraphProto]:
    """The graph and those inside its nodes."""
    inside = [one.g for node in graph.node for one in node.attribute if one.type == onnx.AttributeProto.GRAPH]
    return [graph, *inside]
