"""Reads a recipe and writes it back: YAML, `KEY=VALUE` overrides, paths, and every mistake at once with its line and a caret."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel

from seqtool.errors import RecipeError
from seqtool.recipe.explain import Key, check
from seqtool.recipe.given import with_given
from seqtool.recipe.places import OVERRIDE, Complaint, Place, Source, brief, printable, render_all
from seqtool.recipe.resolve import resolved_model, with_preset
from seqtool.recipe.rules import FORMATS
from seqtool.recipe.schema import CorpusSection, DataSection, Recipe
from seqtool.recipe.yaml12 import FLOAT, INT, MAX_DEPTH, Node, SyntaxTrouble, parse

Changed = TypeVar("Changed", bound=BaseModel)

MAX_BYTES = 1 << 20
# Controls that reorder what a reader sees: text that has them is quoted, and PyYAML leaves them in it as they are.
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FILE_FORMATS = ("tsv", "csv", "jsonl", "parquet", "folder")
# Keys beside the corpora that name files, and those that name models: files too, or model or run directories.
FILES = (
    ("training", "init_from", "src_vectors"),
    ("training", "init_from", "tgt_vectors"),
    ("backtranslate", "text"),
)
MODELS = (
    ("tokenizer", "model"),
    ("training", "init_from", "model"),
    ("distill", "teacher"),
    ("backtranslate", "model"),
)


def load_recipe(path: Path, overrides: Sequence[str] = (), *, cwd: Path | None = None) -> Recipe:
    """The recipe in a file, changed by overrides (`training.seed=2`).

    Paths become absolute: those from the file are relative to it, those from overrides to `cwd` (the working directory where None). A model
    or run directory is looked for beside the file first, then in `cwd`, where runs are. `run_dir`, by default `runs/<stem of the file's
    name>`, stays as it was typed, but for `~/`. What was not written has its default, and does not count as set (`model_fields_set`).
    Raises `RecipeError` with all problems.
    """
    source = _read(path)
    here = cwd or Path(os.path.curdir)
    changes = [Source(OVERRIDE, text, here) for text in overrides]
    broken: set[Key] = set()
    try:
        root, complaints = parse(source)
        readable = True
    except SyntaxTrouble as trouble:
        root, complaints, readable = Node({}, Place(source)), [trouble.complaint], False
    for change in changes:
        try:
            root, found = _override(root, change)
            complaints.extend(found)
        except SyntaxTrouble as trouble:
            complaints.append(trouble.complaint)
            broken.add(trouble.complaint.key)
    recipe = None
    if readable:
        recipe, found = check(root, broken)
        complaints.extend(found)
    if complaints or recipe is None:
        raise _recipe_error([source, *changes], complaints)
    run_dir = recipe.run_dir if recipe.run_dir is not None else f"runs/{path.stem}"
    if run_dir.startswith(
        "~/"
    ):  # as in a shell, which does not see it in `run_dir=~/a`; a folder called ~ is nobody's wish
        run_dir = os.path.expanduser(run_dir)  # noqa: PTH111
    update = {
        "data": _with_absolute_paths(recipe.data, root),
        "model": with_given(resolved_model(recipe.model), with_preset(recipe.model)),
        "run_dir": run_dir,
    }
    return _with_absolute_names(recipe.model_copy(update=update), root, here)


def dump_recipe(recipe: Recipe, reasons: Mapping[str, str] | None = None) -> str:
    """YAML that loads back to an equal recipe: every default spelled out, what is unset left out. `reasons`, by dotted key, are comments
    at the ends of the lines of their keys."""
    text = yaml.dump(_set_values(recipe), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31)
    text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if not reasons:
        return text
    lines = text.split("\n")  # the only line ends there are: others are escaped
    for key, line in _key_lines(yaml.compose(text, Loader=yaml.SafeLoader), ""):
        if key in reasons:
            lines[line] += f"  # {printable(reasons[key])}"
    return "\n".join(lines)


def recipe_values(text: str) -> dict[str, Any] | None:
    """What a recipe says as plain values, whoever wrote it: nothing is checked, and no default is filled in. None for what is no recipe."""
    try:
        root, complaints = parse(Source("recipe", text, Path()))
    except SyntaxTrouble:
        return None
    found = root.plain()
    return found if isinstance(found, dict) and not complaints else None


def dump_inline(values: Mapping[str, Any]) -> str:
    """A section on one line, `{src: a.de, tgt: a.en}`, quoted where the recipe's reader needs it."""
    text: str = yaml.dump(
        dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31, default_flow_style=True
    )
    return text.strip()


def _key_lines(node: yaml.Node | None, prefix: str) -> Iterator[tuple[str, int]]:
    """Dotted keys, each with the number, from 0, of its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield f"{prefix}{key.value}", key.start_mark.line
            yield from _key_lines(value, f"{prefix}{key.value}.")


def _set_values(section: BaseModel) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            values[name] = _set_values(value)
        elif value is not None or field.default is not None:  # a null that takes a default away must be written
            values[name] = value
    return values


class _Dumper(yaml.SafeDumper):
    """Quotes text that would be a number or a word of its own to a reader of YAML 1.1 or 1.2."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quoted with escapes where it holds what a reader may take for the end of a line."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", INT, list("-+0123456789"))


def _read(path: Path) -> Source:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise RecipeError("recipe.not-found", f"no recipe at {printable(str(path))}", _near(path)) from error
    except IsADirectoryError as error:
        message = f"{printable(str(path))} is a directory; a recipe is a file in it"
        raise RecipeError("recipe.not-found", message, _near(path / "recipe.yaml")) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        message = f"cannot read {printable(str(path))}: {why}"
        raise RecipeError("recipe.unreadable", message, "check the path and its permissions") from error
    if len(data) > MAX_BYTES:
        message = f"{printable(str(path))} is larger than {MAX_BYTES:,} bytes"
        raise RecipeError("recipe.too-large", message, "is this a recipe?")
    source = Source(str(path), data.decode("utf-8-sig", "replace"), path.parent)
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode("utf-8-sig", "replace"))
        place = Place(source, start, start + 1)
        complaint = Complaint("recipe.encoding", place, "this is not UTF-8", "save the recipe as UTF-8")
        raise _recipe_error([source], [complaint]) from error
    return source


def _near(path: Path) -> str:
    """A hint that names recipes in the directory of a path."""
    try:
        names = sorted(each.name for each in path.parent.iterdir() if each.suffix in (".yaml", ".yml"))
    except (OSError, ValueError):
        return "check the path; there is no such directory"
    close = difflib.get_close_matches(path.name, names, 3, 0.5) or names[:5]
    if not close:
        return f"there are no recipes in {printable(str(path.parent))}"
    return f"did you mean {' or '.join(printable(str(path.parent / name)) for name in close)}?"


def _override(root: Node, source: Source) -> tuple[Node, list[Complaint]]:
    """The tree with one value replaced. Raises `SyntaxTrouble`."""
    name, equals, _ = source.text.partition("=")
    key = tuple(part.strip() for part in name.split("."))
    if not equals or not all(key) or len(key) > MAX_DEPTH:
        place = Place(source, 0, len(name))
        raise SyntaxTrouble(
            Complaint("recipe.override", place, "expected KEY=VALUE", "as in training.batch_tokens=2048")
        )
    try:
        value, complaints = parse(source, len(name) + 1)
        return _replaced(root, key, value, Place(source, 0, len(name))), complaints
    except SyntaxTrouble as trouble:
        raise SyntaxTrouble(replace(trouble.complaint, key=key)) from trouble


def _replaced(node: Node, key: Key, value: Node, place: Place, done: int = 0) -> Node:
    """A copy of a tree with `value` at a key; what an alias shares is left as it is."""
    if done == len(key):
        return value
    if isinstance(node.value, dict):
        entries = node.value
    elif node.value is None:
        entries = {}
    else:
        message = f"`{'.'.join(key[:done]) or 'the recipe'}` is no section: it cannot have {brief(key[done])}"
        raise SyntaxTrouble(Complaint("recipe.override", place, message, "override the whole of it"))
    old_place, old = entries.get(key[done], (place, Node(None, place)))
    new = _replaced(old, key, value, place, done + 1)
    return replace(node, value={**entries, key[done]: (place if old.value is None or new is value else old_place, new)})


def _with_absolute_paths(data: DataSection, root: Node) -> DataSection:
    update = {}
    for role in ("train", "valid", "test"):
        section: CorpusSection | None = getattr(data, role)
        if section is None:
            continue
        plain_text = all(getattr(section, name) is None for name in FORMATS)
        names = ("src", "tgt") if plain_text else _FILE_FORMATS
        paths = {
            name: _absolute(root.find(("data", role, name))) for name in names if getattr(section, name) is not None
        }
        update[role] = section.model_copy(update=paths)
    return data.model_copy(update=update)


def _with_absolute_names(recipe: Recipe, root: Node, cwd: Path) -> Recipe:
    """The recipe with the paths of single keys."""
    for key in (*FILES, *MODELS):
        found = root.find(key)
        if found is not None and found[1].value is not None:
            recipe = _changed(recipe, key, _absolute(found, cwd if key in MODELS else None))
    return recipe


def _changed(section: Changed, key: Key, value: object) -> Changed:
    name, *rest = key
    new = _changed(getattr(section, name), tuple(rest), value) if rest else value
    return section.model_copy(update={name: new})


def _absolute(found: tuple[Place, Node] | None, cwd: Path | None = None) -> str | list[str]:
    assert found is not None
    node = found[1]
    if isinstance(node.value, tuple):
        return [_absolute_path(str(item.value), item.place.source.base, cwd) for item in node.value]
    return _absolute_path(str(node.value), node.place.source.base, cwd)


def _absolute_path(path: str, base: Path, cwd: Path | None = None) -> str:
    """Relative to `base`, or, where nothing of that name is there, to `cwd`."""
    joined = os.path.join(os.path.abspath(base), os.path.expanduser(path))  # noqa: PTH100, PTH111, PTH118
    if cwd is not None and not os.path.exists(joined):  # noqa: PTH110 what may not be looked at is not there
        return _absolute_path(path, cwd)
    tidy = os.path.normpath(joined)
    return tidy if os.path.realpath(tidy) == os.path.realpath(joined) else joined  # `..` after a link is not its parent


def _recipe_error(sources: list[Source], complaints: list[Complaint]) -> RecipeError:
    if len(complaints) == 1:
        only = complaints[0]
        return RecipeError(only.error_id, only.body(), only.hint)
    ordered = sorted(complaints, key=lambda each: (sources.index(each.place.source), each.place.start))
    return RecipeError("recipe.invalid", render_all(sources[0].name, ordered))
