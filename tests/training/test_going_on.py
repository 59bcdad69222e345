"""A run that is given the same command again, whatever became of it meanwhile."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from seqtool import fs
from seqtool.training import run as run_module
from seqtool.training.run import train
from tests.training.test_run import recipe, run
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
