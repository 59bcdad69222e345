"""`seqtool preprocess`."""

from __future__ import annotations

import shlex

from seqtool.cli.options import OverridesArgument, QuietOption, RecipeArgument, VerboseOption
from seqtool.cli.terminal import Reporter


def preprocess(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Example: seqtool preprocess recipes/quickstart.yaml

    Trains the tokenizer and prepares the data of a recipe. Training does this itself; here one can look at what is dropped, and why.
    """
    from seqtool.cli.training_view import show_ledger
    from seqtool.recipe.load import load_recipe
    from seqtool.text.sized import prepare_recipe, sized

    loaded, _ = sized(load_recipe(recipe, overrides or []))
    reporter = Reporter(quiet=quiet, verbose=verbose)
    prepared = prepare_recipe(loaded, lambda stage, pairs: reporter.line(f"preparing {stage}: {pairs:,} pairs"))
    show_ledger(reporter, prepared.ledger)
    reporter.info(f"validation pairs: {len(prepared.valid):,}")
    tokenizers = prepared.tokenizers
    if tokenizers.shared:
        reporter.info(f"vocabulary: {tokenizers.src.vocab_size:,} pieces, shared")
    else:
        reporter.info(
            f"vocabulary: {tokenizers.src.vocab_size:,} source and {tokenizers.tgt.vocab_size:,} target pieces"
        )
    reporter.detail(f"prepared: {prepared.path}")
    reporter.info(f"next: seqtool train {shlex.join([str(recipe), *(overrides or [])])}")
