"""Where something in a recipe was written, and how a person is shown it: line, column and caret."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

_LINE = re.compile("[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029])?")  # what YAML takes for the end of a line
_SHOWN_WIDTH = 100
_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, eq=False)
class Source:
    """A text that was typed: a recipe file, or an override; `base` is the directory its relative paths are relative to."""

    name: str
    text: str
    base: Path
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        lengths = (len(line) for line in _LINE.findall(self.text))
        object.__setattr__(self, "starts", list(accumulate(lengths, initial=0))[:-1] or [0])

    def line_at(self, index: int) -> int:
        """The number, from 0, of the line that holds a character."""
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= index else (low, middle)
        return low

    def line(self, number: int) -> str:
        """A line without its end."""
        found = _LINE.match(self.text, self.starts[number])
        return found.group().rstrip("\n\r\x85\u2028\u2029") if found else ""


@dataclass(frozen=True)
class Place:
    """Characters `start` to `end` of a source; a place of no length is the source as a whole."""

    source: Source
    start: int = 0
    end: int = 0

    @property
    def text(self) -> str:
        """What stands there."""
        return self.source.text[self.start : self.end]

    def header(self) -> str:
        """`recipes/x.yaml:12:5`, or for an override `on the command line: training.seed=x`."""
        if self.source.name == OVERRIDE:
            return f"{OVERRIDE}: {printable(self.source.text[:_SHOWN_WIDTH])}"
        if self.start == self.end:
            return printable(self.source.name)
        line = self.source.line_at(self.start)
        return f"{printable(self.source.name)}:{line + 1}:{self.start - self.source.starts[line] + 1}"

    def snippet(self) -> str:
        """The line and a caret below the place; empty where there is no line to show."""
        if self.start == self.end:
            return ""
        number = self.source.line_at(self.start)
        line, column = self.source.line(number), self.start - self.source.starts[number]
        length = max(1, min(self.end - self.start, len(line.rstrip()) - column))
        cut = max(0, column - _SHOWN_WIDTH // 2)
        before, marked, after = line[cut:column], line[column : column + length], line[column + length :]
        shown = printable(before + marked + after)[:_SHOWN_WIDTH]
        caret = "^" * max(1, min(_width(printable(marked)), _SHOWN_WIDTH - _width(printable(before))))
        label = "" if self.source.name == OVERRIDE else str(number + 1)
        margin = f"  {label} | " if label else "  "
        gap = f"  {' ' * len(label)} | " if label else "  "
        return f"{margin}{shown}\n{gap}{' ' * _width(printable(before))}{caret}"


OVERRIDE = "on the command line"


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong in a recipe. `key` is the dotted key it is about, as far as known."""

    error_id: str
    place: Place
    message: str
    hint: str = ""
    key: tuple[str, ...] = ()

    def body(self) -> str:
        """Place, message and the line with its caret."""
        snippet = self.place.snippet()
        text = f"{self.place.header()}: {self.message}"
        return f"{text}\n{snippet}" if snippet else text

    def render(self) -> str:
        """All of it, as one of several."""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"error[{self.error_id}]: {self.body()}{hint}"


def render_all(name: str, complaints: list[Complaint]) -> str:
    """Several complaints under one heading; of very many, the first."""
    shown = [complaint.render() for complaint in complaints[:_SHOWN_PROBLEMS]]
    if len(complaints) > _SHOWN_PROBLEMS:
        shown.append(f"and {len(complaints) - _SHOWN_PROBLEMS} more")
    return "\n\n".join([f"{len(complaints)} problems in {printable(name)}", *shown])


def printable(text: str) -> str:
    """Text that is safe to show on a terminal, in one line and as many characters."""
    return "".join(char if char.isprintable() else " " if char == "\t" else "\ufffd" for char in text)


def brief(text: str, limit: int = 40) -> str:
    """The beginning of a text, in backticks."""
    text = printable(text)
    return f"`{text}`" if len(text) <= limit else f"`{text[: limit - 3]}...`"


def _width(text: str) -> int:
    """Columns a terminal gives to a text."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)
