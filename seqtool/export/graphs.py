"""The two graphs of a network, as `OnnxStepper` needs them."""

from __future__ import annotations

from typing import NamedTuple

import onnx

from seqtool.export.head import add_head
from seqtool.export.trace import trace
from seqtool.models.seq2seq import Seq2Seq
from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.onnx_stepper import OnnxStepper


class Graphs(NamedTuple):
    """The encoder and a step of the decoder."""

    encoder: onnx.ModelProto
    step: onnx.ModelProto

    def stepper(self) -> OnnxStepper:
        """Both ready to run."""
        return OnnxStepper(*(open_session(graph.SerializeToString(), where="the new graphs") for graph in self))


def fp32_graphs(network: Seq2Seq, vocab_size: int) -> Graphs:
    """Traced, with a head that chooses candidates, and checked for shape."""
    graphs = trace(network)
    add_head(graphs.step, vocab_size)
    for graph in (graphs.encoder, graphs.step):
        onnx.checker.check_model(graph)
    return Graphs(graphs.encoder, graphs.step)
