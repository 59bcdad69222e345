"""`seqtool train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument, RestartOption, VerboseOption
from seqtool.cli.terminal import Reporter
from seqtool.cli.training_end import one_at_a_time, train_in_view, warn_of_text_to_make

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
            help="Try learning rates for up to 120 steps, draw the loss, and print the best as a KEY=VALUE.",
        ),
    ] = False,
    finish: Annotated[
        bool,
        typer.Option(
            "--finish",
            help="End an interrupted run where it is: validate, write the graphs and the card. Without it the same command goes on.",
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

    one_at_a_time({"--dry-run": dry_run, "--find-lr": find_lr, "--finish": finish, "--restart": restart})
    loaded = load_recipe(recipe, overrides or [])
    reporter = Reporter(quiet=quiet, verbose=verbose)
    warn_of_text_to_make(loaded, recipe, reporter)
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
    train_in_view(loaded, reporter, restart=restart, verbose=verbose, finish=finish)


def _count(recipe: Recipe) -> None:
    """Prints what can be known without training."""
    from seqtool.training.dry_run import dry_run

    found = dry_run(recipe)
    for role, pairs in found.pairs.items():
        empty = f", {found.empty:,} of them with an empty side" if role == "train" and found.empty else ""
        print(f"{role}: {pairs:,} pairs{empty}")
    pieces = " and ".join(f"{count:,}" for count in dict.fromkeys(found.pieces))
    print(f"model: {found.parameters:,} parameters with {pieces} pieces, on {found.device}")
    print(f"run directory: {recipe.run_dir}")
