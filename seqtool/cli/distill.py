"""`seqtool distill`."""

from __future__ import annotations

from typing import Annotated

import typer

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument, RestartOption, VerboseOption
from seqtool.cli.terminal import Reporter

_EXAMPLE = """\
distill:
  teacher: runs/TEACHER  # a model or run directory, or several: [runs/ONE, runs/OTHER]"""


def distill(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    no_train: Annotated[
        bool, typer.Option("--no-train", help="Write the teacher's translations, and train nothing.")
    ] = False,
    restart: RestartOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Example: seqtool distill recipes/quickstart.yaml distill.teacher=runs/quickstart run_dir=runs/student model.embedding=96

    Trains a small model on what a large one says: a teacher, or several together, translates the training sources into synthetic.jsonl of
    the run directory, and the recipe's model learns from that. The same command again continues an interrupted run.
    """
    from seqtool.cli.synthesis_view import check_section, write_and_train
    from seqtool.recipe.load import load_recipe
    from seqtool.synthesis.distill import distillation

    loaded = load_recipe(recipe, overrides or [])
    check_section(loaded.distill, recipe, "distill", _EXAMPLE)
    reporter = Reporter(quiet=quiet, verbose=verbose)
    write_and_train(loaded, distillation, reporter, restart=restart, no_train=no_train, verbose=verbose)
