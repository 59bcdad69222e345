"""A value that an option does not take, in seqtool's words: typer's come from its insides, and differ from release to release."""

from __future__ import annotations

import ast
import re
from typing import Any

import typer

# What the insides of typer call a mistake (pydantic's names, with what belongs to them), and what is to be there instead.
_NEEDED = {
    "greater_than_equal": "{ge:,} or more",
    "greater_than": "more than {gt:,}",
    "less_than_equal": "{le:,} or less",
    "less_than": "less than {lt:,}",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "int_from_float": "a whole number",
}
# The same where typer stands on click: the message is all there is.
_MESSAGES = (
    (r"'(?P<value>.*)' is not a valid integer( range)?\.", "a whole number"),
    (r"'(?P<value>.*)' is not a valid float( range)?\.", "a number"),
    (r"(?P<value>\S+) is not in the range (?P<range>.*)\.", "in the range {range}"),
)
_CHOICE = re.compile(r"(?P<value>'.*'|\".*\") is not one of (?P<choices>'[^']*'(, '[^']*')*)\.", re.DOTALL)
_NOTHING = "''"


def bad_value(error: typer.TyperException) -> str | None:
    """`--option VALUE: it must be ...`; None for what is no bad value, or one of which nothing is known but typer's words."""
    param, message = getattr(error, "param", None), str(getattr(error, "message", ""))
    names = [name for name in getattr(param, "opts", ()) if name.startswith("-")]
    name = max(names, key=len) if names else str(getattr(param, "human_readable_name", "") or "")
    if not name:
        return None
    chosen = _CHOICE.fullmatch(message.removeprefix("Value error, "))
    if chosen:
        value, choices = ast.literal_eval(chosen["value"]), chosen["choices"].replace("'", "")
        return f"{name} {value or _NOTHING}: it must be one of {choices}"
    value, needed = _mistake(error.__cause__, message)
    return f"{name} {value or _NOTHING}: it must be {needed}" if needed else None


def _mistake(cause: Any, message: str) -> tuple[str, str]:
    """The value and what it should have been; the latter empty where nobody says."""
    if hasattr(cause, "errors"):
        first = cause.errors()[0]
        needed = _NEEDED.get(first["type"], "")
        return str(first["input"]), needed.format(**first.get("ctx", {}))
    for pattern, needed in _MESSAGES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return found["value"], needed.format(**found.groupdict())
    return "", ""
