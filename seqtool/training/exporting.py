"""The last stage of a run: how the model it kept searches, and its graphs for ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqtool import manifest
from seqtool.model_dir import CONFIG, add_files, open_model_dir
from seqtool.recipe.schema import DecodingSection


def export_graphs(
    model_dir: Path, valid_text: tuple[Sequence[str], Sequence[str]], *, again: bool = False
) -> str | None:
    """Writes the graphs of a finished run's model, unless it has them and they are not to be compared `again`, and returns what there is to
    say. Raises what `export` raises."""
    if not again and all(open_model_dir(model_dir).has_graphs(precision) for precision in ("fp32", "int8")):
        return None
    from seqtool.export.export import export  # its packages take seconds to import

    return export(model_dir, *valid_text).describe()


def search_as_asked(model_dir: Path, decoding: DecodingSection) -> str | None:
    """Has the model of a run search as its recipe says by now, and returns what there is to say: the model was kept at a validation, and
    the recipe may have been changed since. Raises `ModelError` and `ResourceError`."""
    if not (model_dir / manifest.NAME).exists():
        return None
    opened = open_model_dir(model_dir)
    before, after = opened.config.decoding.model_dump(), decoding.model_dump()
    changes = [f"{key} {before[key]} -> {after[key]}" for key in after if before[key] != after[key]]
    if not changes:
        return None
    config = opened.config.model_copy(update={"decoding": decoding})
    add_files(opened, {CONFIG: f"{config.model_dump_json(indent=2)}\n".encode()})
    return f"the model searches as the recipe says now: {', '.join(changes)}"
