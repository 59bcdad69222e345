"""Facts, plain values in sections, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqtool.cli.terminal import inert
from seqtool.cli.training_view import duration

_UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def as_text(facts: Mapping[str, Any]) -> str:
    """A line for each fact, those of a section indented below its name. Text from files does nothing but appear."""
    return "\n".join(_lines(facts, ""))


def _lines(facts: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in facts.items():
        name = _plain(key).removesuffix("_bytes").replace("_", " ")
        if key == "recipe" and isinstance(value, Mapping):
            yield "recipe:"
            yield from _recipe(value, "  ")
        elif isinstance(value, Mapping):
            if value:
                yield f"{indent}{name}:"
                yield from _lines({one: _sized(key, each) for one, each in value.items()}, f"{indent}  ")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if value:
                yield f"{indent}{name}: {'; '.join(_shown(key, each) for each in value)}"
        else:
            yield f"{indent}{name}: {_shown(key, value)}"


def _recipe(section: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A line for each section of a recipe: what it says itself, in YAML; below it the sections in it."""
    from seqtool.recipe.load import dump_inline

    for key, value in section.items():
        if not isinstance(value, Mapping):
            yield f"{indent}{_plain(dump_inline({key: value})[1:-1])}"
            continue
        inner = {one: each for one, each in value.items() if isinstance(each, Mapping)}
        own = {one: each for one, each in value.items() if one not in inner}
        yield f"{indent}{_plain(key)}:{f' {_plain(dump_inline(own))}' if own else ''}"
        for one, each in inner.items():
            yield from _recipe({one: each}, f"{indent}  ")


def _sized(section: str, value: Any) -> Any:
    """The sizes of files in words."""
    return _size(value) if section == "files" and type(value) is int else value


def _shown(key: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if type(value) is int:
        return _size(value) if key.endswith("bytes") else f"{value:,}"
    if isinstance(value, float):
        return duration(value) if key == "seconds" and value < 1e12 else f"{value:.4g}"
    return _plain(str(value))


def _size(count: int) -> str:
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count:,} bytes"


def _plain(text: str) -> str:
    return inert(text).replace("\n", " ")
