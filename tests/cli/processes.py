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
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE_ROOT = Path(__file__).parents[2]

# Importing torch takes longer than what most commands here do: one process imports it, and each command is a child of its own.
_EACH = """
import json, os, sys
import seqtool.translator, seqtool.training.run, seqtool.evaluation
from seqtool.cli.app import app
from seqtool.cli.errors import run

for number, (arguments, more) in enumerate(json.load(sys.stdin)):
    child = os.fork()
    if not child:
        os.environ.update(more)
        for stream, flags in enumerate((os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)):
            os.dup2(os.open(f"{sys.argv[1]}/{number}.{stream}", flags), stream)
        sys.exit(run(app, arguments))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Done:
    """What a process left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """A command line with what it reads and what is in its environment."""

    arguments: tuple[str | Path, ...]
    stdin: bytes = b""
    more: dict[str, str] = field(default_factory=dict)


def command(*arguments: str | Path, stdin: bytes = b"", **more: str) -> Command:
    """A `Command` for `each`."""
    return Command(arguments, stdin, more)


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would change seqtool's behaviour, and one thread: models here are too small for two."""
    kept = {name: value for name, value in os.environ.items() if name not in ("SEQTOOL_MODEL", "NO_COLOR")}
    return {**kept, "PYTHONPATH": str(PACKAGE_ROOT), "OMP_NUM_THREADS": "1", **more}


def seqtool(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **more: str) -> Done:
    """Runs `seqtool ARGUMENTS`."""
    return python("-m", "seqtool", *arguments, cwd=cwd, stdin=stdin, **more)


def each(commands: Sequence[Command], cwd: Path) -> list[Done]:
    """Runs commands one after the other, each as a process of its own."""
    asked = [([str(one) for one in each.arguments], each.more) for each in commands]
    with tempfile.TemporaryDirectory() as scratch:
        for number, one in enumerate(commands):
            Path(scratch, f"{number}.0").write_bytes(one.stdin)
        done = python("-c", _EACH, scratch, cwd=cwd, stdin=json.dumps(asked).encode())
        codes = [int(code) for code in done.out.split()]
        assert len(codes) == len(commands), done.err
        texts = [
            [Path(scratch, f"{number}.{stream}").read_bytes().decode() for stream in (1, 2)]
            for number in range(len(codes))
        ]
    return [Done(code, *text) for code, text in zip(codes, texts, strict=True)]


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
