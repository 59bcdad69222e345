"""Processes that are told of the signals their parent gets."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from types import FrameType, TracebackType

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Children:
    """Inside `with`, one process at a time: SIGINT, SIGTERM and SIGHUP go to it, and when it has ended this program ends, with 128 and the
    signal's number. Each process has a session of its own, so that Ctrl-C at a terminal reaches it once: `seqtool train` takes the second
    for impatience."""

    def __init__(self) -> None:
        self._number = 0
        self._starting = False
        self._process: subprocess.Popen[str] | None = None
        self._before: dict[int, signal.Handlers | int | None] = {}

    def __enter__(self) -> Children:
        self._before = {number: signal.signal(number, self._note) for number in _PASSED_ON}  # type: ignore[misc]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, command: Sequence[str], *, captured: bool = False) -> tuple[int, str]:
        """Exit code and, if `captured`, standard output of a command. Raises `SystemExit` when a signal came meanwhile."""
        self._starting = True
        stdout = subprocess.PIPE if captured else None
        with subprocess.Popen(command, text=True, stdout=stdout, start_new_session=True) as process:
            self._process, self._starting = process, False
            if self._number:
                process.send_signal(self._number)
            output, _ = process.communicate()
            self._process = None
        if self._number:
            raise SystemExit(128 + self._number)
        return process.returncode, output or ""

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._number = number
        if self._process is not None:
            self._process.send_signal(number)
        elif not self._starting:
            raise SystemExit(128 + number)
