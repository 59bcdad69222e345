"""Where models and files beside the corpora are looked for."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import Recipe

DATA = "data: {train: {src: a, tgt: b}, valid: {src: a, tgt: b}}\n"
MODELS = ["tokenizer.model", "training.init_from.model", "distill.teacher", "backtranslate.model"]
FILES = ["training.init_from.src_vectors", "training.init_from.tgt_vectors", "backtranslate.text"]


def load(folder: Path, key: str, value: str, *, override: bool = False) -> Any:
    """The value of a key after a recipe in `recipes/` was read from `here`."""
    for name in ("recipes", "here"):
        (folder / name).mkdir(exist_ok=True)
    written = f"{key}={value}"
    other = {"backtranslate.model": "text: x", "backtranslate.text": "model: x"}.get(key, "")
    text = DATA + (f"backtranslate: {{{other}}}\n" if other else "")
    path = folder / "recipes/x.yaml"
    if override:
        path.write_text(text, "utf-8")
    else:
        section, name = key.rsplit(".", 1)
        opened = reduce(
            lambda inner, part: f"{part}: {{{inner}}}", reversed(section.split(".")), f"{name}: {value}, {other}"
        )
        path.write_text(f"{DATA}{opened}\n", "utf-8")
    recipe: Recipe = load_recipe(path, [written] if override else [], cwd=folder / "here")
    return reduce(getattr, key.split("."), recipe)


@pytest.mark.parametrize("key", MODELS)
def test_a_model_is_beside_the_recipe_or_where_runs_are(tmp_path: Path, key: str) -> None:
    assert load(tmp_path, key, "runs/m") == str(tmp_path / "here/runs/m"), (
        "run directories are in the working directory"
    )
    (tmp_path / "recipes/runs/m").mkdir(parents=True)
    assert load(tmp_path, key, "runs/m") == str(tmp_path / "recipes/runs/m")
    assert load(tmp_path, key, "runs/m", override=True) == str(tmp_path / "here/runs/m")
    assert load(tmp_path, key, "/far/m") == "/far/m"


@pytest.mark.parametrize("key", FILES)
def test_a_file_is_beside_the_recipe(tmp_path: Path, key: str) -> None:
    assert load(tmp_path, key, "../x.txt") == str(tmp_path / "x.txt")
    assert load(tmp_path, key, "x.txt", override=True) == str(tmp_path / "here/x.txt")


def test_each_of_a_list_is_looked_for_by_itself(tmp_path: Path) -> None:
    (tmp_path / "recipes/one").mkdir(parents=True)
    expected = [str(tmp_path / "recipes/one"), str(tmp_path / "here/two")]
    assert load(tmp_path, "distill.teacher", "[one, two]") == expected
    assert load(tmp_path, "backtranslate.text", "[one, two]") == [expected[0], str(tmp_path / "recipes/two")]


def test_what_is_not_named_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"{DATA}tokenizer: {{model: null}}\n", "utf-8")
    recipe = load_recipe(path)
    assert (recipe.tokenizer.model, recipe.training.init_from.model) == (None, None)
    assert (recipe.distill, recipe.backtranslate) == (None, None)
