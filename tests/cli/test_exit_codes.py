"""How a command ends: exit code and message for everything that can happen to it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from seqtool.cli.app import app
from seqtool.cli.bad_value import bad_value
from tests.cli.processes import Done, environment, python, shell
from tests.cli.processes import seqtool as run_seqtool

# A program with one command, `it`, whose body each test writes: everything around it is seqtool's own.
_PROGRAM = """
import errno, os, sys, time, typer
from seqtool import errors
from seqtool.cli.errors import run

app = typer.Typer()

@app.command()
def it(number: int = 0) -> None:
    {body}

sys.exit(run(app, sys.argv[1:]))
"""


def _ends(body: str, cwd: Path, *arguments: str) -> Done:
    return python("-c", _PROGRAM.format(body=body), *arguments, cwd=cwd, TMPDIR=str(cwd))


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ("print('fine')", 0, ""),
        ("raise typer.Exit(3)", 3, ""),
        ("raise SystemExit(9)", 9, ""),
        ("raise errors.UsageError('usage.x', 'what', 'do')", 2, "error[usage.x]: what\nhint: do\n"),
        ("raise errors.RecipeError('recipe.x', 'what')", 2, "error[recipe.x]: what\n"),
        ("raise errors.DataError('data.x', 'what', 'do')", 3, "error[data.x]: what\nhint: do\n"),
        ("raise errors.ModelError('model.x', 'what', 'do')", 4, "error[model.x]: what\nhint: do\n"),
        ("raise errors.ResourceError('fs.x', 'what', 'do')", 5, "error[fs.x]: what\nhint: do\n"),
        ("raise errors.DivergedError('training.x', 'what', 'do')", 6, "error[training.x]: what\nhint: do\n"),
        ("raise errors.ThresholdError('evaluate.x', 'what', 'do')", 7, "error[evaluate.x]: what\nhint: do\n"),
        ("raise errors.Terminated('run.x', 'what', signal_number=15)", 143, "error[run.x]: what\n"),
        ("raise MemoryError", 5, "error[memory]: out of memory\nhint: make batches smaller"),
        ("raise type('OutOfMemoryError', (RuntimeError,), {})()", 5, "error[memory]: out of memory\n"),
        ("raise OSError(errno.ENOMEM, 'Cannot allocate memory')", 5, "error[memory]: out of memory\n"),
        ("import torch; torch.empty(1 << 60)", 5, "error[memory]: out of memory\n"),
        ("raise OSError(errno.ENOSPC, 'No space left on device')", 5, "error[no-space]: No space left on device\n"),
        ("raise PermissionError(errno.EACCES, 'Permission denied', 'x')", 5, "error[system]: x: Permission denied\n"),
        ("raise OSError(errno.ENAMETOOLONG, 'File name too long', 'x')", 5, "error[system]: x: File name too long\n"),
        ("raise KeyboardInterrupt", 130, ""),
        ("raise BrokenPipeError(errno.EPIPE, 'Broken pipe')", 141, ""),
    ],
)
def test_every_ending_has_its_code_and_its_words(body: str, code: int, text: str, tmp_path: Path) -> None:
    done = _ends(body, tmp_path)
    assert done.code == code
    assert done.err.startswith(text)
    assert bool(done.err) == bool(text)
    assert not list(tmp_path.iterdir())  # no bug report either


def test_a_bug_ends_in_a_file_and_two_lines(tmp_path: Path) -> None:
    done = _ends("raise ZeroDivisionError('by\\x1b[31m nothing\\n')", tmp_path, "--number", "7")
    assert done.code == 1
    found = re.fullmatch(
        r"error\[bug\]: ZeroDivisionError: by\ufffd\[31m nothing at <string>:\d+; details in (.*)\nhint: please report.*\n",
        done.err,
    )
    assert found
    report = Path(found[1]).read_text("utf-8")
    assert "Traceback (most recent call last)" in report
    assert "'--number', '7'" in report
    assert report.startswith("seqtool 0.")


def test_a_bug_is_told_even_where_no_file_can_be_written(tmp_path: Path) -> None:
    body = "import tempfile; tempfile.tempdir = '/nonexistent'; raise KeyError('x')"
    done = _ends(body, tmp_path)
    assert done.code == 1
    assert "details could not be written: No such file or directory" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("'x' is not one of 'bs', 'ar'.", "--paired x: it must be one of bs, ar"),
        ("'x' is not a valid integer range.", "--paired x: it must be a whole number"),
        ("'1,5' is not a valid float.", "--paired 1,5: it must be a number"),
        ("0 is not in the range 1<=x<=256.", "--paired 0: it must be in the range 1<=x<=256"),
        ("something else", None),
    ],
)
def test_a_bad_value_is_named_alike_by_older_releases_of_typer(message: str, text: str | None) -> None:
    """Which have only a message."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    (option,) = [one for one in commands["evaluate"].params if "--paired" in one.opts]
    assert bad_value(typer.BadParameter(message, param=option)) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["evaluat"], "Did you mean 'evaluate'?"),
        (["train"], "Missing argument 'RECIPE'"),
        (["translate", "--beam", "2"], "No such option: --beam (Possible options: --beam-size)"),
        (["translate", "--beam-size", "x"], "--beam-size x: it must be a whole number\n"),
        (["translate", "--beam-size", "1.5"], "--beam-size 1.5: it must be a whole number\n"),
        (["translate", "--beam-size", "0"], "--beam-size 0: it must be 1 or more\n"),
        (["translate", "--beam-size", "1000"], "--beam-size 1000: it must be 256 or less\n"),
        (["evaluate", "--paired", "t-test"], "--paired t-test: it must be one of bs, ar\n"),
        (["evaluate", "--format", "'%s\n{}"], "--format '%s {}: it must be one of text, markdown, latex\n"),
        (["init", "--task", "x"], "--task x: it must be one of translation, summarization\n"),
        (["init", "--task", ""], "--task '': it must be one of translation, summarization\n"),
        (["evaluate", "--task", "x"], "No such option: --task"),
        (["preprocess", "a", "-m", "b"], "No such option: -m"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2_with_a_hint(arguments: list[str], text: str, tmp_path: Path) -> None:
    done = run_seqtool(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith("error[usage]: ")
    assert text in done.err
    assert "Value error" not in done.err
    assert "Input should" not in done.err
    assert re.search(r"\nhint: seqtool .*--help shows", done.err)
    assert not done.out


def test_a_wrong_command_line_is_told_by_older_releases_of_typer(tmp_path: Path) -> None:
    """Which have no exception of their own: it is taken away here before seqtool looks for it."""
    program = "import typer; vars(typer).pop('TyperException', None)\n" + _PROGRAM.format(body="print(number)")
    done = python("-c", program, "--number", "x", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error[usage]: --number x: it must be a whole number\nhint: seqtool --help shows an example and all options\n"
    )


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", "2>/dev/full >/dev/full"])
def test_results_that_cannot_be_delivered_are_a_failure(redirection: str, tmp_path: Path) -> None:
    done = shell(f"seqtool --help {redirection}", tmp_path)
    assert done.code == 5
    assert "Traceback" not in done.err
    assert "Exception ignored" not in done.err
    if "2>" not in redirection:
        assert done.err.startswith(("error[no-space]: No space left", "error[system]: Bad file descriptor"))


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-"])
def test_other_streams_may_be_missing(redirection: str, tmp_path: Path) -> None:
    done = shell(f"seqtool --version {redirection}", tmp_path)
    assert done.code == 0
    assert done.out.startswith("seqtool ")
    assert shell(f"seqtool nonsense {redirection}", tmp_path).code == 2


def test_a_reader_that_leaves_ends_the_program_quietly(tmp_path: Path) -> None:
    # Enough output to fill the pipe, then one line is read.
    body = "[print('x' * 1000) for _ in range(1000)]"
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.format(body=body))
    done = shell(f'"{sys.executable}" program.py | head -1', tmp_path)
    assert done.code == 141
    assert done.out == "x" * 1000 + "\n"
    assert not done.err


def test_a_reader_that_leaves_before_the_last_flush_is_no_complaint(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.format(body="print('x'); time.sleep(0.5)"))
    done = shell(f'"{sys.executable}" program.py | true', tmp_path)
    assert (done.code, done.err) == (141, "")


def test_output_is_utf8_in_any_locale(tmp_path: Path) -> None:
    program = _PROGRAM.format(body="print('f' + chr(0xFC) + 'r ' + chr(0xDCFF))")
    done = python("-c", program, cwd=tmp_path, LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert (done.code, done.out, done.err) == (0, "für ?\n", "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_signals_end_a_command_without_a_word(number: signal.Signals, code: int, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = _PROGRAM.format(body=f"open({str(ready)!r}, 'w').close(); time.sleep(30)")
    command = [sys.executable, "-c", program]
    process = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment()
    )
    while not ready.exists():
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, b"")  # a shell shows a process ended by SIGTERM as 143
