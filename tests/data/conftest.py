"""The shipped corpora, read once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"
SPLITS = ("train", "valid", "test")


@pytest.fixture(scope="session")
def pairs() -> dict[str, list[tuple[str, str]]]:
    """German and English lines of each split; the lines are cut at the newline only, so that odd characters stay visible."""
    sides = {
        split: [(DATA / "de-en" / f"{split}.{side}").read_bytes().decode("utf-8") for side in ("de", "en")]
        for split in SPLITS
    }
    for german, english in sides.values():
        assert german.endswith("\n")
        assert english.endswith("\n")
    return {
        split: list(zip(german[:-1].split("\n"), english[:-1].split("\n"), strict=True))
        for split, (german, english) in sides.items()
    }


@pytest.fixture(scope="session")
def reports() -> dict[str, list[tuple[str, str]]]:
    """Report and headline of each split."""
    found: dict[str, list[tuple[str, str]]] = {}
    for split in SPLITS:
        lines = (DATA / "reports" / f"{split}.jsonl").read_bytes().decode("utf-8").removesuffix("\n").split("\n")
        rows = [json.loads(line) for line in lines]
        assert all(set(row) == {"report", "headline"} for row in rows)
        found[split] = [(row["report"], row["headline"]) for row in rows]
    return found
