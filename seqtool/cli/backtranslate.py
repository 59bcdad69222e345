"""`seqtool backtranslate`."""

from __future__ import annotations

from typing import Annotated

import typer

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument, RestartOption, VerboseOption
from seqtool.cli.terminal import Reporter

_EXAMPLE = """\
backtranslate:
  model: runs/REVERSE  # a model or run directory that translates target into source
  text: TARGET.txt     # or several files: [ONE.txt, OTHER.txt.gz]"""


def backtranslate(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    no_train: Annotated[
        bool, typer.Option("--no-train", help="Write the pairs to learn from, and train nothing.")
    ] = False,
    restart: RestartOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Example: seqtool backtranslate recipes/quickstart.yaml "backtranslate={model: runs/en-de, text: news.en}" run_dir=runs/more

    Trains on text that has only a target side, too: a model of the reverse direction translates it, and the recipe's model learns from
    these pairs, whose sources begin with a tag, and the training pairs. The same command again continues an interrupted run.
    """
    from seqtool.cli.synthesis_view import check_section, write_and_train
    from seqtool.recipe.load import load_recipe
    from seqtool.synthesis.backtranslate import backtranslation

    loaded = load_recipe(recipe, overrides or [])
    check_section(loaded.backtranslate, recipe, "backtranslate", _EXAMPLE)
    reporter = Reporter(quiet=quiet, verbose=verbose)
    write_and_train(loaded, backtranslation, reporter, restart=restart, no_train=no_train, verbose=verbose)
