"""Scores as a table for people and as one JSON object for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seqtool.cli.terminal import inert
from seqtool.text.lines import json_line

if TYPE_CHECKING:
    from seqtool.evaluation import Result
    from seqtool.metrics import Score


def as_json(results: Sequence[Result]) -> str:
    """One object; `low` and `high` are there when a bootstrap was asked for."""
    systems = [
        {"name": result.name, "scores": {name: _facts(score) for name, score in result.scores.items()}}
        for result in results
    ]
    return json_line({"systems": systems})


def _facts(score: Score) -> dict[str, Any]:
    facts: dict[str, Any] = {"value": score.value, "signature": score.signature}
    if score.low is not None:
        facts.update(low=score.low, high=score.high)
    return facts


def as_table(results: Sequence[Result]) -> str:
    """A row for each system, then the signature of each metric."""
    names = list(results[0].scores)
    rows = [["", *names]]
    for result in results:
        rows.append([inert(result.name).replace("\n", " "), *(_cell(score) for score in result.scores.values())])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *cells in rows:
        numbers = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *numbers]))
    width = max(len(name) for name in names)
    signatures = [f"{name.ljust(width)}  {score.signature}" for name, score in results[0].scores.items()]
    return "\n".join([*lines, "", *signatures])


def _cell(score: Score) -> str:
    interval = "" if score.low is None else f" [{score.low:.2f}, {score.high:.2f}]"
    return f"{score.value:.2f}{interval}"
