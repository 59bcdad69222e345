"""Changes to graphs that ONNX can still read: values elsewhere, other shapes, nodes and interfaces."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.cli.fuzz_values import HOSTILE


def _tensor_places(rng: random.Random, model: Any) -> str:
    """Values that are in another file."""
    tensor = rng.choice(model.graph.initializer)
    tensor.data_location = 1
    location = rng.choice(["/etc/passwd", "../elsewhere", "weights.safetensors", "/dev/zero", ""])
    for key, value in (
        ("location", location),
        ("offset", rng.choice(["0", "-1", "9" * 30])),
        ("length", rng.choice(["4", "9" * 18])),
    ):
        tensor.external_data.add(key=key, value=value)
    if rng.random() < 0.5:
        tensor.ClearField("raw_data")
    return "a tensor elsewhere"


def _tensor_shape(rng: random.Random, model: Any) -> str:
    tensor = rng.choice(model.graph.initializer)
    tensor.dims[:] = rng.choice([[], [0], [-1], [2**40], [2**31, 2**31], [1, *tensor.dims], list(tensor.dims)[::-1]])
    return "a shape"


def _attribute(rng: random.Random, model: Any) -> str:
    nodes = [node for node in model.graph.node if node.attribute]
    attribute = rng.choice(rng.choice(nodes).attribute)
    attribute.i = rng.choice([-1, 0, 1, 2**31, 2**62, -(2**63)])
    attribute.ints[:] = rng.choices([-1, 0, 1, 7, 2**40], k=rng.randint(0, 4))
    return "an attribute"


def _node(rng: random.Random, model: Any) -> str:
    node = rng.choice(model.graph.node)
    match rng.randrange(4):
        case 0:
            node.op_type = rng.choice(
                ["Add", "MatMul", "Loop", "If", "ConstantOfShape", "Nothing", "Reshape", *HOSTILE]
            )
        case 1:
            node.input[:] = list(node.input)[::-1]
        case 2:
            node.output[:] = [f"{name}x" for name in node.output]
        case _:
            node.domain = rng.choice(["com.microsoft", "ai.onnx.ml", "x", *HOSTILE])
    return "a node"


def _interface(rng: random.Random, model: Any) -> str:
    value = rng.choice([*model.graph.input, *model.graph.output])
    if rng.random() < 0.4:
        value.name = rng.choice(["logits", "tokens", "memory.0", "state.0", *HOSTILE])
    else:
        value.type.tensor_type.elem_type = rng.choice([0, 1, 6, 7, 8, 9, 11, 16, 99])
        for one in value.type.tensor_type.shape.dim:
            one.dim_value = rng.choice([0, 1, 7, 2**40, -1])
    return "an input or output"


GRAPH_CHANGES: list[Callable[[random.Random, Any], str]] = [
    _tensor_places,
    _tensor_shape,
    _attribute,
    _node,
    _interface,
]
