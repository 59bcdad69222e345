"""The recipe as a JSON Schema: what an editor needs to complete keys, to show their meaning and to mark mistakes while they are typed.

It knows keys, types and limits. What cannot be combined, only the loader knows.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from seqtool.recipe.by_size import followers
from seqtool.recipe.meanings import Meaning, key_places, meaning_of, read_meanings
from seqtool.recipe.schema import Recipe

Spec = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Spec:
    """The schema, as plain values in a fixed order."""
    schema = Recipe.model_json_schema()
    schema.pop("description", None)
    sections: dict[str, type[BaseModel]] = {place.section.__name__: place.section for place in key_places()}
    table = read_meanings()
    following = {(each.section, each.name) for each in key_places() if each.path in followers()}
    for name, section in sections.items():
        spec = schema if section is Recipe else schema["$defs"][name]
        spec.pop("title", None)
        if "description" in spec:
            spec["description"] = " ".join(spec["description"].split())
        required = spec.get("required", [])
        spec["properties"] = {
            key: _explained(
                _open(each) if (section, key) in following else each,
                meaning_of(table, section, key),
                key in required,
            )
            for key, each in spec["properties"].items()
        }
    return {"$schema": _DIALECT, "title": "A recipe of seqtool", **schema}


def _open(spec: Spec) -> Spec:
    """A property whose default is not a value but a rule."""
    return {**spec, "default": None, "description": "Default: follows the corpus."}


def _explained(spec: Spec, meaning: Meaning, required: bool) -> Spec:
    """A property with its meaning; a section that may be left out may also be empty."""
    spec = {name: value for name, value in spec.items() if name != "title"}
    default = spec.pop("default", None)
    if "$ref" in spec and not required:
        spec = {"anyOf": [{"$ref": spec["$ref"]}, {"type": "null"}]}
    elif default is not None and not isinstance(default, dict):
        spec["default"] = default
    more = spec.pop("description", "")
    return {"description": f"{described(meaning)} {more}".rstrip(), **spec}


def described(meaning: Meaning) -> str:
    """A meaning as text: what it is, then unit, default and source where there are any."""
    parts = (("Unit", meaning.unit), ("Default", meaning.default), ("Source", meaning.source))
    return " ".join([meaning.text, *(f"{name}: {text}." for name, text in parts if text)])
