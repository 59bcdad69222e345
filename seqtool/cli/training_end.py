"""What `train` is asked for, and how it and the commands that write a corpus first come to an end: training in a person's sight, and what
comes next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter
from seqtool.cli.trade import trade_for
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.recipe.schema import Recipe


def one_at_a_time(options: Mapping[str, bool]) -> None:
    """Raises `UsageError` where more than one of these was typed."""
    together = [name for name, given in options.items() if given]
    if len(together) > 1:
        message = f"{' and '.join(together)}: each is a thing of its own"
        raise UsageError("usage.train", message, "give one of them at a time")


def warn_of_text_to_make(recipe: Recipe, path: str | Path, reporter: Reporter) -> None:
    """Of sections that are for other commands: what `train` learns from is not what they promise."""
    for section in ("distill", "backtranslate"):
        if getattr(recipe, section) is not None:
            does = f"`seqtool {section} {path}` does"
            reporter.warning(f"{section} in the recipe: train does not make text with another model; {does}")


def train_in_view(recipe: Recipe, reporter: Reporter, *, restart: bool, verbose: bool, finish: bool = False) -> None:
    """See `seqtool.training.run.train`."""
    from seqtool.cli.training_view import TrainingView, duration
    from seqtool.training.run import train

    outcome = train(recipe, restart=restart, observer=TrainingView(reporter, verbose=verbose), finish=finish)
    reporter.info(
        f"best {outcome.best_metric} {outcome.best:.4g} at step {outcome.best_step:,} after {duration(outcome.seconds)}"
    )
    reporter.info(f"model: {Path(recipe.run_dir or '') / 'model'}")
    reporter.info(f"next: seqtool {trade_for(recipe.task).command} -m {recipe.run_dir} < in.txt")
