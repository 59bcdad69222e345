"""Two products with constant weights, one after the other, as one."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper

from seqtool.export.prune import count_uses, drop_unused


def fold_products(model: onnx.ModelProto) -> None:
    """Folds `(x W) V` and `(x W c) V` with a number c into `x (W c V)`, where nothing else needs `x W` and it takes fewer operations: keys
    that are projected from a memory and then once more into the queries' space."""
    graph = model.graph
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}
    uses = count_uses(model)

    def inner(name: str) -> NodeProto | None:
        """What makes this tensor for one use."""
        return makers.get(name) if uses[name] == 1 else None

    for second in graph.node:
        first, scale = inner(second.input[0]) if _is_product(second, weights) else None, 1.0
        if first is not None and first.op_type == "Mul" and weights.get(first.input[1], np.ones(2)).size == 1:
            scale = float(weights[first.input[1]].reshape(()))
            first = inner(first.input[0])
        if first is None or not _is_product(first, weights):
            continue
        before, after = weights[first.input[1]], weights[second.input[1]]
        if len(before) * after.shape[1] > before.size + after.size:
            continue
        folded = (before.astype(np.float64) * scale) @ after.astype(np.float64)
        name = f"{second.output[0]}.folded"
        graph.initializer.append(numpy_helper.from_array(folded.astype(np.float32), name))
        second.input[:] = [first.input[0], name]
    drop_unused(model)


def _is_product(node: NodeProto, weights: dict[str, NDArray[np.generic]]) -> bool:
    return node.op_type == "MatMul" and node.input[1] in weights and weights[node.input[1]].ndim == 2
