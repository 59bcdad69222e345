"""`seqtool export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqtool.cli.options import ModelOption, QuietOption, choose_model
from seqtool.cli.terminal import Reporter
from seqtool.errors import UsageError

Source = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Source text to check with; default: the recipe's validation set.")
]
Reference = Annotated[Path | None, typer.Option(metavar="FILE", help="Its references, for the difference in BLEU.")]

Shortlist = Annotated[
    bool, typer.Option("--shortlist", help="Also a vocabulary shortlist, learnt from the recipe's training text.")
]


def export(
    model: ModelOption = None,
    src: Source = None,
    ref: Reference = None,
    shortlist: Shortlist = False,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool export -m runs/quickstart

    Writes a model's graphs for ONNX Runtime, in fp32 and int8, and checks them; train does it when it ends.
    """
    from seqtool.evaluation import recipe_pairs
    from seqtool.export.export import export as write_graphs

    path = choose_model(model, Reporter(quiet=quiet))
    pairs = recipe_pairs(path, "train") if shortlist else None
    check = write_graphs(path, *_sample(path, src, ref), pairs)
    print(check.describe())


def _sample(path: Path, src: Path | None, ref: Path | None) -> tuple[list[str], list[str] | None]:
    """The lines to check with, and their references. Raises `UsageError` and `DataError`."""
    from seqtool.evaluation import check_aligned, read_lines, recipe_set

    if src is None:
        if ref is not None:
            raise UsageError("usage.ref", "--ref without --src: references of which lines?", "add --src FILE")
        sources, references = recipe_set(path, "valid")
        return sources.lines, references.lines
    sources = read_lines(src)
    if ref is None:
        return sources.lines, None
    references = read_lines(ref)
    check_aligned(sources, references, "export.line-count")
    return sources.lines, references.lines
