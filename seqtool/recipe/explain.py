"""Holds a parsed recipe against the schema and the rules, and says all that is wrong in words of the recipe."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from seqtool.recipe import rules
from seqtool.recipe.places import Complaint, Place, brief
from seqtool.recipe.schema import Recipe
from seqtool.recipe.yaml12 import Node

Key = tuple[str, ...]
Spec = dict[str, Any]  # a part of the recipe's JSON schema

_OUT_OF_RANGE = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number")
_STAND_IN = {"src": "x", "tgt": "x"}
_MISSING = {
    "data": "data: {train: {src: FILE, tgt: FILE}, valid: {src: FILE, tgt: FILE}}",
    "train": "train: {src: FILE, tgt: FILE}",
    "teacher": "teacher: runs/TEACHER",
    "model": "model: runs/REVERSE",
    "text": "text: FILE",
    "valid": "valid: {src: FILE, tgt: FILE}",
}


def check(root: Node, touched: set[Key]) -> tuple[Recipe | None, list[Complaint]]:
    """The recipe a tree describes, and everything that is wrong with it; about `touched` keys enough was said already."""
    if not isinstance(root.value, dict) and root.value is not None:
        message = "a recipe is made of sections, and this is something else"
        return None, [Complaint("recipe.type", _beginning(root.place), message, "write data:, then what belongs to it")]
    spec = _Specs()
    data = spec.without_empty_sections(root.plain() or {})
    complaints: list[Complaint] = []
    try:
        recipe: Recipe | None = Recipe.model_validate(data)
    except ValidationError as error:
        recipe = None
        complaints = [each for each in spec.explain(error, root) if not _concerns(each.key, touched)]
    misspelt = {spec.suggested(each.key) for each in complaints if each.error_id == "recipe.unknown-key"}
    complaints = [each for each in complaints if each.error_id != "recipe.missing-key" or each.key not in misspelt]
    wrong = touched | misspelt | {each.key for each in complaints}
    for_rules = recipe or _validated_rest(data, wrong)
    if for_rules is not None:
        complaints.extend(_broken_rules(for_rules, root, wrong))
    return recipe, complaints


# Rules


def _validated_rest(data: Spec, wrong: set[Key]) -> Recipe | None:
    """What of a recipe can be held against the rules: wrong values give way to defaults."""
    for key in sorted(wrong, key=len, reverse=True):
        section: Any = data
        for part in key[:-1]:
            section = section.get(part) if isinstance(section, dict) else None
        if isinstance(section, dict) and key:
            section.pop(key[-1], None)
    pairs = data.setdefault("data", {})
    for role in ("train", "valid"):
        pairs.setdefault(role, _STAND_IN)
    try:
        return Recipe.model_validate(data)
    except ValidationError:
        return None


def _broken_rules(recipe: Recipe, root: Node, wrong: set[Key]) -> Iterator[Complaint]:
    for problem in rules.problems(recipe):
        keys = [tuple(key.split(".")) for key in problem.keys]
        if any(_concerns(key, wrong) or _contains(key, wrong) for key in keys):
            continue
        place = next((value_place(root, key) for key in keys if root.find(key)), nearest_place(root, keys[0]))
        yield Complaint("recipe.combination", place, f"{problem.keys[0]}: {problem.message}", problem.hint, keys[0])


def _concerns(key: Key, others: set[Key]) -> bool:
    """Whether a key is, or is part of, one of the others."""
    return any(key[: len(other)] == other for other in others if other)


def _contains(key: Key, others: set[Key]) -> bool:
    return any(other[: len(key)] == key for other in others)


# Places


def value_place(root: Node, key: Key, item: int | None = None) -> Place:
    """Where the value of a key stands; its key, where the value fills lines of its own or is empty."""
    found = root.find(key)
    if found is None:
        return nearest_place(root, key)
    place, node = found
    node = _item_of(node, item)
    block = isinstance(node.value, (dict, tuple)) and node.place.text[:1] not in ("{", "[")
    return place if block or node.place.start == node.place.end else node.place


def nearest_place(root: Node, key: Key) -> Place:
    """Where the innermost section was opened that a key belongs to; the recipe as a whole for a section that nobody opened."""
    for length in range(len(key) - 1, 0, -1):
        found = root.find(key[:length])
        if found is not None:
            return found[0]
    return Place(root.place.source)


def _beginning(place: Place) -> Place:
    return Place(place.source, place.start, min(place.end, place.start + 1))


# The schema, in words


class _Specs:
    """The recipe's JSON schema, and what it has to say about a mistake."""

    def __init__(self) -> None:
        schema = Recipe.model_json_schema()
        self._definitions: dict[str, Spec] = schema["$defs"]
        self._top: Spec = schema

    def without_empty_sections(self, data: Any, key: Key = ()) -> Any:
        """Values without sections that were opened and left empty: they are as good as absent."""
        fields = self._fields(key)
        if fields is None or not isinstance(data, dict):
            return data
        inner = {name: self.without_empty_sections(value, (*key, name)) for name, value in data.items()}
        return {name: value for name, value in inner.items() if value is not None or self._fields((*key, name)) is None}

    def explain(self, error: ValidationError, root: Node) -> Iterator[Complaint]:
        """One complaint for each key, in the order of the schema."""
        seen: set[Key] = set()
        details = sorted(error.errors(include_url=False), key=lambda detail: -len(detail["loc"]))
        for detail in details:
            key, item = self._key(detail["type"], detail["loc"])
            if key not in seen:
                seen.add(key)
                yield self._complaint(detail["type"], key, item, root)

    def suggested(self, key: Key) -> Key:
        """The key that was probably meant by an unknown one; the same key otherwise."""
        names = self._fields(key[:-1]) or {}
        if not key or key[-1] in names:
            return key
        wanted = key[-1][:60].lower().replace("-", "_")
        close = difflib.get_close_matches(wanted, names, 1, 0.75)
        if close:
            return (*key[:-1], close[0])
        elsewhere = [path for path in self._all_keys(()) if path[-1] == wanted or ".".join(path) == wanted]
        rough = difflib.get_close_matches(wanted, names, 1, 0.6)
        return elsewhere[0] if elsewhere else (*key[:-1], rough[0]) if rough else key

    def _complaint(self, kind: str, key: Key, item: int | None, root: Node) -> Complaint:
        if kind == "extra_forbidden":
            return self._unknown(key, root)
        if kind == "missing":
            where = f" in {'.'.join(key[:-1])}" if key[:-1] else ""
            place = nearest_place(root, key)
            return Complaint("recipe.missing-key", place, f"no `{key[-1]}`{where}", f"add {_MISSING[key[-1]]}", key)
        spec, place = self._spec(key), value_place(root, key, item)
        if item is not None:
            spec = self._item(spec)
        found = root.find(key)
        node = _item_of(found[1], item) if found else None
        shown = _shown(node, place) if node else "nothing"
        wanted, hint = expected(spec, kind), ""
        if "enum" in spec and node and isinstance(node.value, str):
            close = difflib.get_close_matches(node.value[:60].lower(), spec["enum"], 1)
            hint = f"did you mean {close[0]}?" if close else ""
            kind = "finite_number"
        error_id = "recipe.value" if kind in _OUT_OF_RANGE else "recipe.type"
        which = "" if item is None else f"item {item + 1} of "
        return Complaint(error_id, place, f"{which}`{'.'.join(key)}` is {shown}; expected {wanted}", hint, key)

    def _unknown(self, key: Key, root: Node) -> Complaint:
        found = root.find(key)
        place = found[0] if found else nearest_place(root, key)
        names, meant = self._fields(key[:-1]) or {}, self.suggested(key)
        shown = meant[-1] if meant[:-1] == key[:-1] else ".".join(meant)
        guess = "" if meant == key else f"; did you mean `{shown}`?"
        section = ".".join(key[:-1]) or "the recipe"
        hint = "" if guess else f"keys of {section}: {', '.join(names)}"
        return Complaint("recipe.unknown-key", place, f"unknown key {brief(key[-1])} in {section}{guess}", hint, key)

    def _key(self, kind: str, loc: tuple[int | str, ...]) -> tuple[Key, int | None]:
        """The dotted key an error is about, without the branches of a union, and the item of its list."""
        parts = tuple(str(part) for part in loc)
        if kind in ("extra_forbidden", "missing"):
            return parts, None
        length = 1
        while length < len(parts) and parts[length] in (self._fields(parts[:length]) or {}):
            length += 1
        items = [part for part in loc[length:] if isinstance(part, int)]
        return parts[:length], items[-1] if items else None

    def _all_keys(self, key: Key) -> Iterator[Key]:
        for name in self._fields(key) or {}:
            yield (*key, name)
            yield from self._all_keys((*key, name))

    def _fields(self, key: Key) -> Spec | None:
        """The keys of a section; None for what is no section."""
        spec = self._top
        for part in key:
            fields = spec.get("properties", {})
            if part not in fields:
                return None
            spec = self._followed(fields[part])
        fields = spec.get("properties")
        return fields if isinstance(fields, dict) else None

    def _spec(self, key: Key) -> Spec:
        return self._followed((self._fields(key[:-1]) or {}).get(key[-1], {}))

    def _item(self, spec: Spec) -> Spec:
        """What the items of a list are to be."""
        return next((self._followed(each["items"]) for each in [spec, *spec.get("anyOf", [])] if "items" in each), {})

    def _followed(self, spec: Spec) -> Spec:
        for each in [spec, *spec.get("anyOf", [])]:
            if "$ref" in each:
                return self._definitions[each["$ref"].rpartition("/")[2]]
        return spec


def _item_of(node: Node, item: int | None) -> Node:
    """An item of a list, or the node itself."""
    return node.value[item] if item is not None and isinstance(node.value, tuple) and item < len(node.value) else node


def _shown(node: Node, place: Place) -> str:
    if isinstance(node.value, dict):
        return "a section"
    if isinstance(node.value, tuple):
        return "a list"
    return "nothing" if node.place.start == node.place.end else brief(place.text)


def expected(spec: Spec, kind: str = "") -> str:
    """What may stand where the schema says this; `kind` is that of a mistake, by which some limits are worth a word."""
    if "properties" in spec:
        return f"a section: {{{', '.join(list(spec['properties'])[:3])}, ...}}"
    if "anyOf" in spec:
        return " or ".join(expected(each, kind) for each in spec["anyOf"])
    if "const" in spec:
        return str(spec["const"])
    if "enum" in spec:
        return "one of " + ", ".join(spec["enum"])
    if spec.get("type") == "array":
        return "a list of texts"
    if spec.get("type") in ("integer", "number"):
        return ("a whole number" if spec["type"] == "integer" else "a number") + _bounds(spec, kind)
    return {"boolean": "true or false", "string": "text", "null": "null"}.get(str(spec.get("type")), "something else")


def _bounds(spec: Spec, kind: str) -> str:
    """The limits of a number; the one of the machine, that nobody comes near, only for those who do."""
    words = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    limits = [
        f"{word} {spec[name]:,g}" if isinstance(spec[name], float) else f"{word} {spec[name]}"
        for name, word in words.items()
        if name in spec and (spec[name] != 2**31 - 1 or kind == "less_than_equal")
    ]
    return f", {' and '.join(limits)}" if limits else ""
