"""JSON lines as input: one field of each object is the text, and the others go with it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from seqtool.errors import DataError
from seqtool.text.formats import text_field
from seqtool.text.line_range import LineSource
from seqtool.text.lines import clean_output

# Far more than anybody's data, and far less than what Python can write again.
MAX_DEPTH = 100


@dataclass(frozen=True)
class Record:
    """One line: its text, as one clean line, and all fields of its object as they were; both are empty for a blank line."""

    text: str
    fields: dict[str, object] = field(default_factory=dict)


class JsonlReader(LineSource[Record]):
    """The records of a source of lines, whose file is called `name` in messages.

    `field` names the text: a key, or a dotted path to one in objects within; null is an empty text. Control characters in the text, line
    ends among them, become spaces. Of equal keys the last counts; `NaN`, `Infinity` and numbers too large for a float are refused, since
    nothing could be written for them again. `first_line` is the number of the first line, where the source begins in the middle of a file.
    """

    def __init__(self, lines: LineSource[str], *, name: str, field: str, first_line: int = 1) -> None:
        self._lines = lines
        self._name = name
        self._field = field
        self._number = first_line - 1
        self._trouble: DataError | None = None

    def __iter__(self) -> Iterator[Record]:
        while window := self.poll_lines(1):
            yield from window

    def poll_lines(self, max_lines: int) -> list[Record]:
        """Wait for one record, then take what else is there already, up to `max_lines`; an empty list at the end.

        Raises `DataError` naming file and line for a line that is not a JSON object with a text under that name; the records before it are
        given first.
        """
        records: list[Record] = []
        lines = [] if self._trouble else self._lines.poll_lines(max_lines)
        for line in lines:
            self._number += 1
            try:
                records.append(self._record(line))
            except DataError as error:
                self._trouble = error
                break
        if self._trouble and not records:
            raise self._trouble
        return records

    def _record(self, line: str) -> Record:
        if not line.strip():
            return Record("")
        where = f"{self._name}:{self._number}"
        fields = parse_object(line, where)
        return Record(clean_output(text_field(fields, self._field, where)), fields)


def parse_object(line: str, where: str) -> dict[str, object]:
    """The object that a line of JSON is. Raises `DataError` for anything else, and for numbers that could not be written again."""
    too_deep = DataError("data.json", f"{where}: JSON nested more than {MAX_DEPTH} deep", "repair or remove this line")
    try:
        value: object = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise too_deep from error
    except ValueError as error:
        raise DataError("data.json", f"{where}: not JSON: {error}", "one JSON object a line, please") from error
    if not isinstance(value, dict):
        raise DataError("data.json", f"{where}: not a JSON object: {line[:40]!r}", "one JSON object a line, please")
    if line.count("{") + line.count("[") > MAX_DEPTH and _is_deep(value):
        raise too_deep
    return value


def _is_deep(value: object) -> bool:
    """Whether there are more than `MAX_DEPTH` lists and objects within each other."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
    return bool(level)


def _inside(value: object) -> list[object]:
    """The contents of a list or object; of anything else none."""
    if isinstance(value, dict):
        return [one for one in value.values() if isinstance(one, dict | list)]
    return [one for one in value if isinstance(one, dict | list)] if isinstance(value, list) else []


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:40]} is too large a number")
    return value
