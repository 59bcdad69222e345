"""Writes what in docs/ follows from the code: the reference of recipe keys and of messages, and the recipe's JSON Schema.

    python docs/generate.py               writes them next to this file
    python docs/generate.py --check       compares what is there with what would be written

The meanings of keys are in seqtool/recipe/meanings.yaml, those of messages in docs/generator/messages.yaml; which keys and messages
there are is read from the code.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from generator.keys import key_page
from generator.messages import Undescribed, message_page

import seqtool
from seqtool.recipe.json_schema import json_schema

HERE = Path(__file__).parent


def pages() -> dict[str, str]:
    """The text of each generated file, by its path below docs/. Raises `Undescribed`."""
    return {
        "recipe.schema.json": json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n",
        "reference/recipe.md": key_page(),
        "reference/messages.md": message_page(Path(seqtool.__file__).parent),
    }


def main() -> int:
    """Runs the command; the exit status is 1 where something lacks a meaning or --check finds a difference."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments = parser.parse_args()
    try:
        wanted = pages()
    except Undescribed as error:
        print(error, file=sys.stderr)
        return 1
    stale = [name for name, text in wanted.items() if _old(HERE / name) != text]
    for name in stale:
        if arguments.check:
            print(f"docs/{name} is not what the code says; run `python docs/generate.py`", file=sys.stderr)
        else:
            (HERE / name).parent.mkdir(exist_ok=True)
            (HERE / name).write_text(wanted[name], "utf-8")
            print(HERE / name)
    return 1 if stale and arguments.check else 0


def _old(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
