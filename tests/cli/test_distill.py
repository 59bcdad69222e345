"""`seqtool distill`: what the teacher says is written, survives being killed, and is what the student learns from."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest
import yaml

from tests.cli.processes import Done, Warm, running, seqtool, wait_until
from tests.cli.synthetic import LINES, Pairs, few_pairs, kill_while_writing, write_case, written
from tests.cli.training_runs import Trained
from tests.number_words import write_lines


@pytest.fixture
def pairs() -> Pairs:
    return few_pairs()


@pytest.fixture
def folder(number_corpus: Path, trained: Trained, pairs: Pairs, tmp_path: Path) -> Path:
    """A working directory with a recipe and, where runs are, the teacher."""
    shutil.copytree(trained.run_dir, tmp_path / "runs/teacher")
    write_case(tmp_path, number_corpus, pairs, distill={"teacher": "runs/teacher", "beam_size": 3})
    return tmp_path


def distill(folder: Path, warm: Warm, *more: str) -> Done:
    return warm.seqtool("distill", "recipe.yaml", *more, cwd=folder)


def test_the_student_learns_what_the_teacher_says(folder: Path, warm: Warm, pairs: Pairs) -> None:
    done = distill(folder, warm)
    assert done.code == 0, done.err
    assert done.out == ""
    sources = "".join(f"{src}\n" for src, _ in pairs)
    said = warm.seqtool("translate", "-m", "runs/teacher", "--beam-size", "3", cwd=folder, stdin=sources.encode())
    assert written(folder) == list(zip([src for src, _ in pairs], said.out.splitlines(), strict=True))
    assert f"{LINES}: 150 pairs\ntraining pairs: 150 read, 149 kept: 1 empty\n" in done.err
    assert done.err.endswith("\nmodel: runs/numbers/model\nnext: seqtool translate -m runs/numbers < in.txt\n")
    saved = yaml.safe_load((folder / "runs/numbers/recipe.yaml").read_text("utf-8"))
    assert saved["data"]["train"] == {"jsonl": str(folder / LINES), "src": "src", "tgt": "tgt"}
    assert "distill" not in saved, "nobody makes the pairs again from themselves"
    again = distill(folder, warm)
    assert again.code == 0
    assert again.err.startswith(f"{LINES} is complete: 150 pairs\n")
    assert "already trained: max_steps 6 reached" in again.err


def test_options_reach_the_teacher_and_the_file(folder: Path, warm: Warm, pairs: Pairs) -> None:
    write = ("--no-train", "distill.beam_size=4")
    one, two, both = (
        distill(folder, warm, *write, f"run_dir=runs/{name}", *more)
        for name, more in (
            ("one", ()),
            ("two", ("distill.n_best=2",)),
            ("both", ("distill.n_best=2", "distill.keep_original=true")),
        )
    )
    assert (one.code, two.code, both.code) == (0, 0, 0), two.err
    found = {name: _pairs(folder / f"runs/{name}/synthetic.jsonl") for name in ("one", "two", "both")}
    assert [len(found[name]) for name in ("one", "two", "both")] == [150, 300, 450]
    assert found["two"][::2] == found["one"], "the best comes first"
    assert [src for src, _ in found["two"][1::2]] == [src for src, _ in found["one"]]
    assert sum(best != second for best, second in zip(found["two"][::2], found["two"][1::2], strict=True)) == 149
    assert found["both"] == found["two"] + pairs
    assert not (folder / "runs/one/model").exists(), "--no-train"
    assert one.err.endswith("next: the same command without --no-train\n")
    greedy = distill(folder, warm, "--no-train", "distill.beam_size=1", "run_dir=runs/greedy")
    assert greedy.code == 0
    assert _pairs(folder / "runs/greedy/synthetic.jsonl") != found["one"]


def _pairs(path: Path) -> Pairs:
    return [tuple(json.loads(line).values()) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.slow
def test_several_teachers_are_one(folder: Path, warm: Warm, random_model: Path, pairs: Pairs) -> None:
    less = ("run_dir=runs/less", "training.max_steps=60", "training.metrics=[]")
    weak = warm.seqtool("train", "runs/teacher/recipe.yaml", *less, cwd=folder)
    assert weak.code == 0, weak.err
    alone = distill(folder, warm, "--no-train")
    both, foreign = (
        distill(folder, warm, "--no-train", f"run_dir=runs/{name}", f"distill.teacher=[runs/teacher, {other}]")
        for name, other in (("both", "runs/less"), ("foreign", random_model))
    )
    assert (alone.code, both.code, foreign.code) == (0, 0, 4), both.err
    sources = "".join(f"{src}\n" for src, _ in pairs)
    models = ("-m", "runs/teacher", "-m", "runs/less", "--beam-size", "3")
    said = warm.seqtool("translate", *models, cwd=folder, stdin=sources.encode())
    assert [tgt for _, tgt in _pairs(folder / "runs/both/synthetic.jsonl")] == said.out.splitlines()
    assert _pairs(folder / "runs/both/synthetic.jsonl") != written(folder)
    assert foreign.err.startswith("error[model.ensemble]: ")


@pytest.mark.slow
def test_killed_in_the_middle_it_ends_with_the_same_bytes(folder: Path, warm: Warm) -> None:
    settings = ("distill.n_best=3", "distill.keep_original=true", "--no-train")
    undisturbed = distill(folder, warm, *settings, "run_dir=runs/undisturbed")
    assert undisturbed.code == 0, undisturbed.err
    done = kill_while_writing("distill", "recipe.yaml", *settings, cwd=folder, at_least=2)
    cut_off = folder / f"{LINES}.partial"
    cut_off.write_bytes(b"".join(cut_off.read_bytes().splitlines(keepends=True)[: done - 1]) + b'{"src"')
    again = distill(folder, warm, *settings)
    assert again.code == 0, again.err
    assert again.err.startswith(f"going on after {done - 1} of 600 pairs\n"), "in the midst of a source's translations"
    expected = (folder / "runs/undisturbed/synthetic.jsonl").read_bytes()
    assert (folder / LINES).read_bytes() == expected
    assert not cut_off.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "name"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_signals_keep_whole_lines(folder: Path, warm: Warm, number: signal.Signals, code: int, name: str) -> None:
    partial = folder / f"{LINES}.partial"
    with running("distill", "recipe.yaml", "--no-train", cwd=folder) as process:
        wait_until(lambda: partial.exists() and partial.stat().st_size > 0, process)
        process.send_signal(number)
        said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == code
    assert said.endswith(f"error[{name}]: stopped while writing {LINES}\nhint: the same command goes on from here\n")
    assert partial.read_bytes().endswith(b"\n")
    again = distill(folder, warm, "--no-train")
    assert again.code == 0, again.err
    assert again.err.startswith("going on after ")
    assert len(written(folder)) == 150


def test_lines_of_another_origin_are_refused_and_never_deleted(folder: Path, warm: Warm, pairs: Pairs) -> None:
    assert distill(folder, warm, "--no-train").code == 0
    before = (folder / LINES).read_bytes()
    write_lines(folder / "less.de", [src for src, _ in pairs[:9]])
    write_lines(folder / "less.en", [tgt for _, tgt in pairs[:9]])
    teacher = folder / "runs/teacher/model"
    moved = shutil.copytree(teacher, folder / "moved")
    less = ("data.train.src=less.de", "data.train.tgt=less.en")
    settings = distill(folder, warm, "distill.n_best=2", "distill.keep_original=true")
    data = distill(folder, warm, *less)
    same = distill(folder, warm, "--no-train", f"distill.teacher={moved}")
    run = distill(folder, warm, "run_dir=runs/teacher")
    _change_model(teacher)
    changed = distill(folder, warm)
    for done, what in (
        (settings, "distill.n_best: 1 -> 2, distill.keep_original: False -> True"),
        (data, "another data.train"),
        (changed, "another distill.teacher"),
    ):
        assert done.code == 2
        assert done.err.startswith(
            f"error[synthesis.changed]: {LINES} was made from something else: {what}\nhint: undo"
        )
        assert "--restart" in done.err
    assert run.code == 2
    assert run.err.startswith(
        "error[synthesis.changed]: runs/teacher is a run that learns from other pairs\nhint: undo"
    )
    assert (same.code, (folder / LINES).read_bytes()) == (0, before), "where a model is does not matter"
    restarted = distill(folder, warm, "--no-train", "--restart", f"distill.teacher={moved}", *less)
    assert restarted.code == 0, restarted.err
    assert restarted.err.startswith("the old run is now runs/numbers.old-1\n")
    assert (folder / "runs/numbers.old-1/synthetic.jsonl").read_bytes() == before
    assert len(written(folder)) == 9


def _change_model(model: Path) -> None:
    """As if it had been trained again: another digest in the manifest; nothing is read of the file."""
    path = model / "manifest.json"
    values = json.loads(path.read_text("utf-8"))
    values["files"]["weights.safetensors"]["sha256"] = "0" * 64
    path.write_text(json.dumps(values), "utf-8")


def test_what_is_missing_is_said_before_anything_is_written(folder: Path, warm: Warm) -> None:
    plain = yaml.safe_load((folder / "recipe.yaml").read_text("utf-8"))
    del plain["distill"]
    (folder / "plain.yaml").write_text(yaml.safe_dump(plain), "utf-8")
    (folder / "nothing.de").write_text("\n\n", "utf-8")
    section = warm.seqtool("distill", "plain.yaml", cwd=folder)
    model = distill(folder, warm, "distill.teacher=runs/nobody")
    empty = distill(folder, warm, "data.train.src=nothing.de", "data.train.tgt=nothing.de")
    uneven = distill(folder, warm, "data.train.src=nothing.de")
    assert [done.code for done in (section, model, empty, uneven)] == [2, 4, 3, 3]
    assert section.err.startswith("error[recipe.no-section]: plain.yaml has no section distill, ")
    assert "\ndistill:\n  teacher: runs/TEACHER" in section.err
    assert model.err.startswith(f"error[model.not-found]: no model directory at {folder / 'runs/nobody'}\n")
    assert empty.err.startswith("error[data.empty]: data.train (")
    assert uneven.err.startswith("error[data.line-count]: ")
    assert not (folder / "runs/numbers").exists()


@pytest.mark.slow
def test_two_at_once_do_not_write_one_file(folder: Path) -> None:
    with running("distill", "recipe.yaml", "--no-train", cwd=folder) as process:
        wait_until((folder / f"{LINES}.partial").exists, process)
        process.send_signal(signal.SIGSTOP)
        second = seqtool("distill", "recipe.yaml", "--no-train", cwd=folder)
        process.send_signal(signal.SIGCONT)
        assert process.wait(60) == 0
    assert second.code == 5
    assert second.err.startswith("error[fs.locked]: runs/numbers/.lock is held by process ")
