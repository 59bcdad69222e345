"""A recipe and its data: what it leaves open follows the size of its corpus, and its pairs become ids."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqtool.recipe.by_size import filled
from seqtool.recipe.rules import learnt_data
from seqtool.recipe.schema import Recipe
from seqtool.text.corpus import Corpus
from seqtool.text.prepared import Prepared, prepare
from seqtool.text.store_writer import Progress


def sized(recipe: Recipe, recorded: Mapping[str, Any] | None = None) -> tuple[Recipe, dict[str, str]]:
    """The recipe with what it leaves open chosen by its number of training pairs, and the reasons by dotted key. What a run was begun with,
    `recorded` by dotted key, stays. Reads the corpus to its end where something is open; raises `DataError`."""
    if not filled(recipe, 1)[1]:
        return recipe, {}
    pairs = sum(1 for _ in Corpus(learnt_data(recipe).train, "train").pairs())
    return filled(recipe, pairs, recorded or {})


def prepare_recipe(recipe: Recipe, progress: Progress) -> Prepared:
    """The data of a recipe that was sized, beside its run directory. Raises what `prepare` raises."""
    assert recipe.run_dir is not None, "the loader fills it in"
    return prepare(
        learnt_data(recipe),
        recipe.tokenizer,
        root=Path(recipe.run_dir).parent,
        seed=recipe.training.seed,
        task=recipe.task,
        points=recipe.model.pointer,
        progress=progress,
        threads=recipe.training.threads or os.cpu_count() or 1,
    )
