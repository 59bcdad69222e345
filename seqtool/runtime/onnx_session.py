"""ONNX Runtime sessions: one thread each call, any number of calls at once, and nothing read but the graph itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from seqtool.errors import ModelError
from seqtool.runtime.onnx_stepper import Array, Session

_NOTHING = 4  # of what it would write to standard error: what it raises says the same
_HINT = "write the graphs again: seqtool export -m MODEL"
# A tensor whose values are in another file says where under this key. Its bytes stand in the graph as they are, however it is encoded, and
# nothing that is exported here has them.
_LOCATION = b"location"
# What it says where there is no memory left: its own allocator, and those of C++ libraries.
_NO_MEMORY = ("Failed to allocate memory", "bad_alloc", "bad allocation")
# Protocol buffers end there.
_MAX_BYTES = 1 << 31


@dataclass(frozen=True)
class _Running:
    """A session whose troubles are the graph's."""

    session: Any
    where: str

    def get_inputs(self) -> Sequence[Any]:
        """See `Session`."""
        return list(self.session.get_inputs())

    def get_outputs(self) -> Sequence[Any]:
        """See `Session`."""
        return list(self.session.get_outputs())

    def run(self, output_names: Sequence[str], feed: dict[str, Array]) -> list[Array]:
        """See `Session`. Raises `ModelError`, and `MemoryError`, which is no fault of the graph's."""
        try:
            found = list(self.session.run(output_names, feed))
        except Exception as error:
            raise _trouble(self.where, error) from error
        if not all(isinstance(one, np.ndarray) for one in found):
            raise _broken(self.where, ValueError("an output that is no tensor"))
        return found


def open_session(graph: bytes, *, where: str) -> Session:
    """A graph ready to run. Raises `ModelError` naming `where`, and `MemoryError`.

    A call runs on the thread that makes it: several batches at once use several cores better than one batch cut into pieces, and nothing
    spins while it waits.
    """
    if len(graph) > _MAX_BYTES:
        raise ModelError("model.graphs", f"{where} has {len(graph):,} bytes, more than a graph can have", _HINT)
    if _LOCATION in graph:
        message = f"{where} names another file for its values, and a model directory has none"
        raise ModelError("model.graphs", message, _HINT)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _NOTHING
    options.enable_mem_pattern = False  # shapes change from step to step
    options.add_session_config_entry("session.load_model_format", "ONNX")  # and not what else it would guess
    try:
        found: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no base of their own
        raise _trouble(where, error) from error
    return _Running(found, where)


def _trouble(where: str, error: Exception) -> Exception:
    if isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY):
        return MemoryError(str(error))
    return _broken(where, error)


def _broken(where: str, error: Exception) -> ModelError:
    first_line = str(error).partition("\n")[0]
    return ModelError("model.graphs", f"{where}: {first_line[:200]}", _HINT)
