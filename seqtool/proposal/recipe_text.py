"""A proposal as a recipe with comments: what was decided and why, and what the values left open will be."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqtool.errors import DataError
from seqtool.proposal.names import Role
from seqtool.proposal.proposal import Proposal
from seqtool.proposal.settings import Setting, settings
from seqtool.proposal.task import languages
from seqtool.recipe.by_size import filled
from seqtool.recipe.explain import check
from seqtool.recipe.load import dump_inline
from seqtool.recipe.places import Source as RecipeSource
from seqtool.recipe.places import printable
from seqtool.recipe.rules import FORMATS
from seqtool.recipe.schema import CorpusSection, Recipe
from seqtool.recipe.yaml12 import SyntaxTrouble, parse

_WIDTH = 118
_SECTIONS = ("tokenizer", "model", "training")
Corpora = Mapping[Role, CorpusSection]


def recipe_text(made: Proposal, corpora: Corpora, run_dir: str, name: str, *, missing: str | None = None) -> str:
    """The whole file; `name` is what it will be called on the command line, and `missing` a folder that it refers to and nobody wrote.
    Raises `DataError` for names that no recipe can hold."""
    chosen = settings(made)
    recipe = Recipe.model_validate(_values(made, corpora, run_dir, chosen))
    whole, reasons = filled(recipe, made.pairs["train"])
    lines = [
        *_heading(made, run_dir, name, missing),
        f"task: {made.task}",
        dump_inline({"run_dir": run_dir})[1:-1],
        "data:",
        *(f"  {role}: {_corpus(section)}" for role, section in corpora.items()),
        *_section_lines("data", chosen, []),
        f"# What is left open follows the number of training pairs. With {made.pairs['train']:,} it is what stands here behind `#`; to",
        "# change a value, remove the `#` before it and before its section.",
    ]
    for section in _SECTIONS:
        left = [
            Setting(key, _at(whole.model_dump(), key), why)
            for key, why in reasons.items()
            if key.startswith(f"{section}.")
        ]
        own = [each for each in chosen if each.key.startswith(f"{section}.")]
        lines.append(f"{section}:" if own else f"#{section}:")
        lines.extend(_section_lines(section, chosen, _gathered(left)))
    text = "\n".join(lines) + "\n"
    _check(text, recipe, name)
    return text


def decisions(made: Proposal) -> list[str]:
    """What was decided, and why: a line each."""
    layout, fields = made.layout, made.fields
    src, tgt = fields.names
    found = [f"data: {source.describe()} ({_role_words(role)})" for role, source in layout.sources()]
    turned = made.task == "translation" and not fields.typed
    turn = f"; the other way round: --src {shlex.quote(tgt)} --tgt {shlex.quote(src)}" if turned else ""
    found.append(f"source and target: {src} and {tgt} ({fields.why}{turn})")
    found.append(f"task: {made.task} ({made.task_why})")
    if made.task == "translation":
        found.append(f"languages: {languages(made.sides)}")
    sizes = ", ".join(f"{count:,} for {_role_words(role)}" for role, count in _in_order(made.pairs).items())
    found.append(f"pairs: {sizes}")
    if made.split is not None:
        parts = " and ".join(_role_words(role) for role in ("valid", "test") if role in made.split.roles.values())
        found.append(
            f"{parts} pairs were split off by a hash of their source: the same text, whatever its case, spaces and punctuation, is in one "
            "part only, and when lines are appended nothing goes from one set into the other"
        )
    found.extend(f"{dump_inline({each.key: each.value})[1:-1]} ({each.why})" for each in settings(made))
    return [printable(line) for line in (*found, *layout.notes)]


def commands(made: Proposal, run_dir: str, name: str) -> list[tuple[str, str]]:
    """What to type next, and what it does."""
    recipe, run = shlex.quote(printable(name)), shlex.quote(printable(run_dir))
    tokenize = "" if made.task == "summarization" or made.sides[1].spaced else " --tokenize char"
    found = [
        (f"seqtool check {recipe}", "the health of the data"),
        (f"seqtool train {recipe}", f"at most {_minutes(made)} minutes; --dry-run -v shows all settings"),
        (f"seqtool evaluate -m {run}{tokenize}", "the score on the test set"),
        (f"seqtool report {run}", "a page with curves, examples and the worst lines"),
    ]
    return found if "test" in made.pairs else [found[0], found[1], found[3]]


def _minutes(made: Proposal) -> int:
    return next(int(each.value) for each in settings(made) if each.key == "training.max_minutes")


def _heading(made: Proposal, run_dir: str, name: str, missing: str | None) -> list[str]:
    known = made.task == "translation" and None not in [side.code for side in made.sides]
    what = "-".join(side.name for side in made.sides) + " translation" if known else made.task.capitalize()
    typed = commands(made, run_dir, name)
    width = max(len(command) for command, _ in typed)
    text = [
        f"{what}, from {made.layout.name}: {made.pairs['train']:,} training pairs. Proposed by seqtool init.",
        "",
        *(f"  {command.ljust(width)}   # {does}" for command, does in typed),
        *_unwritten(missing),
        "",
        "Decided:",
        *(f"- {line}" for line in decisions(made)),
        *(f"- warning: {line}" for line in made.warnings),
    ]
    return [f"# {part}".rstrip() for line in text for part in _wrapped(printable(line))]


def _unwritten(missing: str | None) -> list[str]:
    if missing is None:
        return []
    told = f"Only printed: the files in {missing} are not there, and nothing runs without them."
    return ["", f"{told} seqtool init without --print or -o - writes them, and a recipe that names them."]


def _wrapped(line: str) -> list[str]:
    """A comment in lines that a screen shows; commands stay whole."""
    if line.startswith("  "):
        return [line]
    return textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) or [""]


def _role_words(role: Role) -> str:
    return {"train": "training", "valid": "validation", "test": "test"}[role]


def _in_order(pairs: Mapping[Role, int]) -> dict[Role, int]:
    order: tuple[Role, ...] = ("train", "valid", "test")
    return {role: pairs[role] for role in order if role in pairs}


def _values(made: Proposal, corpora: Corpora, run_dir: str, chosen: Sequence[Setting]) -> dict[str, Any]:
    data = {role: section.model_dump(exclude_unset=True) for role, section in corpora.items()}
    values: dict[str, Any] = {"task": made.task, "run_dir": run_dir, "data": data}
    for each in chosen:
        section, _, key = each.key.partition(".")
        values.setdefault(section, {})[key] = each.value
    return values


def _corpus(section: CorpusSection) -> str:
    """A corpus section in one line, its format first."""
    values = section.model_dump(exclude_unset=True)
    first = {name: values[name] for name in FORMATS if name in values}
    return dump_inline({**first, **values})


def _section_lines(section: str, chosen: Sequence[Setting], left: Sequence[Setting]) -> list[str]:
    """What is set, and behind `#` what is not."""
    found = []
    for mark, each in [*(("  ", one) for one in chosen), *(("#  ", one) for one in left)]:
        name, _, key = each.key.partition(".")
        if name == section:
            found.append(f"{mark}{dump_inline({key: each.value})[1:-1]}  # {printable(each.why)}")
    return found


def _gathered(left: Sequence[Setting]) -> list[Setting]:
    """Keys of one inner section together: `model.dropout.layer` and its neighbours are one value of `model.dropout`."""
    found: dict[str, Setting] = {}
    for each in left:
        section, name, *inner = each.key.split(".")
        key = f"{section}.{name}"
        if not inner:
            found[key] = each
        elif key in found:
            found[key] = Setting(key, {**found[key].value, inner[0]: each.value}, each.why)
        else:
            found[key] = Setting(key, {inner[0]: each.value}, each.why)
    return list(found.values())


def _at(values: Mapping[str, Any], key: str) -> Any:
    for part in key.split("."):
        values = values[part]
    return values


def _check(text: str, recipe: Recipe, name: str) -> None:
    """A recipe that does not say what was meant is not written."""
    try:
        root, complaints = parse(RecipeSource(name, text, Path()))
        read, more = check(root, set())
        complaints += more
    except SyntaxTrouble as trouble:
        read, complaints = None, [trouble.complaint]
    if complaints:
        hint = "rename the file or column; the recipe would have had this line"
        raise DataError("data.name", f"a name that no recipe can hold: {complaints[0].body()}", hint)
    assert read == recipe, "the recipe reads as it was meant"
