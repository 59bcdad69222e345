"""`seqtool distill`."""

from __future__ import annotations

from typing import Annotated

import typer

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument, VerboseOption
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
    restart: Annotated[
        bool, typer.Option("--restart", help="Start anew; the old run is moved aside, never deleted.")
    ] = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Example: seqtool distill recipes/quickstart.yaml distill.teacher=runs/quickstart run_dir=runs/student model.embedding=96

    Trains a small model on what a large one says: a teacher, or several together, translates the training sources into synthetic.jsonl of
    the run directory, and the recipe's model learns from that. The same command again continues an interrupted run.
    """
    from seqtool.cli.synthesis_view import SynthesisView, check_section
    from seqtool.cli.training_end import train_in_view
    from seqtool.recipe.load import load_recipe
    from seqtool.synthesis.distill import distillation
    from seqtool.synthesis.job import synthesize

    loaded = load_recipe(recipe, overrides or [])
    check_section(loaded.distill, recipe, "distill", _EXAMPLE)
    reporter = Reporter(quiet=quiet, verbose=verbose)
    student = synthesize(loaded, distillation, restart=restart, watcher=SynthesisView(reporter))
    if no_train:
        reporter.info("next: the same command without --no-train")
    else:
        train_in_view(student, reporter, restart=False, verbose=verbose)
