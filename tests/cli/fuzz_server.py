"""Runs many commands in one process that forks, so that a case costs its own work and nothing else: `python -m tests.cli.fuzz_server`.

A line of JSON comes in for each command, and one goes out: its exit code, or the signal that ended it, and the seconds it took of the
processor. Commands run one after another in a child, through the function that the console script calls. A child that a signal ends is
replaced by a fresh one, and so is one that has run a hundred commands. It has a few gigabytes of memory more than it begins with, so that
who asks for more is refused as on a small machine.
"""

from __future__ import annotations

import functools
import gc
import io
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

COMMANDS_A_CHILD = 100
MEMORY = 3 << 30


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _take_streams(scratch: Path) -> None:
    """Standard streams of a command: files, for Python and for libraries that write to descriptors."""
    modes = (("in", os.O_RDONLY), ("out", os.O_WRONLY), ("err", os.O_WRONLY))
    for number, (name, mode) in enumerate(modes):
        descriptor = os.open(scratch / name, mode | os.O_CREAT | (os.O_TRUNC if number else 0))
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), "utf-8")
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", write_through=True)


def _run_commands(asked: BinaryIO, told: BinaryIO) -> None:
    import typer

    from seqtool.cli.app import app
    from seqtool.cli.errors import run

    typer.main.get_command = functools.cache(typer.main.get_command)  # what it makes is the same every time
    _bound_memory()
    while line := asked.readline():
        job = json.loads(line)
        _take_streams(Path(job["scratch"]))
        os.chdir(job["cwd"])
        # Their signals end the process, whatever it is doing: of work, which a busy machine makes no longer, and of waiting.
        signal.setitimer(signal.ITIMER_PROF, job["seconds"])
        signal.setitimer(signal.ITIMER_REAL, 12 * job["seconds"])
        start = time.process_time()
        try:
            code = run(app, job["arguments"])
        except SystemExit as done:
            code = int(done.code or 0)
        seconds = time.process_time() - start
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        gc.unfreeze()  # which a model that was loaded has done, for good as it thinks
        told.write(json.dumps({"code": code, "seconds": seconds}).encode() + b"\n")
        told.flush()


class _Child:
    """A forked process that runs commands."""

    def __init__(self) -> None:
        from_parent, to_child = os.pipe()
        from_child, to_parent = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(to_child)
            os.close(from_child)
            with os.fdopen(from_parent, "rb") as asked, os.fdopen(to_parent, "wb") as told:
                _run_commands(asked, told)
            os._exit(0)
        os.close(from_parent)
        os.close(to_parent)
        self._asked, self._told = os.fdopen(to_child, "wb"), os.fdopen(from_child, "rb")
        self.commands = 0

    def run(self, line: bytes) -> dict[str, Any]:
        """What came of a command; `code` is negative for a signal."""
        self._asked.write(line)
        self._asked.flush()
        self.commands += 1
        answer = self._told.readline()
        if answer:
            return dict(json.loads(answer))
        self.commands = COMMANDS_A_CHILD
        return {"code": os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1]), "seconds": 0.0, "died": True}

    def close(self, died: bool) -> None:
        """Ends it."""
        self._asked.close()
        self._told.close()
        if not died:
            os.waitpid(self._pid, 0)


def main() -> None:
    """Until there are no more commands."""
    import torch

    import seqtool.evaluation
    import seqtool.runtime.onnx_session
    import seqtool.runtime.torch_stepper
    import seqtool.text.prepared
    import seqtool.training.run
    import seqtool.translator  # noqa: F401 what commands import, once for all

    torch.set_num_threads(1)
    commands, answers = os.dup(0), os.dup(1)
    child, died = _Child(), False
    with os.fdopen(commands, "rb") as asked, os.fdopen(answers, "wb") as told:
        while line := asked.readline():
            if child.commands >= COMMANDS_A_CHILD:
                child.close(died)
                child = _Child()
            answer = child.run(line)
            died = bool(answer.get("died"))
            told.write(json.dumps(answer).encode() + b"\n")
            told.flush()
    child.close(died)


if __name__ == "__main__":
    main()
