"""Real processes: exit codes, streams and signals are what a test of the command line is about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE_ROOT = Path(__file__).parents[2]

_WARM = """
import json, os, signal, sys
import seqtool.translator, seqtool.training.run, seqtool.evaluation, seqtool.analysis.page, torch._dynamo
from seqtool.cli.app import app
from seqtool.cli.errors import run

while line := sys.stdin.readline():
    asked = json.loads(line)
    child = os.fork()
    if not child:
        signal.alarm(120)
        os.chdir(asked["cwd"])
        os.environ.update(asked["more"])
        for number, (name, flags) in enumerate([("in", os.O_RDONLY), ("out", os.O_WRONLY), ("err", os.O_WRONLY)]):
            os.dup2(os.open(f"{asked['scratch']}/{name}", flags | os.O_CREAT), number)
        try:
            exec(asked["before"])
            code = run(app, asked["arguments"])
        except SystemExit as done:
            code = done.code or 0
        os._exit(code)  # the interpreter would first take apart all of torch, page by page of what it shares with its parent
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


# Takes the terminal at its standard input as its own, so that Ctrl-C comes as a signal.
OWN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "seqtool", *sys.argv[1:]])
"""


@dataclass(frozen=True)
class Done:
    """What a process left."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would change seqtool's behaviour, and one thread: models here are too small for two."""
    kept = {name: value for name, value in os.environ.items() if name not in ("SEQTOOL_MODEL", "NO_COLOR")}
    return {**kept, "PYTHONPATH": str(PACKAGE_ROOT), "OMP_NUM_THREADS": "1", **more}


def seqtool(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **more: str) -> Done:
    """Runs `seqtool ARGUMENTS`."""
    return python("-m", "seqtool", *arguments, cwd=cwd, stdin=stdin, **more)


class Warm:
    """A process that has imported torch, which takes longer than what most commands do here: each command is a child of it."""

    def __init__(self) -> None:
        line = [sys.executable, "-c", _WARM]
        self._process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())

    def seqtool(self, *arguments: str | Path, cwd: Path, stdin: bytes = b"", before: str = "", **more: str) -> Done:
        """Runs `seqtool ARGUMENTS`; `before` is a program that the process runs first, to make something go wrong later."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as scratch:
            Path(scratch, "in").write_bytes(stdin)
            asked = {
                "arguments": list(map(str, arguments)),
                "cwd": str(cwd),
                "scratch": scratch,
                "more": more,
                "before": before,
            }
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            out, err = (Path(scratch, name).read_bytes().decode() for name in ("out", "err"))
        return Done(code, out, err)

    def close(self) -> None:
        """Ends it."""
        self._process.communicate(timeout=60)


@contextmanager
def running(*arguments: str | Path, cwd: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`seqtool ARGUMENTS` at work, its streams pipes; killed at the end if it still runs."""
    line = [sys.executable, "-m", "seqtool", *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe, env=environment(**more)) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Waits for something that a process does. The process must not end before."""
    deadline = time.monotonic() + 120
    while not happened():
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def python(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **more: str) -> Done:
    """Runs this Python."""
    return _run([sys.executable, *map(str, arguments)], cwd, stdin, more)


def shell(line: str, cwd: Path, **more: str) -> Done:
    """Runs a line of bash in which `seqtool` is a command; its exit code is that of the first failing part of a pipe."""
    function = f'seqtool() {{ "{sys.executable}" -m seqtool "$@"; }}; set -o pipefail; '
    return _run(["bash", "-c", function + line], cwd, b"", more)


def _run(line: Sequence[str], cwd: Path, stdin: bytes, more: dict[str, str]) -> Done:
    done = subprocess.run(line, cwd=cwd, input=stdin, capture_output=True, timeout=120, env=environment(**more))
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
