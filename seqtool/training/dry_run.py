"""Everything about a run that can be known without training."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqtool.models.build import build_model
from seqtool.recipe.rules import learnt_data
from seqtool.recipe.schema import CorpusSection, Recipe
from seqtool.text.corpus import Corpus
from seqtool.training.device import check_precision, choose_device


@dataclass(frozen=True)
class DryRun:
    """Pairs by role as read (`empty` of the training pairs have an empty side), and the parameters with a full vocabulary."""

    pairs: dict[str, int]
    empty: int
    parameters: int
    device: str


def dry_run(recipe: Recipe) -> DryRun:
    """Reads every corpus of a recipe to its end and builds its model, and keeps nothing. Raises `DataError`, `ResourceError`."""
    device = choose_device(recipe.training.device)
    check_precision(recipe.training.precision, device)
    pairs: dict[str, int] = {}
    empty, data = 0, learnt_data(recipe)
    roles: list[tuple[str, CorpusSection | None]] = [
        ("train", data.train),
        ("valid", data.valid),
        ("test", data.test),
    ]
    for role, section in roles:
        if section is None:
            continue
        pairs[role] = 0
        for src, tgt in Corpus(section, role).pairs():  # type: ignore[arg-type]
            pairs[role] += 1
            empty += role == "train" and not (src.strip() and tgt.strip())
    with torch.device("meta"):
        model = build_model(recipe.model, recipe.tokenizer.vocab_size, recipe.tokenizer.vocab_size)
    return DryRun(pairs, empty, sum(parameter.numel() for parameter in model.parameters()), device)
