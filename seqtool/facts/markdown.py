"""Text of strangers in Markdown: it is shown as it is, and means nothing."""

from __future__ import annotations

import re
from itertools import chain

from seqtool.text.lines import clean_output


def code(text: str) -> str:
    """A text as a code span, in which neither Markdown nor HTML means anything; on one line, without control characters."""
    text = clean_output(text)
    if not text:
        return "(empty)"
    fence = "`" * (_longest(text) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def block(text: str, language: str) -> str:
    """Lines of text as a code block."""
    fence = "`" * max(3, _longest(text) + 1)
    lines = (clean_line(line) for line in text.rstrip("\n").split("\n"))
    return "\n".join([f"{fence}{language}", *lines, fence])


def clean_line(line: str) -> str:
    """A line without what moves a cursor or reorders text; the space it begins with stays."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + clean_output(line)


def _longest(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(chain([0], map(len, re.findall("`+", text))))
