"""What a model begins with: parts of another, and vectors from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from seqtool.errors import DataError, ModelError
from seqtool.recipe.schema import Recipe
from seqtool.training.run import train
from tests.number_words import small_recipe
from tests.training.watching import Watcher


def run(
    corpus: Path, run_dir: Path, *, model: dict[str, Any] | None = None, pieces: str = "unigram", **training: Any
) -> Watcher:
    values: dict[str, Any] = small_recipe(corpus, run_dir=str(run_dir))
    values["model"] = {**values["model"], **(model or {})}
    values["training"] = {**values["training"], **training}
    values["tokenizer"] = {**values["tokenizer"], "kind": pieces}
    watcher = Watcher()
    train(Recipe.model_validate(values), restart=False, observer=watcher)
    return watcher


@pytest.fixture(scope="module")
def first(number_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run to begin with."""
    path = tmp_path_factory.mktemp("first") / "a"
    run(number_corpus, path, max_steps=40)
    return path


# one step at a rate of nearly nothing: what is there is what it began with
STILL: dict[str, Any] = {
    "max_steps": 1, "checkpoint_every": 1, "optimizer": {"kind": "sgd", "lr": 1e-30}
}  # fmt: skip


def weights(run_dir: Path) -> dict[str, torch.Tensor]:
    return load_file(run_dir / "checkpoints/step-000001/weights.safetensors")


@pytest.mark.parametrize("parts", [None, ["encoder", "decoder"], ["embeddings"], ["generator"]])
def test_chosen_parts_are_taken_and_no_others(
    parts: list[str] | None, first: Path, number_corpus: Path, tmp_path: Path
) -> None:
    init: dict[str, Any] = {"model": str(first)} | ({} if parts is None else {"parts": parts})
    watcher = run(number_corpus, tmp_path / "b", init_from=init, seed=1, **STILL)
    run(number_corpus, tmp_path / "fresh", seed=1, **STILL)
    source, begun, fresh = (
        load_file(first / "model/weights.safetensors"),
        weights(tmp_path / "b"),
        weights(tmp_path / "fresh"),
    )
    for name in begun:
        part = "embeddings" if ".embedding." in name else name.split(".")[0]
        taken = parts is None or part in parts
        torch.testing.assert_close(begun[name], (source if taken else fresh)[name], msg=name)
    assert any(f"from {first}" in text for text in watcher.messages)


def test_a_run_that_goes_on_does_not_begin_again(first: Path, number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "b", init_from={"model": str(first)}, max_steps=20)
    watcher = run(number_corpus, tmp_path / "b", init_from={"model": "gone"}, max_steps=40)
    assert watcher.validations[-1].step == 40, "the other model is not needed any more"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": {"encoder": {"kind": "lstm", "hidden": 20}}}, r"encoder\.\S+ is \(.*\) here, and there it is \("),
        ({"model": {"encoder": {"kind": "gru", "hidden": 16}}}, r"and there it is \("),
        ({"model": {"lexical": True}}, "it has no such parameter"),
        ({"model": {"pointer": True}}, r"pointer\.\S+ is \(.*\) here, and it has no such parameter"),
        ({"pieces": "word"}, "has another source vocabulary"),
    ],
    ids=["another shape", "another kind", "another part", "a pointer", "another vocabulary"],
)
def test_what_does_not_fit_is_refused(
    changes: dict[str, Any], said: str, first: Path, number_corpus: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        run(number_corpus, tmp_path / "b", init_from={"model": str(first)}, **STILL, **changes)
    assert "training.init_from.model" in caught.value.message
    assert "training.init_from.parts" in caught.value.hint


def vectors(path: Path, width: int) -> Path:
    rng = torch.Generator().manual_seed(1)
    words = ["eins", "zwei", "drei", "one", "two", "nothing"]
    rows = (
        f"{word} " + " ".join(f"{one:.4f}" for one in (torch.randn(width, generator=rng) * 9).tolist())
        for word in words
    )
    path.write_text("".join(f"{row}\n" for row in rows), "utf-8")
    return path


def test_vectors_of_words_are_taken_in_the_measure_of_fresh_ones(number_corpus: Path, tmp_path: Path) -> None:
    path = vectors(tmp_path / "vectors.txt", 24)
    watcher = run(number_corpus, tmp_path / "b", init_from={"src_vectors": str(path)}, pieces="word", **STILL)
    run(number_corpus, tmp_path / "fresh", pieces="word", **STILL)
    begun, fresh = (weights(tmp_path / name)["encoder.embedding.weight"] for name in ("b", "fresh"))
    changed = (begun != fresh).any(1)
    said = next(text for text in watcher.messages if "src_vectors" in text)
    assert f"5 of {len(fresh)} pieces have vectors" in said
    assert int(changed.sum()) == 5
    assert float(begun[changed].norm(dim=1).mean()) == pytest.approx(float(fresh[changed].norm(dim=1).mean()), rel=1e-3)
    same = (
        weights(tmp_path / "b")["decoder.embedding.weight"] == weights(tmp_path / "fresh")["decoder.embedding.weight"]
    )
    assert bool(same.all())


def test_vectors_of_another_width_are_refused(number_corpus: Path, tmp_path: Path) -> None:
    path = vectors(tmp_path / "vectors.txt", 25)
    with pytest.raises(DataError, match=r"training\.init_from\.tgt_vectors .*vectors\.txt:1: .*25.*24") as caught:
        run(number_corpus, tmp_path / "b", init_from={"tgt_vectors": str(path)}, **STILL)
    assert "set model.embedding: 25" in caught.value.hint


def test_a_pointer_is_taken_with_the_generator(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "a", model={"pointer": True}, max_steps=20)
    source = {"model": str(tmp_path / "a")}
    run(number_corpus, tmp_path / "b", model={"pointer": True}, init_from=source, **STILL)
    theirs = load_file(tmp_path / "a/model/weights.safetensors")
    mine = weights(tmp_path / "b")
    pointers = [name for name in mine if name.startswith("pointer.")]
    assert pointers
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    parts = {**source, "parts": ["encoder", "decoder"]}
    run(number_corpus, tmp_path / "c", model={"pointer": True}, init_from=parts, **STILL)
    assert not any(torch.equal(weights(tmp_path / "c")[name], theirs[name]) for name in pointers)
