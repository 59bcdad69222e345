"""As much of JSON Schema as the recipe's schema uses, so that tests can hold recipes against it."""

from __future__ import annotations

from typing import Any

_KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "default"),
    *("type", "properties", "required", "additionalProperties", "anyOf", "enum", "const", "items"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def fits(value: Any, spec: dict[str, Any], top: dict[str, Any]) -> bool:
    """Whether a value is what a part of the schema says."""
    assert spec.keys() <= _KNOWN, spec.keys() - _KNOWN
    if "$ref" in spec and not fits(value, top["$defs"][spec["$ref"].removeprefix("#/$defs/")], top):
        return False
    if "anyOf" in spec and not any(fits(value, each, top) for each in spec["anyOf"]):
        return False
    if "const" in spec and value != spec["const"]:
        return False
    if "enum" in spec and value not in spec["enum"]:
        return False
    if "type" in spec and not _is_a(value, spec["type"]):
        return False
    if isinstance(value, dict):
        return _object_fits(value, spec, top)
    if isinstance(value, list):
        return all(fits(one, spec.get("items", {}), top) for one in value)
    return isinstance(value, bool) or not isinstance(value, int | float) or _in_limits(value, spec)


def _is_a(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _object_fits(value: dict[str, Any], spec: dict[str, Any], top: dict[str, Any]) -> bool:
    properties = spec.get("properties", {})
    if set(spec.get("required", [])) - value.keys():
        return False
    if spec.get("additionalProperties") is False and value.keys() - properties.keys():
        return False
    return all(fits(each, properties[key], top) for key, each in value.items() if key in properties)


def _in_limits(value: float, spec: dict[str, Any]) -> bool:
    return (
        spec.get("minimum", value) <= value <= spec.get("maximum", value)
        and not value <= spec.get("exclusiveMinimum", -float("inf"))
        and not value >= spec.get("exclusiveMaximum", float("inf"))
    )
