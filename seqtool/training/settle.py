"""What a recipe leaves open until its data is known."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from seqtool.errors import ModelError, UsageError
from seqtool.recipe.schema import Recipe
from seqtool.text.prepared import Prepared
from seqtool.text.sized import prepare_recipe
from seqtool.text.tokenizer import Tokenizers
from seqtool.training.batch_size import fitting_batch_tokens, longest_tokens
from seqtool.training.checkpoint import checkpoints, load_progress
from seqtool.training.device import best_precision, choose_device
from seqtool.training.events import Observer

_BATCH = "training.batch_tokens"


def prepared_of(recipe: Recipe, observer: Observer) -> Prepared:
    """The recipe's data as ids, made first where it has to be. Raises `DataError`, `ModelError` for a tokenizer that cannot be taken, and
    `ResourceError`."""
    prepared = prepare_recipe(recipe, observer.stage)
    observer.prepared(prepared.ledger, len(prepared.valid))
    return prepared


def settled(recipe: Recipe, prepared: Prepared, observer: Observer, reasons: dict[str, str]) -> Recipe:
    """The recipe with values where it says `auto`: those of the run's newest checkpoint or, when it begins, what fits. A size of batches
    that followed the corpus, as its `reasons` say, is made to fit the longest sentence, with a reason that says so. Raises what
    `assemble` raises, and `UsageError` for batches that cannot hold the longest pair and vectors that two vocabularies cannot share."""
    assert recipe.run_dir is not None
    recorded = recorded_settings(Path(recipe.run_dir) / "checkpoints")
    if recipe.training.precision == "auto":
        precision = recorded.get("training.precision") or best_precision(choose_device(recipe.training.device))
        recipe = _with(recipe, precision=precision)
    if recipe.training.batch_tokens == "auto":
        number = recorded.get("training.batch_tokens")
        if not isinstance(number, int):
            number, longest = fitting_batch_tokens(recipe, prepared), longest_tokens(prepared.train)
            why = "are the longest sentence's" if number == longest else "fit the corpus and the memory at hand"
            observer.message(f"training.batch_tokens: {number:,} tokens {why}")
        recipe = _with(recipe, batch_tokens=number)
    longest, batch_tokens = longest_tokens(prepared.train), recipe.training.batch_tokens
    if _BATCH in reasons and isinstance(batch_tokens, int) and batch_tokens < longest:
        recipe = _with(recipe, batch_tokens=longest)
        reasons[_BATCH] = "the longest training sentence has so many tokens"
    _check_longest(recipe.training.batch_tokens, longest)
    check_tying(recipe, prepared.tokenizers)
    return recipe


def check_tying(recipe: Recipe, tokenizers: Tokenizers) -> None:
    """What the recipe's own rules cannot know of a tokenizer that is taken from elsewhere. Raises `UsageError`."""
    if recipe.model.tie in ("source_target", "all") and not tokenizers.shared:
        raise UsageError(
            "model.tie",
            f"model.tie {recipe.model.tie} shares vectors between two vocabularies, which tokenizer.model {recipe.tokenizer.model} has",
            "set model.tie: target_output or none",
        )


def _check_longest(batch_tokens: int | str, longest: int) -> None:
    if isinstance(batch_tokens, int) and batch_tokens < longest:
        raise UsageError(
            "training.batch-tokens",
            f"training.batch_tokens {batch_tokens:,} is below the longest training sentence, which has {longest:,} tokens",
            f"set training.batch_tokens to {longest:,} or more, or data.max_src_tokens and data.max_tgt_tokens to {batch_tokens - 1:,}",
        )


def _with(recipe: Recipe, **values: object) -> Recipe:
    return recipe.model_copy(update={"training": recipe.training.model_copy(update=values)})


def recorded_settings(folder: Path) -> dict[str, Any]:
    """The settings of the newest usable checkpoint in a folder of them, by dotted key; none where there is none."""
    for path in reversed(checkpoints(folder)):
        with suppress(ModelError):
            return load_progress(path).settings
    return {}
