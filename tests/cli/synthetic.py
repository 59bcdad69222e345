"""What tests of `distill` and `backtranslate` share: a small corpus to write from, and what was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.cli.processes import running, wait_until
from tests.number_words import number_pairs, small_recipe, write_lines

Pairs = list[tuple[str, str]]
LINES = Path("runs/numbers/synthetic.jsonl")


def write_case(folder: Path, corpus: Path, pairs: Pairs, **sections: Any) -> Path:
    """`recipe.yaml` in a folder that trains for a few steps on these pairs, four lines of which are searched at once."""
    write_lines(folder / "few.de", [src for src, _ in pairs])
    write_lines(folder / "few.en", [tgt for _, tgt in pairs])
    values: dict[str, Any] = small_recipe(corpus)
    values["data"]["train"] = {"src": "few.de", "tgt": "few.en"}
    values["training"].update({"threads": 1, "max_steps": 6, "validate_every": 6, "metrics": []})
    values["decoding"] = {"batch_size": 4}
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump({**values, **sections}, sort_keys=False, allow_unicode=True), "utf-8")
    return path


def few_pairs(count: int = 150) -> Pairs:
    """Pairs that neither training nor test has seen, one of them blank on both sides."""
    return [*number_pairs(count - 1, 77), ("", "")]


def written(folder: Path) -> Pairs:
    """The pairs of the synthetic corpus."""
    rows = [json.loads(line) for line in (folder / LINES).read_text("utf-8").splitlines()]
    assert all(list(row) == ["src", "tgt"] for row in rows)
    return [(row["src"], row["tgt"]) for row in rows]


def kill_while_writing(*command: str, cwd: Path, at_least: int = 1) -> int:
    """Kills a command when it has written some lines; returns how many, and leaves half of another behind them."""
    partial = cwd / f"{LINES}.partial"

    def lines() -> int:
        return partial.read_bytes().count(b"\n") if partial.exists() else 0

    with running(*command, cwd=cwd) as process:
        wait_until(lambda: lines() >= at_least, process)
        process.kill()
        process.wait()
    whole = partial.read_bytes()
    assert whole.endswith(b"\n")
    partial.write_bytes(whole + b'{"src": "ei')
    return whole.count(b"\n")
