"""The options of `seqtool evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Hypotheses = Annotated[
    list[Path] | None, typer.Argument(metavar="HYP", help="Output of systems, one file each; - is standard input.")
]
Models = Annotated[
    list[Path] | None,
    typer.Option(
        "-m",
        "--model",
        metavar="DIR",
        help="A model or run directory, which translates the source; may be repeated. Without HYP else $SEQTOOL_MODEL or the newest run in "
        "./runs.",
    ),
]
References = Annotated[list[Path] | None, typer.Option("--ref", metavar="REF", help="References; may be repeated.")]
Source = Annotated[
    Path | None,
    typer.Option(
        "--src",
        metavar="SRC",
        help="What a model is to translate; what --baseline, summary, --by length and --worst look at.",
    ),
]
Jsonl = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The test set in JSON lines, instead of --src and --ref.")
]
SrcField = Annotated[str | None, typer.Option(metavar="FIELD", help="Its field with the source; with a model: src.")]
RefFields = Annotated[
    list[str] | None,
    typer.Option("--ref-field", metavar="FIELD", help="Its field with the reference; default: tgt; may be repeated."),
]
Train = Annotated[
    list[Path] | None,
    typer.Option(
        "--train",
        metavar="FILE",
        help="Training text in the language of the references, for --by frequency and to find test lines in it; may be repeated.",
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
Bootstrap = Annotated[
    int,
    typer.Option(
        min=0, max=100_000, metavar="N", help="95% intervals from N samples; with --paired ar, default: 1000."
    ),
]
Paired = Annotated[
    Literal["bs", "ar"] | None,
    typer.Option(
        help="Compare each system with the first: bs, paired bootstrap; ar, approximate randomization. Intervals come along. Files come "
        "before models."
    ),
]
Resamples = Annotated[
    int | None, typer.Option(min=2, max=100_000, metavar="N", help="Of --paired; default: bs 1000, ar 10000.")
]
Seed = Annotated[
    int | None,
    typer.Option(min=1, max=2**31 - 1, metavar="N", help="Of --paired, --bootstrap and --by; default: 12345."),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="WHAT",
        help="Scores of parts of the test set: length (words of the source), frequency (of words in training), or a field of its JSON "
        "lines; may be repeated.",
    ),
]
Worst = Annotated[
    int | None, typer.Option(min=1, max=100_000, metavar="N", help="Show the N worst lines of each system.")
]
Best = Annotated[
    int | None, typer.Option(min=1, max=100_000, metavar="N", help="Show the N best lines of each system.")
]
Diff = Annotated[
    int | None,
    typer.Option(
        min=1, max=100_000, metavar="N", help="Show the N greatest gains and losses against the first system."
    ),
]
LineMetric = Annotated[
    Literal["bleu", "chrf", "ter", "rouge1", "rouge2", "rougeL", "rougeLsum"] | None,
    typer.Option(help="What worst and best mean; default: chrf, or rougeL where only summaries are scored."),
]
Form = Annotated[Literal["text", "markdown", "latex"], typer.Option("--format", help="How to print the tables.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
FailUnder = Annotated[
    list[str] | None,
    typer.Option(metavar="METRIC=NUMBER", help="End with exit code 7 when a score is worse; may be repeated."),
]
