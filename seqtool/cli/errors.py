"""Exit codes: the only place where an exception becomes a message and a number.

Standard streams are looked after here too: output is UTF-8 whatever the locale, and a reader that went away ends the program quietly.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from seqtool.cli.bad_value import bad_value
from seqtool.cli.terminal import Reporter
from seqtool.errors import SeqtoolError, refusal_of_machine

if TYPE_CHECKING:
    from typer import TyperException
else:  # older releases of typer have none and raise click's, of which this is the most general one that tells a person something
    TyperException = getattr(typer, "TyperException", typer.BadParameter.__mro__[2])

USAGE, INTERRUPTED, CLOSED_PIPE = 2, 130, 141


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Runs a command and returns the exit code. Nothing but `SystemExit` comes out of here."""
    _prepare_streams()
    try:
        code = _invoke(app, arguments)
        sys.stdout.flush()
    except BaseException as error:  # the one catch-all: whatever happened becomes an exit code and a message
        code = _exit_code(error)
    # The interpreter flushes once more at its end; a stream that refuses now would have it complain then.
    _deliver_or_drop(sys.stdout)
    _deliver_or_drop(sys.stderr)
    return code


def _invoke(app: typer.Typer, arguments: Sequence[str]) -> int:
    """What `app()` does, without its own ideas about exit codes."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("seqtool", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return 0


def _exit_code(error: BaseException) -> int:
    """Tells what happened."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, BrokenPipeError):
        return CLOSED_PIPE
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, TyperException):
        return _usage(error)
    told = error if isinstance(error, SeqtoolError) else refusal_of_machine(error)
    if told is None:
        from seqtool.cli.bug import write_report

        _tell("bug", write_report(error), "please report it, with that file")
        return 1
    _tell(told.error_id, told.message, told.hint)
    return told.exit_code


def _tell(error_id: str, message: str, hint: str) -> None:
    with suppress(OSError):  # nobody listens on standard error, but the exit code still says it
        Reporter().error(error_id, message, hint)


def _usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "seqtool"
    _tell("usage", bad_value(error) or error.format_message(), f"{command} --help shows an example and all options")
    return USAGE


def _prepare_streams() -> None:
    """UTF-8 whatever the locale; a closed stream refuses instead of being None, and no file of ours gets its number."""
    for name, flags, mode in (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w")):
        if getattr(sys, name) is None:
            # Writing to something opened for reading fails, which is what a result that cannot be delivered should do.
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors=errors)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # other packages' advice to programmers is none to those who run seqtool


def _deliver_or_drop(stream: TextIO) -> None:
    """Writes what is buffered, nowhere if it has to be."""
    with suppress(OSError, ValueError):
        stream.flush()
        return
    with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
