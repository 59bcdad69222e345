"""`seqtool report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from seqtool.cli import options as shared
from seqtool.cli.terminal import Reporter

# More maps than this make a page nobody reads.
_MOST_LINES = 50
_STDOUT = Path("-")

Runs = Annotated[
    list[Path], typer.Argument(metavar="RUN...", help="Run directories; the page shows them side by side.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help="Default: report.html in the run directory; of several runs, in this one; - is standard output.",
    ),
]
Lines = Annotated[
    str | None,
    typer.Option(metavar="N,M-K", help="Lines of the set to look into, from 1; default: a few from worst to best."),
]
SplitOption = Annotated[
    Literal["test", "valid"] | None,
    typer.Option("--set", help="Which set is translated; default: test if there is one."),
]
MaxLines = Annotated[
    int, typer.Option("--max-lines", min=1, metavar="N", help="Translate at most N lines of it, spread evenly.")
]


def report(
    runs: Runs,
    output: Output = None,
    lines: Lines = None,
    split: SplitOption = None,
    max_lines: MaxLines = 1000,
    threads: shared.ThreadsOption = None,
    quiet: shared.QuietOption = False,
) -> None:
    """Example: seqtool report runs/quickstart

    One HTML page of a run, or of several side by side: curves, data, scores, samples, attention, settings. It needs no network.
    """
    numbers = parse_lines(lines or "")
    from seqtool import fs
    from seqtool.analysis.run_record import read_run

    records = [read_run(path) for path in runs]
    from seqtool.analysis.page import build_page  # takes a while: what is wrong with the runs is told before

    reporter = Reporter(quiet=quiet)
    path = output or (records[0].path / "report.html" if len(runs) == 1 else Path("report.html"))
    tell = {"say": reporter.line, "warn": reporter.warning}
    text = build_page(records, split=split, lines=numbers, max_lines=max_lines, threads=threads, **tell)
    if path == _STDOUT:
        print(text, end="")
    else:
        fs.commit_text(path, text)
    where = "standard output" if path == _STDOUT else path
    reporter.info(f"{where}: {len(text.encode()) / 1e6:.1f} MB")


def parse_lines(text: str) -> list[int]:
    """The numbers that `3,17,40-42` names, each once. Raises `UsageError`."""
    from seqtool.errors import UsageError

    numbers: dict[int, None] = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        first, dash, last = part.partition("-")
        ends = (first, last if dash else first)
        if not all(end.isascii() and end.isdecimal() and 0 < len(end) < 10 and int(end) for end in ends):
            raise UsageError("usage.lines", f"--lines {text}: {part} is no line number", "as in --lines 3,17,40-42")
        numbers.update(dict.fromkeys(range(int(ends[0]), min(int(ends[1]), int(ends[0]) + _MOST_LINES) + 1)))
    if len(numbers) > _MOST_LINES:
        raise UsageError("usage.lines", f"--lines {text}: more than {_MOST_LINES} lines", "name fewer")
    return list(numbers)
