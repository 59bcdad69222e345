"""Plain words mean what YAML 1.2 says, and a recipe that was written loads back equal."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.recipe.load import dump_recipe, load_recipe
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.resolve import resolved_model
from seqtool.recipe.schema import CorpusSection, DataSection, Recipe
from seqtool.recipe.yaml12 import scalar

SCALARS = [
    ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("tRUE", "tRUE"),
    ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
    ("null", None), ("Null", None), ("NULL", None), ("~", None), ("", None), ("nULL", "nULL"),
    ("0", 0), ("-0", 0), ("+12", 12), ("010", 10), ("0o14", 12), ("0x1F", 31), ("0xfg", "0xfg"), ("0o8", "0o8"), ("0b1", "0b1"),
    ("-0x1", "-0x1"), ("1_000", "1_000"), ("1,000", "1,000"), ("190:20:30", "190:20:30"), ("12:30", "12:30"), ("２", "２"),
    ("1e-4", 1e-4), ("1E3", 1000.0), ("1.", 1.0), (".5", 0.5), ("-.5e+1", -5.0), ("1e", "1e"), (".", "."), ("1e400", math.inf),
    (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf), ("inf", "inf"), ("nan", "nan"), ("-.nan", "-.nan"),
    ("2024-01-01", "2024-01-01"), ("2024-01-01 10:00:00", "2024-01-01 10:00:00"), ("=", "="), ("<<", "<<"),
    ("9" * 5000, math.inf), ("-" + "9" * 5000, -math.inf), ("0x" + "f" * 5000, math.inf),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SCALARS, ids=lambda value: str(value)[:12])
def test_a_plain_word_means_what_yaml_1_2_says(text: str, value: object) -> None:
    assert (type(scalar(text)), scalar(text)) == (type(value), value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan_is_written_with_a_dot(text: str) -> None:
    value = scalar(text)
    assert isinstance(value, float)
    assert math.isnan(value)


def written_and_read(recipe: Recipe, tmp_path: Path) -> Recipe:
    path = tmp_path / "again.yaml"
    path.write_text(dump_recipe(recipe), "utf-8", newline="")
    return load_recipe(path)


def recipe_with(src: str, run_dir: str = "runs/x") -> Recipe:
    pairs = CorpusSection(jsonl="/a.jsonl", src=src, tgt="t")
    return Recipe(run_dir=run_dir, data=DataSection(train=pairs, valid=pairs), model=resolved_model(ModelSection()))


names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1)


@pytest.mark.parametrize(
    "name",
    [text for text, _ in SCALARS if text] + ["a: b", "- a", "#x", "'", '"', " a ", "a\nb", "*a", "\x85", "\ufeff"],
)
def test_text_stays_text(tmp_path: Path, name: str) -> None:
    recipe = recipe_with(name, run_dir=name)
    assert written_and_read(recipe, tmp_path) == recipe


def test_any_text_stays_text(tmp_path: Path) -> None:
    @settings(max_examples=150, derandomize=True, deadline=None, database=None)
    @given(names, names)
    def attempt(src: str, run_dir: str) -> None:
        recipe = recipe_with(src, run_dir)
        assert written_and_read(recipe, tmp_path) == recipe

    attempt()


def test_any_number_stays_the_number(tmp_path: Path) -> None:
    @settings(max_examples=150, derandomize=True, deadline=None, database=None)
    @given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
    def attempt(number: float) -> None:
        data = recipe_with("a").data.model_copy(update={"max_length_ratio": number})
        recipe = recipe_with("a").model_copy(update={"data": data})
        assert written_and_read(recipe, tmp_path) == recipe

    attempt()


def test_a_null_that_takes_a_default_away_is_kept(tmp_path: Path) -> None:
    data = recipe_with("a").data.model_dump(exclude_none=True)
    recipe = Recipe.model_validate({"run_dir": "x", "data": data, "training": {"max_epochs": None, "max_steps": 5}})
    assert written_and_read(recipe, tmp_path).training.max_epochs is None


def test_a_recipe_is_written_in_the_order_of_the_pipeline_with_its_defaults() -> None:
    text = dump_recipe(recipe_with("no"))
    top = [line.rstrip(":").split(":")[0] for line in text.splitlines() if not line.startswith(" ")]
    assert top == ["task", "run_dir", "data", "tokenizer", "model", "training", "decoding"]
    assert "    src: 'no'\n" in text
    assert "  beam_size: 5\n" in text
    assert "test:" not in text
    assert "&" not in text


def test_other_readers_of_yaml_read_the_same() -> None:
    recipe = recipe_with("010")
    assert yaml.safe_load(dump_recipe(recipe))["data"]["train"]["src"] == "010"
    assert yaml.safe_load(dump_recipe(recipe))["training"]["optimizer"]["eps"] == 1e-8
