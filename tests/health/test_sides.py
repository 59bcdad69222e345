"""What is said of two sides, and of how many of their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.health import rows, sides
from seqtool.health.alignment import Alignment
from seqtool.health.check import check_recipe
from seqtool.health.finding import Finding
from seqtool.health.languages import Usage, languages
from seqtool.health.reading import Reader, SplitFacts
from seqtool.health.sides import judge_sides
from seqtool.health.slips import Stretch
from seqtool.recipe.schema import CorpusSection, Recipe
from seqtool.text.corpus import Corpus
from tests.health.rows_of import SHIPPED, read_lines
from tests.number_words import write_lines

LINES = 1200
SIDES = [read_lines(SHIPPED / f"train.{side}")[:LINES] for side in ("de", "en")]


def written(folder: Path, src: list[str], tgt: list[str]) -> dict[str, str]:
    """The names of two files of these lines."""
    return {"src": str(write_lines(folder / "a.de", src)), "tgt": str(write_lines(folder / "a.en", tgt))}


def counted(lines: int) -> SplitFacts:
    """Facts of so many pairs, of which nothing else is known."""
    facts = SplitFacts("train", "x", alone=False, pairs=lines)
    for side in facts.sides.values():
        for _ in range(lines):
            side.rows.add([], 1)
    return facts


# First and last line of each stretch and its offset; what is said of the slips, and what to look for.
SLIPS = [
    ([(300, 0), (500, 1), (560, None), (LINES, 1)], ["+1 from line 301 to the end"], ["1 line too many on the target"]),
    ([(300, 0), (500, None), (LINES, 2)], ["+2 from line 501 to the end"], ["2 lines too many on the target"]),
    (
        [(300, 1), (400, None), (LINES, 3)],
        ["+1 from line 1 up to line 300", "+3 from line 401 to the end"],
        ["1 line too many on the target", "2 lines too many on the target"],
    ),
    ([(300, 1), (400, None), (LINES, 0)], ["+1 from line 1 up to line 300"], ["1 line too many on the target"]),
    (
        [(300, 3), (400, None), (700, 1), (800, None), (LINES, 1)],
        ["+3 from line 1 up to line 300", "+1 from line 401 to the end"],
        ["3 lines too many on the target", "2 lines too many on the source"],
    ),
    (
        [(300, 0), (500, -1), (560, None), (800, 0), (900, -1), (960, None), (1000, -1), (LINES, None)],
        ["-1 from line 301 up to line 500", "-1 from line 801 up to line 1,000"],
        ["1 line too many on the source"] * 2,
    ),
    ([(500, 0), (560, None), (LINES, 0)], [], []),
]


@pytest.mark.parametrize(("stretches", "told", "advice"), SLIPS)
def test_a_slip_is_told_once_with_its_cause(
    stretches: list[tuple[int, int | None]], told: list[str], advice: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    firsts = [0, *(stop for stop, _ in stretches)]
    parts = [Stretch(first, stop, offset, 2.0) for first, (stop, offset) in zip(firsts, stretches, strict=False)]
    monkeypatch.setattr(sides, "align", lambda *_: Alignment(LINES, parts, 2.0, 0.01, None))
    found = [one for one in judge_sides(counted(LINES), 1, None)[1] if one.id == "alignment.shifted"]
    assert [one.message.partition(": ")[0] for one in found] == [f"shifted by {text}" for text in told]
    assert all(text in one.advice for one, text in zip(found, advice, strict=True))
    assert all(one.numbers["gain"] == 2.0 for one in found)


def findings(folder: Path, src: list[str], tgt: list[str]) -> dict[str, Finding]:
    """What a check of these lines says, by id."""
    files = written(folder, src, tgt)
    recipe = Recipe.model_validate({"data": {"train": files, "valid": files}, "tokenizer": {"vocab_size": 300}})
    return {one.id: one for one in check_recipe(recipe).findings if one.split == "train"}


def test_what_was_not_looked_at_is_said_not_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 400 pairs the words of the first half are kept; behind them the target slips."""
    src, tgt = (side[:400] for side in SIDES)
    spoilt = [*tgt[:350], "A line that belongs to nothing.", *tgt[350:399]]
    whole = findings(tmp_path, src, spoilt)
    assert "shifted by +1 from line 351 to the end" in whole["alignment.shifted"].message
    assert "data.looked-into" not in whole
    monkeypatch.setattr(rows, "MOST_IDS", 1500)
    found = findings(tmp_path, src, spoilt)
    said = found["data.looked-into"]
    lines = int(said.numbers["looked_into"])
    assert 100 < lines < 300
    assert said.level == "untold"
    assert f"the first {lines:,} of 400 pairs" in said.message
    assert "alignment.shifted" not in found
    assert f"in the first {lines:,} lines" in found["alignment"].message
    assert "language.mixed" in found, "the languages are told by the lines that were looked at"
    found = findings(tmp_path, src, ["A line that belongs to nothing.", *tgt[:399]])
    lines = int(found["data.looked-into"].numbers["looked_into"])
    assert f"up to line {lines:,}, the last that was looked at: " in found["alignment.shifted"].message


@pytest.mark.parametrize("blank", ["", "source", "target"])
def test_blank_lines_do_not_hide_which_language_the_others_are_in(blank: str, tmp_path: Path) -> None:
    src, tgt = ([*side] for side in SIDES)
    tgt[10:30] = src[10:30]
    for place in range(40, LINES, 10):
        if blank:
            (src if blank == "source" else tgt)[place] = ""
    section = CorpusSection.model_validate(written(tmp_path, src, tgt))
    reader = Reader(lambda *_: None)
    facts = reader.read(Corpus(section, "train"), "train")
    (found,) = languages(facts, Usage(facts, len(reader.numbers)))
    assert 5 <= found.numbers["wrong_tgt"] <= 20
    assert found.level == "warning"
