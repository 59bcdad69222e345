"""What `seqtool init` says, and where it puts things."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter

if TYPE_CHECKING:
    from seqtool.proposal.commit import Place
    from seqtool.proposal.proposal import Proposal


class Progress:
    """A line that is redrawn."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def __call__(self, stage: str, pairs: int) -> None:
        self._reporter.line(f"{stage}: {pairs:,} pairs")


def ask(reporter: Reporter) -> list[str]:
    """Asks for files, where somebody can answer."""
    from seqtool.errors import UsageError

    hint = "for example: seqtool init pairs.jsonl, seqtool init train.de train.en, or seqtool init FOLDER"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("usage", "no data was named", hint)
    reporter.info(
        "Where is the data? Two text files, one TSV, CSV, JSON lines or Parquet file, a folder, or OWNER/NAME."
    )
    print("> ", end="", file=sys.stderr, flush=True)  # input() would ask on standard output, which may be the recipe's
    try:
        typed = shlex.split(input())
    except (EOFError, ValueError):
        typed = []
    if not typed:
        raise UsageError("usage", "no data was named", hint)
    return typed


def place_of(output: str, *, printed: bool) -> Place:
    """Where recipe and data go, or, with `printed` or as `-`, would go. Raises `UsageError` where the recipe is there already, or its
    folder is not."""
    from seqtool.errors import UsageError
    from seqtool.proposal.commit import Place
    from seqtool.proposal.proposal import check_free
    from seqtool.proposal.run_name import USUAL

    recipe = Path(f"{USUAL}.yaml" if output == "-" else output)
    if printed or output == "-":
        return Place.beside(recipe, printed=True)
    if not recipe.parent.is_dir():
        raise UsageError("usage.init", f"there is no folder {recipe.parent}", f"create it: mkdir -p {recipe.parent}")
    check_free(recipe)
    return Place.beside(recipe)


def show(reporter: Reporter, made: Proposal, place: Place, run_dir: str) -> None:
    """What was decided, written, and what to type next."""
    from seqtool.proposal.recipe_text import commands, decisions

    for line in decisions(made):
        reporter.info(line)
    for warning in made.warnings:
        reporter.warning(warning)
    files = "" if made.split is None else f"{place.folder}/ ({', '.join(f'{part}.jsonl' for part in made.parts)})"
    if place.printed:
        reporter.info("nothing was written; the recipe is on standard output")
        if files:
            reporter.info(f"it names files that are not there: without --print or -o - they are written, {files}")
            return
    else:
        if files:
            reporter.info(f"written: {files}; your own files are as they were")
        reporter.info(f"written: {place.recipe}")
    reporter.info("next:")
    typed = commands(made, run_dir, "RECIPE" if place.printed else str(place.recipe))
    width = max(len(command) for command, _ in typed)
    for command, does in typed:
        reporter.info(f"  {command.ljust(width)}   # {does}")
