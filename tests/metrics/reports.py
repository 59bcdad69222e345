"""Texts and their summaries: some of the shipped reports to score, and a corpus small enough to train on in seconds."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

from tests.number_words import number_pairs, small_recipe

_TEST = Path(__file__).parents[2] / "data/reports/test.jsonl"

# Pairs of each set of the corpus to train on.
SETS = {"train": 600, "valid": 30, "test": 30}


def reports(count: int) -> list[str]:
    """The first reports of the shipped test set."""
    return [row["report"] for row in _rows(count)]


def headlines(count: int) -> list[str]:
    """Their headlines."""
    return [row["headline"] for row in _rows(count)]


def _rows(count: int) -> list[dict[str, str]]:
    with _TEST.open(encoding="utf-8") as rows:
        return [json.loads(row) for row in islice(rows, count)]


def number_summaries(count: int, seed: int) -> list[tuple[str, str]]:
    """Two rows of number words, and the first three words of them."""
    rows = [pair[1] for pair in number_pairs(2 * count, seed)]
    return [
        (f"{one} {two}", " ".join(f"{one} {two}".split()[:3])) for one, two in zip(rows[::2], rows[1::2], strict=True)
    ]


def summarizer_recipe(folder: Path, **training: Any) -> dict[str, Any]:
    """A recipe, as plain values, for a summarizer of rows of number words, whose corpus is written into a folder."""
    for seed, (name, count) in enumerate(SETS.items()):
        rows = [json.dumps({"text": text, "summary": summary}) for text, summary in number_summaries(count, seed)]
        (folder / f"{name}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    values: dict[str, Any] = small_recipe(folder, task="summarization")
    values["data"] = {name: {"jsonl": str(folder / f"{name}.jsonl"), "src": "text", "tgt": "summary"} for name in SETS}
    values["training"] = {**values["training"], "threads": 1, "label_smoothing": 0.0, **training}
    values["decoding"] = {"beam_size": 2}
    return values
