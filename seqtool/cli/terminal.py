"""What people read while a command works: standard error."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# Whatever may move a cursor, colour a screen, reorder a line, or cannot be encoded. Newlines are allowed: messages have several lines.
_NOT_INERT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CLEAR_LINE = "\r\x1b[2K"


def inert(text: str) -> str:
    """Text that does nothing to a terminal but appear: a tab becomes a space, other controls U+FFFD."""
    return _NOT_INERT.sub(lambda found: " " if found[0] == "\t" else "\ufffd", text)


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


class Reporter:
    """Writes to standard error. Text is never markup, and controls in it are made harmless.

    `quiet` leaves warnings and errors; `verbose` adds details. Colour and the line that is redrawn are for terminals only; NO_COLOR takes
    the colour away.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._quiet = quiet
        self._verbose = verbose
        self._stream = sys.stderr
        self._terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._console: Console | None = None
        self._drawn = False

    @property
    def live(self) -> bool:
        """Whether anybody sees `line`."""
        return self._terminal and not self._quiet

    def info(self, text: str) -> None:
        """Something worth a line."""
        if not self._quiet:
            self._write("", "", _one_line(text))

    def lines(self, text: str) -> None:
        """Something worth several lines, whose parts are known to be one line each."""
        if not self._quiet:
            self._write("", "", text)

    def detail(self, text: str) -> None:
        """Something for those who asked for more."""
        if self._verbose:
            self.info(text)

    def warning(self, text: str) -> None:
        """Something to act on; `quiet` does not silence it."""
        self._write("warning: ", "yellow", _one_line(text))

    def error(self, error_id: str, text: str, hint: str = "") -> None:
        """Why the command ends, and what to do. Only the text of a recipe's error has lines: elsewhere a line end came with the
        name of a file or the like, and would let that look like a message of its own."""
        if not error_id.startswith("recipe."):
            text, hint = _one_line(text), _one_line(hint)
        self._drawn = self._terminal  # another reporter may have left its line
        self._write(f"error[{error_id}]: ", "bold red", text)
        if hint:
            self._write("hint: ", "cyan", hint)

    def line(self, text: str) -> None:
        """A line that the next one replaces, on a terminal; nothing elsewhere. Empty text takes it away."""
        if not self.live or not (text or self._drawn):
            return
        from rich.cells import set_cell_size

        console = self._rich()
        # One column stays free: a full line would wrap on some terminals, and could not be cleared.
        shown = set_cell_size(inert(text).replace("\n", " "), console.width - 1).rstrip()
        self._stream.write(_CLEAR_LINE + shown)
        self._stream.flush()
        self._drawn = bool(text)

    def _write(self, label: str, style: str, text: str) -> None:
        if self._drawn:
            self._stream.write(_CLEAR_LINE)
            self._drawn = False
        if self._terminal and style:
            self._rich().print(label, style=style, end="")
        else:
            self._stream.write(label)
        self._stream.write(inert(text) + "\n")
        self._stream.flush()

    def _rich(self) -> Console:
        """Imported for terminals only: it takes longer than all else that a small command does."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(file=self._stream, markup=False, emoji=False, highlight=False)
        return self._console
