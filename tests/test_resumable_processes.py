"""Real processes that write a resumable output: killed, told to end, out of disk, and two at once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqtool.errors import ResourceError
from seqtool.resumable import resumable_output
from tests.test_fs import FULL_DISK, names

LINES = [b"line %d %s\n" % (number, b"x" * (number % 97)) for number in range(3000)]

# Writes the lines that are not there yet, slowly enough to be disturbed.
WRITER = """
import os, signal, sys, time
from pathlib import Path
from seqtool.errors import ResourceError, Terminated
from seqtool.resumable import resumable_output
lines = [b"line %d %s\\n" % (number, b"x" * (number % 97)) for number in range(3000)]
def end(number, _frame):
    raise Terminated("terminated", "told to end", signal_number=number)
if sys.argv[2] == "handler":
    signal.signal(signal.SIGTERM, end)
try:
    with resumable_output(Path(sys.argv[1]), resume=True) as out:
        print(out.lines_done, flush=True)
        for line in lines[out.lines_done:]:
            out.write(line)
            time.sleep(0.0002)
except Terminated as error:
    sys.exit(error.exit_code)
"""


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def test_two_processes_do_not_write_one_output(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with python(WRITER, path, "plain") as process:
        assert process.stdout is not None
        process.stdout.readline()
        for resume in (True, False):
            with pytest.raises(ResourceError) as caught, resumable_output(path, resume=resume):
                pass
            assert caught.value.error_id == "fs.locked"
            assert caught.value.message == f"{path}.partial is held by another process, which is at work here"
            assert caught.value.hint == "wait for it to end, or stop it"
        assert process.wait(60) == 0
    assert path.read_bytes() == b"".join(LINES), "the attempts did it no harm"


def test_a_full_disk_is_an_error_and_leaves_whole_lines(tmp_path: Path) -> None:
    code = f"""{FULL_DISK}
import sys
from pathlib import Path
from seqtool.errors import ResourceError
from seqtool.resumable import resumable_output
try:
    with resumable_output(Path(sys.argv[1]), resume=True) as out:
        for _ in range(3):
            out.write(b"x" * 39_999 + b"\\n")
except ResourceError as error:
    print(error)
"""
    path = tmp_path / "out"
    with python(code, path) as process:
        said = process.communicate(timeout=60)[0]
    assert said.startswith(f"error[fs.no-space]: cannot write {path}: ")
    assert "hint: make room there" in said
    with resumable_output(path, resume=True) as out:
        assert out.lines_done == 2
    assert path.stat().st_size == 2 * 40_000


@pytest.mark.parametrize(
    ("number", "how", "code"),
    [
        (signal.SIGKILL, "plain", -signal.SIGKILL),
        (signal.SIGTERM, "plain", -signal.SIGTERM),
        (signal.SIGTERM, "handler", 143),
        (signal.SIGINT, "plain", -signal.SIGINT),
    ],
)
def test_a_process_that_is_ended_is_gone_on_with(tmp_path: Path, number: signal.Signals, how: str, code: int) -> None:
    path, partial = tmp_path / "out", tmp_path / "out.partial"
    moments = random.Random(5)
    done = 0
    for _ in range(3):
        with python(WRITER, path, how) as process:
            assert process.stdout is not None
            assert int(process.stdout.readline()) == done
            time.sleep(moments.uniform(0.02, 0.1))
            process.send_signal(number)
            assert process.wait(60) == code, "it had not finished"
        data = partial.read_bytes()
        assert b"".join(LINES).startswith(data)
        assert data.endswith(b"\n") or number == signal.SIGKILL
        assert not path.exists()
        done = data.count(b"\n")
        if number == signal.SIGKILL:
            partial.write_bytes(data + LINES[done][:3])  # as if the system had written a part of the next line
    assert done > 0
    with python(WRITER, path, how) as process:
        assert process.communicate(timeout=60)[0] == f"{done}\n"
    assert path.read_bytes() == b"".join(LINES)
    assert names(tmp_path) == ["out"]
