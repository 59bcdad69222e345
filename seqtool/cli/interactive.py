"""`seqtool translate` and `summarize` for somebody who types: a prompt with history, an answer after each line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.lines_in import Input
from seqtool.cli.lines_out import Lines
from seqtool.cli.terminal import Reporter, inert
from seqtool.cli.trade import Trade
from seqtool.text.records import Record

if TYPE_CHECKING:
    from seqtool.translator import Translator

PROMPT = "> "
_MOST_REMEMBERED = 1000


def is_wanted(files: object, output: object) -> bool:
    """Whether somebody types and reads the answers."""
    return not files and output is None and sys.stdin.isatty() and sys.stdout.isatty()


def converse(translator: Translator, reporter: Reporter, trade: Trade, form: str, prefix: str) -> None:
    """Answers what is typed until the end of input. Ctrl-C drops a line."""
    reporter.info(f"one line, one {trade.outcome}; Ctrl-D ends")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    with _History():
        for block in Lines(translator, _Typed([]), form, prefix).blocks():
            print("\t".join(map(inert, block.decode().split("\t"))), end="", flush=True)


class _Typed(Input):
    """What is typed, without blank lines."""

    def windows(self, max_lines: int, skip: int = 0) -> Iterator[list[Record]]:  # noqa: ARG002 one is typed at a time
        """One line after the other until the end of input."""
        while True:
            try:
                line = input(PROMPT)
            except EOFError:
                print()
                return
            except KeyboardInterrupt:
                print()
                continue
            if line.strip():
                yield [Record(line)]


class _History:
    """Lines typed before, kept from one session to the next; without a place to keep them, only in this one."""

    def __init__(self) -> None:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        self._path = Path(state) / "seqtool" / "history"

    def __enter__(self) -> None:
        import readline

        with suppress(OSError):
            readline.read_history_file(self._path)
        readline.set_history_length(_MOST_REMEMBERED)

    def __exit__(self, *_: object) -> None:
        import readline

        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(self._path)
