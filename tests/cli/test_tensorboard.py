"""`training.tensorboard: true`: the numbers of metrics.jsonl, where TensorBoard's own reader finds each once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import python, seqtool
from tests.cli.training_runs import Trained, write_recipe

_READ = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
found.Reload()
scalars = {tag: [[one.step, one.value] for one in found.Scalars(tag)] for tag in found.Tags()["scalars"]}
print(json.dumps(scalars))
"""
_HIDDEN = (
    "import sys; sys.modules['tensorboard'] = None; from seqtool.__main__ import main; sys.argv[0] = 'seqtool'; main()"
)


def settings(steps: int) -> tuple[str, ...]:
    return (
        *("training.tensorboard=true", f"training.max_steps={steps}", "training.validate_every=20"),
        *("training.checkpoint_every=10", "training.log_every=5"),
    )


def written(run_dir: Path, kind: str, name: str) -> list[list[Any]]:
    """Steps and values of one number in metrics.jsonl."""
    rows = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text("utf-8").splitlines()]
    return [[row["step"], pytest.approx(row[name], rel=1e-4)] for row in rows if row["kind"] == kind]


@pytest.mark.slow
def test_a_resumed_run_has_every_step_once(number_corpus: Path, tmp_path: Path) -> None:
    write_recipe(tmp_path, number_corpus)
    for steps in (20, 40):
        done = seqtool("train", "recipe.yaml", *settings(steps), cwd=tmp_path)
        assert done.code == 0, done.err
        if steps == 20:  # as if it had been killed after step 20 was noted, and before its checkpoint was written
            newest = tmp_path / "runs/numbers/checkpoints/step-000020"
            newest.rename(tmp_path / "lost")
    run_dir = tmp_path / "runs/numbers"
    assert len(list((run_dir / "tensorboard").iterdir())) == 2
    read = python("-W", "ignore", "-c", _READ, run_dir / "tensorboard", cwd=tmp_path)
    assert read.code == 0, read.err
    scalars = json.loads(read.out)
    for tag, kind, name in (
        ("train/nll", "train", "nll"),
        ("train/learning_rate", "train", "learning_rate"),
        ("train/grad_norm", "train", "grad_norm"),
        ("train/tokens_per_second", "train", "tokens_per_second"),
        ("valid/loss", "valid", "loss"),
        ("valid/bleu", "valid", "bleu"),
    ):
        assert scalars[tag] == written(run_dir, kind, name), tag
    assert [step for step, _ in scalars["train/nll"]] == list(range(5, 45, 5))
    assert any(tag.startswith("grad_norm/") for tag in scalars)


def test_a_missing_extra_is_found_before_anything_is_made(number_corpus: Path, tmp_path: Path) -> None:
    write_recipe(tmp_path, number_corpus)
    done = python("-c", _HIDDEN, "train", "recipe.yaml", "training.tensorboard=true", cwd=tmp_path)
    assert done.code == 5
    assert done.err.startswith("error[extra.tensorboard]: ")
    assert "pip install 'seqtool[tensorboard]'" in done.err
    assert not (tmp_path / "runs").exists()


def test_nothing_of_it_is_there_unless_it_was_asked_for(trained: Trained) -> None:
    assert not (trained.run_dir / "tensorboard").exists()
