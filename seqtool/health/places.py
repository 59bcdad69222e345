"""From the number of a pair to the file and line it stands in, and its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from seqtool.errors import DataError
from seqtool.health.finding import Example, Finding
from seqtool.health.reading import SplitFacts
from seqtool.text.corpus import Corpus, Part
from seqtool.text.formats import text_lines
from seqtool.text.separated import CsvRows


def with_places(findings: Sequence[Finding], facts: SplitFacts, corpus: Corpus) -> list[Finding]:
    """The findings with the places and texts of their examples in this split; others stay as they are. Reads the corpus once more, up to
    the last of them."""
    wanted = {one.pair for finding in findings for one in finding.examples if one.split == facts.split}
    texts = _texts(corpus, wanted)
    places = _places(facts, wanted)

    def filled(one: Example) -> Example:
        if one.split != facts.split or one.pair not in texts:
            return one
        number = 0 if one.side == "src" else 1
        return replace(one, place=places[one.pair][number], text=texts[one.pair][number])

    return [replace(finding, examples=[filled(one) for one in finding.examples]) for finding in findings]


def _texts(corpus: Corpus, wanted: set[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    try:
        for number, pair in enumerate(islice(corpus.pairs(), max(wanted, default=-1) + 1)):
            if number in wanted:
                found[number] = pair
    except DataError:  # what cannot be read is told by the finding about it
        pass
    return found


def _places(facts: SplitFacts, wanted: set[int]) -> dict[int, tuple[str, str]]:
    """The place of each pair on both sides."""
    found: dict[int, tuple[str, str]] = {}
    ends = [first for first, _ in facts.parts[1:]] + [facts.pairs]
    for (first, part), end in zip(facts.parts, ends, strict=True):
        inside = sorted(number for number in wanted if first <= number < end)
        lines = _lines(part, [number - first for number in inside])
        found.update(
            (number, (f"{part.src}:{line}", f"{part.tgt}:{line}")) for number, line in zip(inside, lines, strict=True)
        )
    return found


def _lines(part: Part, rows: list[int]) -> Iterable[int | str]:
    """What to call each of these rows, counted from 0, of a piece of a corpus."""
    if part.format == "text" or part.format == "tsv":
        return [row + 1 + part.titled for row in rows]
    if part.format in ("jsonl", "csv"):
        numbers = _json_lines(Path(part.src)) if part.format == "jsonl" else _csv_lines(Path(part.src))
        wanted = set(rows)
        return [line for row, line in enumerate(islice(numbers, max(rows, default=-1) + 1)) if row in wanted]
    return [f"row {row + 1}" for row in rows]


def _json_lines(path: Path) -> Iterator[int]:
    return (number for number, line in enumerate(text_lines(path), 1) if line.strip())


def _csv_lines(path: Path) -> Iterator[int]:
    """The line each row ends in, as messages about rows have it."""
    rows = CsvRows(path)
    next(rows, None)
    return (rows.line for row in rows if row)
