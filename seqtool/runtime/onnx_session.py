"""ONNX Runtime sessions: one thread each call, any number of calls at once."""

from __future__ import annotations

from typing import Any, cast

import onnxruntime

from seqtool.errors import ModelError
from seqtool.runtime.onnx_stepper import Session

_ERRORS_ONLY = 3


def open_session(graph: bytes, *, where: str) -> Session:
    """A graph ready to run. Raises `ModelError` naming `where`.

    A call runs on the thread that makes it: several batches at once use several cores better than one batch cut into pieces, and nothing
    spins while it waits.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    options.enable_mem_pattern = False  # shapes change from step to step
    try:
        found: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except MemoryError:  # no fault of the graph's
        raise
    except Exception as error:  # ONNX Runtime's errors have no base of their own
        first_line = str(error).partition("\n")[0]
        message = f"{where}: {first_line[:200]}"
        raise ModelError("model.graphs", message, "write the graphs again: seqtool export -m MODEL") from error
    return cast(Session, found)
