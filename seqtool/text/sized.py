"""A recipe whose open keys follow the size of its corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqtool.recipe.by_size import filled
from seqtool.recipe.schema import Recipe
from seqtool.text.corpus import Corpus


def sized(recipe: Recipe, recorded: Mapping[str, Any] | None = None) -> tuple[Recipe, dict[str, str]]:
    """The recipe with what it leaves open chosen by its number of training pairs, and the reasons by dotted key. What a run was begun with,
    `recorded` by dotted key, stays. Reads the corpus to its end where something is open; raises `DataError`."""
    if not filled(recipe, 1)[1]:
        return recipe, {}
    pairs = sum(1 for _ in Corpus(recipe.data.train, "train").pairs())
    return filled(recipe, pairs, recorded or {})
