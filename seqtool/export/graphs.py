"""The graphs of a network with a head, as `OnnxStepper` needs them."""

from __future__ import annotations

import onnx

from seqtool.export.head import add_head
from seqtool.export.trace import Graphs
from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.onnx_stepper import OnnxStepper


def with_head(graphs: Graphs, vocab_size: int) -> Graphs:
    """A copy whose step chooses candidates, checked for shape."""
    step = onnx.ModelProto()
    step.CopyFrom(graphs.step)
    add_head(step, vocab_size)
    for graph in (graphs.encoder, step):
        onnx.checker.check_model(graph)
    return Graphs(graphs.encoder, step)


def stepper_of(graphs: Graphs) -> OnnxStepper:
    """Both ready to run; the step must have its head."""
    encoder, step = (open_session(graph.SerializeToString(), where="the new graphs") for graph in graphs)
    return OnnxStepper(encoder, step)
