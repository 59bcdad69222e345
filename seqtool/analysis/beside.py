"""What several runs made of the same lines, beside each other: sample translations, and the lines with the lowest scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.analysis.judged import JudgedLine
from seqtool.analysis.views import RunView, SampleStory, metric_name


@dataclass(frozen=True)
class Cell:
    """What a run made of a line, and a word on it: its step or its score."""

    text: str
    note: str


@dataclass(frozen=True)
class Row:
    """A line, and a cell for each run; None where a run has nothing of it. `where` says which line it is, if there is more to say."""

    src: str
    ref: str
    cells: tuple[Cell | None, ...]
    where: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same line."""
        return self.src, self.ref


def samples_beside(views: Sequence[RunView]) -> list[Row]:
    """The samples that at least two runs have, as each translated them last."""
    tables = [{(story.src, story.ref): story for story in view.stories} for view in views]
    rows = [
        Row(*key, tuple(_last(table[key]) if key in table else None for table in tables))
        for key in dict.fromkeys(key for table in tables for key in table)
    ]
    return [row for row in rows if _shared(row)]


def _last(story: SampleStory) -> Cell:
    steps, text = story.told[-1]
    return Cell(text, f"step {steps}" if "–" not in steps else f"steps {steps}")


def worst_beside(views: Sequence[RunView]) -> list[Row]:
    """The worst lines of any run that at least two runs have translated, the lowest score first."""
    tables = [{_key(view, line): line for line in view.judged.lines} if view.judged else {} for view in views]
    asked = dict.fromkeys(_key(view, line) for view in views for line in view.worst)
    found = []
    for key in asked:
        lines = [table.get(key) for table in tables]
        there = [line for line in lines if line is not None]
        cells = tuple(None if line is None else _scored(view, line) for view, line in zip(views, lines, strict=True))
        split, number, src, ref = key
        where = f"line {number:,} of {split} · {there[0].src_tokens} source tokens"
        found.append((min(line.score for line in there), number, Row(src, ref, cells, where)))
    return [row for _, _, row in sorted(found, key=lambda one: one[:2]) if _shared(row)]


def _key(view: RunView, line: JudgedLine) -> tuple[str, int, str, str]:
    return view.judged.split if view.judged else "", line.number, line.src, line.ref


def _scored(view: RunView, line: JudgedLine) -> Cell:
    assert view.judged is not None
    return Cell(line.hyp, f"{metric_name(view.judged.line_metric)} {line.score:.1f}")


def _shared(row: Row) -> bool:
    return sum(cell is not None for cell in row.cells) > 1


def alone(view: RunView, rows: Sequence[Row]) -> list[JudgedLine]:
    """The worst lines of a run that are its own."""
    shown = {row.key for row in rows}
    return [line for line in view.worst if (line.src, line.ref) not in shown]
