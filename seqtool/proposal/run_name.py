"""Where a proposed recipe's run goes: a name after the recipe's or the data's, that nobody has taken."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from seqtool.proposal.layout import plain_name

# What a recipe is called that has been given no name.
USUAL = "recipe"
_RUN_DIR = re.compile(r"^run_dir:[ \t]*(['\"]?)(.+?)\1[ \t]*(?:#.*)?$", re.MULTILINE)
_HEAD_CHARS = 1 << 16


def free_run_dir(recipe: Path, data_name: str) -> str:
    """`runs/NAME` after the recipe, or after the data where the recipe's name says nothing; with a number behind it where a run is already,
    or a recipe in the same folder has this one."""
    name = data_name if recipe.stem == USUAL else plain_name(recipe.stem)
    taken = set(_named_beside(recipe))
    number, tail = 1, ""
    while os.path.lexists(f"runs/{name}{tail}") or f"runs/{name}{tail}" in taken:
        number += 1
        tail = f"-{number}"
    return f"runs/{name}{tail}"


def _named_beside(recipe: Path) -> Iterator[str]:
    """The run directories of the recipes in its folder; one that names none has that of its own name."""
    for path in (*recipe.parent.glob("*.yaml"), *recipe.parent.glob("*.yml")):
        text = ""
        with suppress(OSError, UnicodeDecodeError), path.open(encoding="utf-8") as stream:
            text = stream.read(_HEAD_CHARS)
        found = _RUN_DIR.search(text)
        if found:
            yield os.path.normpath(found[2])
        elif re.search(r"^data:", text, re.MULTILINE):
            yield f"runs/{path.stem}"
