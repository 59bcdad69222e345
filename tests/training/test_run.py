"""A whole run in one process: what it writes, when it stops, what it keeps."""

from __future__ import annotations

import json
import math
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from seqtool import locks
from seqtool.errors import DivergedError, ResourceError, Terminated, UsageError
from seqtool.recipe.load import load_recipe
from seqtool.recipe.model_schema import DropoutSection
from seqtool.recipe.schema import Recipe
from seqtool.text.sized import sized
from seqtool.training import batch_size, keeper
from seqtool.training import run as run_module
from seqtool.training.run import Outcome, train
from seqtool.training.validate import Judgement, judge
from tests.number_words import small_recipe
from tests.training.watching import Interrupting, Watcher


def recipe(corpus: Path, run_dir: Path, **training: Any) -> Recipe:
    values: dict[str, Any] = small_recipe(corpus, run_dir=str(run_dir))
    values["training"] = {**values["training"], **training}
    return Recipe.model_validate(values)


def run(corpus: Path, run_dir: Path, *, restart: bool = False, **training: Any) -> tuple[Outcome, Watcher]:
    watcher = Watcher()
    return train(recipe(corpus, run_dir, **training), restart=restart, observer=watcher), watcher


def records(run_dir: Path) -> list[dict[str, Any]]:
    """The lines of metrics, without what the clock says."""
    found = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    return [{key: one[key] for key in one if key not in ("seconds", "tokens_per_second")} for one in found]


def weights(run_dir: Path, step: int) -> dict[str, torch.Tensor]:
    return load_file(run_dir / f"checkpoints/step-{step:06d}/weights.safetensors")


def test_a_run_writes_everything_a_run_directory_promises(number_corpus: Path, tmp_path: Path) -> None:
    outcome, watcher = run(number_corpus, tmp_path / "runs/a")
    names = {path.name for path in (tmp_path / "runs/a").iterdir()}
    assert names == {
        ".lock",
        "recipe.yaml",
        "metrics.jsonl",
        "train.log",
        "samples.txt",
        "result.json",
        "checkpoints",
        "model",
    }
    assert outcome.reason == "max_steps 60 reached"
    found = records(tmp_path / "runs/a")
    assert [one["step"] for one in found if one["kind"] == "train"] == list(range(5, 61, 5))
    assert [one["step"] for one in found if one["kind"] == "valid"] == [20, 40, 60]
    assert found[-1]["perplexity"] == pytest.approx(math.exp(found[-1]["loss"]))
    assert [one.step for one in watcher.validations] == [20, 40, 60]
    assert all(len(one.samples) == 3 for one in watcher.validations)
    assert (tmp_path / "runs/a/samples.txt").read_text().count("\n") == 3 * (1 + 9)
    assert watcher.lives[-1].seconds_left == 0.0
    assert {"bleu", "chrf"} <= watcher.validations[0].scores.keys()


def test_the_saved_recipe_is_the_resolved_one_and_runs(number_corpus: Path, tmp_path: Path) -> None:
    asked = recipe(number_corpus, tmp_path / "runs/a", max_steps=20)
    train(asked, restart=False, observer=Watcher())
    whole, reasons = sized(asked)
    assert load_recipe(tmp_path / "runs/a/recipe.yaml") == whole
    assert reasons["model.dropout.layer"] == "600 pairs: less data, more dropout"
    assert "layer: 0.3  # 600 pairs: less data, more dropout\n" in (tmp_path / "runs/a/recipe.yaml").read_text()


def test_what_follows_the_corpus_stays_as_the_run_was_begun(number_corpus: Path, tmp_path: Path) -> None:
    asked = recipe(number_corpus, tmp_path / "runs/a", max_steps=20)
    begun = asked.model_copy(update={"model": asked.model.model_copy(update={"dropout": DropoutSection(layer=0.1)})})
    train(begun, restart=False, observer=Watcher())
    watcher = Watcher()
    train(recipe(number_corpus, tmp_path / "runs/a", max_steps=40), restart=False, observer=watcher)
    assert not any("dropout" in text for text in watcher.messages)
    text = (tmp_path / "runs/a/recipe.yaml").read_text()
    assert "layer: 0.1  # as the run was begun\n" in text


@pytest.mark.parametrize("stop", [1, 5, 19, 20, 33, 59])
def test_an_interrupted_run_goes_on_as_if_nothing_had_been(
    number_corpus: Path, tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal at some step, the same command again: the same weights and metrics, bit for bit."""
    run(number_corpus, tmp_path / "runs/whole")

    monkeypatch.setattr(run_module, "_LIVE_SECONDS", 0.0)
    with pytest.raises(Terminated, match=f"saved after step {stop}") as caught:
        train(recipe(number_corpus, tmp_path / "runs/parts"), restart=False, observer=Interrupting(stop=stop))
    assert caught.value.exit_code == 143
    outcome, _ = run(number_corpus, tmp_path / "runs/parts")

    assert outcome.step == 60
    whole, parts = weights(tmp_path / "runs/whole", 60), weights(tmp_path / "runs/parts", 60)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert records(tmp_path / "runs/whole") == records(tmp_path / "runs/parts")
    assert (tmp_path / "runs/whole/samples.txt").read_text() == (tmp_path / "runs/parts/samples.txt").read_text()
    assert load_file(tmp_path / "runs/whole/model/weights.safetensors").keys() == whole.keys()


def test_a_signal_during_validation_saves_and_validates_when_it_goes_on(
    number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(number_corpus, tmp_path / "runs/whole")

    def interrupted(*args: Any, **kwargs: Any) -> Judgement:
        os.kill(os.getpid(), signal.SIGINT)
        return judge(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(keeper, "judge", interrupted)
        with pytest.raises(Terminated) as caught:
            run(number_corpus, tmp_path / "runs/parts")
    assert caught.value.exit_code == 130
    run(number_corpus, tmp_path / "runs/parts")
    assert records(tmp_path / "runs/whole") == records(tmp_path / "runs/parts")


def test_a_finished_run_says_so_and_goes_on_when_the_limit_is_raised(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    outcome, watcher = run(number_corpus, tmp_path / "runs/a", max_steps=20)
    assert outcome.step == 20
    assert any("already trained" in message for message in watcher.messages)
    outcome, watcher = run(number_corpus, tmp_path / "runs/a", max_steps=40)
    assert outcome.step == 40
    run(number_corpus, tmp_path / "runs/b", max_steps=40)
    one, other = weights(tmp_path / "runs/a", 40), weights(tmp_path / "runs/b", 40)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_restart_moves_the_old_run_aside(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    old = (tmp_path / "runs/a/metrics.jsonl").read_bytes()
    outcome, watcher = run(number_corpus, tmp_path / "runs/a", restart=True, max_steps=20, seed=2)
    assert outcome.step == 20
    assert (tmp_path / "runs/a.old-1/metrics.jsonl").read_bytes() == old
    assert any("a.old-1" in message for message in watcher.messages)


def test_a_second_run_in_the_same_directory_is_refused(number_corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "runs/a").mkdir(parents=True)
    for restart in (False, True):
        with locks.lock(tmp_path / "runs/a/.lock"), pytest.raises(ResourceError, match=str(os.getpid())):
            run(number_corpus, tmp_path / "runs/a", restart=restart)
    assert list((tmp_path / "runs").iterdir()) == [tmp_path / "runs/a"], "and nothing was moved"


def test_patience_ends_training_and_the_best_model_stays(number_corpus: Path, tmp_path: Path) -> None:
    """With a rate this high the model only gets worse after a while."""
    outcome, watcher = run(
        number_corpus,
        tmp_path / "runs/a",
        patience=2,
        max_steps=2000,
        validate_every=5,
        optimizer={"kind": "adam", "lr": 0.3},
    )
    assert outcome.reason == "no better loss in 2 validations"
    best = min(watcher.validations, key=lambda one: one.loss)
    assert outcome.best_step == best.step < outcome.step
    assert outcome.best == best.loss
    assert [one.best for one in watcher.validations[-2:]] == [False, False]


def test_best_model_follows_the_metric_of_the_recipe(number_corpus: Path, tmp_path: Path) -> None:
    outcome, watcher = run(number_corpus, tmp_path / "runs/a", best_metric="rougeL", metrics=["bleu"])
    assert outcome.best_metric == "rougeL"
    assert outcome.best == max(one.scores["rougeL"] for one in watcher.validations)


def test_max_epochs_ends_at_the_end_of_an_epoch(number_corpus: Path, tmp_path: Path) -> None:
    outcome, watcher = run(number_corpus, tmp_path / "runs/a", max_steps=None, max_epochs=1)
    assert outcome.reason == "max_epochs 1 reached"
    assert watcher.validations[-1].step == outcome.step, "the last state is validated whatever validate_every says"


def test_max_minutes_ends_it(number_corpus: Path, tmp_path: Path) -> None:
    outcome, _ = run(
        number_corpus, tmp_path / "runs/a", max_steps=None, max_epochs=None, max_minutes=0.05, patience=None
    )
    assert outcome.reason == "max_minutes 0.05 reached"


def test_a_rate_that_falls_by_the_clock_is_at_its_end_when_time_is(number_corpus: Path, tmp_path: Path) -> None:
    schedule = {"kind": "linear", "warmup_steps": 2}
    limits = {"max_steps": None, "max_minutes": 0.1, "validate_every": 1_000_000}  # a validation takes of the minutes
    run(number_corpus, tmp_path / "runs/a", **limits, log_every=1, schedule=schedule)
    rates = [one["learning_rate"] for one in records(tmp_path / "runs/a") if one["kind"] == "train"][2:]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 0.005 > 0.002 > rates[-1], "from near 0.01 to near nothing"


def test_a_time_budget_too_short_for_a_validation_is_an_error_that_keeps_the_model(
    number_corpus: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"training.max_minutes 1e-05 is too short: one validation takes") as caught:
        run(number_corpus, tmp_path / "runs/a", max_minutes=1e-05)
    assert "--restart" in caught.value.hint
    assert (tmp_path / "runs/a/model/weights.safetensors").exists()


def test_norms_of_gradients_are_noted_by_layer(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    noted = [one for one in records(tmp_path / "runs/a") if one["kind"] == "train"]
    for one in noted:
        norms = one["grad_norms"]
        assert {"encoder.forward_layers.0", "decoder.layers.0", "encoder.embedding", "generator"} <= norms.keys()
        assert math.sqrt(sum(norm**2 for norm in norms.values())) == pytest.approx(one["grad_norm"], rel=1e-3)


def test_an_automatic_batch_size_fits_the_corpus_and_stays_when_a_run_goes_on(
    number_corpus: Path, tmp_path: Path
) -> None:
    _, watcher = run(number_corpus, tmp_path / "runs/a", batch_tokens="auto", max_steps=20)
    assert any(text.startswith("training.batch_tokens: 512 tokens fit") for text in watcher.messages)
    assert load_recipe(tmp_path / "runs/a/recipe.yaml").training.batch_tokens == 512
    outcome, again = run(number_corpus, tmp_path / "runs/a", batch_tokens="auto", max_steps=40)
    assert outcome.step == 40
    assert not any("batch_tokens" in text for text in again.messages), "it is not chosen, or changed, again"


@pytest.mark.parametrize(("free", "tokens"), [(10_000, 4096), (2_000, 2048), (1, 512)])
def test_an_automatic_batch_size_fits_the_memory(
    free: int, tokens: int, number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what is free is for a batch; a trial with 2,048 tokens took 1,000 kB."""
    monkeypatch.setattr(batch_size, "by_corpus", lambda _pairs: 4096)
    memory = iter([5_000, free, 6_000])
    monkeypatch.setattr(batch_size, "_kilobytes", lambda _path, _name: next(memory))
    _, watcher = run(number_corpus, tmp_path / "runs/a", batch_tokens="auto", max_steps=2, validate_every=2)
    assert any(text.startswith(f"training.batch_tokens: {tokens:,} tokens fit") for text in watcher.messages)


def test_plateau_lowers_the_rate(number_corpus: Path, tmp_path: Path) -> None:
    run(
        number_corpus,
        tmp_path / "runs/a",
        schedule={"kind": "plateau", "patience": 0, "factor": 0.1},
        optimizer={"kind": "adam", "lr": 0.3},
        validate_every=5,
        patience=4,
        max_steps=300,
    )
    rates = [one["learning_rate"] for one in records(tmp_path / "runs/a") if one["kind"] == "train"]
    assert rates[0] == 0.3
    assert rates[-1] < 0.05


def test_a_run_that_diverges_stops_and_says_where_the_last_good_state_is(number_corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(DivergedError, match="10 steps in a row") as caught:
        run(number_corpus, tmp_path / "runs/a", optimizer={"kind": "sgd", "lr": 1e30}, clip_norm=0.0)
    assert "training.optimizer.lr" in caught.value.hint
