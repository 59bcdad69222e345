"""The options of `seqtool translate` and `seqtool summarize`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer


class Format(StrEnum):
    """What a line of output is."""

    text = "text"
    tsv = "tsv"
    jsonl = "jsonl"


Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE]...", help="Text, one sentence or document a line; else standard input."),
]
Models = Annotated[
    list[Path] | None,
    typer.Option(
        "-m",
        "--model",
        metavar="DIR",
        help="A model or run directory; else $SEQTOOL_MODEL, else the newest run in ./runs. Several with the same target tokens are an "
        "ensemble.",
    ),
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file, which appears when complete.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on after the last line of an interrupted -o.")]
ShardOption = Annotated[
    str | None, typer.Option("--shard", metavar="I/N", help="Only part I of N of the files, for job arrays.")
]
NBest = Annotated[int, typer.Option(min=1, max=256, help="Hypotheses for each line, with tsv and jsonl.")]
Penalty = Annotated[
    float | None, typer.Option(min=0.0, max=10.0, help="Higher prefers longer output; default: the recipe's.")
]
Coverage = Annotated[
    float | None,
    typer.Option("--coverage-penalty", min=0.0, help="What unread source words cost; default: the recipe's."),
]
LengthOption = Annotated[
    Literal["short", "medium", "long"] | None,
    typer.Option("--length", help="For a model with length tokens; default: medium."),
]
MinLength = Annotated[int | None, typer.Option(min=0, metavar="N", help="At least so many tokens.")]
MaxLength = Annotated[int | None, typer.Option(min=1, metavar="N", help="At most so many tokens.")]
MinWords = Annotated[
    int | None, typer.Option("--min-words", min=0, metavar="N", help="At least so many words, as spaces divide it.")
]
MaxWords = Annotated[
    int | None,
    typer.Option("--max-words", min=1, metavar="N", help="At most so many words; the last one is written to its end."),
]
MinRatio = Annotated[
    float | None,
    typer.Option("--min-length-ratio", min=0.0, max=1000.0, help="At least so many tokens for each source token."),
]
MaxRatio = Annotated[
    float | None,
    typer.Option(
        "--max-length-ratio",
        min=0.0,
        max=1000.0,
        help="At most so many for each source token, plus the recipe's extra.",
    ),
]
NoRepeat = Annotated[
    int | None, typer.Option("--no-repeat-ngram", min=0, metavar="N", help="No N tokens in a row come twice.")
]
Sample = Annotated[bool, typer.Option("--sample", help="Draw outputs instead of searching for the best.")]
Temperature = Annotated[
    float | None, typer.Option(help="For --sample: below 1, its default, likely tokens are drawn more often.")
]
TopK = Annotated[
    int | None,
    typer.Option("--top-k", min=0, metavar="N", help="For --sample: of the best N tokens; default: 0, of all."),
]
TopP = Annotated[
    float | None,
    typer.Option("--top-p", help="For --sample: of the fewest tokens with this probability; default: 1."),
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, help="For --sample: another seed, other draws; default: 1.")
]
Groups = Annotated[int, typer.Option("--groups", min=1, metavar="N", help="Diverse beams: so many groups.")]
Diversity = Annotated[
    float | None,
    typer.Option(min=0.0, help="For --groups: what a token costs that another group chose, in nats; default: 0.5."),
]
GlossaryOption = Annotated[
    Path | None,
    typer.Option("--glossary", metavar="TSV", help="Source and target phrases: the latter appear where the former do."),
]
Prefix = Annotated[str, typer.Option(metavar="TEXT", help="Every output begins with this.")]
FormatOption = Annotated[Format, typer.Option("--format", help="tsv: text and score; jsonl: an object for each line.")]
Details = Annotated[
    bool, typer.Option("--details", help="tsv: word alignment, too; jsonl: also tokens with their log-probabilities.")
]
Field = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Input is JSON lines with the text in this field; the others come out again with --format jsonl.",
    ),
]
Shortlist = Annotated[
    bool, typer.Option("--shortlist", help="Only target words that the source words may become; faster.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at invalid UTF-8.")]
