"""`seqtool attend`."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from seqtool.cli import options as shared
from seqtool.cli.terminal import Reporter

Line = Annotated[
    str | None, typer.Argument(metavar="[LINE]", help="A line of text; else standard input, line by line.")
]
Source = Annotated[str | None, typer.Option("--src", metavar="TEXT", help="The same as LINE.")]
Target = Annotated[
    str | None, typer.Option("--tgt", metavar="TEXT", help="Made to write this, instead of what it would.")
]
Rank = Annotated[int, typer.Option("--rank", min=1, max=256, help="Of the beam's outputs, which: 1 is the best.")]
Show = Annotated[
    Literal["attention", "saliency", "both"] | None,
    typer.Option("--show", help="Default: attention where the model has it, else saliency."),
]
Json = Annotated[bool, typer.Option("--json", help="All numbers instead, an object for each line.")]


def attend(
    line: Line = None,
    model: shared.ModelOption = None,
    src: Source = None,
    tgt: Target = None,
    rank: Rank = 1,
    show: Show = None,
    as_json: Json = False,
    beam_size: shared.BeamSizeOption = None,
    threads: shared.ThreadsOption = None,
    quiet: shared.QuietOption = False,
) -> None:
    """Example: seqtool attend -m runs/quickstart "Der Mann liest."

    Where the model looks for each token that it writes, or is made to write: rows are output tokens, columns source tokens. Saliency says
    what a token depends on, gradient times input; it is there without attention, too.
    """
    from seqtool.errors import UsageError

    typed = src if line is None else line
    if line is not None and src is not None:
        raise UsageError("usage.attend", "both LINE and --src: which is it?", "seqtool attend -h")
    if tgt is not None and typed is None:
        raise UsageError("usage.attend", "--tgt without a source", "add --src TEXT")
    from dataclasses import replace

    from seqtool.analysis.maps import Mapper
    from seqtool.cli.attend_json import map_facts
    from seqtool.cli.heat import Heat
    from seqtool.cli.lines_out import warn_invalid
    from seqtool.text.lines import LineReader, json_line

    reporter = Reporter(quiet=quiet)
    mapper = Mapper.open(shared.choose_model(model, reporter), threads=threads)
    size = None if rank == 1 else max(rank, beam_size or mapper.translator.decoding.beam_size)
    mapper = replace(mapper, translator=mapper.translator.with_search(beam_size=size or beam_size, n_best=rank))
    heat = Heat.of(sys.stdout)
    if typed is None and sys.stdin.isatty():
        reporter.info("one line, one map; Ctrl-D ends")
    lines = LineReader(sys.stdin.buffer, name="standard input")
    for number, text in enumerate(lines if typed is None else [typed], 1):
        found = [mapper.of_pair(text, tgt)] if tgt is not None else mapper.of_output(text, rank - 1)
        if as_json:
            print(json_line(map_facts(number, text, found)), flush=True)
        else:
            for one in found:
                heat.show(one, show)
    warn_invalid(reporter, lines.invalid)
