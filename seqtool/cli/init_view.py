"""What `seqtool init` says, and where it puts things."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
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
    try:
        typed = shlex.split(input("> "))
    except (EOFError, ValueError):
        typed = []
    if not typed:
        raise UsageError("usage", "no data was named", hint)
    return typed


def place_of(recipe: Path | None, files: Sequence[str]) -> Place:
    """Where recipe and data go. Raises `UsageError` where the recipe is there already, or its folder is not."""
    from seqtool.errors import UsageError
    from seqtool.proposal.commit import Place
    from seqtool.proposal.proposal import check_free

    if recipe is None:
        stem = Path(files[-1].rstrip("/")).name.partition(".")[0] or "recipe"
        return Place(None, Path(f"{stem}-data"))
    if not recipe.parent.is_dir():
        raise UsageError("usage.init", f"there is no folder {recipe.parent}", f"create it: mkdir -p {recipe.parent}")
    check_free(recipe)
    return Place.beside(recipe)


def free_run_dir(name: str) -> str:
    """`runs/NAME`, or with a number behind it where a run is already."""
    number, tail = 1, ""
    while os.path.lexists(f"runs/{name}{tail}"):
        number += 1
        tail = f"-{number}"
    return f"runs/{name}{tail}"


def show(reporter: Reporter, made: Proposal, place: Place, run_dir: str) -> None:
    """What was decided, written, and what to type next."""
    from seqtool.proposal.recipe_text import commands, decisions

    for line in decisions(made):
        reporter.info(line)
    for warning in made.warnings:
        reporter.warning(warning)
    if made.split is not None:
        parts = [part for part in ("train", "valid", "test") if part in {"train", *made.split.roles.values()}]
        files = ", ".join(f"{part}.jsonl" for part in parts)
        reporter.info(f"written: {place.folder}/ ({files}); your own files are as they were")
    if place.recipe is not None:
        reporter.info(f"written: {place.recipe}")
    reporter.info("next:")
    typed = commands(made, run_dir, "RECIPE" if place.recipe is None else str(place.recipe))
    width = max(len(command) for command, _ in typed)
    for command, does in typed:
        reporter.info(f"  {command.ljust(width)}   # {does}")
