"""Everything about a run that can be known without training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from seqtool.model_dir import open_model_dir
from seqtool.models.build import build_model
from seqtool.recipe.rules import learnt_data
from seqtool.recipe.schema import CorpusSection, Recipe
from seqtool.text.corpus import Corpus
from seqtool.text.given_tokenizer import given_tokenizers
from seqtool.training.device import check_precision, choose_device
from seqtool.training.settle import check_tying


@dataclass(frozen=True)
class DryRun:
    """Pairs by role as read (`empty` of the training pairs have an empty side), and the parameters with so many `pieces`: those of a
    tokenizer that is taken, else the most there may be."""

    pairs: dict[str, int]
    empty: int
    parameters: int
    pieces: tuple[int, int]
    device: str


def dry_run(recipe: Recipe) -> DryRun:
    """Reads every corpus of a recipe to its end and builds its model, and keeps nothing. Raises `DataError`, `ResourceError`, and
    `ModelError` for a tokenizer or a model to begin with that cannot be taken."""
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
    pieces = _pieces(recipe)
    if recipe.training.init_from.model is not None:
        open_model_dir(Path(recipe.training.init_from.model))
    with torch.device("meta"):
        model = build_model(recipe.model, *pieces)
    return DryRun(pairs, empty, sum(parameter.numel() for parameter in model.parameters()), pieces, device)


def _pieces(recipe: Recipe) -> tuple[int, int]:
    """How many pieces source and target have."""
    if recipe.tokenizer.model is None:
        return recipe.tokenizer.vocab_size, recipe.tokenizer.vocab_size
    taken = given_tokenizers(Path(recipe.tokenizer.model))
    check_tying(recipe, taken)
    return taken.src.vocab_size, taken.tgt.vocab_size
