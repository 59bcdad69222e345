"""Signals that ask training to end: noted, so that it ends after saving, and not in the middle of a write."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from seqtool.errors import Terminated

_WATCHED = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Interrupted(BaseException):  # not an Exception: torch's exporter catches those, and goes on
    """A signal came where work may be dropped at once, because it is done again later."""


class Signals:
    """Inside `watching()`, SIGINT, SIGTERM and SIGHUP are only noted in `number`; inside `droppable()` the first of them also raises
    `Interrupted`. The same signal a second time does what it does by default."""

    def __init__(self) -> None:
        self.number = 0
        self._droppable = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Handles the signals until the block ends, but for those that are ignored, as SIGHUP is under nohup; in a thread other than the
        main one, where Python allows none of this, does nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        heard = [number for number in _WATCHED if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._note) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def droppable(self) -> Iterator[None]:
        """Work that may be interrupted anywhere and writes nothing. Raises `Interrupted`."""
        self._droppable = True
        try:
            if self.number:
                raise Interrupted
            yield
        finally:
            self._droppable = False

    @contextmanager
    def ending(self, message: str) -> Iterator[None]:
        """Droppable work. Raises the error that ends the process, with this message, where a signal comes in it."""
        try:
            with self.droppable():
                yield
        except Interrupted:
            raise self.end(message) from None

    def end(self, message: str, hint: str = "the same command goes on from here") -> Terminated:
        """The error that ends the process, with the exit code of the signal."""
        error_id = "interrupted" if self.number == signal.SIGINT else "terminated"
        return Terminated(error_id, message, hint, signal_number=self.number)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        if self._droppable:
            self._droppable = (
                False  # once: what the block does to leave things as they were is not interrupted by another signal
            )
            raise Interrupted
