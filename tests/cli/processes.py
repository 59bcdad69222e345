"""Real processes: exit codes, streams and signals are what a test of the command line is about."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """What a process left."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would change seqtool's behaviour."""
    kept = {name: value for name, value in os.environ.items() if name not in ("SEQTOOL_MODEL", "NO_COLOR")}
    return {**kept, "PYTHONPATH": str(PACKAGE_ROOT), **more}


def seqtool(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **more: str) -> Done:
    """Runs `seqtool ARGUMENTS`."""
    return python("-m", "seqtool", *arguments, cwd=cwd, stdin=stdin, **more)


def python(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **more: str) -> Done:
    """Runs this Python."""
    return _run([sys.executable, *map(str, arguments)], cwd, stdin, more)


def shell(line: str, cwd: Path, **more: str) -> Done:
    """Runs a line of bash in which `seqtool` is a command; its exit code is that of the first failing part of a pipe."""
    function = f'seqtool() {{ "{sys.executable}" -m seqtool "$@"; }}; set -o pipefail; '
    return _run(["bash", "-c", function + line], cwd, b"", more)


def _run(command: Sequence[str], cwd: Path, stdin: bytes, more: dict[str, str]) -> Done:
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=120, env=environment(**more))
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
