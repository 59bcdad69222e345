"""The settings of a run for a reader: each key of the resolved recipe with its value, why it has it, and what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.recipe.meanings import key_places, meaning_of, read_meanings

_LINE = re.compile(r"( *)([A-Za-z_]\w*):(?: (.*?))?(?:  # (.*))?")
_INDENT = 2
# Where a run is, is no difference between two.
_PLACE = "run_dir"


@dataclass(frozen=True)
class Setting:
    """A key by its dotted path, its value as the recipe writes it (empty for a section), the `reason` that stands beside it there, and its
    `meaning`; both may be empty."""

    key: str
    value: str
    reason: str
    meaning: str


@dataclass(frozen=True)
class Difference:
    """A key and its value in each run, empty where a run does not have it."""

    key: str
    values: tuple[str, ...]
    meaning: str


def settings(recipe_text: str) -> list[Setting]:
    """The keys of a resolved recipe, as `dump_recipe` writes it; lines of another form are passed over."""
    meanings = _meanings()
    found: list[Setting] = []
    path: list[str] = []
    for line in recipe_text.split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            if line.lstrip().startswith("- ") and found:  # an item of a list
                last = found.pop()
                item = line.strip().removeprefix("- ")
                joined = f"{last.value}, {item}" if last.value else item
                found.append(Setting(last.key, joined, last.reason, last.meaning))
            continue
        depth = len(match[1]) // _INDENT
        path = [*path[:depth], match[2]]
        key = ".".join(path)
        found.append(Setting(key, match[3] or "", match[4] or "", meanings.get(key, "")))
    return found


def differences(recipe_texts: Sequence[str]) -> list[Difference]:
    """The keys in which runs differ, in the order in which the first that has one has it."""
    tables = [{one.key: one for one in settings(text)} for text in recipe_texts]
    keys = dict.fromkeys(key for table in tables for key in table if key != _PLACE)
    found = []
    for key in keys:
        values = tuple(table[key].value if key in table else "" for table in tables)
        if len(set(values)) > 1:
            found.append(Difference(key, values, next(table[key].meaning for table in tables if key in table)))
    return found


def _meanings() -> dict[str, str]:
    table = read_meanings()
    return {place.path: meaning_of(table, place.section, place.name).text for place in key_places()}
