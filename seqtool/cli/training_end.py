"""How `train`, and the commands that write a corpus first, come to an end: training in a person's sight, and what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter
from seqtool.cli.trade import trade_for

if TYPE_CHECKING:
    from seqtool.recipe.schema import Recipe


def train_in_view(recipe: Recipe, reporter: Reporter, *, restart: bool, verbose: bool) -> None:
    """See `seqtool.training.run.train`."""
    from seqtool.cli.training_view import TrainingView, duration
    from seqtool.training.run import train

    outcome = train(recipe, restart=restart, observer=TrainingView(reporter, verbose=verbose))
    reporter.info(
        f"best {outcome.best_metric} {outcome.best:.4g} at step {outcome.best_step:,} after {duration(outcome.seconds)}"
    )
    reporter.info(f"model: {Path(recipe.run_dir or '') / 'model'}")
    reporter.info(f"next: seqtool {trade_for(recipe.task).command} -m {recipe.run_dir} < in.txt")
