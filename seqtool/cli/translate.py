"""`seqtool translate`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from seqtool.cli.options import BatchSizeOption, BeamSizeOption, ModelOption, QuietOption, ThreadsOption, choose_model
from seqtool.cli.terminal import Reporter


class Format(StrEnum):
    """What a line of output is."""

    text = "text"
    tsv = "tsv"
    jsonl = "jsonl"


Files = Annotated[
    list[Path] | None, typer.Argument(metavar="[FILE]...", help="Text, one sentence a line; else standard input.")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file, which appears when complete.")]
NBest = Annotated[int, typer.Option(min=1, max=256, help="Hypotheses for each line, with tsv and jsonl.")]
Penalty = Annotated[
    float | None, typer.Option(min=0.0, max=10.0, help="Higher prefers longer output; default: the recipe's.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="tsv: text and score; jsonl: an object for each line.")]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at invalid UTF-8.")]


def translate(
    files: Files = None,
    model: ModelOption = None,
    output: Output = None,
    beam_size: BeamSizeOption = None,
    n_best: NBest = 1,
    batch_size: BatchSizeOption = None,
    length_penalty: Penalty = None,
    form: FormatOption = Format.text,
    strict: Strict = False,
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool translate -m runs/quickstart < in.txt > out.txt

    Translates text: one line in, one line out, in order.
    """
    from seqtool import fs
    from seqtool.cli.lines_out import report, translated_lines
    from seqtool.errors import UsageError
    from seqtool.text.formats import open_input
    from seqtool.text.lines import LineReader
    from seqtool.translator import Translator

    if n_best > 1 and form is Format.text:
        raise UsageError("usage.n-best", f"--n-best {n_best} with text: a line of output each", "add --format jsonl")
    reporter = Reporter(quiet=quiet)
    with ExitStack() as stack:
        named = [(stack.enter_context(open_input(path)), str(path)) for path in files or []]
        inputs = named or [(sys.stdin.buffer, "standard input")]
        readers = [LineReader(stream, name=name, strict=strict) for stream, name in inputs]
        loaded = Translator.load(choose_model(model, reporter), threads=threads)
        translator = loaded.with_search(
            beam_size=beam_size, batch_size=batch_size, length_penalty=length_penalty, n_best=n_best
        )
        out: BinaryIO = sys.stdout.buffer if output is None else stack.enter_context(fs.output_file(output))
        for block in translated_lines(translator, readers, form.value):
            out.write(block)
            out.flush()
    report(reporter, translator, readers)
