"""Defaults that follow the corpus: what they are, what they leave alone, and how they are written down."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqtool.recipe.by_size import filled, suggested
from seqtool.recipe.load import dump_recipe, load_recipe
from seqtool.recipe.rules import problems
from seqtool.recipe.schema import Recipe

DATA = "data: {train: {src: a, tgt: b}, valid: {src: a, tgt: b}}\n"
PAIRS = [1, 600, 5_000, 20_000, 24_999, 25_000, 29_000, 100_000, 160_000, 999_999, 1_000_000, 40_000_000]
KEYS = {
    "tokenizer.vocab_size", "model.embedding", "model.encoder.hidden", "model.decoder.hidden", "model.dropout.embedding",
    "model.dropout.layer", "model.dropout.output", "training.batch_tokens", "training.max_epochs", "training.validate_every",
    "training.checkpoint_every",
}  # fmt: skip


def values(pairs: int, task: str = "translation") -> dict[str, int | float]:
    return {each.key: each.value for each in suggested(pairs, task)}


def load(tmp_path: Path, text: str, *overrides: str) -> Recipe:
    path = tmp_path / "x.yaml"
    path.write_text(DATA + text, "utf-8")
    return load_recipe(path, overrides)


def at(recipe: Recipe, key: str) -> Any:
    return reduce(getattr, key.split("."), recipe)


@pytest.mark.parametrize("task", ["translation", "summarization"])
@pytest.mark.parametrize("pairs", PAIRS)
def test_each_key_has_one_suggestion_that_a_recipe_may_have(pairs: int, task: str, tmp_path: Path) -> None:
    found = suggested(pairs, task)
    assert {each.key for each in found} == KEYS
    assert len(found) == len(KEYS)
    assert all(f"{pairs:,} pairs" in each.reason for each in found)
    recipe, reasons = filled(load(tmp_path, f"task: {task}\n"), pairs)
    assert not problems(recipe)
    assert {key: at(recipe, key) for key in reasons} == values(pairs, task)


def test_more_data_means_more_of_all_but_dropout_and_epochs() -> None:
    for task in ("translation", "summarization"):
        for less, more in pairwise(PAIRS):
            small, large = values(less, task), values(more, task)
            for key in (
                "model.dropout.embedding",
                "model.dropout.layer",
                "model.dropout.output",
                "training.max_epochs",
            ):
                assert small[key] >= large[key]
            for key in ("tokenizer.vocab_size", "model.embedding", "model.encoder.hidden", "training.batch_tokens"):
                assert small[key] <= large[key]


@pytest.mark.parametrize(
    ("pairs", "vocab"),
    [(5_000, 2000), (20_000, 2000), (29_000, 5000), (100_000, 8000), (200_000, 8000), (1_000_000, 32_000)],
)
def test_the_vocabulary_follows_sennrich_and_zhang(pairs: int, vocab: int) -> None:
    assert values(pairs)["tokenizer.vocab_size"] == vocab


@pytest.mark.parametrize(
    ("encoder", "width"), [("gru", 192), ("rnn", 192), ("transformer", 384), ("conv", 384), ("ssru", 384)]
)
def test_an_encoder_of_one_width_is_as_wide_as_both_directions(encoder: str, width: int, tmp_path: Path) -> None:
    model = f"model: {{encoder: {{kind: {encoder}}}, decoder: {{kind: transformer}}}}\n"
    recipe, _ = filled(load(tmp_path, model), 29_000)
    assert (recipe.model.encoder.hidden, recipe.model.decoder.hidden) == (width, 384)


def test_documents_are_worth_several_sentences() -> None:
    sentences, documents = values(10_000), values(10_000, "summarization")
    assert documents["tokenizer.vocab_size"] > sentences["tokenizer.vocab_size"]
    assert documents["training.batch_tokens"] > sentences["training.batch_tokens"]


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_key_that_is_set_is_left_alone_even_to_its_default(tmp_path: Path, key: str) -> None:
    default = at(load(tmp_path, ""), key)
    recipe, reasons = filled(load(tmp_path, "", f"{key}={default}"), 600)
    assert at(recipe, key) == default
    assert reasons.keys() == KEYS - {key}


def test_the_rest_of_a_recipe_stays(tmp_path: Path) -> None:
    text = "run_dir: x\ntokenizer: {kind: bpe}\nmodel: {encoder: {layers: 2}, tie: all}\ntraining: {seed: 7}\ndecoding: {beam_size: 2}\n"
    loaded = load(tmp_path, text)
    recipe, reasons = filled(loaded, 600)
    again = yaml.safe_load(dump_recipe(recipe))
    before = yaml.safe_load(dump_recipe(loaded))
    for key in reasons:
        *path, name = key.split(".")
        reduce(dict.__getitem__, path, again)[name] = reduce(dict.__getitem__, path, before)[name]
    assert again == before


def test_what_follows_from_a_width_follows_the_new_one(tmp_path: Path) -> None:
    text = "model: {encoder: {kind: transformer}, decoder: {kind: ssru, feed_forward: 99}}\n"
    recipe, _ = filled(load(tmp_path, text), 600)
    assert recipe.model.encoder.feed_forward == 4 * recipe.model.encoder.hidden == 4 * 256
    assert recipe.model.decoder.feed_forward == 99
    assert not problems(recipe)


@pytest.mark.parametrize("by_override", [False, True])
def test_with_a_preset_the_model_is_its_own(tmp_path: Path, by_override: bool) -> None:
    given = ["model.preset=rnn-small"] if by_override else []
    loaded = load(tmp_path, "" if by_override else "model: {preset: rnn-small}\n", *given)
    recipe, reasons = filled(loaded, 600)
    assert recipe.model == loaded.model
    assert reasons.keys() == {key for key in KEYS if not key.startswith("model.")}


@pytest.mark.parametrize("tokenizer", ["{kind: char}", "{kind: word}", "{model: /m}"])
def test_a_vocabulary_that_has_its_own_size_keeps_it(tmp_path: Path, tokenizer: str) -> None:
    recipe, reasons = filled(load(tmp_path, f"tokenizer: {tokenizer}\n"), 600)
    assert recipe.tokenizer.vocab_size == 8000
    assert reasons.keys() == KEYS - {"tokenizer.vocab_size"}


@pytest.mark.parametrize(
    "model",
    [
        "{attention: {kind: dot}, decoder: {hidden: 512}}",
        "{decoder: {kind: transformer, heads: 96, hidden: 96}, encoder: {kind: transformer, heads: 256}}",
    ],
)
def test_widths_that_would_not_go_with_what_is_set_are_left_alone(tmp_path: Path, model: str) -> None:
    recipe, reasons = filled(load(tmp_path, f"model: {model}\n"), 29_000)
    assert not problems(recipe)
    assert recipe.model.encoder.hidden == 256
    assert reasons.keys() == KEYS - {"model.embedding", "model.encoder.hidden", "model.decoder.hidden"}


def test_dot_attention_still_fits(tmp_path: Path) -> None:
    recipe, reasons = filled(load(tmp_path, "model: {attention: {kind: dot}}\n"), 600)
    assert (recipe.model.encoder.hidden, recipe.model.decoder.hidden) == (128, 256)
    assert reasons.keys() == KEYS


def test_reasons_stand_at_the_ends_of_their_lines_and_change_nothing(tmp_path: Path) -> None:
    recipe, reasons = filled(load(tmp_path, "run_dir: 'a # b: c'\n"), 29_000)
    text = dump_recipe(
        recipe, {**reasons, "data.train": "a section", "run_dir": "two\nlines", "no.such.key": "nothing"}
    )
    assert "\n  vocab_size: 5000  # 29,000 pairs: pieces that are all seen often\n" in text
    assert "\n    hidden: 384  # 29,000 pairs: a width they can fill\n" in text
    assert "\n  train:  # a section\n" in text
    assert "\nrun_dir: 'a # b: c'  # two\ufffdlines\n" in text
    assert text.count("  # ") == len(reasons) + 2
    assert "nothing" not in text
    path = tmp_path / "again.yaml"
    path.write_text(text, "utf-8")
    assert load_recipe(path) == recipe
    assert dump_recipe(load_recipe(path)) == dump_recipe(recipe)
    assert yaml.safe_load(text) == yaml.safe_load(dump_recipe(recipe))


def test_defaults_that_are_written_out_do_not_count_as_set(tmp_path: Path) -> None:
    recipe = load(tmp_path, "model: {encoder: {kind: conv}}\ntraining: {seed: 2}\n", "model.tie=all")
    assert recipe.model.model_fields_set == {"encoder", "tie"}
    assert recipe.model.encoder.model_fields_set == {"kind"}
    assert recipe.model.encoder.kernel == 3
    assert recipe.training.model_fields_set == {"seed"}


@pytest.mark.parametrize(
    ("training", "pairs", "every"),
    [
        ("{batch_tokens: 2048}", 29_000, 400),
        ("{batch_tokens: 16384}", 29_000, 100),
        ("{batch_tokens: 2048, accumulate: 2}", 29_000, 200),
        ("{accumulate: 8}", 29_000, 100),
        ("{batch_tokens: auto}", 29_000, 200),
        ("{batch_tokens: auto, accumulate: 2}", 29_000, 100),
        ("{batch_tokens: auto}", 5_000_000, 2000),
        ("{batch_tokens: auto}", 1_000, 100),
        ("{batch_tokens: 1}", 29_000, 2000),
    ],
)
def test_a_look_is_about_an_epoch_of_the_recipes_own_batches(
    training: str, pairs: int, every: int, tmp_path: Path
) -> None:
    recipe, reasons = filled(load(tmp_path, f"training: {training}\n"), pairs)
    for key in ("training.validate_every", "training.checkpoint_every"):
        assert at(recipe, key) == every
        assert key in reasons
