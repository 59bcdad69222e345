"""Several models as one: the mean of their probabilities, in both runtimes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Literal

import pytest
import torch

from seqtool.errors import ModelError
from seqtool.model_dir import config_of, open_model_dir
from seqtool.models.build import build_model
from seqtool.recipe.schema import Recipe
from seqtool.runtime.ensemble import EnsembleStepper
from seqtool.runtime.torch_weights import save_model
from seqtool.text.tokenizer import Tokenizer, Tokenizers, train_tokenizer
from seqtool.translation import Translation
from seqtool.translator import Translator
from tests.cli.processes import Warm
from tests.number_words import number_pairs, small_recipe

PAIRS = number_pairs(25, 31)
LINES = [src for src, _ in PAIRS]
Runtime = Literal["onnx", "torch"]

both_runtimes = pytest.mark.parametrize("runtime", ["torch", pytest.param("onnx", marks=pytest.mark.slow)])


def write_model(path: Path, tokenizers: Tokenizers, seed: int) -> Path:
    """A model directory with weights nobody trained."""
    recipe = Recipe.model_validate(small_recipe(Path("unused")))
    torch.manual_seed(seed)
    model = build_model(recipe.model, tokenizers.src.vocab_size, tokenizers.tgt.vocab_size)
    for parameter in model.parameters():  # so that it has opinions
        parameter.data.mul_(3.0)
    save_model(path, dict(model.named_parameters()), tokenizers, config_of(recipe, 20 + seed))
    return path


@pytest.fixture(scope="module")
def models(random_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two models with the same tokenizer."""
    tokenizers = open_model_dir(random_model).tokenizers
    folder = tmp_path_factory.mktemp("ensemble")
    return write_model(folder / "a", tokenizers, 5), write_model(folder / "b", tokenizers, 6)


@pytest.fixture
def load(models: tuple[Path, Path], runtime: Runtime) -> list[Translator]:
    """The first model, the second, both, and the first twice."""
    one, two = models
    if runtime == "onnx":
        from seqtool.export.export import export

        for path in models:
            if not open_model_dir(path).has_graphs("fp32"):
                export(path, LINES)
    return [Translator.load(*paths, runtime=runtime) for paths in ((one,), (two,), (one, two), (one, one))]


def agree(found: list[Translation], expected: list[Translation]) -> None:
    """Texts and scores of all hypotheses."""
    for one, other in zip(found, expected, strict=True):
        assert [output.text for output in one.outputs] == [output.text for output in other.outputs]
        for mine, theirs in zip(one.outputs, other.outputs, strict=True):
            assert mine.score == pytest.approx(theirs.score, abs=1e-5)
            assert mine.links == theirs.links


@both_runtimes
def test_a_model_twice_is_the_model(load: list[Translator]) -> None:
    one, _, _, twice = (each.with_search(n_best=2, details=True) for each in load)
    assert isinstance(twice.stepper, EnsembleStepper)
    agree(list(twice.translate(LINES)), list(one.translate(LINES)))


@both_runtimes
def test_two_models_are_neither_of_them(load: list[Translator]) -> None:
    one, two, both, _ = ([found.text for found in each.translate(LINES)] for each in load)
    assert both != one
    assert both != two


@both_runtimes
def test_probabilities_are_the_mean(load: list[Translator]) -> None:
    """Of every token given those before it, and of what the search sums."""
    sources, targets = LINES, [tgt for _, tgt in PAIRS]
    one, two, both = (each.score(sources, targets) for each in load[:3])
    for first, second, together in zip(one, two, both, strict=True):
        for (_, mine), (_, others), (_, found) in zip(first.tokens, second.tokens, together.tokens, strict=True):
            assert found == pytest.approx(math.log((math.exp(mine) + math.exp(others)) / 2), abs=1e-4)
    found_best = load[2].with_search(details=True)
    for result in found_best.translate(LINES):
        assert sum(value for _, value in result.outputs[0].tokens) == pytest.approx(result.outputs[0].log_prob)


@both_runtimes
def test_neither_batch_size_nor_neighbours_matter(load: list[Translator]) -> None:
    both = load[2]
    expected = list(both.translate(LINES))
    for size in (1, 7):
        agree(list(both.with_search(batch_size=size).translate(LINES[::-1]))[::-1], expected)


@pytest.mark.parametrize("runtime", ["torch"])
def test_all_rules_of_the_search_hold(load: list[Translator]) -> None:
    """Forced, forbidden and drawn tokens, which an ensemble chooses by itself."""
    one, _, _, twice = (
        each.with_search(n_best=2, beam_size=4, no_repeat_ngram_size=2, min_length=6, max_length=9) for each in load
    )
    prefixes = ["one two"] * len(LINES)
    agree(twice.translate_window(LINES, prefixes), one.translate_window(LINES, prefixes))


def test_the_shortest_memory_decides_what_is_too_long(models: tuple[Path, Path]) -> None:
    assert [open_model_dir(path).config.max_src_tokens for path in models] == [25, 26]
    assert Translator.load(*models, runtime="torch").max_src_tokens == 25
    assert Translator.load(*models[::-1], runtime="torch").max_src_tokens == 25


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with another tokenizer."""
    settings = Recipe.model_validate(small_recipe(Path("unused"))).tokenizer.model_dump(exclude={"shared", "model"})
    lines = [line for pair in number_pairs(200, 77) for line in pair]
    tokenizer = Tokenizer(train_tokenizer(lines, seed=1, **{**settings, "vocab_size": 50}))
    path = tmp_path_factory.mktemp("foreign") / "c"
    return write_model(path, Tokenizers(tokenizer, tokenizer, shared=True), 7)


def test_models_with_different_target_tokenizers_are_refused(models: tuple[Path, Path], foreign: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Translator.load(*models, foreign)
    assert caught.value.error_id == "model.ensemble"
    assert caught.value.message == f"{models[0]} and {foreign} have different target tokenizers"
    assert "same" in caught.value.hint


def test_translate_takes_several_models(models: tuple[Path, Path], foreign: Path, warm: Warm, tmp_path: Path) -> None:
    one, two = models
    stdin = "".join(f"{line}\n" for line in LINES).encode()
    options = ("--runtime", "torch", "--format", "jsonl")
    done = warm.seqtool("translate", "-m", one, "--model", two, *options, cwd=tmp_path, stdin=stdin)
    assert done.code == 0, done.err
    both = Translator.load(one, two, runtime="torch")
    expected = [found.text for found in both.translate(LINES)]
    assert [json.loads(line)["text"] for line in done.out.split("\n")[:-1]] == expected
    assert 1 < both.counts.loops <= len(LINES), "who has learnt nothing says the same again and again"
    warning = f"warning: {both.counts.loops} lines ran in circles: translated again without repeated n-grams\n"
    assert done.err.endswith(warning)
    blocked = warm.seqtool("translate", "-m", one, "-m", two, "--no-repeat-ngram", "3", cwd=tmp_path, stdin=stdin)
    assert "in circles" not in blocked.err
    refused = warm.seqtool("translate", "-m", one, "-m", foreign, cwd=tmp_path, stdin=stdin)
    assert (refused.code, refused.out) == (4, "")
    assert refused.err.startswith(
        f"error[model.ensemble]: {one} and {foreign} have different target tokenizers\nhint: "
    )
