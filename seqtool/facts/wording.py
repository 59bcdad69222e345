"""A recipe in a few words, and as it may be shown to strangers: with the names of files, and without their folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from pydantic import BaseModel

from seqtool.recipe.load import FILES, MODELS, dump_recipe
from seqtool.recipe.model_schema import LayersSection, ModelSection
from seqtool.recipe.rules import FORMATS
from seqtool.recipe.schema import CorpusSection, Recipe

_COMPRESSED = (".gz", ".xz", ".zst")
_SHOWN = ("kind", "layers", "hidden")


def architecture(model: ModelSection) -> list[str]:
    """Lines such as `encoder: lstm, 1 layer of 192, bidirectional`."""
    attention = [str(model.attention.kind), *_extras(model.attention, ("kind",))]
    extras = [name for name in ("lexical", "pointer") if getattr(model, name)]
    extras += ["hierarchy"] if model.hierarchy is not None else []
    return [
        f"encoder: {_layers(model.encoder)}",
        f"decoder: {_layers(model.decoder)}",
        f"attention: {', '.join(attention)}",
        f"embeddings: {model.embedding}, tied: {model.tie}" + "".join(f", {extra}" for extra in extras),
    ]


def _layers(section: LayersSection) -> str:
    count = f"{section.layers} layer{'s' if section.layers > 1 else ''} of {section.hidden}"
    return ", ".join([section.kind, count, *_extras(section, _SHOWN)])


def _extras(section: BaseModel, said: tuple[str, ...]) -> Iterator[str]:
    """Keys that are on, and those with values of their own."""
    for name, value in section:
        if name in said or value is None or value is False or (name, value) == ("transitions", 1):
            continue
        yield name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {value}"


def data_names(section: CorpusSection) -> list[str]:
    """The files of a corpus, without their folders, or the name of its data set, and its fields."""
    kind = _format(section)
    if kind == "text":
        return [*_short(section.src), *_short(section.tgt)]
    where = [section.hub] if kind == "hub" else _short(getattr(section, kind))
    fields = [f"{side}={getattr(section, side)}" for side in ("src", "tgt") if getattr(section, side) is not None]
    return [f"{kind} {name}" for name in where] + fields


def languages(section: CorpusSection) -> str:
    """`de -> en`, as the endings of file names or the names of fields have it; empty where they do not."""
    found = []
    for side in (section.src, section.tgt):
        one = side[0] if isinstance(side, list) and side else side
        name = str(one or "")
        for ending in _COMPRESSED:
            name = name.removesuffix(ending)
        code = name.rpartition(".")[2] if _format(section) == "text" or "." in name else name
        found.append(code if re.fullmatch("[a-z]{2}([_-][A-Za-z]{2,4})?", code) else "")
    return " -> ".join(found) if all(found) and found[0] != found[1] else ""


def published(recipe: Recipe) -> str:
    """The recipe as YAML in which every path is a name: what its author's folders are called is nobody's business."""
    values = recipe.model_dump(exclude_unset=False)
    for role in ("train", "valid", "test"):
        section = getattr(recipe.data, role)
        if section is not None:
            names = ("src", "tgt") if _format(section) == "text" else tuple(set(FORMATS) - {"hub"})
            values["data"][role].update({name: _shortened(getattr(section, name)) for name in names})
    for *sections, name in (*FILES, *MODELS):
        inner = values
        for part in sections:
            inner = inner.get(part) or {}
        if inner.get(name) is not None:
            inner[name] = _shortened(inner[name])
    values["run_dir"] = None
    return dump_recipe(Recipe.model_validate(values))


def _format(section: CorpusSection) -> str:
    return next((name for name in FORMATS if getattr(section, name) is not None), "text")


def _short(value: int | str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [PurePath(str(one)).name or str(one) for one in (value if isinstance(value, list) else [value])]


def _shortened(value: str | list[str] | None) -> str | list[str] | None:
    if value is None:
        return None
    return _short(value) if isinstance(value, list) else _short(value)[0]
