"""`seqtool translate` for somebody who types: a prompt with history, an answer after each line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.terminal import Reporter, inert

if TYPE_CHECKING:
    from seqtool.translator import Translator

PROMPT = "> "
_MOST_REMEMBERED = 1000


def is_wanted(files: object, output: object) -> bool:
    """Whether somebody types and reads the answers."""
    return not files and output is None and sys.stdin.isatty() and sys.stdout.isatty()


def converse(translator: Translator, reporter: Reporter) -> None:
    """Translates what is typed until the end of input. Ctrl-C drops a line."""
    reporter.info("one line, one translation; Ctrl-D ends")
    for line in _typed():
        for found in translator.translate_window([line]):
            for one in found.outputs:
                print(inert(one.text) if len(found.outputs) == 1 else f"{one.score:.4f}  {inert(one.text)}", flush=True)


def _typed() -> Iterator[str]:
    with _History():
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
                yield line


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
