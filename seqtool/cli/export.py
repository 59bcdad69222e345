"""`seqtool export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqtool.cli.options import ModelOption, QuietOption, choose_model
from seqtool.cli.terminal import Reporter

Source = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Source text to check with; default: the recipe's validation set.")
]
Reference = Annotated[Path | None, typer.Option(metavar="FILE", help="Its references, for the difference in BLEU.")]


def export(
    model: ModelOption = None,
    src: Source = None,
    ref: Reference = None,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool export -m runs/quickstart

    Writes a model's graphs for ONNX Runtime, in fp32 and int8, and checks them; train does it when it ends.
    """
    from seqtool.evaluation import read_lines, recipe_set
    from seqtool.export.export import export as write_graphs

    reporter = Reporter(quiet=quiet)
    path = choose_model(model, reporter)
    if src is not None:
        sources, references = read_lines(src), None if ref is None else read_lines(ref)
    else:
        sources, references = recipe_set(path, "valid")
    check = write_graphs(path, sources.lines, None if references is None else references.lines)
    print(check.describe())
