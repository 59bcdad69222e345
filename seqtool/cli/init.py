"""`seqtool init`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from seqtool.cli.options import QuietOption
from seqtool.cli.terminal import Reporter

_Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILES]...",
        help="Two text files (source, target), or a TSV, CSV, JSON lines or Parquet file, a folder of such, or OWNER/NAME of the hub.",
    ),
]
_Out = Annotated[
    str, typer.Option("-o", "--output", metavar="RECIPE", help="The recipe to write; - is standard output.")
]
_Side = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Its column, or of files the language in their names.")
]
_Task = Annotated[Literal["translation", "summarization"] | None, typer.Option(help="Default: guessed.")]
_RunDir = Annotated[
    str | None, typer.Option("--run-dir", metavar="DIR", help="Where the run will be; default: runs/NAME OF THE DATA.")
]
_Config = Annotated[str | None, typer.Option(metavar="NAME", help="The configuration of a data set of the hub.")]
_Valid = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Validation pairs to split off; default: 5%, at most 2,000.")
]
_Test = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="Test pairs to split off; default: 5%, at most 2,000.")
]
_Seed = Annotated[
    int, typer.Option(min=0, max=2**31 - 1, metavar="N", help="Chooses what is split off; training's too.")
]
_Print = Annotated[bool, typer.Option("--print", help="Write the recipe to standard output, as -o - does.")]


def init(
    files: _Files = None,
    output: _Out = "recipe.yaml",
    src: _Side = None,
    tgt: _Side = None,
    task: _Task = None,
    run_dir: _RunDir = None,
    config: _Config = None,
    valid: _Valid = None,
    test: _Test = None,
    seed: _Seed = 1,
    print_: _Print = False,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool init pairs.jsonl -o recipe.yaml

    Looks at data and writes a recipe that runs as it stands: columns, task, languages and sizes are guessed, and validation and test pairs
    split off into a folder beside the recipe where they are not given. Nothing is overwritten.
    """
    from seqtool.cli.init_view import Progress, free_run_dir, place_of, show
    from seqtool.proposal.commit import commit
    from seqtool.proposal.proposal import Wishes, propose
    from seqtool.proposal.text_pairs import SideWishes

    reporter = Reporter(quiet=quiet)
    asked = files or _ask(reporter)
    place = place_of(None if print_ or output == "-" else Path(output), asked)
    progress = Progress(reporter)
    wishes = Wishes(SideWishes(src, tgt), task, config, valid, test, seed)
    made = propose(asked, wishes, place.folder, progress)
    run = run_dir or free_run_dir(made.name)
    text = commit(made, place, run, progress)
    reporter.line("")
    show(reporter, made, place, run)
    if place.recipe is None:
        print(text, end="")


def _ask(reporter: Reporter) -> list[str]:
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
