"""Recurrent layers as ONNX operators: LSTM, GRU and RNN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from onnxscript import opset20

op: Any = opset20  # its types want tensors where it takes lists, too


@dataclass(frozen=True)
class _Operator:
    """`order` says which of torch's blocks of weights stands at each place of the operator's."""

    name: str
    order: tuple[int, ...]
    attributes: dict[str, Any]


_OPERATORS = {
    # torch has input, forget, cell, output; ONNX input, output, forget, cell
    "lstm_tanh": _Operator("LSTM", (0, 3, 1, 2), {}),
    # torch has reset, update, new; ONNX update, reset, hidden. Torch multiplies by the reset gate after the product
    "gru_tanh": _Operator("GRU", (1, 0, 2), {"linear_before_reset": 1}),
    "rnn_tanh": _Operator("RNN", (0,), {"activations": ["Tanh"]}),
    "rnn_relu": _Operator("RNN", (0,), {"activations": ["Relu"]}),
}


def translations() -> dict[Callable[..., Any], Callable[..., Any]]:
    """What the exporter does not know: `seqtool::recurrent_layer`."""
    return {torch.ops.seqtool.recurrent_layer.default: _recurrent_layer}


def _recurrent_layer(inputs: Any, weights: Sequence[Any], kind: str) -> Any:
    operator = _OPERATORS[kind]
    weight_ih, weight_hh, bias_ih, bias_hh = (_reordered(part, operator.order) for part in weights)
    outputs, *_ = getattr(op, operator.name)(
        op.Transpose(inputs, perm=[1, 0, 2]),  # (S, B, D)
        op.Unsqueeze(weight_ih, [0]),
        op.Unsqueeze(weight_hh, [0]),
        op.Unsqueeze(op.Concat(bias_ih, bias_hh, axis=0), [0]),
        hidden_size=weights[1].shape[1],
        **operator.attributes,
    )
    return op.Transpose(op.Squeeze(outputs, [1]), perm=[1, 0, 2])  # (S, 1, B, H) -> (B, S, H)


def _reordered(blocks: Any, order: Sequence[int]) -> Any:
    """The blocks of a weight or bias, `(gates x H, ..)`, in another order."""
    if len(order) == 1:
        return blocks
    size = blocks.shape[0] // len(order)
    rows = [place * size + row for place in order for row in range(size)]
    return op.Gather(blocks, op.Constant(value_ints=rows), axis=0)
