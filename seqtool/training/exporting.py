"""The last stage of a run: graphs of the model it kept, for ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqtool.model_dir import open_model_dir


def export_graphs(model_dir: Path, valid_text: tuple[Sequence[str], Sequence[str]]) -> str | None:
    """Writes the graphs of a finished run's model, unless it has them, and returns what there is to say. Raises what `export` raises."""
    if all(open_model_dir(model_dir).has_graphs(precision) for precision in ("fp32", "int8")):
        return None
    from seqtool.export.export import export  # its packages take seconds to import

    return export(model_dir, *valid_text).describe()
