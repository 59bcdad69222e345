"""A small language pair on disk, and a model of it, for tests that need something to run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from seqtool.model_dir import config_of
from seqtool.models.build import build_model
from seqtool.recipe.schema import Recipe
from seqtool.runtime.torch_weights import save_model
from seqtool.text.tokenizer import Tokenizer, Tokenizers, train_tokenizer
from tests.cli.processes import Warm
from tests.number_words import number_pairs, small_recipe, write_lines

# Products this small gain nothing from a second thread, and lose much where another process wants its core.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def number_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with train, valid and test in `.de` and `.en`: 600, 40 and 40 pairs."""
    folder = tmp_path_factory.mktemp("numbers")
    for seed, (name, count) in enumerate((("train", 600), ("valid", 40), ("test", 40))):
        pairs = number_pairs(count, seed)
        write_lines(folder / f"{name}.de", [src for src, _ in pairs])
        write_lines(folder / f"{name}.en", [tgt for _, tgt in pairs])
    return folder


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Runs commands without the wait for torch."""
    process = Warm()
    yield process
    process.close()


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with weights nobody trained: what it says means nothing, and is always the same."""
    pairs = number_pairs(300, 9)
    lines = [line for pair in pairs for line in pair]
    settings = Recipe.model_validate(small_recipe(Path("unused"))).tokenizer.model_dump(exclude={"shared", "model"})
    tokenizer = Tokenizer(train_tokenizer(lines, seed=1, **settings))
    recipe = Recipe.model_validate(small_recipe(Path("unused")))
    torch.manual_seed(4)
    model = build_model(recipe.model, tokenizer.vocab_size, tokenizer.vocab_size)
    path = tmp_path_factory.mktemp("model") / "random"
    parameters = {name: one.detach() for name, one in model.named_parameters()}
    save_model(path, parameters, Tokenizers(tokenizer, tokenizer, shared=True), config_of(recipe, 20))
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no process is left alone with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
