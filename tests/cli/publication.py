"""A test set and systems of known worth, of which tests of `seqtool evaluate` print what goes into papers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.processes import Done
from tests.metrics.degraded import degraded, references, sources
from tests.number_words import write_lines

LINES = 60
NAMES = ["good.en", "near.en", "bad.en"]
REF = ("evaluate", "--ref", "ref.en")


def write_test_set(path: Path) -> Path:
    """A test set as text and as JSON lines, three systems, and training text that has some of its words and two of its lines."""
    refs, srcs = references(LINES), sources(LINES)
    for name, rate, seed in zip(NAMES, (0.1, 0.1, 0.5), (1, 5, 3), strict=True):
        write_lines(path / name, degraded(LINES, rate, seed))
    rows = [
        {"de": src, "en": ref, "topic": ["home", "work"][number % 2], "year": 1950 + number}
        for number, (src, ref) in enumerate(zip(srcs, refs, strict=True))
    ]
    write_lines(path / "set.jsonl", [json.dumps(row) for row in rows])
    write_lines(path / "train.en", [*references(200)[LINES:], *refs[:2]])
    write_lines(path / "tokenized.en", [ref.replace(".", " .") for ref in refs])
    write_lines(path / "ref.en", refs)
    write_lines(path / "src.de", srcs)
    return path


def answer(done: Done, code: int = 0) -> dict[str, Any]:
    """What `--json` printed."""
    assert done.code == code, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def score_of(found: dict[str, Any], name: str, metric: str) -> dict[str, Any]:
    (system,) = [one for one in found["systems"] if one["name"] == name]
    score: dict[str, Any] = system["scores"][metric]
    return score
