"""`seqtool train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument, RestartOption, VerboseOption
from seqtool.cli.terminal import Reporter
from seqtool.cli.training_end import train_in_view

if TYPE_CHECKING:
    from seqtool.recipe.schema import Recipe


def train(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Check everything, count data and parameters, train nothing; -v shows the whole recipe."
        ),
    ] = False,
    find_lr: Annotated[
        bool,
        typer.Option(
            "--find-lr",
            help="Try learning rates for a hundred steps, draw the loss, and print the best as a KEY=VALUE.",
        ),
    ] = False,
    restart: RestartOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Example: seqtool train recipes/quickstart.yaml training.max_epochs=5

    Trains the model of a recipe. The same command again continues an interrupted run.
    """
    from seqtool.recipe.load import dump_recipe, load_recipe

    loaded = load_recipe(recipe, overrides or [])
    reporter = Reporter(quiet=quiet, verbose=verbose)
    if dry_run:
        from seqtool.text.sized import sized

        whole, reasons = sized(loaded)
        if verbose:
            print(dump_recipe(whole, reasons))
        _count(whole)
        return
    if find_lr:
        from seqtool.cli.curve import draw
        from seqtool.cli.training_view import TrainingView
        from seqtool.training.find_lr import find_lr as test_rates

        curve = test_rates(loaded, TrainingView(reporter, verbose=verbose))
        reporter.lines(draw(curve.rates, curve.losses, curve.proposed))
        print(f"training.optimizer.lr={curve.proposed:g}")
        return
    train_in_view(loaded, reporter, restart=restart, verbose=verbose)


def _count(recipe: Recipe) -> None:
    """Prints what can be known without training."""
    from seqtool.training.dry_run import dry_run

    found = dry_run(recipe)
    for role, pairs in found.pairs.items():
        empty = f", {found.empty:,} of them with an empty side" if role == "train" and found.empty else ""
        print(f"{role}: {pairs:,} pairs{empty}")
    print(f"model: {found.parameters:,} parameters with {recipe.tokenizer.vocab_size:,} pieces, on {found.device}")
    print(f"run directory: {recipe.run_dir}")
