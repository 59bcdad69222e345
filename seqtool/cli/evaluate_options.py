"""The options of `seqtool evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Hypotheses = Annotated[
    list[Path] | None, typer.Argument(metavar="HYP", help="Output of systems, one file each; - is standard input.")
]
References = Annotated[list[Path] | None, typer.Option("--ref", metavar="REF", help="References; may be repeated.")]
Source = Annotated[
    Path | None,
    typer.Option(
        "--src", metavar="SRC", help="What the model is to translate; with HYP, what --baseline and summary look at."
    ),
]
Metrics = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="Of bleu, chrf, ter, rouge (rouge1, rouge2, rougeL), rougeLsum, summary (copy_rate, novel1, novel2, novel3, repetition, "
        "length_ratio, length); with commas.",
    ),
]
Baselines = Annotated[
    list[str] | None,
    typer.Option(
        "--baseline",
        metavar="NAME",
        help="Score this too: lead-N (first N words of the source), lead-Ns (sentences), oracle-M (best M sentences); may be repeated.",
    ),
]
Tokenize = Annotated[
    str, typer.Option(metavar="NAME", help="BLEU's tokenizer: 13a, none, intl, char, zh, ja-mecab ...")
]
Lowercase = Annotated[bool, typer.Option("--lowercase", help="BLEU and chrF without regard to case.")]
Stem = Annotated[bool, typer.Option("--stem", help="ROUGE on stems of English words.")]
Bootstrap = Annotated[int, typer.Option(min=0, max=100_000, metavar="N", help="95% intervals from N samples.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
FailUnder = Annotated[
    list[str] | None,
    typer.Option(metavar="METRIC=NUMBER", help="End with exit code 7 when a score is worse; may be repeated."),
]
