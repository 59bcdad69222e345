"""Columns as real data sets have them, for tests: values with the shape of the real ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_NAMES = (
    "Anna",
    "Berg",
    "Carl",
    "Dorn",
    "Emma",
    "Funk",
    "Gerd",
    "Hahn",
    "Ida",
    "Jung",
    "Karl",
    "Lenz",
    "Mia",
    "Noll",
    "Otto",
    "Pohl",
    "Rosa",
    "Seitz",
    "Tom",
    "Uhl",
)
_VERBS = ("meets", "calls", "sees", "follows", "thanks", "pays", "paints", "helps", "finds", "leaves")
_GERMAN = dict(
    zip(
        _VERBS,
        ("trifft", "ruft", "sieht", "folgt", "dankt", "bezahlt", "malt", "hilft", "findet", "verlässt"),
        strict=True,
    )
)

ROWS = 60


def _sentences(seed: int) -> list[tuple[str, str, str]]:
    rng = random.Random(seed)
    found = []
    for _ in range(ROWS):
        words = [(rng.choice(_NAMES), rng.choice(_VERBS), rng.choice(_NAMES)) for _ in range(rng.randint(1, 4))]
        german = " und ".join(f"{one} {_GERMAN[verb]} {other}" for one, verb, other in words)
        english = " and ".join(f"{one} {verb} {other}" for one, verb, other in words)
        found.append((german + ".", english + ".", f"{words[0][0]} {words[0][1]}"))
    return found


_SENTENCES = _sentences(1)
_COLUMNS: dict[str, Callable[[int], object]] = {
    "german": lambda row: _SENTENCES[row][0],
    "english": lambda row: _SENTENCES[row][1],
    "french": lambda row: _SENTENCES[row][1].replace(" and ", " et "),
    "document": lambda row: " ".join(
        [_SENTENCES[row][1]] + [_SENTENCES[(row * 7 + other) % ROWS][1] for other in range(5)]
    ),
    "summary": lambda row: _SENTENCES[row][2],
    "topic": lambda row: f"about {_SENTENCES[(row * 3) % ROWS][0][::-1][:15]}",
    "comment": lambda row: f"checked by {_NAMES[row * 13 % 20]} on {('mon', 'tues', 'fri')[row % 3]}day {row}",
    "id": lambda row: f"train_{row}",
    "number": lambda row: row,
    "score": lambda row: f"{0.5 + row / 200:.3f}",
    "date": lambda row: f"2024-03-{row % 28 + 1:02} 10:{row:02}",
    "words_date": lambda row: f"{row % 28 + 1} March 2024",
    "url": lambda row: f"https://example.org/{row}",
    "label": lambda row: ("news", "sport", "talk")[row % 3],
    "list": lambda row: [_SENTENCES[row][0]],
    "none": lambda _: None,
}


def rows(columns: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Records with columns of (name, kind of values)."""
    return [{name: _COLUMNS[kind](row) for name, kind in columns} for row in range(ROWS)]


def nested(outer: str, columns: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Records with an id, and columns in one object."""
    return [{"id": f"{number}", outer: inner} for number, inner in enumerate(rows(columns))]
