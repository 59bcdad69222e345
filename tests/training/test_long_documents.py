"""Documents in a whole run: where sentences end is the tokenizer's, when a model is made and when it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from seqtool.errors import DataError
from seqtool.export.export import export
from seqtool.model_dir import open_model_dir
from seqtool.models.encoders.hierarchy import HierarchicalEncoder
from seqtool.recipe.schema import Recipe
from seqtool.runtime.torch_weights import load_network, read_tensors
from seqtool.training.run import train
from seqtool.translator import Translator
from tests.number_words import small_recipe
from tests.training.watching import Watcher

READING: dict[str, Any] = {"hierarchy": {"hidden": 4, "max_sentences": 3}}


def run(corpus: Path, run_dir: Path, **training: Any) -> Recipe:
    values: dict[str, Any] = small_recipe(corpus, run_dir=str(run_dir))
    values["model"] |= READING
    values["model"]["encoder"]["chunk"] = 5
    values["training"] |= {"max_steps": 6, "validate_every": 3, "checkpoint_every": 2, **training}
    recipe = Recipe.model_validate(values)
    train(recipe, restart=False, observer=Watcher())
    return recipe


@pytest.mark.slow
def test_a_loaded_model_knows_the_ends_of_its_tokenizer_and_says_the_same_in_every_runtime(
    number_corpus: Path, tmp_path: Path
) -> None:
    run(number_corpus, tmp_path / "run")
    checked = export(tmp_path / "run", (number_corpus / "valid.de").read_text("utf-8").splitlines())
    assert checked.same == checked.lines
    opened = open_model_dir(tmp_path / "run")
    encoder = load_network(opened).encoder
    assert isinstance(encoder, HierarchicalEncoder)
    ends = opened.tokenizers.src.sentence_ends()
    assert len(ends) > 1
    assert encoder.get_buffer("ends").nonzero().flatten().tolist() == sorted(ends)
    assert not any("ends" in name for name in read_tensors(opened.files["weights.safetensors"]))
    lines = ["eins zwei . drei . vier fünf sechs sieben . acht .", "neun", "eins . " * 40]
    texts = {
        (runtime, precision, size): [
            one.text
            for one in Translator.load(tmp_path / "run", runtime=runtime, precision=precision)
            .with_search(batch_size=size)
            .translate(lines)
        ]
        for runtime, precision in (("torch", "fp32"), ("onnx", "fp32"), ("onnx", "int8"))
        for size in (1, 3)
    }
    assert (
        texts["torch", "fp32", 1] == texts["torch", "fp32", 3] == texts["onnx", "fp32", 1] == texts["onnx", "fp32", 3]
    )
    assert texts["onnx", "int8", 1] == texts["onnx", "int8", 3]


def test_a_run_that_was_interrupted_ends_as_one_that_was_not(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "whole", export=False)
    run(number_corpus, tmp_path / "halves", export=False, max_steps=4)
    run(number_corpus, tmp_path / "halves", export=False)
    one, other = (
        read_tensors(tmp_path / name / "checkpoints/step-000006/weights.safetensors") for name in ("whole", "halves")
    )
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_text_without_sentences_is_refused(number_corpus: Path, tmp_path: Path) -> None:
    for path in number_corpus.iterdir():
        (tmp_path / path.name).write_text(path.read_text("utf-8").replace(".", ""), "utf-8")
    with pytest.raises(DataError, match=r"model\.hierarchy: no piece of the source tokenizer ends in"):
        run(tmp_path, tmp_path / "run")
