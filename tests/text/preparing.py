"""A run of `prepare` in a process of its own, which waits for ever at one stage: for tests that kill it there.

`python -m tests.text.preparing FOLDER STAGE` says `waiting` when it has got there; the stage `end` never comes.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from seqtool.recipe.schema import DataSection, TokenizerSection
from seqtool.text.prepared import Prepared, prepare
from tests.number_words import number_pairs, write_lines


def write_corpus(folder: Path, train: int = 300, valid: int = 20) -> None:
    """`train` and `valid` in `.de` and `.en`."""
    for name, count, seed in (("train", train, 1), ("valid", valid, 2)):
        pairs = number_pairs(count, seed)
        write_lines(folder / f"{name}.de", [src for src, _ in pairs])
        write_lines(folder / f"{name}.en", [tgt for _, tgt in pairs])


def prepare_in(
    folder: Path, data: dict[str, Any] | None = None, tok: dict[str, Any] | None = None, **options: Any
) -> Prepared:
    """The corpus of a folder under that folder."""
    section = {
        "train": {"src": str(folder / "train.de"), "tgt": str(folder / "train.en")},
        "valid": {"src": str(folder / "valid.de"), "tgt": str(folder / "valid.en")},
        **(data or {}),
    }
    return prepare(
        DataSection.model_validate(section),
        TokenizerSection.model_validate({"vocab_size": 60, **(tok or {})}),
        **{"root": folder, "seed": 1, "task": "translation", **options},
    )


def main() -> None:
    folder, stage = Path(sys.argv[1]), sys.argv[2]

    def wait(now: str, _count: int) -> None:
        if now == stage:
            print("waiting", flush=True)
            time.sleep(600)

    prepare_in(folder, progress=wait)
    print("done", flush=True)


if __name__ == "__main__":
    main()
