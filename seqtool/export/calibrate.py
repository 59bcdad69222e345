"""How large the numbers are that a graph's products are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from seqtool.export.quantize import rounded_tensors
from seqtool.runtime.onnx_session import open_session
from seqtool.runtime.onnx_stepper import Session

Array = NDArray[Any]


class Watching:
    """A session that remembers the greatest magnitude of some of its tensors."""

    def __init__(self, session: Session, watched: Sequence[str]) -> None:
        self._session = session
        self.largest = dict.fromkeys(watched, 0.0)

    def get_inputs(self) -> Sequence[Any]:
        """The session's."""
        return self._session.get_inputs()

    def get_outputs(self) -> Sequence[Any]:
        """The session's."""
        return self._session.get_outputs()

    def run(self, output_names: Sequence[str], feed: dict[str, Array]) -> list[Array]:
        """The session's values; those that are watched are looked at on the way."""
        inside = [name for name in self.largest if name not in feed]
        values = self._session.run([*output_names, *inside], feed)
        seen = dict(zip(inside, values[len(output_names) :], strict=True))
        for name in self.largest:
            value = seen.get(name, feed.get(name))
            assert value is not None
            self.largest[name] = max(self.largest[name], float(np.abs(value).max(initial=0.0)))
        return values[: len(output_names)]


def watched(graph: onnx.ModelProto) -> Watching:
    """A session of this graph that watches what is rounded in int8."""
    names = rounded_tensors(graph)
    open_graph = onnx.ModelProto()
    open_graph.CopyFrom(graph)
    known = {one.name for one in (*graph.graph.input, *graph.graph.output)}
    for name in names:
        if name not in known:
            open_graph.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    return Watching(open_session(open_graph.SerializeToString(), where="calibration"), names)
