"""Every error a person can meet: each has a stable id, an exit code and a hint.

Raise the kind that says whose turn it is to act: `RecipeError` and `UsageError` (what was typed), `DataError` (the input), `ModelError`
(a model or checkpoint), `ResourceError` (the machine). Anything that is not a `SeqtoolError` is a bug in seqtool and ends with exit code 1.
"""

from __future__ import annotations

import errno
import os

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Not seqtool's fault, wherever they come from.
_MACHINE = (
    errno.EIO,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EBADF,
    errno.ENAMETOOLONG,
    errno.ELOOP,
)
SIGNALLED = 128  # what a shell adds to the number of the signal that ended a process


class SeqtoolError(Exception):
    """An error with a remedy.

    `error_id` is stable and may be relied on by scripts (`data.line-count`); `message` says what and where; `hint` says what to do.
    """

    exit_code = 1

    def __init__(self, error_id: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.error_id = error_id
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        text = f"error[{self.error_id}]: {self.message}"
        return f"{text}\nhint: {self.hint}" if self.hint else text


class UsageError(SeqtoolError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class RecipeError(SeqtoolError):
    """The recipe is wrong; the message shows each line with a caret."""

    exit_code = 2


class DataError(SeqtoolError):
    """The input text or corpus is wrong."""

    exit_code = 3


class ModelError(SeqtoolError):
    """A model directory or checkpoint cannot be used."""

    exit_code = 4


class ResourceError(SeqtoolError):
    """The machine refuses: disk, memory, permission, lock, a missing extra."""

    exit_code = 5


class DivergedError(SeqtoolError):
    """Training produced numbers that are no numbers."""

    exit_code = 6


class ThresholdError(SeqtoolError):
    """A threshold the user set was not met."""

    exit_code = 7


class Terminated(SeqtoolError):
    """A signal asked the process to end; training has saved first. The exit code is 128 + the signal's number."""

    def __init__(self, error_id: str, message: str, hint: str = "", *, signal_number: int) -> None:
        super().__init__(error_id, message, hint)
        self.exit_code = SIGNALLED + signal_number


def refusal_of_machine(error: BaseException) -> SeqtoolError | None:
    """What the machine refused, in words; None when it is not the machine."""
    if _is_lack_of_memory(error):
        hint = "make batches smaller (training.batch_tokens, --batch-size), or use a machine with more"
        return ResourceError("memory", "out of memory", hint)
    if not isinstance(error, OSError):
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    if error.errno in _NO_SPACE:
        return ResourceError("no-space", f"{where}{error.strerror}", "free some space, or write to another disk")
    if error.errno in _MACHINE:
        return ResourceError("system", f"{where}{error.strerror}", "look after that, and try again")
    return None


def _is_lack_of_memory(error: BaseException) -> bool:
    """Torch has an exception of its own for a GPU's memory, and none for the processor's; it is not imported here."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
