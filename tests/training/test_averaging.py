"""Means of parameters: the arithmetic, the round trip through a checkpoint, and that a run keeps them only where they are better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from seqtool.errors import ModelError
from seqtool.recipe.schema import Recipe
from seqtool.training.averaging import Averager, Ema, Snapshots, build_averager, swapped
from seqtool.training.run import train
from tests.number_words import small_recipe
from tests.training.watching import Watcher


def one_number() -> nn.Linear:
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    return model


def walk(model: nn.Linear, averager: Averager, values: list[float]) -> list[float | None]:
    """The mean after each step to a value, a validation after each that says the value is the score."""
    means: list[float | None] = []
    for value in values:
        nn.init.constant_(model.weight, value)
        averager.after_step()
        averager.after_validation(value)
        mean = averager.mean()
        means.append(None if mean is None else float(mean["weight"]))
    return means


def test_an_exponential_mean_forgets_at_its_decay_and_the_beginning_sooner() -> None:
    model = one_number()
    first, second, third = walk(model, Ema(model, 0.5), [1.0, 2.0, 2.0])
    assert first == 1.0
    assert second == pytest.approx(1 + (1 - 3 / 12)), "at the second step the decay is 3 / 12"
    assert third == pytest.approx(second + (1 - 4 / 13) * (2 - second))
    long = walk(model, Ema(model, 0.5), [0.0] * 50 + [1.0, 1.0])
    assert long[-2:] == pytest.approx([0.5, 0.75]), "later it is the one that was asked for"


def test_means_of_the_last_and_of_the_best() -> None:
    model = one_number()
    assert walk(model, Snapshots(model, "last", 2), [1.0, 5.0, 3.0]) == [None, 3.0, 4.0]
    assert walk(model, Snapshots(model, "best", 2), [1.0, 5.0, 3.0, 0.0]) == [None, 3.0, 4.0, 4.0]


@pytest.mark.parametrize("kind", ["ema", "last", "best"])
def test_a_checkpoint_takes_it_back_as_it_was(kind: Any) -> None:
    model = one_number()
    averager = build_averager(kind, model, decay=0.9, count=3)
    assert averager is not None
    walk(model, averager, [1.0, 4.0, 2.0])
    saved = {name: one.clone() for name, one in averager.tensors().items()}
    twin_model = one_number()
    twin = build_averager(kind, twin_model, decay=0.9, count=3)
    assert twin is not None
    twin.load_tensors(saved, where="here")
    assert walk(model, averager, [7.0, 3.0]) == walk(twin_model, twin, [7.0, 3.0])


def test_a_mean_over_fewer_models_forgets_the_oldest() -> None:
    model = one_number()
    many, few = Snapshots(model, "last", 5), Snapshots(model, "last", 2)
    walk(model, many, [1.0, 2.0, 3.0, 4.0, 5.0])
    few.load_tensors(many.tensors(), where="checkpoint")
    assert walk(model, few, [7.0]) == [6.0]


def test_averages_of_another_kind_are_refused() -> None:
    model = one_number()
    ema, last = Ema(model, 0.9), Snapshots(model, "last", 2)
    walk(model, ema, [1.0])
    with pytest.raises(ModelError, match=r"here holds no values: training.averaging.kind was another one"):
        last.load_tensors(ema.tensors(), where="here")
    with pytest.raises(ModelError, match=r"here: ema/weight fits no parameter"):
        Ema(nn.Linear(2, 2), 0.9).load_tensors(ema.tensors(), where="here")


def test_other_parameters_are_there_for_the_time_of_the_block() -> None:
    model = one_number()
    with swapped(model, {"weight": torch.ones(1, 1)}):
        assert model.weight.item() == 1.0
    assert model.weight.item() == 0.0


def run(corpus: Path, run_dir: Path, **training: Any) -> Watcher:
    values: dict[str, Any] = small_recipe(corpus, run_dir=str(run_dir))
    values["training"] = {**values["training"], **training}
    watcher = Watcher()
    train(Recipe.model_validate(values), restart=False, observer=watcher)
    return watcher


def test_the_mean_is_kept_where_it_validates_better(number_corpus: Path, tmp_path: Path) -> None:
    """At a rate that makes the parameters jump about, their mean is better than any of them."""
    wild = {"optimizer": {"kind": "adam", "lr": 0.05}, "averaging": {"kind": "ema", "decay": 0.9}}
    watcher = run(number_corpus, tmp_path / "a", **wild)
    assert any(one.averaged for one in watcher.validations)
    noted = [json.loads(line) for line in (tmp_path / "a/metrics.jsonl").read_text().splitlines()]
    assert [one["averaged"] for one in noted if one["kind"] == "valid"] == [one.averaged for one in watcher.validations]
    best = [one for one in watcher.validations if one.best][-1]
    assert best.averaged
    kept = load_file(tmp_path / "a/model/weights.safetensors")
    trained = load_file(tmp_path / "a/checkpoints/step-000060/weights.safetensors")
    assert best.step != 60 or any(not torch.equal(kept[name], trained[name]) for name in kept)
    plain = run(number_corpus, tmp_path / "b", **{**wild, "averaging": {"kind": "none"}})
    assert min(one.loss for one in watcher.validations) < min(one.loss for one in plain.validations)
    assert [one.averaged for one in plain.validations] == [None] * 3


def test_the_last_parameters_are_kept_where_a_mean_lags_behind(number_corpus: Path, tmp_path: Path) -> None:
    """A mean over everything since the beginning is no match for a model that still learns quickly."""
    watcher = run(number_corpus, tmp_path / "a", averaging={"kind": "last", "count": 5})
    assert watcher.validations[0].averaged is False, "of one model there is no mean"
    assert not all(one.averaged for one in watcher.validations)


@pytest.mark.parametrize("kind", ["ema", "best"])
def test_a_run_that_goes_on_averages_as_if_nothing_had_been(kind: str, number_corpus: Path, tmp_path: Path) -> None:
    averaging = {"averaging": {"kind": kind, "decay": 0.95, "count": 2}}
    run(number_corpus, tmp_path / "whole", **averaging)
    run(number_corpus, tmp_path / "parts", **averaging, max_steps=40)
    run(number_corpus, tmp_path / "parts", **averaging)
    names = ("checkpoints/step-000060/averages.safetensors", "model/weights.safetensors")
    for name in names:
        whole, parts = (load_file(tmp_path / folder / name) for folder in ("whole", "parts"))
        assert whole.keys() == parts.keys()
        assert all(torch.equal(whole[key], parts[key]) for key in whole), name
