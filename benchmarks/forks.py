"""Trainings that end at any moment: children of a process that has imported torch, which takes longer than all that they do.

    with Forks() as forks:
        forks.run("train", "recipe.yaml", cwd=folder)                # to its end
        forks.killed("train", "recipe.yaml", cwd=folder, after=0.2)  # SIGKILL after so many seconds
        for point in forks.points("train", "recipe.yaml", cwd=folder): ...

At each point a process has been killed, just before it changed a file or in the middle of writing one (see `benchmarks.doubles`), and what
is on the disk is what that left. A copy of the process, made the moment before, waits until the loop asks for the next point, and goes on:
so every process but the last one ends, and the work before a point is not done again for each.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Done:
    """How a process ended (negative: by a signal), what it wrote to standard output and error, and its processor time in seconds."""

    code: int
    said: str
    seconds: float


@dataclass(frozen=True)
class Moment:
    """A process was killed before (or in the middle of) an operation, which is `what`; `number` counts such moments. A power cut would
    have taken `lost` as well."""

    number: int
    what: str
    lost: dict[str, Any] = field(repr=False)


class Forks:
    """The process that has imported torch."""

    def __enter__(self) -> Forks:
        more = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "benchmarks.forks"]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env={**os.environ, **more}, cwd=ROOT)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None and self._process.stdout is not None:
            self._process.stdin.close()
            self._process.wait(timeout=60)
            self._process.stdout.close()

    def run(self, *arguments: str, cwd: Path, signal_at: tuple[int, int] | None = None) -> Done:
        """`seqtool ARGUMENTS` to its end; `signal_at` (n, number) sends it a signal before its n-th operation on files."""
        log = self._ask(arguments, cwd, signal_at=signal_at)
        self._answer()
        return self._done(log)

    def killed(self, *arguments: str, cwd: Path, after: float) -> Done:
        """`seqtool ARGUMENTS`, killed after so many seconds of processor time, which a busy machine does not change, unless it has ended
        before."""
        log = self._ask(arguments, cwd, wait=True)
        pid = self._answer()["pid"]
        ended = os.pidfd_open(pid)
        with suppress(OSError):  # the clock of a process that has ended
            while time.clock_gettime(_clock_of(pid)) < after and not select.select([ended], [], [], 0.0005)[0]:
                pass
        os.close(ended)
        os.kill(pid, signal.SIGKILL)  # it is not waited for yet, so the number is still its own
        self._send("")
        return self._done(log)

    def points(self, *arguments: str, cwd: Path, steps: bool = False) -> Iterator[Moment]:
        """`seqtool ARGUMENTS` killed at every point. `steps`: names are exchanged in steps, as on systems that cannot do it in one.
        Raises `AssertionError` when the last process does not end well."""
        log = self._ask(arguments, cwd, points=True, steps=steps)
        self._answer()
        while "code" not in (told := self._answer()):
            yield Moment(told["number"], told["what"], told["lost"])
            self._send("")
        assert told["code"] == 0, log.read_text("utf-8")

    def _done(self, log: Path) -> Done:
        told = self._answer()
        said = log.read_text("utf-8") if log.exists() else ""  # it may have been killed before it made the file
        return Done(told["code"], said, told["seconds"])

    def _ask(self, arguments: tuple[str, ...], cwd: Path, **how: Any) -> Path:
        log = cwd / "said.txt"
        log.unlink(missing_ok=True)
        self._send(json.dumps({"arguments": arguments, "cwd": str(cwd), "log": str(log), **how}))
        return log

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


class _Dying:
    """The child's side of `points`. A newline on `control` is the word to go on; answers go to `told`."""

    def __init__(self, control: int, told: int, *, steps: bool) -> None:
        from benchmarks.doubles import Double

        self._control, self._told, self._number = control, told, 0
        self._double = Double(self.point, steps=steps)
        self._double.install()

    def point(self, what: str) -> None:
        """A copy goes on, this process ends."""
        self._number += 1
        parent = os.getpid()
        if os.fork():
            os.kill(parent, signal.SIGKILL)
        while os.getppid() == parent:
            time.sleep(0.0002)
        line = json.dumps({"number": self._number, "what": what, "lost": self._double.lost()})
        os.writev(self._told, [line.encode() + b"\n"])  # not doubled
        os.read(self._control, 1)


class _Signalled:
    """The child's side of `signal_at`."""

    def __init__(self, number: int, signal_number: int) -> None:
        from benchmarks.doubles import Double

        self._left, self._signal = number, signal_number
        Double(self.point).install()

    def point(self, _what: str) -> None:
        """Sends the signal when it is time."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._signal)


def _child(asked: dict[str, Any]) -> int:
    """A command, in a child that has the server's streams at first."""
    from seqtool.cli.app import app
    from seqtool.cli.errors import run

    control, told = os.dup(0), os.dup(1)
    os.chdir(asked["cwd"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for number, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(source, number)
    if asked.get("points"):
        _Dying(control, told, steps=asked["steps"])
    elif asked.get("signal_at"):
        _Signalled(*asked["signal_at"])
    return run(app, asked["arguments"])


def _serve() -> None:
    """Reads what to run, line by line; a child for each."""
    import torch
    import torch._dynamo  # the first optimizer of a process imports it, which takes longer than the training

    from seqtool.metrics import score_corpus

    score_corpus(["a"], [["a"]], ["bleu"])  # sacrebleu, so that children need not import it
    torch.set_num_threads(1)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    while line := sys.stdin.readline():
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            code = 1
            try:
                code = _child(asked)
            finally:
                os._exit(code)  # without the server's own ending, and without threads that were not copied
        print(json.dumps({"pid": pid}), flush=True)
        if asked.get("wait"):
            sys.stdin.readline()
        print(json.dumps(_ending()), flush=True)


def _ending() -> dict[str, float]:
    """Waits for all children, and theirs which they have left behind; how the last one ended."""
    told: dict[str, float] = {}
    while True:
        try:
            _, status, used = os.wait3(0)
        except ChildProcessError:
            return told
        told = {"code": os.waitstatus_to_exitcode(status), "seconds": used.ru_utime + used.ru_stime}


def _clock_of(pid: int) -> int:
    """The processor time of another process, as a clock (the C library's clock_getcpuclockid)."""
    return (~pid << 3) | 2


if __name__ == "__main__":
    _serve()
