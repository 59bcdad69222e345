"""Options that several commands share, and the choice of a model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from seqtool.cli.terminal import Reporter

RecipeArgument = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe, in YAML.")]
OverridesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Keys of the recipe to change, for example training.seed=2."),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "-m",
        "--model",
        metavar="DIR",
        help="A model or run directory; else $SEQTOOL_MODEL, else the newest run in ./runs.",
    ),
]
BeamSizeOption = Annotated[
    int | None,
    typer.Option(
        "--beam-size", min=1, max=256, metavar="N", help="Hypotheses kept at each step; default: the recipe's."
    ),
]
BatchSizeOption = Annotated[
    int | None,
    typer.Option("--batch-size", min=1, max=2**31 - 1, metavar="N", help="Lines at once; default: the recipe's."),
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, max=1024, metavar="N", help="Processor cores to use.")
]
RuntimeOption = Annotated[
    Literal["onnx", "torch"] | None, typer.Option("--runtime", help="Default: onnx where the model has its graphs.")
]
PrecisionOption = Annotated[
    Literal["fp32", "int8"],
    typer.Option("--precision", help="int8 is the fastest; its text may differ a little."),
]
DeviceOption = Annotated[Literal["cpu", "cuda"], typer.Option("--device", help="cuda: a GPU, on which torch computes.")]
RestartOption = Annotated[
    bool, typer.Option("--restart", help="Start anew; the old run is moved aside, never deleted.")
]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="Only warnings and errors.")]
VerboseOption = Annotated[bool, typer.Option("-v", "--verbose", help="More details.")]

_RUNS = Path("runs")


def choose_model(option: Path | None, reporter: Reporter) -> Path:
    """The model to use: the option, else $SEQTOOL_MODEL, else the run under ./runs that finished last.

    What was not typed is said. Raises `ModelError` when there is none.
    """
    if option is not None:
        return option
    from seqtool.training.journal import RESULT

    named = os.environ.get("SEQTOOL_MODEL")
    if named:
        reporter.info(f"model: {named} (from $SEQTOOL_MODEL)")
        return Path(named)
    results = (path for path in _RUNS.glob(f"*/{RESULT}") if (path.parent / "model/manifest.json").exists())
    found = sorted(results, key=_modified)
    if not found:
        from seqtool.errors import ModelError

        hint = "name one with -m DIR or $SEQTOOL_MODEL, or train one: seqtool train RECIPE"
        raise ModelError("model.none", f"no model was named, and no finished run is under {_RUNS.absolute()}", hint)
    newest = found[-1].parent
    reporter.info(f"model: {newest} (the newest finished run in ./{_RUNS})")
    return newest


def _modified(path: Path) -> tuple[int, str]:
    """For sorting by time; a run that is being replaced at this moment comes first."""
    try:
        return path.stat().st_mtime_ns, str(path)
    except OSError:
        return 0, str(path)
