"""Training that is killed, terminated or interrupted, and started again with the same command: as if nothing had been, bit for bit."""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.processes import OWN_TERMINAL, environment, running, seqtool, wait_until
from tests.cli.training_runs import STEPS, Trained, last_checkpoint, last_step, outcome, write_recipe


@pytest.fixture
def folder(number_corpus: Path, tmp_path: Path) -> Path:
    write_recipe(tmp_path, number_corpus)
    return tmp_path


def send_at(
    run_dir: Path, step: int, number: signal.Signals, process: subprocess.Popen[bytes], delay: float = 0.0
) -> str:
    """Sends a signal when training has got to a step, and a moment later; returns what the process said."""
    wait_until(lambda: last_step(run_dir) >= step, process)
    time.sleep(delay)
    process.send_signal(number)
    return process.communicate(timeout=60)[1].decode()


def finish(folder: Path, trained: Trained) -> str:
    """The same command until its end, which must be that of a run nobody disturbed."""
    done = seqtool("train", "recipe.yaml", cwd=folder)
    assert done.code == 0, done.err
    expected, found = outcome(trained.run_dir), outcome(folder / "runs/numbers")
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    return done.err


@pytest.mark.slow
def test_a_run_killed_at_random_moments_ends_like_one_nobody_disturbed(folder: Path, trained: Trained) -> None:
    moments = random.Random(20)
    run_dir = folder / "runs/numbers"
    for third in range(3):
        before = last_checkpoint(run_dir)
        step = third * STEPS // 3 + moments.randint(10, STEPS // 6)
        with running("train", "recipe.yaml", cwd=folder) as process:
            said = send_at(run_dir, step, signal.SIGKILL, process, moments.uniform(0, 0.05))
        assert process.returncode == -signal.SIGKILL, "it was killed, and had not finished"
        assert (f"going on after step {before}\n" in said) == (before > 0)
    assert not (run_dir / "result.json").exists()
    assert "going on after step" in finish(folder, trained)


@pytest.mark.slow
def test_a_run_killed_while_it_writes_a_checkpoint_goes_on_from_the_one_before(folder: Path, trained: Trained) -> None:
    checkpoints = folder / "runs/numbers/checkpoints"
    with running("train", "recipe.yaml", cwd=folder) as process:
        while True:
            wait_until(lambda: any(checkpoints.glob(".part-*")), process)
            process.send_signal(signal.SIGSTOP)  # now it holds still to be looked at
            before = last_checkpoint(checkpoints.parent)
            if before and any(path for path in checkpoints.glob(".part-*")):
                break
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
    assert any(checkpoints.glob(".part-*"))
    assert f"going on after step {before}\n" in finish(folder, trained)
    assert not any(checkpoints.glob(".part-*")), "the next checkpoint swept it away"


@pytest.mark.slow
def test_signals_save_first_and_the_same_command_goes_on(folder: Path, trained: Trained) -> None:
    run_dir = folder / "runs/numbers"
    for number, step, code, error_id in (
        (signal.SIGTERM, 30, 143, "terminated"),
        (signal.SIGINT, 140, 130, "interrupted"),
    ):
        before = last_checkpoint(run_dir)
        with running("train", "recipe.yaml", cwd=folder) as process:
            said = send_at(run_dir, step, number, process)
        assert process.returncode == code
        saved = last_checkpoint(run_dir)
        assert saved >= step
        hint = "the same command goes on from here; `seqtool train runs/numbers/recipe.yaml --finish` ends it"
        assert said.endswith(f"error[{error_id}]: saved after step {saved}\nhint: {hint}\n")
        assert (f"going on after step {before}\n" in said) == (before > 0)
        assert "Traceback" not in said
    assert f"going on after step {saved}\n" in finish(folder, trained)


@pytest.mark.slow
def test_a_run_whose_messages_nobody_reads_any_more_saves_first(folder: Path, trained: Trained) -> None:
    """As with `2>&1 | head`: it ends when it has something to say."""
    run_dir = folder / "runs/numbers"
    with running("train", "recipe.yaml", cwd=folder) as process:
        wait_until(lambda: last_step(run_dir) >= 30, process)
        assert process.stderr is not None
        process.stderr.close()
        assert process.wait(60) == 141
    saved = last_checkpoint(run_dir)
    assert saved >= 60
    assert f"going on after step {saved}\n" in finish(folder, trained)


@pytest.mark.slow
def test_a_run_whose_terminal_is_closed_saves_first(folder: Path, trained: Trained) -> None:
    run_dir = folder / "runs/numbers"
    ours, theirs = pty.openpty()
    line = [sys.executable, "-c", OWN_TERMINAL, "train", "recipe.yaml"]
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(
        line, cwd=folder, env=environment(TERM="xterm"), start_new_session=True, **streams
    ) as process:  # type: ignore[call-overload]
        os.close(theirs)
        try:
            wait_until(lambda: last_step(run_dir) >= 30, process)
        finally:
            os.close(ours)
        assert process.wait(60) == 129
    saved = last_checkpoint(run_dir)
    assert saved >= 30
    assert f"going on after step {saved}\n" in finish(folder, trained)
