"""`seqtool translate` between other programs: files, pipes, readers that leave, signals, and the choice of a model."""

from __future__ import annotations

import os
import shutil
import signal
from functools import partial
from pathlib import Path

import pytest

from tests.cli.processes import Warm, running, seqtool, shell, wait_until
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines


def test_a_line_typed_into_a_pipe_is_answered_before_the_next(trained: Trained, tmp_path: Path) -> None:
    with running("translate", "-m", trained.run_dir, cwd=tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line, answer in ((b"eins .\n", b"one .\n"), (b"\n", b"\n"), (b"zwei .\n", b"two .\n")):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == answer
        process.stdin.write(b"drei ")  # half a line is none yet
        process.stdin.flush()
        process.stdin.write(b".")
        out, err = process.communicate(timeout=60)
        assert (out, err, process.returncode) == (b"three .\n", b"", 0)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        (signal.SIGTERM, -signal.SIGTERM),  # a shell shows that as 143
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_signal_ends_it_without_a_word_and_without_half_a_file(
    number: signal.Signals, code: int, trained: Trained, tmp_path: Path
) -> None:
    with running("translate", "-m", trained.run_dir, "-o", "out.txt", cwd=tmp_path) as process:
        assert process.stdin is not None
        process.stdin.write(b"eins .\nzwei .\n")
        process.stdin.flush()
        written = b"one .\ntwo .\n"
        wait_until(lambda: [path.read_bytes() for path in tmp_path.iterdir()] == [written], process)
        process.send_signal(number)
        process.wait(60)
        assert process.stderr is not None
        assert (process.returncode, process.stderr.read()) == (code, b"")
    assert not (tmp_path / "out.txt").exists()


def test_an_output_file_appears_when_it_is_complete(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    translate = ("translate", "-m", trained.run_dir, "-o", "out.txt")
    out.write_text("the old one\n")
    refused = warm.seqtool(*translate, "--strict", cwd=tmp_path, stdin=b"vier .\n\xff\n")
    assert refused.code == 3
    assert out.read_text() == "the old one\n", "what failed left it alone"
    done = warm.seqtool(*translate, cwd=tmp_path, stdin=b"drei .\n")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert out.read_text() == "three .\n"
    assert list(tmp_path.iterdir()) == [out]


def test_a_reader_that_leaves_after_a_line_ends_it_quietly(trained: Trained, tmp_path: Path) -> None:
    write_lines(tmp_path / "in.txt", [src for src, _ in number_pairs(20_000, 4)])
    done = shell(f'seqtool translate --beam-size 1 --batch-size 4 -m "{trained.run_dir}" in.txt | head -1', tmp_path)
    assert done.code == 141
    assert done.out.count("\n") == 1
    assert done.err == ""


def test_files_are_read_one_after_the_other_and_all_must_be_there(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("eins .")  # its last line has no end, and is a line
    (tmp_path / "b.txt").write_text("zwei .\n")
    model = ("translate", "-m", trained.run_dir)
    both = warm.seqtool(*model, "b.txt", "a.txt", "b.txt", cwd=tmp_path, stdin=b"neun .\n")
    missing = warm.seqtool(*model, "a.txt", "bb.txt", cwd=tmp_path)
    folder = warm.seqtool(*model, ".", cwd=tmp_path)
    strict = warm.seqtool(*model, "--strict", cwd=tmp_path, stdin=b"eins .\nneun \xff\xfe .\n")
    assert (both.code, both.out, both.err) == (0, "two .\none .\ntwo .\n", "")
    assert (missing.code, missing.out) == (3, "")
    assert missing.err == "error[data.not-found]: bb.txt does not exist\nhint: did you mean b.txt?\n"
    assert folder.code == 3
    assert folder.err == "error[data.not-a-file]: . is a folder\nhint: name a file\n"
    assert strict.code == 3
    assert strict.err.startswith(
        "error[data.utf-8]: standard input:2: not UTF-8 from byte 6 of the line on (ff fe 20 2e ...)\nhint: convert"
    )


def test_results_that_cannot_be_written_are_exit_code_5(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way\n")
    (tmp_path / "in.txt").write_text("eins .\n")
    for place in ("nowhere/out.txt", "file/out.txt", ".", "/dev/full"):
        done = warm.seqtool("translate", "-m", trained.run_dir, "-o", place, "in.txt", cwd=tmp_path)
        assert done.code == 5, place
        assert done.err.startswith(f"error[fs.{'no-space' if place == '/dev/full' else ''}")
        assert f"cannot write {place}: " in done.err
        assert "\nhint: " in done.err


def test_the_model_is_the_option_or_the_variable_or_the_newest_finished_run(
    trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    """A run that has not finished, or never had a model, is not taken, however new it is."""
    for age, name in ((300, "old"), (200, "newest"), (100, "unfinished"), (0, "empty")):
        run_dir = tmp_path / "runs" / name
        run_dir.mkdir(parents=True)
        if name != "empty":
            shutil.copytree(trained.run_dir / "model", run_dir / "model")
        if name != "unfinished":
            shutil.copy(trained.run_dir / "result.json", run_dir)
        for path in run_dir.rglob("*"):
            time = path.stat().st_mtime - age
            os.utime(path, (time, time))
    line = b"eins .\n"
    ask = partial(warm.seqtool, "translate", cwd=tmp_path, stdin=line)
    option, variable = ask("-m", "runs/old", SEQTOOL_MODEL="runs/newest"), ask(SEQTOOL_MODEL="runs/old")
    newest, quiet, unset = ask(), ask("-q"), ask(SEQTOOL_MODEL="")
    assert [done.out for done in (option, variable, newest, quiet, unset)] == ["one .\n"] * 5
    assert option.err == quiet.err == ""
    assert variable.err == "model: runs/old (from $SEQTOOL_MODEL)\n"
    assert newest.err == unset.err == "model: runs/newest (the newest finished run in ./runs)\n"


def test_without_any_model_it_says_what_to_do(tmp_path: Path) -> None:
    done = seqtool("translate", cwd=tmp_path)
    assert done.code == 4
    assert done.err == (
        f"error[model.none]: no model was named, and no finished run is under {tmp_path}/runs\n"
        "hint: name one with -m DIR or $SEQTOOL_MODEL, or train one: seqtool train RECIPE\n"
    )
