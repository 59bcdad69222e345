"""Gradients and weights that are no numbers, and signals at the moments that matter most: real processes in which something goes wrong."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from seqtool.model_dir import open_model_dir
from tests.cli.processes import Warm
from tests.cli.test_trouble import TRAIN, ended, goes_on, logged, whole
from tests.cli.training_runs import Trained, metrics, write_recipe

SHORT = ("training.max_steps=40", "training.checkpoint_every=5", "training.validate_every=10", "training.metrics=[]")

# Gradients of some steps are infinite, or all weights after one.
_FAULTY = """
import math
from seqtool.training.loop import TrainingLoop
from seqtool.training.optimizer import Updater
made = TrainingLoop.gradients
updated = Updater.update
def gradients(self, pairs, batches, step, done=0.0):
    sums = made(self, pairs, batches, step, done)
    if step {gradients}:
        for parameter in self.model.parameters():
            parameter.grad.fill_(math.inf)
        return math.nan, math.nan, sums[2]
    return sums
def update(self, *arguments, **named):
    self.steps = getattr(self, "steps", 0) + 1
    told = updated(self, *arguments, **named)
    if self.steps {weights}:
        for parameter in self._named.values():
            parameter.data.fill_(math.inf)
    return told
TrainingLoop.gradients, Updater.update = gradients, update
"""


@pytest.fixture
def folder(number_corpus: Path, tmp_path: Path) -> Path:
    write_recipe(tmp_path, number_corpus)
    return tmp_path


def test_one_loss_that_is_no_number_is_skipped_counted_and_told_at_the_end(folder: Path, warm: Warm) -> None:
    done = warm.seqtool(*TRAIN, *SHORT, cwd=folder, before=_FAULTY.format(gradients="== 7", weights="< 0"))
    ended(done, 0, "warning: step 7: gradients are no finite numbers; the step was skipped\n")
    assert "finished: max_steps 40 reached\nwarning: 1 of 40 steps were skipped: their gradients were" in done.err
    run_dir = folder / "runs/numbers"
    assert json.loads((run_dir / "result.json").read_text())["skipped"] == 1
    counted = [line["skipped"] for line in metrics(run_dir) if line["kind"] == "train"]
    assert counted == [0] + [1] * (len(counted) - 1)
    assert "warning: 1 of 40 steps were skipped" in (run_dir / "train.log").read_text("utf-8")


def test_a_model_that_says_what_is_no_number_has_diverged(folder: Path, warm: Warm) -> None:
    """Its weights are numbers still, but far too large ones."""
    wild = ("training.optimizer.lr=1e30", "training.clip_norm=0", "training.schedule.warmup_steps=1")
    done = warm.seqtool(*TRAIN, *SHORT, *wild, cwd=folder)
    ended(done, 6, "error[training.diverged]: ")
    assert "hint: lower training.optimizer.lr" in done.err


@pytest.mark.parametrize(
    ("gradients", "weights", "checkpoint", "said"),
    [
        # Steps that are not made change nothing: what is saved meanwhile is as good.
        ("> 22", "< 0", 30, "gradients were no finite numbers 10 steps in a row, up to step 32"),
        # The weights after step 22 are of no use, and replace nothing.
        ("< 0", "== 22", 20, "weights are no finite numbers after step 25"),
    ],
)
def test_losses_that_stay_no_numbers_end_training_with_the_last_good_model(
    gradients: str, weights: str, checkpoint: int, said: str, folder: Path, warm: Warm
) -> None:
    done = warm.seqtool(*TRAIN, *SHORT, cwd=folder, before=_FAULTY.format(gradients=gradients, weights=weights))
    kept = f"the last good checkpoint is runs/numbers/checkpoints/step-{checkpoint:06d}"
    model = (
        f"and the best model, of step {checkpoint}, is kept in runs/numbers/model\nhint: lower training.optimizer.lr"
    )
    ended(done, 6, f"error[training.diverged]: {said}; {kept}, {model}")
    assert whole(folder / "runs/numbers") == checkpoint
    logged(folder, done)
    assert not (folder / "runs/numbers/result.json").exists()
    translated = warm.seqtool("translate", "-m", "runs/numbers", cwd=folder, stdin=b"zwei .\n")
    assert (translated.code, translated.out.count("\n")) == (0, 1)
    ended(warm.seqtool(*TRAIN, *SHORT, cwd=folder), 0, f"going on after step {checkpoint}\n")


# A signal while something is under way: `module.name` is called as ever, after one.
_SIGNALLED = """
import os, signal
import seqtool.training.keeper, seqtool.training.run, seqtool.training.settle
module = seqtool.training.{module}
real = module.{name}
calls = iter(range(1000))
def wrapped(*arguments, **named):
    if next(calls) in {when}:
        os.kill(os.getpid(), {number})
    return real(*arguments, **named)
module.{name} = wrapped
"""


def signalled(name: str, number: int, when: tuple[int, ...] = (0,)) -> str:
    module, _, function = name.partition(".")
    return _SIGNALLED.format(module=module, name=function, number=int(number), when=when)


def test_a_signal_while_data_is_prepared_ends_at_once(folder: Path, warm: Warm) -> None:
    done = warm.seqtool(*TRAIN, cwd=folder, before=signalled("settle.prepare_recipe", signal.SIGTERM))
    ended(done, 143, "error[terminated]: stopped while preparing the data; nothing was trained yet\n")
    assert "\nstopped by SIGTERM\nerror[terminated]" in f"\n{logged(folder, done)}"


@pytest.mark.parametrize("averaging", ["last", "ema"])
def test_a_signal_while_validating_saves_and_the_average_is_not_told_twice(
    averaging: str, folder: Path, warm: Warm
) -> None:
    """The call is the second judgement of the third validation, that of the average: the parameters then are not the model's own."""
    count = ("training.averaging.count=2",) if averaging == "last" else ()
    asked = (*TRAIN, *SHORT, f"training.averaging.kind={averaging}", *count)
    judged = 4 if averaging == "last" else 5
    done = warm.seqtool(*asked, cwd=folder, before=signalled("keeper.judge", signal.SIGINT, when=(judged,)))
    ended(done, 130, "error[interrupted]: saved after step 30\n")
    assert "\nstopped by SIGINT\nerror[interrupted]" in logged(folder, done)
    assert whole(folder / "runs/numbers") == 30
    ended(warm.seqtool(*asked, cwd=folder), 0, "going on after step 30\n")
    ended(warm.seqtool(*asked, "run_dir=runs/undisturbed", cwd=folder), 0)
    both = [folder / "runs" / name for name in ("numbers", "undisturbed")]
    assert metrics(both[0]) == metrics(both[1])
    for name in ("checkpoints/step-000040/weights.safetensors", "checkpoints/step-000040/averages.safetensors"):
        assert (both[0] / name).read_bytes() == (both[1] / name).read_bytes()


def test_a_signal_while_saving_is_heeded_after_it(folder: Path, trained: Trained, warm: Warm) -> None:
    done = warm.seqtool(*TRAIN, cwd=folder, before=signalled("run.save_checkpoint", signal.SIGTERM))
    ended(done, 143, "error[terminated]: saved after step 26\n")
    goes_on(folder, trained, warm)


def test_a_second_signal_of_a_kind_ends_at_once_and_loses_what_was_not_saved(folder: Path, warm: Warm) -> None:
    twice = signalled("run.save_checkpoint", signal.SIGTERM, when=(1, 2))
    assert warm.seqtool(*TRAIN, cwd=folder, before=twice).code == -signal.SIGTERM
    assert whole(folder / "runs/numbers") == 50


@pytest.mark.slow
def test_a_signal_while_writing_graphs_leaves_a_model_without(folder: Path, warm: Warm) -> None:
    exporting = (*TRAIN, *SHORT, "training.export=true")
    done = warm.seqtool(*exporting, cwd=folder, before=signalled("run.export_graphs", signal.SIGTERM))
    ended(done, 143, "error[terminated]: stopped while writing the ONNX graphs; the model is complete\n")
    assert not open_model_dir(folder / "runs/numbers").has_graphs("fp32")
    assert whole(folder / "runs/numbers") == 40
