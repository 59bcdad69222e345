"""Whoever watches a run may go away: a pipe is closed, a terminal is gone. The run then ends as after a signal, when all is saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seqtool.text.corpus import Ledger
from seqtool.training.events import Live, Observer, Validation


class Unheard(Exception):
    """What was to be told could not be: `error` says why."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class Watched:
    """An observer that raises `Unheard` in place of an `OSError`, which could as well be of a file that the run itself writes."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def message(self, text: str) -> None:
        """See `Observer`."""
        with _telling():
            self._observer.message(text)

    def warning(self, text: str) -> None:
        """See `Observer`."""
        with _telling():
            self._observer.warning(text)

    def stage(self, name: str, pairs: int) -> None:
        """See `Observer`."""
        with _telling():
            self._observer.stage(name, pairs)

    def prepared(self, ledger: Ledger, valid_pairs: int) -> None:
        """See `Observer`."""
        with _telling():
            self._observer.prepared(ledger, valid_pairs)

    def live(self, live: Live) -> None:
        """See `Observer`."""
        with _telling():
            self._observer.live(live)

    def validated(self, validation: Validation) -> None:
        """See `Observer`."""
        with _telling():
            self._observer.validated(validation)


@contextmanager
def why_unheard() -> Iterator[None]:
    """Raises the `OSError` that an `Unheard` is about."""
    try:
        yield
    except Unheard as silence:
        raise silence.error from None


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unheard(error) from None
