"""`seqtool score`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from seqtool.cli.options import BatchSizeOption, ModelOption, QuietOption, ThreadsOption, choose_model
from seqtool.cli.terminal import Reporter


def score(
    src: Annotated[Path, typer.Argument(metavar="SRC", help="Source text, one sentence a line.")],
    tgt: Annotated[Path, typer.Argument(metavar="TGT", help="Its translations, line by line.")],
    model: ModelOption = None,
    batch_size: BatchSizeOption = None,
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool score -m runs/quickstart test.de test.en > scores.txt

    Log-probability, in nats, of each given translation: one number a line.
    """
    from seqtool.text.formats import read_text
    from seqtool.translator import Translator

    reporter = Reporter(quiet=quiet)
    translator = Translator.load(choose_model(model, reporter), threads=threads).with_search(batch_size=batch_size)
    pairs = read_text(src, tgt)
    while window := list(islice(pairs, translator.window_lines)):
        for value in translator.score([pair[0] for pair in window], [pair[1] for pair in window]):
            print(f"{value.log_prob:.6f}")
