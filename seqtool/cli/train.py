"""`seqtool train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument, VerboseOption
from seqtool.cli.terminal import Reporter


def train(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Check everything, count data and parameters, train nothing; -v shows the whole recipe."
        ),
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Start anew; the old run is moved aside, never deleted.")
    ] = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Example: seqtool train recipes/quickstart.yaml training.max_epochs=5

    Trains the model of a recipe. The same command again continues an interrupted run.
    """
    from seqtool.cli.training_view import TrainingView, duration
    from seqtool.recipe.load import dump_recipe, load_recipe

    loaded = load_recipe(recipe, overrides or [])
    reporter = Reporter(quiet=quiet, verbose=verbose)
    if dry_run:
        from seqtool.training.dry_run import dry_run as count

        if verbose:
            print(dump_recipe(loaded))
        found = count(loaded)
        for role, pairs in found.pairs.items():
            empty = f", {found.empty:,} of them with an empty side" if role == "train" and found.empty else ""
            print(f"{role}: {pairs:,} pairs{empty}")
        print(f"model: {found.parameters:,} parameters with {loaded.tokenizer.vocab_size:,} pieces, on {found.device}")
        print(f"run directory: {loaded.run_dir}")
        return
    from seqtool.training.run import train as run

    outcome = run(loaded, restart=restart, observer=TrainingView(reporter, verbose=verbose))
    reporter.info(
        f"best {outcome.best_metric} {outcome.best:.4g} at step {outcome.best_step:,} after {duration(outcome.seconds)}"
    )
    reporter.info(f"model: {Path(loaded.run_dir or '') / 'model'}")
    reporter.info(f"next: seqtool translate -m {loaded.run_dir} < in.txt")
