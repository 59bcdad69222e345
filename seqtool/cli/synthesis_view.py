"""A corpus that a model writes, as a person sees it grow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter
from seqtool.cli.trade import trade_for

if TYPE_CHECKING:
    from seqtool.recipe.base import Section
    from seqtool.recipe.schema import Recipe
    from seqtool.synthesis.job import Plan
    from seqtool.translator import Translator


class SynthesisView:
    """A `Watcher` that writes to standard error."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.started(0)

    def message(self, text: str) -> None:
        """Something worth a line."""
        self._reporter.info(text)

    def started(self, left: int) -> None:
        """So many pairs are still to be written."""
        from seqtool.cli.lines_out import Pace

        self._pace = Pace(self._reporter, left)

    def wrote(self, pairs: int) -> None:
        """So many more pairs are in the file."""
        self._pace.add(pairs)

    def translated(self, translator: Translator) -> None:
        """What happened to lines on the way."""
        from seqtool.cli.lines_out import report

        report(self._reporter, trade_for(translator.task), translator, 0)


def check_section(section: Section | None, recipe: Path, name: str, example: str) -> None:
    """Raises `RecipeError` where a recipe lacks the section that a command is about."""
    if section is None:
        from seqtool.errors import RecipeError

        message = f"{recipe} has no section {name}, which says what seqtool {name} is to do"
        raise RecipeError("recipe.no-section", message, f"write this into it:\n{example}")


def write_and_train(
    recipe: Recipe, plan: Plan, reporter: Reporter, *, restart: bool, no_train: bool, verbose: bool
) -> None:
    """Writes the corpus of a plan and, unless `no_train`, trains the recipe on it."""
    from seqtool.cli.training_end import train_in_view
    from seqtool.synthesis.job import synthesize

    learner = synthesize(recipe, plan, restart=restart, watcher=SynthesisView(reporter))
    if no_train:
        reporter.info("next: the same command without --no-train")
    else:
        train_in_view(learner, reporter, restart=False, verbose=verbose)
