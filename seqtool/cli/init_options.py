"""The options of `seqtool init`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILES]...",
        help="Two text files (source, target), or a TSV, CSV, JSON lines or Parquet file, a folder of such, or OWNER/NAME of the hub.",
    ),
]
Out = Annotated[
    str, typer.Option("-o", "--output", metavar="RECIPE", help="The recipe to write; - is standard output.")
]
Side = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Its column, or of files the language in their names.")
]
Task = Annotated[Literal["translation", "summarization"] | None, typer.Option(help="Default: guessed.")]
RunDir = Annotated[
    str | None,
    typer.Option(
        "--run-dir",
        metavar="DIR",
        help="Where the run will be; default: runs/ and the name of the recipe, or of the data.",
    ),
]
Config = Annotated[str | None, typer.Option(metavar="NAME", help="The configuration of a data set of the hub.")]
Valid = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Validation pairs to split off; default: 5%, at most 2,000; of fewer than 1,000 pairs 10%.",
    ),
]
Test = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="Test pairs to split off; default as for validation.")
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**31 - 1, metavar="N", help="Chooses what is split off; training's too.")
]
Print = Annotated[bool, typer.Option("--print", help="Write the recipe to standard output, as -o - does, and no file.")]
