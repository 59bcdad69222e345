"""`--finish`, and what becomes of settings that are changed when a run goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from seqtool.errors import Terminated, UsageError
from seqtool.facts.card import read_record
from seqtool.model_dir import open_model_dir
from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import Recipe
from seqtool.training import run as run_module
from seqtool.training.run import train
from tests.training.test_run import recipe, records, run, weights
from tests.training.watching import Interrupting, Watcher


def interrupted(corpus: Path, run_dir: Path, stop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that a signal ended after so many steps."""
    monkeypatch.setattr(run_module, "_LIVE_SECONDS", 0.0)
    with pytest.raises(Terminated):
        train(recipe(corpus, run_dir), restart=False, observer=Interrupting(stop=stop))


@pytest.mark.parametrize(("stop", "validations"), [(33, [20, 33]), (40, [20, 40]), (5, [5])])
def test_a_run_is_finished_where_it_was_interrupted_and_its_record_is_true(
    stop: int, validations: list[int], number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it had never been validated."""
    run_dir = tmp_path / "runs/a"
    interrupted(number_corpus, run_dir, stop, monkeypatch)
    before = load_recipe(run_dir / "recipe.yaml")
    watcher = Watcher()
    outcome = train(recipe(number_corpus, run_dir), restart=False, observer=watcher, finish=True)
    assert (outcome.step, outcome.reason) == (stop, "--finish, before any limit")
    assert watcher.messages[-1] == "finished: --finish, before any limit"
    assert [one["step"] for one in records(run_dir) if one["kind"] == "valid"] == validations
    assert load_recipe(run_dir / "recipe.yaml") == before, "the recipe is the one that was trained"
    assert json.loads((run_dir / "result.json").read_text())["reason"] == "--finish, before any limit"
    record = read_record(open_model_dir(run_dir))
    assert record is not None
    assert (record.step, record.reason) == (stop, "--finish, before any limit")


def test_a_finished_run_goes_on_by_the_same_command(
    number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(number_corpus, tmp_path / "runs/whole")
    interrupted(number_corpus, tmp_path / "runs/a", 33, monkeypatch)
    train(recipe(number_corpus, tmp_path / "runs/a"), restart=False, observer=Watcher(), finish=True)
    outcome, _ = run(number_corpus, tmp_path / "runs/a")
    assert outcome.reason == "max_steps 60 reached"
    whole, parts = (weights(tmp_path / f"runs/{name}", 60) for name in ("whole", "a"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_a_run_that_was_validated_where_it_stands_is_not_validated_again(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    watcher = Watcher()
    outcome = train(recipe(number_corpus, tmp_path / "runs/a"), restart=False, observer=watcher, finish=True)
    assert (outcome.step, outcome.reason) == (20, "--finish, before any limit")
    assert "finished: --finish, before any limit" in watcher.messages
    assert not any("already trained" in text for text in watcher.messages)
    assert not watcher.validations


def test_where_nothing_was_trained_there_is_nothing_to_finish(number_corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing was trained in"):
        train(recipe(number_corpus, tmp_path / "runs/a"), restart=False, observer=Watcher(), finish=True)
    assert not (tmp_path / "runs").exists()


def test_a_finished_run_searches_as_its_recipe_says_by_now(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    values = recipe(number_corpus, tmp_path / "runs/a", max_steps=20).model_dump(exclude_unset=True)
    changed = Recipe.model_validate({**values, "decoding": {"beam_size": 7, "length_penalty": 0.6}})
    watcher = Watcher()
    train(changed, restart=False, observer=watcher)
    assert "the model searches as the recipe says now: beam_size 3 -> 7, length_penalty 1.0 -> 0.6" in watcher.messages
    opened = open_model_dir(tmp_path / "runs/a")
    assert opened.config.decoding == load_recipe(tmp_path / "runs/a/recipe.yaml").decoding == changed.decoding
    record = read_record(opened)
    assert record is not None
    assert "length_penalty: 0.6" in record.recipe
    again = Watcher()
    train(changed, restart=False, observer=again)
    assert not any("searches as" in text for text in again.messages)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"training": {"init_from": {"model": "runs/b"}}}, "training.init_from.model: None -> runs/b"),
        ({"model": {"forget_bias": 0.5}}, "model.forget_bias: 1.0 -> 0.5"),
    ],
    ids=["init_from", "forget_bias"],
)
def test_what_a_run_begins_with_comes_too_late_when_it_goes_on(
    changes: dict[str, Any], said: str, number_corpus: Path, tmp_path: Path
) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    values = recipe(number_corpus, tmp_path / "runs/a", max_steps=25).model_dump(exclude_unset=True)
    changed = {**values, **{name: {**values[name], **section} for name, section in changes.items()}}
    watcher = Watcher()
    train(Recipe.model_validate(changed), restart=False, observer=watcher)
    late = [text for text in watcher.warnings if "too late" in text]
    assert late == [f"too late for {said}: it is how a run begins, and this one goes on; --restart begins anew"]
    assert not any(said in text for text in watcher.messages), "and it is not said to be in force"
    back = Watcher()
    train(Recipe.model_validate(values), restart=False, observer=back)
    assert not back.warnings, "to take it away again is to ask for nothing"


def test_a_rate_that_is_never_reached_is_warned_of(number_corpus: Path, tmp_path: Path) -> None:
    limits = {"max_steps": None, "max_epochs": 1}
    _, warned = run(number_corpus, tmp_path / "runs/a", **limits, schedule={"warmup_steps": 4000})
    (said,) = [text for text in warned.warnings if "warm-up" in text]
    assert said.startswith("training.schedule.warmup_steps: 4,000 steps of warm-up in about ")
    assert "which never gets to training.optimizer.lr 0.01" in said
    _, quiet = run(number_corpus, tmp_path / "runs/b", **limits, schedule={"warmup_steps": 2})
    assert not quiet.warnings
