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

    def with_head(self, vocab_size: int) -> Graphs:
        """A copy whose step chooses candidates, checked for shape."""
        step = onnx.ModelProto()
        step.CopyFrom(self.step)
        add_head(step, vocab_size)
        for graph in (self.encoder, step):
            onnx.checker.check_model(graph)
        return Graphs(self.encoder, step)

    def stepper(self) -> OnnxStepper:
        """Both ready to run; the step must have its head."""
        encoder, step = (open_session(graph.SerializeToString(), where="the new graphs") for graph in self)
        return OnnxStepper(encoder, step)


def bare_graphs(network: Seq2Seq) -> Graphs:
    """The graphs of a network in fp32, the step without a head."""
    graphs = trace(network)
    return Graphs(graphs.encoder, graphs.step)


def fp32_graphs(network: Seq2Seq, vocab_size: int) -> Graphs:
    """The graphs of a network in fp32, as `OnnxStepper` needs them."""
    return bare_graphs(network).with_head(vocab_size)
