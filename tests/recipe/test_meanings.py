"""Every key has a meaning, every meaning a key, and what editors are told is what the loader demands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.errors import RecipeError
from seqtool.recipe.json_schema import json_schema
from seqtool.recipe.load import load_recipe
from seqtool.recipe.meanings import key_places, meaning_of, read_meanings
from seqtool.recipe.places import Source
from seqtool.recipe.yaml12 import parse
from tests.cli.processes import PACKAGE_ROOT
from tests.recipe.json_rules import fits

SCHEMA = json_schema()
PLACES = list(key_places())
RECIPES = sorted((PACKAGE_ROOT / "recipes").rglob("*.yaml"))
DATA = {"train": {"src": "a", "tgt": "b"}, "valid": {"src": "a", "tgt": "b"}}


def plain(path: Path) -> Any:
    """A recipe's values as they were written."""
    return parse(Source(str(path), path.read_text("utf-8"), path.parent))[0].plain()


def test_every_key_has_a_meaning() -> None:
    table = read_meanings()
    for place in PLACES:
        meaning = meaning_of(table, place.section, place.name)
        assert meaning.text.endswith((".", "?")), place.path
        assert not meaning.unit.endswith(".")
        assert not meaning.source.endswith(".")


def test_every_meaning_has_a_key() -> None:
    sections = {each.__name__: each for place in PLACES for each in place.section.__mro__}
    for name, keys in read_meanings().items():
        assert keys.keys() <= vars(sections[name])["__annotations__"].keys(), name


def test_a_key_without_a_meaning_is_found() -> None:
    table = read_meanings()
    del table["LayersSection"]["kernel"]
    (encoder, _decoder) = [place for place in PLACES if place.name == "kernel"]
    with pytest.raises(KeyError, match=r"EncoderSection\.kernel"):
        meaning_of(table, encoder.section, encoder.name)


def test_defaults_by_kind_of_layer_are_those_of_the_resolver() -> None:
    meanings = {
        place.path: meaning_of(read_meanings(), place.section, place.name)
        for place in PLACES
        if place.path.startswith("model.encoder.")
    }
    assert meanings["model.encoder.kernel"].default == "3 (conv)"
    assert meanings["model.encoder.transitions"].default == "1 (rnn, lstm, gru)"
    assert meanings["model.encoder.feed_forward"].default.startswith("0 (conv); 4 x `hidden` (transformer")
    assert meanings["model.encoder.max_positions"].default.startswith("1024")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_shipped_recipes_fit_the_schema(path: Path) -> None:
    assert fits(plain(path), SCHEMA, SCHEMA)


# A value, and whether it is right: what an editor marks red is what the loader refuses, and nothing else.
CASES = [
    ({"data": DATA}, True, "the least there is"),
    ({}, False, "no data"),
    ({"data": {"train": DATA["train"]}}, False, "no valid"),
    ({"data": DATA, "model": None}, True, "a section that was opened and left empty"),
    ({"data": DATA, "training": {"max_epochs": None}}, True, "a null that takes a default away"),
    ({"data": DATA, "training": {"seed": None}}, False, "a null that says nothing"),
    ({"data": DATA, "training": {"seed": True}}, False, "a truth is no number"),
    ({"data": DATA, "training": {"seed": "1"}}, False, "a text is no number"),
    ({"data": DATA, "training": {"batch_tokens": "auto"}}, True, "a word among numbers"),
    ({"data": DATA, "training": {"batch_tokens": "most"}}, False, "another word"),
    ({"data": DATA, "training": {"optimizer": {"lr": 0}}}, False, "a bound that is not included"),
    ({"data": DATA, "training": {"optimizer": {"lr": 1}}}, True, "a whole number where any is wanted"),
    ({"data": DATA, "training": {"label_smoothing": 1.0}}, False, "a share below one"),
    ({"data": DATA, "tokenizer": {"vocab_size": 7}}, False, "below the least"),
    ({"data": DATA, "model": {"atention": {}}}, False, "an unknown key"),
    ({"data": DATA, "model": {"encoder": {"input_feeding": True}}}, False, "a key of decoders"),
    ({"data": DATA, "training": {"metrics": ["bleu", "meteor"]}}, False, "a word that is not in a list"),
    ({"data": DATA, "distill": {"teacher": ["a", "b"]}}, True, "one or several"),
    ({"data": DATA, "distill": {"n_best": 2}}, False, "a section without what it needs"),
    ({"data": {**DATA, "train": {"tsv": ["a", "b"], "src": 1, "tgt": "x"}}}, True, "columns by number and name"),
]


@pytest.mark.parametrize(("values", "right", "reason"), CASES, ids=[reason for *_, reason in CASES])
def test_the_schema_and_the_loader_agree(values: dict[str, Any], right: bool, reason: str, tmp_path: Path) -> None:
    assert fits(values, SCHEMA, SCHEMA) is right
    assert accepted(values, tmp_path) is right


def accepted(values: Any, folder: Path) -> bool:
    """Whether the loader has nothing against keys and types; a combination that cannot work is none of a schema's business."""
    (folder / "recipe.yaml").write_text(json.dumps(values), "utf-8")
    try:
        load_recipe(folder / "recipe.yaml")
    except RecipeError as error:
        said = str(error).split("error[")[1:]
        return all(one.startswith(("recipe.combination", "recipe.invalid")) for one in said)
    return True


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        -1,
        7,
        0.5,
        1.5,
        2**31,
        "",
        "auto",
        "none",
        "lstm",
        "bleu",
        [],
        ["bleu"],
        [1],
        {},
        {"kind": "gru"},
    ]
)


@settings(max_examples=40, deadline=None)
@given(path=st.sampled_from([place.path for place in PLACES]), value=VALUES)
def test_one_value_anywhere_is_right_for_both_or_wrong_for_both(
    path: str, value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    values: dict[str, Any] = {"data": json.loads(json.dumps(DATA))}
    section = values
    *sections, name = path.split(".")
    for part in sections:
        section = section.setdefault(part, {})
    section[name] = value
    folder = tmp_path_factory.getbasetemp()
    assert fits(values, SCHEMA, SCHEMA) == accepted(values, folder)
