"""What `seqtool check` found, for people and as one JSON object. All text of the data is made inert."""

from __future__ import annotations

import json
import locale
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtool.cli.terminal import inert
from seqtool.errors import DataError

if TYPE_CHECKING:
    from seqtool.health.check import Health
    from seqtool.health.finding import Example, Finding
    from seqtool.health.lengths import Lengths

_MARKS = {"ok": "✔", "untold": "–", "warning": "⚠", "error": "✘"}
_PLAIN_MARKS = {"ok": "ok", "untold": "--", "warning": "!!", "error": "XX"}
_SHOWN_CHARS = 60
_BAR = 24
_SPLITS = ("train", "valid", "test")


def as_json(recipe: Path, found: Health) -> str:
    """One object with everything: level, pairs, lengths, findings. Plain ASCII, so that nothing in it does anything to a terminal."""
    facts = {
        "recipe": str(recipe),
        "level": found.level,
        "pairs": dict(found.pairs),
        "lengths": [_length_facts(one) for one in found.lengths],
        "findings": [_facts(one) for one in found.findings],
    }
    return json.dumps(facts).replace("\x7f", "\\u007f")


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "level": finding.level,
        "split": finding.split,
        "message": finding.message,
        "advice": finding.advice,
        "numbers": dict(finding.numbers),
        "words": list(finding.words),
        "examples": [
            {"split": one.split, "side": one.side, "pair": one.pair + 1, "place": one.place, "text": one.text}
            for one in finding.examples
        ],
    }


def _length_facts(one: Lengths) -> dict[str, Any]:
    from seqtool.health.lengths import PERCENTILES

    return {
        "split": one.split,
        "side": one.side,
        "unit": one.unit,
        "mean": round(one.mean, 3),
        "percentiles": {str(at): value for at, value in zip(PERCENTILES, one.percentiles, strict=True)},
        "histogram": {"edges": list(one.edges), "counts": list(one.counts)},
    }


def failure(found: Health) -> DataError | None:
    """How the command ends where something makes training or its scores worthless."""
    wrong = [finding for finding in found.findings if finding.level == "error"]
    if not wrong:
        return None
    names = ", ".join(dict.fromkeys(f"{finding.split}: {finding.id}" for finding in wrong))
    return DataError(
        "check.failed", f"this data is not fit to train on ({names})", "see what to do beside each mark above"
    )


def as_text(found: Health, *, quiet: bool = False) -> str:
    """The findings of each split with a mark each, then lengths with a histogram of the training pairs; `quiet`: only what is not well."""
    plain = not _shows_marks()
    marks = _PLAIN_MARKS if plain else _MARKS
    lines = []
    for split in _SPLITS:
        told = [one for one in found.findings if one.split == split and not (quiet and one.level in ("ok", "untold"))]
        if split in found.pairs and told:
            lines.extend([split, *(_line(one, marks) for one in told), ""])
    lines.extend([] if quiet else _lengths(found.lengths))
    for unit in () if quiet else ("words", "tokens"):
        shown = [one for one in found.lengths if one.split == "train" and one.unit == unit]
        together = [shown] if len({one.edges for one in shown}) == 1 else [[one] for one in shown]
        for some in together:
            lines.extend(_histogram(some, plain))
    counts = {level: sum(one.level == level for one in found.findings) for level in marks}
    summary = "  ".join(f"{marks[level]} {count}" for level, count in counts.items() if count or level != "untold")
    return "\n".join([*lines, summary])


def _shows_marks() -> bool:
    """Whether who reads standard output can be expected to see more than ASCII: seqtool writes UTF-8 whatever the locale says."""
    asked = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
    try:
        "".join([*_MARKS.values(), "█"]).encode(asked or locale.getencoding())
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _line(finding: Finding, marks: dict[str, str]) -> str:
    text = f"{marks[finding.level]} {finding.id}: {inert(finding.message)}"
    if finding.words:
        text += f" ({', '.join(_cut(word) for word in finding.words)})"
    if finding.examples and finding.level != "ok":
        text += "; " + ", ".join(_example(one) for one in finding.examples)
    if finding.advice:
        text += f". {inert(finding.advice[:1].upper() + finding.advice[1:])}"
    return text.replace("\n", " ")


def _example(one: Example) -> str:
    return f"{inert(one.place)} {_cut(one.text)}"


def _cut(text: str) -> str:
    """The beginning of a line in quotes; what would not be seen, or would do something, by its code point."""
    shown = "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in text[: _SHOWN_CHARS + 1])
    return f'"{shown}"' if len(text) <= _SHOWN_CHARS else f'"{shown[: _SHOWN_CHARS - 3]}..."'


def _lengths(lengths: Sequence[Lengths]) -> list[str]:
    """A table of percentiles."""
    from seqtool.health.lengths import PERCENTILES

    heads = ["lengths", *("max" if at == 100 else f"{at}%" for at in PERCENTILES), "mean"]
    rows = [[f"{one.split} {one.side}, {one.unit}", *map(str, one.percentiles), f"{one.mean:.1f}"] for one in lengths]
    first = max(len(row[0]) for row in [heads, *rows])
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(1, len(heads))]
    table = []
    for name, *cells in [heads, *rows]:
        numbers = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        table.append("  ".join([name.ljust(first), *numbers]))
    return [*table, ""]


def _histogram(lengths: Sequence[Lengths], plain: bool) -> list[str]:
    """A row for each span of lengths, and in it a bar for each side."""
    if not lengths:
        return []
    edges = lengths[0].edges
    names = [_span(first, stop - 1) for first, stop in pairwise(edges)]
    width = max(len(lengths[0].unit), *map(len, names))
    highest = max(max(one.counts) / max(sum(one.counts), 1) for one in lengths)
    rows = [f"{lengths[0].unit.rjust(width)}  " + "".join(f"{one.split} {one.side}".ljust(_BAR + 9) for one in lengths)]
    for place, name in enumerate(names):
        if not any(one.counts[place] for one in lengths):
            continue
        cells = []
        for one in lengths:
            part = one.counts[place] / max(sum(one.counts), 1)
            size = max(round(part / highest * _BAR), 1 if part else 0)
            cells.append(
                f"{('#' if plain else '█') * size} {100 * part:.1f}%".ljust(_BAR + 9) if part else " " * (_BAR + 9)
            )
        rows.append(f"{name.rjust(width)}  {''.join(cells)}".rstrip())
    return [*(row.rstrip() for row in rows), ""]


def _span(first: int, last: int) -> str:
    return str(first) if last <= first else f"{first}-{last}"
