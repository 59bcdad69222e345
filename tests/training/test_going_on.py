"""A run that is given the same command again, whatever became of it meanwhile."""

from __future__ import annotations

import errno
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from seqtool import fs
from seqtool.errors import ModelError, SeqtoolError
from seqtool.training import run as run_module
from seqtool.training.events import Live, Validation
from seqtool.training.run import train
from tests.training.test_run import recipe, records, run, weights
from tests.training.watching import Watcher


def test_a_model_taken_away_from_a_finished_run_is_written_again(number_corpus: Path, tmp_path: Path) -> None:
    finished, _ = run(number_corpus, tmp_path / "runs/a", max_steps=20)
    fs.move_aside(tmp_path / "runs/a/model")
    outcome, _ = run(number_corpus, tmp_path / "runs/a", max_steps=20)
    assert (tmp_path / "runs/a/model/weights.safetensors").exists()
    assert outcome.best == finished.best
    assert json.loads((tmp_path / "runs/a/result.json").read_text())["best"] == finished.best


def test_a_run_that_goes_on_has_not_ended(number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    result = tmp_path / "runs/a/result.json"
    assert result.exists()
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    assert result.exists(), "nothing was left to do"
    monkeypatch.setattr(run_module, "_LIVE_SECONDS", 0.0)
    watcher = Watcher()
    there: list[bool] = []
    watcher.live = lambda _live: there.append(result.exists())  # type: ignore[method-assign]
    train(recipe(number_corpus, tmp_path / "runs/a", max_steps=40), restart=False, observer=watcher)
    assert there
    assert not any(there)
    assert json.loads(result.read_text())["step"] == 40


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_is_ignored_stays_so(number: signal.Signals, number_corpus: Path, tmp_path: Path) -> None:
    """As SIGHUP under nohup, and SIGINT for what a script runs in the background."""
    before = signal.signal(number, signal.SIG_IGN)
    watcher = Watcher()
    watcher.live = lambda _live: os.kill(os.getpid(), number)  # type: ignore[method-assign]
    try:
        outcome = train(recipe(number_corpus, tmp_path / "a"), restart=False, observer=watcher)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
    assert outcome.step == 60


def test_a_model_removed_by_hand_is_written_again(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    fs.move_aside(tmp_path / "runs/a/model")
    _, watcher = run(number_corpus, tmp_path / "runs/a", max_steps=40)
    assert (tmp_path / "runs/a/model/weights.safetensors").exists()
    assert any("model is gone" in message for message in watcher.warnings)


@pytest.mark.parametrize(("told", "step"), [("live", 33), ("validated", 20)])
def test_a_run_that_nobody_reads_any_more_saves_and_goes_on_bit_for_bit(
    told: str, step: int, number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(number_corpus, tmp_path / "runs/whole")

    def gone(what: Live | Validation) -> None:
        if (what.info.step if isinstance(what, Live) else what.step) >= step:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(run_module, "_LIVE_SECONDS", 0.0)
    watcher = Watcher()
    setattr(watcher, told, gone)
    with pytest.raises(BrokenPipeError):
        train(recipe(number_corpus, tmp_path / "runs/parts"), restart=False, observer=watcher)
    assert (tmp_path / f"runs/parts/checkpoints/step-{step:06d}").exists()
    assert "stopped by SIGPIPE" in (tmp_path / "runs/parts/train.log").read_text()
    run(number_corpus, tmp_path / "runs/parts")
    one, other = (weights(tmp_path / f"runs/{name}", 60) for name in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert records(tmp_path / "runs/whole") == records(tmp_path / "runs/parts")


def test_a_terminal_that_is_gone_is_a_signal(
    number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes first, and then nothing can be written."""

    def gone(_live: Live) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(run_module, "_LIVE_SECONDS", 0.0)
    watcher = Watcher()
    watcher.live = gone  # type: ignore[method-assign]
    with pytest.raises(SeqtoolError, match="saved after step 1") as caught:
        train(recipe(number_corpus, tmp_path / "runs/a"), restart=False, observer=watcher)
    assert caught.value.exit_code == 129


def test_what_is_known_of_the_best_model_is_saved_with_it(
    number_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever comes before the next checkpoint."""
    monkeypatch.setattr(run_module, "_LIVE_SECONDS", 0.0)

    def fail(live: Live) -> None:
        if live.info.step == 18:
            raise ValueError

    watcher = Watcher()
    watcher.live = fail  # type: ignore[method-assign]
    settings = {"validate_every": 8, "checkpoint_every": 1000}
    with pytest.raises(ValueError):
        train(recipe(number_corpus, tmp_path / "runs/a", **settings), restart=False, observer=watcher)
    assert [one.best for one in watcher.validations] == [True, True]
    outcome, again = run(number_corpus, tmp_path / "runs/a", max_steps=17, **settings)
    assert any("going on after step 16" in message for message in again.messages)
    assert outcome.best <= watcher.validations[-1].loss


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"best_metric": "bleu"}, r"training\.best_metric: loss -> bleu"),
        ({"objective": "denoise", "metrics": None}, r"training\.objective: translate -> denoise"),
    ],
)
def test_a_best_model_is_not_compared_by_something_else(
    changes: dict[str, Any], told: str, number_corpus: Path, tmp_path: Path
) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=20)
    with pytest.raises(ModelError, match=told):
        run(number_corpus, tmp_path / "runs/a", max_steps=40, **changes)


def test_an_epoch_that_is_cut_differently_begins_again(number_corpus: Path, tmp_path: Path) -> None:
    run(number_corpus, tmp_path / "runs/a", max_steps=3)
    _, watcher = run(number_corpus, tmp_path / "runs/a", max_steps=5, subword_sampling=0.2)
    assert any("batches are cut differently now" in message for message in watcher.messages)
