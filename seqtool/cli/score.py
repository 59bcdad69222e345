"""`seqtool score`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from seqtool.cli import options as shared
from seqtool.cli.terminal import Reporter
from seqtool.cli.translate_options import LengthOption

Form = Annotated[
    Literal["text", "jsonl"], typer.Option("--format", help="jsonl: an object for each pair, with every token.")
]
Rescore = Annotated[
    Path | None,
    typer.Option(
        metavar="NBEST", help="What translate --format jsonl --n-best N wrote: its hypotheses scored anew and sorted."
    ),
]


def score(
    src: Annotated[Path | None, typer.Argument(metavar="SRC", help="Source text, one sentence a line.")] = None,
    tgt: Annotated[Path | None, typer.Argument(metavar="TGT", help="Its translations, line by line.")] = None,
    model: shared.ModelOption = None,
    rescore: Rescore = None,
    form: Form = "text",
    length: LengthOption = None,
    batch_size: shared.BatchSizeOption = None,
    runtime: shared.RuntimeOption = None,
    precision: shared.PrecisionOption = "fp32",
    device: shared.DeviceOption = "cpu",
    threads: shared.ThreadsOption = None,
    quiet: shared.QuietOption = False,
) -> None:
    """Example: seqtool score -m runs/quickstart test.de test.en > scores.txt

    Log-probability, in nats, of each given translation: one number a line.
    """
    from seqtool.cli.loading import load
    from seqtool.cli.rescore import rescored_lines
    from seqtool.errors import UsageError
    from seqtool.text.formats import open_input, read_text
    from seqtool.text.lines import json_line

    if (rescore is None) == (src is None) or (src is None) != (tgt is None):
        raise UsageError("usage.score", "two files, SRC and TGT, or --rescore NBEST: which is it?", "seqtool score -h")
    reporter = Reporter(quiet=quiet)
    path = shared.choose_model(model, reporter)
    loaded = load([path], runtime=runtime, precision=precision, device=device, threads=threads)
    translator = loaded.with_search(batch_size=batch_size, length=length)
    if rescore is not None:
        for line in rescored_lines(translator, rescore):
            print(line)
        return
    assert src is not None
    assert tgt is not None
    pairs = read_text(src, tgt, open_input)
    while window := list(islice(pairs, translator.window_lines)):
        for found in translator.score([pair[0] for pair in window], [pair[1] for pair in window]):
            facts = {"log_prob": found.log_prob, "tokens": [list(token) for token in found.tokens]}
            print(f"{found.log_prob:.6f}" if form == "text" else json_line(facts))
