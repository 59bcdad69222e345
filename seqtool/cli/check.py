"""`seqtool check`."""

from __future__ import annotations

from typing import Annotated

import typer

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument
from seqtool.cli.terminal import Reporter


def check(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Example: seqtool check recipes/quickstart.yaml

    Looks for what would spoil training or its scores: sides that slipped against each other or do not belong together, test lines in the
    training data, duplicates, wrong languages, broken characters. Ends with exit code 3 where training would be of no use.
    """
    from seqtool.cli.check_view import as_json, as_text, failure
    from seqtool.health.check import check_recipe
    from seqtool.recipe.load import load_recipe

    loaded = load_recipe(recipe, overrides or [])
    reporter = Reporter(quiet=quiet)
    found = check_recipe(loaded, lambda stage, pairs: reporter.line(f"reading {stage}: {pairs:,} pairs"))
    reporter.line("")
    print(as_json(recipe, found) if json else as_text(found, quiet=quiet))
    if trouble := failure(found):
        raise trouble
