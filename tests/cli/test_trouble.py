"""Training in trouble: each kind ends, or goes on, as the contract says, in a real process, and what was saved is not lost by it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seqtool import fs
from seqtool.model_dir import open_model_dir
from tests.cli.processes import Done, Warm, running, shell, wait_until
from tests.cli.training_runs import STEPS, Trained, last_checkpoint, last_step, outcome, write_recipe

TRAIN = ("train", "recipe.yaml")


@pytest.fixture
def folder(number_corpus: Path, tmp_path: Path) -> Path:
    write_recipe(tmp_path, number_corpus)
    return tmp_path


@pytest.fixture
def copy(trained: Trained, tmp_path: Path) -> Path:
    """The folder of a finished run, to go on in."""
    return Path(shutil.copytree(trained.folder, tmp_path / "copy"))


def ended(done: Done, code: int, *said: str) -> None:
    """With this code, and these words; never with a traceback, and with a hint if it is an error."""
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    for words in said:
        assert words in done.err
    assert not code or "\nhint: " in done.err


def logged(folder: Path, done: Done) -> str:
    """The end of the log, which says what the terminal was told."""
    lines = (folder / "runs/numbers/train.log").read_text("utf-8").splitlines()
    stamps, said = zip(*(line.split(" ", 1) for line in lines), strict=True)
    assert all(stamp[4] == "-" and "T" in stamp for stamp in stamps)
    told = done.err[done.err.index("error[") :].splitlines()
    assert list(said[-len(told) :]) == told
    return "\n".join(said)


def whole(run_dir: Path) -> int:
    """The newest checkpoint's step; everything that was saved is as it was written."""
    for path in run_dir.glob("checkpoints/step-*"):
        fs.verify_dir(path)
    if (run_dir / "model").exists():
        open_model_dir(run_dir)
        fs.verify_dir(run_dir / "model")
    return last_checkpoint(run_dir)


def files(folder: Path) -> dict[str, bytes]:
    """What may not change, so without the log and the lock."""
    kept = [path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", "train.log")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


def goes_on(folder: Path, trained: Trained, warm: Warm) -> None:
    """The same command comes to the end of a run that nothing disturbed."""
    ended(warm.seqtool(*TRAIN, cwd=folder), 0)
    assert outcome(folder / "runs/numbers") == outcome(trained.run_dir)


# What is changed under a checkpoint, and what is said of it.
CHANGES = [
    (["model.decoder.hidden=32"], "model.decoder.hidden: 24 -> 32"),
    (["model.encoder.kind=gru"], "model.encoder.kind: lstm -> gru"),
    (["tokenizer.vocab_size=50"], "tokenizer.vocab_size: 60 -> 50"),
    (["data.train={src: other.de, tgt: other.en}"], "the training or validation data, or their limits"),
    (["data.max_src_tokens=20"], "the training or validation data, or their limits"),
]


@pytest.mark.parametrize(("change", "named"), CHANGES, ids=[change[0].partition("=")[0] for change, _ in CHANGES])
def test_what_the_weights_cannot_follow_is_refused_and_named(
    change: list[str], named: str, copy: Path, number_corpus: Path, warm: Warm
) -> None:
    for side in ("de", "en"):
        text = (number_corpus / f"train.{side}").read_text("utf-8")
        (copy / f"other.{side}").write_text(text + ("zehn .\n" if side == "de" else "ten .\n"), "utf-8")
    before = files(copy / "runs/numbers")
    done = warm.seqtool(*TRAIN, "training.max_steps=310", *change, cwd=copy)
    ended(done, 4, "error[checkpoint.recipe-changed]: the run was begun with other settings: ", named, "--restart")
    assert files(copy / "runs/numbers") == before


def test_an_error_in_the_data_is_in_the_log_too(folder: Path, warm: Warm) -> None:
    (folder / "short.en").write_text("one .\n", "utf-8")
    done = warm.seqtool(*TRAIN, "data.valid.tgt=short.en", cwd=folder)
    ended(done, 3, "error[data.line-count]")
    logged(folder, done)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("MemoryError()", "error[memory]: out of memory"),
        ("OSError(5, 'broken', 'disk')", "error[system]: disk: broken"),
        ("KeyError('x')", "error[bug]: KeyError: 'x'"),
        ("KeyboardInterrupt()", "stopped by a second SIGINT"),
    ],
)
def test_what_no_error_of_ours_says_is_in_the_log_too(error: str, said: str, folder: Path, warm: Warm) -> None:
    fail = f"import seqtool.training.run as module\ndef fail(*_): raise {error}\nmodule.prepared_of = fail"
    assert warm.seqtool(*TRAIN, cwd=folder, before=fail).code in (1, 5, 130)
    assert said in (folder / "runs/numbers/train.log").read_text("utf-8")


def test_another_tokenizer_in_the_same_file_is_refused_and_named(folder: Path, warm: Warm) -> None:
    given, kinds = folder / "tokenizer.model", ("unigram", "bpe")
    for kind in kinds:
        done = warm.seqtool("preprocess", "recipe.yaml", f"run_dir={kind}/run", f"tokenizer.kind={kind}", cwd=folder)
        ended(done, 0)
    for kind, steps, code in (("unigram", 2, 0), ("bpe", 4, 4)):
        shutil.copy(next(folder.glob(f"{kind}/prepared/*/tokenizer.model")), given)
        asked = ("tokenizer.model=tokenizer.model", "training.metrics=[]", f"training.max_steps={steps}")
        ended(done := warm.seqtool(*TRAIN, *asked, cwd=folder), code)
    assert f"[checkpoint.recipe-changed]: the run was begun with other settings: the tokenizer in {given}\n" in done.err


def test_a_harmless_change_goes_on_and_is_named(copy: Path, warm: Warm) -> None:
    done = warm.seqtool(*TRAIN, "training.max_steps=305", "decoding.beam_size=2", cwd=copy)
    ended(done, 0, "going on with changed settings: training.max_steps: 300 -> 305, decoding.beam_size: 3 -> 2\n")
    assert f"going on after step {STEPS}\n" in done.err
    log = (copy / "runs/numbers/train.log").read_text("utf-8")
    assert "going on with changed settings: training.max_steps: 300 -> 305" in log, (
        "also where nobody looks at the terminal"
    )


@contextmanager
def mounted(place: Path, size: str) -> Iterator[Path]:
    """A file system of this size, where one may mount such a thing."""
    place.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=False).returncode
    ):
        pytest.skip("only root may mount a file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_full_disk_ends_training_and_with_more_room_it_goes_on(
    number_corpus: Path, tmp_path: Path, trained: Trained, warm: Warm
) -> None:
    with mounted(tmp_path / "disk", "1200k") as disk:
        write_recipe(disk, number_corpus)
        done = warm.seqtool(*TRAIN, cwd=disk)
        ended(done, 5, "error[fs.no-space]: cannot write ", "No space left", "make room there")
        logged(disk, done)  # a line has a place on a disk that has none for a checkpoint
        assert 0 < whole(disk / "runs/numbers") < STEPS
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        goes_on(disk, trained, warm)


def test_a_directory_that_is_read_only_is_an_error_and_stays_as_it_is(
    tmp_path: Path, trained: Trained, warm: Warm
) -> None:
    with mounted(tmp_path / "disk", "64m") as disk:
        shutil.copytree(trained.folder, disk, dirs_exist_ok=True)
        before = files(disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for command in ("preprocess", "train"):
            done = warm.seqtool(command, "recipe.yaml", "tokenizer.vocab_size=50", cwd=disk)
            ended(done, 5, "error[fs.read-only]: cannot write ", "Read-only file system", "choose a place")
        assert files(disk) == before


def test_a_directory_without_permission_is_an_error(tmp_path: Path, number_corpus: Path, warm: Warm) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    write_recipe(tmp_path, number_corpus)
    (tmp_path / "runs").mkdir(mode=0o555)
    ended(warm.seqtool(*TRAIN, cwd=tmp_path), 5, "error[fs.permission]: cannot write runs/numbers: ")
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.slow
def test_a_limit_on_the_size_of_files_ends_training_and_without_it_it_goes_on(
    folder: Path, trained: Trained, warm: Warm
) -> None:
    limit = (trained.run_dir / f"checkpoints/step-{STEPS:06d}/optimizer.safetensors").stat().st_size // 1024 - 1
    sized = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))".format(limit << 10)
    done = warm.seqtool(*TRAIN, cwd=folder, before=sized)
    ended(done, 5, "error[fs.no-space]: cannot write ", "File too large", "make room there")
    whole(folder / "runs/numbers")
    assert not list(folder.rglob(".part-*"))
    goes_on(folder, trained, warm)
    limited = shell(f"ulimit -f {limit}; seqtool train recipe.yaml training.max_steps=301", folder)
    ended(limited, 5, "error[fs.no-space]")


@pytest.mark.slow
def test_a_run_directory_that_goes_away_ends_training_and_is_not_made_again(
    folder: Path, trained: Trained, warm: Warm
) -> None:
    run_dir, elsewhere = folder / "runs/numbers", folder / "elsewhere"
    with running(*TRAIN, cwd=folder) as process:
        wait_until(lambda: last_step(run_dir) > 30, process)
        run_dir.rename(elsewhere)
        said = process.communicate(timeout=60)[1].decode()
    ended(Done(process.returncode, "", said), 5, "error[fs.vanished]: runs/numbers is gone: ", "move it back")
    assert not run_dir.exists()
    elsewhere.rename(run_dir)
    assert whole(run_dir) >= 25
    goes_on(folder, trained, warm)


# A clock that is a year further at every other look, and a year back at the others.
CLOCK = """
import itertools, time
jumps, real = itertools.cycle([0, 3e7, -3e7]), time.time
time.time = lambda: real() + next(jumps)
time.time_ns = lambda: int(time.time() * 1e9)
strftime = time.strftime
time.strftime = lambda form, *when: strftime(form, *(when or [time.localtime(time.time())]))
"""


def test_a_clock_that_jumps_changes_nothing(folder: Path, trained: Trained, warm: Warm) -> None:
    ended(warm.seqtool(*TRAIN, "training.max_minutes=10", cwd=folder, before=CLOCK), 0, f"finished: max_steps {STEPS}")
    years = {line[:4] for line in (folder / "runs/numbers/train.log").read_text("utf-8").splitlines()}
    assert len(years) > 1, "the hook works"
    found, expected = outcome(folder / "runs/numbers"), outcome(trained.run_dir)
    for name in found.keys() - {"progress", "model"}:  # both have the limit in minutes
        assert found[name] == expected[name], name
    lines = [json.loads(line) for line in (folder / "runs/numbers/metrics.jsonl").read_text("utf-8").splitlines()]
    seconds = [line["seconds"] for line in lines]
    assert seconds == sorted(seconds)
    assert 0 < seconds[0] <= seconds[-1] < 600
    assert all(line["tokens_per_second"] > 0 for line in lines if line["kind"] == "train")


def test_a_time_budget_is_kept_by_a_clock_that_jumps(folder: Path, warm: Warm) -> None:
    limits = ("training.max_minutes=0.05", "training.max_steps=1000000", "training.validate_every=1000000")
    ended(warm.seqtool(*TRAIN, *limits, cwd=folder, before=CLOCK), 0, "finished: max_minutes 0.05 reached")
