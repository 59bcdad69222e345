"""The error that ends a run, in its log: whoever looks later has no terminal to read it from."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from seqtool.errors import SIGNALLED, SeqtoolError, Terminated, refusal_of_machine
from seqtool.training.journal import Journal


@contextmanager
def noting_its_end(journal: Journal) -> Iterator[Journal]:
    """Notes the error that leaves the block, as it is told on the terminal, where there is still a place for it: a full disk may have
    none."""
    try:
        yield journal
    except BaseException as error:
        with suppress(SeqtoolError, OSError):
            journal.message(words(error))
        raise


def words(error: BaseException) -> str:
    """An error's id, message and remedy, the latter on a line of its own."""
    if isinstance(error, BrokenPipeError):
        return "stopped by SIGPIPE: nobody reads any more what the run says"
    if isinstance(error, KeyboardInterrupt):
        return "stopped by a second SIGINT; what was not saved is done again"
    told = error if isinstance(error, SeqtoolError) else refusal_of_machine(error)
    if told is None:
        return f"error[bug]: {type(error).__name__}: {error}"
    by = f"stopped by {signal.Signals(told.exit_code - SIGNALLED).name}\n" if isinstance(told, Terminated) else ""
    return f"{by}{told}"
