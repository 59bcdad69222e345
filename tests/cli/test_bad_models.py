"""Models and checkpoints that cannot be used, and places that cannot be written to: a message, a remedy, nothing executed or lost."""

from __future__ import annotations

import pickle
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seqtool import fs
from tests.cli.processes import Done, Warm, shell
from tests.cli.training_runs import STEPS, Trained, last_checkpoint, outcome, write_recipe
from tests.test_no_pickle import foreign

MODEL_FILES = ["config.json", "manifest.json", "tokenizer.model", "weights.safetensors"]


def flip_a_bit(path: Path, seed: int) -> None:
    """A bit at a place that depends on the seed."""
    data = bytearray(path.read_bytes())
    place = random.Random(seed).randrange(8 * len(data))
    data[place // 8] ^= 1 << place % 8
    path.write_bytes(data)


class _Executed:
    """What unpickles to a file of its name."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
        return Path.touch, (self._marker,)


def a_pickle(folder: Path) -> None:
    (folder / "weights.safetensors").write_bytes(pickle.dumps(_Executed(folder.with_name("executed"))))


def a_pickle_with_its_own_manifest(folder: Path) -> None:
    a_pickle(folder)
    with fs.commit_dir(folder.with_name("sealed")) as part:
        for name in set(MODEL_FILES) - {"manifest.json"}:
            shutil.copy(folder / name, part)
    shutil.rmtree(folder)
    folder.with_name("sealed").rename(folder)


def truncated(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def another_kind(folder: Path) -> None:
    for path in folder.iterdir():
        path.rename(path.with_suffix(".bin"))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (a_pickle, "weights.safetensors"),
        (a_pickle_with_its_own_manifest, "weights.safetensors"),  # somebody made it on purpose
        (truncated, "weights.safetensors has "),  # a copy that was cut off
        (shutil.rmtree, "model"),
        (emptied, "manifest.json is missing"),
        (another_kind, "manifest.json is missing"),  # a directory of something else
        (lambda folder: (folder / "tokenizer.model").unlink(), "tokenizer.model is missing"),
    ],
)
def test_what_is_no_model_is_exit_code_4_and_nothing_in_it_runs(
    damage: Callable[[Path], None], named: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(trained.run_dir / "model", tmp_path / "model"))
    damage(model)
    refused(warm.seqtool("translate", "-m", "model", cwd=tmp_path, stdin=b"eins .\n"), named)
    assert not (tmp_path / "executed").exists()


def test_the_marker_of_the_pickle_would_appear_if_it_were_read(trained: Trained, tmp_path: Path) -> None:
    model = Path(shutil.copytree(trained.run_dir / "model", tmp_path / "model"))
    a_pickle(model)
    pickle.loads((model / "weights.safetensors").read_bytes())
    assert (tmp_path / "executed").exists()


def test_a_run_holds_nothing_that_could_be_executed(trained: Trained) -> None:
    """By the names of its files and by how they begin: checkpoints, model, prepared data and records."""
    kinds = {
        ".safetensors",
        ".json",
        ".jsonl",
        ".yaml",
        ".model",
        ".onnx",
        ".txt",
        ".log",
        ".lock",
        ".ids",
        ".lengths",
        ".offsets",
        ".md",
    }
    found = [path for path in (trained.folder / "runs").rglob("*") if path.is_file()]
    assert {path.suffix for path in found} <= kinds | {""}
    assert {path.name for path in found if not path.suffix} <= {"lock", ".lock"}
    assert {".safetensors", ".model", ".ids"} <= {path.suffix for path in found}
    for path in found:
        assert path.suffix in (".ids", ".lengths", ".offsets") or not foreign(path), path


def refused(done: Done, named: str) -> None:
    assert done.code == 4
    assert done.out == ""
    assert done.err.startswith("error[model.")
    assert named in done.err
    assert "\nhint: " in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", MODEL_FILES)
def test_one_flipped_bit_in_any_file_is_exit_code_4(name: str, trained: Trained, warm: Warm, tmp_path: Path) -> None:
    for seed, command in enumerate((["translate"], ["evaluate"], ["score", "in.txt", "in.txt"])):
        model = Path(shutil.copytree(trained.run_dir / "model", tmp_path / f"{seed}"))
        flip_a_bit(model / name, seed)
        refused(warm.seqtool(*command, "-m", model, cwd=tmp_path, stdin=b"eins .\n"), str(model))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["manifest.json", "optimizer.safetensors"])
def test_training_goes_back_to_the_checkpoint_before_a_damaged_one(
    name: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    """To the end that a run without trouble has."""
    folder = Path(shutil.copytree(trained.folder, tmp_path / "copy"))
    run_dir = folder / "runs/numbers"
    newest = run_dir / f"checkpoints/step-{STEPS:06d}"
    flip_a_bit(newest / name, 7)
    done = warm.seqtool("train", "recipe.yaml", cwd=folder)
    assert done.code == 0, done.err
    first, second = [line for line in done.err.splitlines() if "checkpoint" in line or "going on" in line]
    assert first.startswith("warning: runs/numbers/checkpoints/step-")
    assert first.endswith(": going back to the checkpoint before it")
    assert second == f"going on after step {STEPS - 25}"
    assert outcome(run_dir) == outcome(trained.run_dir)


def test_without_a_usable_checkpoint_nothing_is_overwritten(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained.folder, tmp_path / "copy"))
    for path in folder.glob("runs/numbers/checkpoints/*/weights.safetensors"):
        path.write_bytes(b"")
    before = (folder / "runs/numbers/metrics.jsonl").read_bytes()
    done = warm.seqtool("train", "recipe.yaml", cwd=folder)
    assert done.code == 4
    assert "error[checkpoint.unusable]: no checkpoint in runs/numbers/checkpoints can be used" in done.err
    assert "--restart" in done.err.splitlines()[-1]
    assert (folder / "runs/numbers/metrics.jsonl").read_bytes() == before


@pytest.fixture
def folder(number_corpus: Path, tmp_path: Path) -> Path:
    write_recipe(tmp_path, number_corpus)
    return tmp_path


@pytest.mark.parametrize("command", ["train", "preprocess"])
@pytest.mark.parametrize("run_dir", ["recipe.yaml/run", "/proc/run/a", "/dev/null/a/b"])
def test_a_run_directory_that_cannot_be_made_is_exit_code_5(
    command: str, run_dir: str, folder: Path, warm: Warm
) -> None:
    done = warm.seqtool(command, "recipe.yaml", f"run_dir={run_dir}", cwd=folder)
    assert done.code == 5
    last, hint = done.err.splitlines()[-2:]
    assert last.startswith("error[fs.")
    assert f"cannot write {Path(run_dir).parent if command == 'preprocess' else run_dir}" in last
    assert hint.startswith("hint: ")


def stopped_by_the_disk(done: Done, run_dir: Path, error_id: str) -> None:
    """It says so, and the checkpoint from before is there."""
    assert done.code == 5, done.err
    last, hint = done.err.splitlines()[-2:]
    assert last.startswith(f"error[{error_id}]: cannot write ")
    assert hint.startswith("hint: ")
    assert "Traceback" not in done.err
    assert last_checkpoint(run_dir) == 25


@pytest.mark.slow
def test_a_file_that_may_not_grow_stops_training_and_loses_nothing(folder: Path, warm: Warm) -> None:
    """The limit lets weights pass, and not the optimizer's state after them: the checkpoint is half written."""
    assert warm.seqtool("train", "recipe.yaml", "training.max_steps=25", cwd=folder).code == 0
    done = shell("ulimit -f 100; seqtool train recipe.yaml training.max_steps=55", folder)
    stopped_by_the_disk(done, folder / "runs/numbers", "fs.no-space")
    again = warm.seqtool("train", "recipe.yaml", "training.max_steps=55", cwd=folder)
    assert again.code == 0
    assert "going on after step 25\n" in again.err
    assert not list(folder.rglob(".part-*"))


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of its own."""
    place.mkdir()
    options = f"size={kilobytes}k"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.slow
def test_a_full_disk_and_one_that_is_read_only_stop_training_and_lose_nothing(folder: Path, warm: Warm) -> None:
    with small_disk(folder / "disk", 4000) as disk:
        train = ("train", "recipe.yaml", "run_dir=disk/run")
        assert warm.seqtool(*train, "training.max_steps=25", cwd=folder).code == 0
        room = shutil.disk_usage(disk).free
        (disk / "filler").write_bytes(bytes(room - 100_000))
        full = warm.seqtool(*train, "training.max_steps=55", cwd=folder)
        stopped_by_the_disk(full, disk / "run", "fs.no-space")
        (disk / "filler").unlink()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        read_only = warm.seqtool(*train, "training.max_steps=55", cwd=folder)
        stopped_by_the_disk(read_only, disk / "run", "fs.read-only")
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        again = warm.seqtool(*train, "training.max_steps=55", cwd=folder)
        assert again.code == 0, again.err
        assert "going on after step 25\n" in again.err
