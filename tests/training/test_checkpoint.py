"""Checkpoints: complete or not there, and refused when they do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from seqtool.errors import ModelError
from seqtool.recipe.resolve import resolved_model
from seqtool.recipe.schema import Recipe
from seqtool.recipe.training_schema import OptimizerSection
from seqtool.training.checkpoint import checkpoints, load_progress, load_state, save_checkpoint
from seqtool.training.loop import Position
from seqtool.training.optimizer import Updater
from seqtool.training.progress import Progress
from seqtool.training.resume import resume, settings_of
from tests.number_words import small_recipe
from tests.training.watching import Watcher

RECIPE = Recipe.model_validate(small_recipe(Path("corpus")))


def settings_with(recipe: Recipe, key: str) -> dict[str, Any]:
    """Those of a recipe as it is loaded."""
    return settings_of(recipe.model_copy(update={"model": resolved_model(recipe.model)}), key)


SETTINGS = settings_with(RECIPE, "key")


def trained(kind: str = "adam") -> tuple[nn.Linear, Updater]:
    torch.manual_seed(1)
    model = nn.Linear(4, 3)
    updater = Updater(model, OptimizerSection.model_validate({"kind": kind}), clip_norm=0.0)
    (model(torch.ones(2, 4)) ** 2).sum().backward()  # type: ignore[no-untyped-call]
    updater.update(0.1)
    return model, updater


def save(folder: Path, step: int, keep: int = 2, **facts: Any) -> Progress:
    model, updater = trained()
    progress = Progress(position=Position(step, 3, 4), best=-1.5, best_step=2, seconds=0.1, settings=SETTINGS, **facts)
    save_checkpoint(folder, progress, model, updater, keep)
    return progress


def test_progress_and_tensors_come_back_bit_for_bit(tmp_path: Path) -> None:
    progress = save(tmp_path, 7, window_nll=0.1 + 0.2)
    path = tmp_path / "step-000007"
    assert load_progress(path) == progress
    expected, expected_updater = trained()
    model = nn.Linear(4, 3)
    updater = Updater(model, OptimizerSection(kind="adam"), clip_norm=0.0)
    load_state(path, model, updater)
    assert torch.equal(model.weight, expected.weight)
    for name, one in expected_updater.tensors().items():
        assert torch.equal(updater.tensors()[name], one)


def test_the_newest_are_kept(tmp_path: Path) -> None:
    for step in (5, 50, 500, 1_000_000, 2_000_000):
        save(tmp_path, step, keep=2)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-1000000", "step-2000000"]


def test_nothing_of_the_users_is_removed(tmp_path: Path) -> None:
    mine = tmp_path / "step-000001"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    for step in (2, 3, 4):
        save(tmp_path, step, keep=1)
    assert (mine / "notes.txt").read_text() == "mine"


def resumed(folder: Path, settings: dict[str, Any] | None = None) -> tuple[Progress | None, Watcher]:
    model, updater = trained()
    watcher = Watcher()
    return resume(folder, model, updater, SETTINGS if settings is None else settings, watcher), watcher


def test_without_checkpoints_a_run_begins(tmp_path: Path) -> None:
    assert resumed(tmp_path / "none")[0] is None


def test_the_newest_is_taken(tmp_path: Path) -> None:
    for step in (9, 10):
        save(tmp_path, step)
    progress, _ = resumed(tmp_path)
    assert progress is not None
    assert progress.position.step == 10


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "progress.json", "manifest.json"])
def test_a_damaged_one_is_passed_over_with_a_warning(tmp_path: Path, name: str) -> None:
    for step in (9, 10):
        save(tmp_path, step)
    path = tmp_path / "step-000010" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    progress, watcher = resumed(tmp_path)
    assert progress is not None
    assert progress.position.step == 9
    assert "step-000010" in watcher.warnings[0]


def test_when_none_is_whole_it_says_so(tmp_path: Path) -> None:
    save(tmp_path, 9)
    (tmp_path / "step-000009" / "weights.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match="no checkpoint in") as caught:
        resumed(tmp_path)
    assert "--restart" in caught.value.hint


def test_progress_of_another_format_is_refused(tmp_path: Path) -> None:
    save(tmp_path, 9)
    path = tmp_path / "step-000009"
    facts = json.loads((path / "progress.json").read_text())
    facts["format"] = 99
    (path / "progress.json").write_text(json.dumps(facts))
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["files"]["progress.json"]["size"]
    with pytest.raises(ModelError):
        load_progress(path)


def changed(path: str, value: object) -> Callable[[], dict[str, Any]]:
    def make() -> dict[str, Any]:
        values = RECIPE.model_dump()
        part = values
        *parents, last = path.split(".")
        for key in parents:
            part = part[key]
        part[last] = value
        return settings_with(Recipe.model_validate(values), "key")

    return make


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (changed("model.decoder.hidden", 48), "model.decoder.hidden: 24 -> 48"),
        (changed("model.attention.kind", "additive"), "model.attention.kind: scaled_dot -> additive"),
        (changed("tokenizer.vocab_size", 99), "tokenizer.vocab_size: 60 -> 99"),
        (changed("training.seed", 2), "training.seed: 1 -> 2"),
        (changed("training.optimizer.kind", "sgd"), "training.optimizer.kind: adam -> sgd"),
        (changed("task", "summarization"), "task: translation -> summarization"),
        (lambda: settings_with(RECIPE, "other data"), "the training or validation data, or their limits"),
    ],
)
def test_a_change_the_weights_cannot_follow_is_refused(
    tmp_path: Path, settings: Callable[[], dict[str, Any]], named: str
) -> None:
    save(tmp_path, 9)
    with pytest.raises(ModelError, match="begun with other settings") as caught:
        resumed(tmp_path, settings())
    assert named in caught.value.message
    assert "--restart" in caught.value.hint


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("training.max_steps", 99, "training.max_steps: 60 -> 99"),
        ("training.optimizer.lr", 0.5, "training.optimizer.lr: 0.01 -> 0.5"),
        ("model.dropout.output", 0.5, "model.dropout.output: 0.2 -> 0.5"),
        ("decoding.beam_size", 9, "decoding.beam_size: 3 -> 9"),
    ],
)
def test_a_harmless_change_goes_on_and_says_so(tmp_path: Path, key: str, value: object, said: str) -> None:
    before = save(tmp_path, 9)
    settings = changed(key, value)()
    progress, watcher = resumed(tmp_path, settings)
    assert progress == replace(before, settings=settings)
    assert any(said in message for message in watcher.messages)


def test_other_batches_begin_the_epoch_again(tmp_path: Path) -> None:
    save(tmp_path, 9)
    progress, watcher = resumed(tmp_path, changed("training.batch_tokens", 99)())
    assert progress is not None
    assert progress.position == Position(9, 3, 0)
    assert any("epoch 4 begins again" in message for message in watcher.messages)


def test_a_run_that_was_begun_when_models_had_fewer_keys_goes_on(tmp_path: Path) -> None:
    """What it did not know of has its default; asked for otherwise, it is a change as any other."""
    known = {"kind", "layers", "hidden", "bidirectional", "activation", "input_feeding"}
    old = {key: value for key, value in SETTINGS.items() if "coder." not in key or key.rpartition(".")[2] in known}
    assert len(old) < len(SETTINGS)
    model, updater = trained()
    save_checkpoint(tmp_path, Progress(position=Position(7, 3, 4), settings=old), model, updater, 1)
    progress, watcher = resumed(tmp_path)
    assert progress is not None
    assert progress.settings == SETTINGS
    assert not watcher.messages
    with pytest.raises(ModelError, match=r"model\.encoder\.layer_norm: False -> True"):
        resumed(tmp_path, {**SETTINGS, "model.encoder.layer_norm": True})
