"""What every key of a recipe means, read from `meanings.yaml`."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from seqtool.recipe.resolve import KEYS
from seqtool.recipe.schema import Recipe

_FILE = Path(__file__).with_name("meanings.yaml")

Table = dict[str, dict[str, "Meaning"]]


@dataclass(frozen=True)
class Meaning:
    """What a key does; the `unit` of its value, the paper it is from, and in `default` what stands where nobody sets it and the schema
    cannot say so. Empty: there is none."""

    text: str
    unit: str = ""
    source: str = ""
    default: str = ""


@dataclass(frozen=True)
class KeyPlace:
    """A key of the recipe: its dotted path, the section it is declared in, and the section it opens, None for a value."""

    path: str
    section: type[BaseModel]
    name: str
    opens: type[BaseModel] | None


def read_meanings() -> Table:
    """Meanings by section and key."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return {section: {key: _meaning(value) for key, value in keys.items()} for section, keys in raw.items()}


def _meaning(value: Any) -> Meaning:
    if isinstance(value, str):
        return Meaning(value)
    return Meaning(value["is"], *(str(value.get(name, "")) for name in ("unit", "source", "default")))


def meaning_of(table: Table, section: type[BaseModel], key: str) -> Meaning:
    """The meaning of a key of a section or of the section it is made from; its default by kind of layer, where that decides. Raises
    `KeyError` for a key without a meaning."""
    for each in section.__mro__:
        found = table.get(each.__name__, {}).get(key)
        if found is not None:
            by_kind = _by_kind(key) if key in getattr(each, "__annotations__", {}) and _has_kinds(section) else ""
            return Meaning(found.text, found.unit, found.source, found.default or by_kind)
    raise KeyError(f"{section.__name__}.{key}")


def _has_kinds(section: type[BaseModel]) -> bool:
    """Whether a section describes layers, whose kinds have defaults of their own."""
    return "kind" in section.model_fields and "layers" in section.model_fields


def _by_kind(key: str) -> str:
    """`3 (conv)`, or nothing."""
    kinds: dict[str, list[str]] = {}
    for kind, value in KEYS.get(key, {}).items():
        kinds.setdefault("4 x `hidden`" if value is None else json.dumps(value).strip('"'), []).append(kind)
    return "; ".join(f"{value} ({', '.join(names)})" for value, names in kinds.items())


def key_places(section: type[BaseModel] = Recipe, prefix: str = "") -> Iterator[KeyPlace]:
    """All keys, each section's before those of the sections in it."""
    inner = []
    for name, field in section.model_fields.items():
        opens = opened(field.annotation)
        yield KeyPlace(f"{prefix}{name}", section, name, opens)
        if opens is not None:
            inner.append((opens, f"{prefix}{name}."))
    for opens, deeper in inner:
        yield from key_places(opens, deeper)


def opened(annotation: Any) -> type[BaseModel] | None:
    """The section that an annotation stands for, also where it may be left out."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return next(filter(None, map(opened, typing.get_args(annotation))), None)
    return None
