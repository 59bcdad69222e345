"""The models that fuzzed ones are made from: weights that nobody trained, of several kinds, one of them with its graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from seqtool.export.export import export
from seqtool.model_dir import config_of
from seqtool.models.build import build_model
from seqtool.recipe.schema import Recipe
from seqtool.runtime.torch_weights import save_model
from seqtool.text.tokenizer import Tokenizer, Tokenizers, train_tokenizer
from tests.number_words import number_pairs, small_recipe

KINDS: dict[str, dict[str, Any]] = {
    "lstm": {},
    "transformer": {
        "encoder": {"kind": "transformer", "hidden": 16, "heads": 2, "positions": "learned", "max_positions": 30},
        "decoder": {"kind": "transformer", "hidden": 16, "heads": 2, "positions": "sinusoidal"},
        "attention": {"kind": "multi_head", "heads": 2},
    },
    "pointer": {
        "encoder": {"kind": "gru", "hidden": 8},
        "decoder": {"kind": "gru", "hidden": 16},
        "attention": {"kind": "additive", "coverage": True},
        "pointer": True,
        "lexical": True,
        "hierarchy": {"hidden": 8, "max_sentences": 4},
    },
}


def write_models(folder: Path) -> list[Path]:
    """One directory for each kind; the first has everything that an export writes."""
    pairs = number_pairs(100, 9)
    found = []
    for kind, model in KINDS.items():
        values = small_recipe(
            folder, model={"embedding": 16, "encoder": {"hidden": 8}, "decoder": {"hidden": 16}, **model}
        )
        recipe = Recipe.model_validate(values)
        found.append(write_model(folder / kind, recipe, pairs, shared=kind != "transformer"))
    sources = [src for src, _ in pairs[:20]]
    export(found[0], sources, None, pairs)
    return found


def write_model(path: Path, recipe: Recipe, pairs: list[tuple[str, str]], *, shared: bool = True) -> Path:
    """A model of this recipe, with tokenizers of these pairs."""
    settings = recipe.tokenizer.model_dump(exclude={"shared", "model"})
    sides = [[src for src, _ in pairs], [tgt for _, tgt in pairs]]
    texts = [sides[0] + sides[1]] * 2 if shared else sides
    src, tgt = (Tokenizer(train_tokenizer(lines, seed=1, **settings)) for lines in texts)
    tokenizers = Tokenizers(src, src if shared else tgt, shared)
    torch.manual_seed(4)
    sizes = tokenizers.src.vocab_size, tokenizers.tgt.vocab_size
    model = build_model(recipe.model, *sizes, sentence_ends=tokenizers.src.sentence_ends())
    save_model(path, {name: one.detach() for name, one in model.named_parameters()}, tokenizers, config_of(recipe, 20))
    return path
