"""The reports with unseen names and numbers: their share, that no training report has them, and that reports say what headlines say."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from tests.data.conftest import DATA, SPLITS

Rows = list[dict[str, Any]]
Reports = dict[str, list[tuple[str, str]]]
LISTS = dict(
    line.split("\t") for line in (DATA / "generator/lexicon/report_values.tsv").read_text("utf-8").splitlines()[1:]
)
NAMES = [
    value.split("|")[0]
    for name in ("town", "surname", "club", "company", "museum", "university")
    for value in LISTS[name].split("; ")
]
KNOWN_NAME = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(set(NAMES), key=len, reverse=True)))
FIXED = re.compile(r"100-mile|two hours|four hours|19 hours|one minute")  # parts of a race's name and of its time
NUMBER = re.compile(rf"\b(?:\d[\d,-]*|{'|'.join(LISTS['few'].split('; '))})\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def unseen() -> Rows:
    """The lines of the file."""
    return [json.loads(line) for line in (DATA / "reports/unseen.jsonl").read_text("utf-8").splitlines()]


def words(text: str) -> list[str]:
    """Words and numbers, without the marks around them."""
    return re.findall(r"[A-Za-z\d](?:[\w,.'-]*\w)?", text)


def mentions(row: dict[str, Any], *, numbers: bool) -> tuple[int, int]:
    """How many names, or numbers, of a headline are unseen, and how many there are."""
    strange = [word for word in row["unseen"] if word[0].isdigit() == numbers]
    rest = " ".join("-" if word in row["unseen"] else word for word in words(FIXED.sub("-", row["headline"])))
    if not numbers:
        # Tagoldek County: what stands behind an unseen first word is part of its name
        return len(strange), len(strange) + len(KNOWN_NAME.findall(rest))
    return len(strange), len(strange) + len(NUMBER.findall(rest))


def test_there_are_as_many_as_of_the_test_set_of_the_same_kinds_and_lengths(unseen: Rows, reports: Reports) -> None:
    assert len(unseen) == len(reports["test"]) == 300
    for row in unseen:
        assert list(row) == ["report", "headline", "unseen"]
        assert 40 <= len(row["report"].split()) <= 90
        assert 4 <= len(row["headline"].split()) <= 16


@pytest.mark.parametrize("numbers", [False, True], ids=["names", "numbers"])
def test_three_in_ten_names_and_numbers_of_the_headlines_are_unseen(unseen: Rows, numbers: bool) -> None:
    strange, every = map(sum, zip(*(mentions(row, numbers=numbers) for row in unseen), strict=True))
    assert every > 100
    assert strange / every == pytest.approx(0.3, abs=0.05)


def test_so_is_their_sum_within_two_in_a_hundred(unseen: Rows) -> None:
    both = [mentions(row, numbers=numbers) for row in unseen for numbers in (False, True)]
    assert sum(strange for strange, _ in both) / sum(every for _, every in both) == pytest.approx(0.3, abs=0.02)


def test_no_training_report_or_headline_has_them_be_it_inside_another_word(unseen: Rows, reports: Reports) -> None:
    train = "\n".join(" ".join(pair) for pair in reports["train"]).lower()
    assert [word for row in unseen for word in row["unseen"] if word.lower() in train] == []


def test_every_other_word_of_a_headline_is_in_the_training_reports(unseen: Rows, reports: Reports) -> None:
    train = {word for pair in reports["train"] for text in pair for word in words(text)}
    for row in unseen:
        assert set(words(row["headline"])) - train == set(row["unseen"]), row


def test_report_and_headline_say_the_same(unseen: Rows) -> None:
    for row in unseen:
        assert set(row["unseen"]) <= set(words(row["report"])), row
        places = [words(row["headline"]).index(word) for word in row["unseen"]]
        assert all(first < second for first, second in pairwise(places)), row  # in the headline's order, none twice


def test_a_name_is_invented_once(unseen: Rows) -> None:
    named = Counter(word for row in unseen for word in row["unseen"] if word[0].isalpha())
    assert max(named.values()) == 1
    assert len(named) > 100


def test_what_is_unseen_is_not_only_what_the_headline_needs(unseen: Rows, reports: Reports) -> None:
    """Else a model would learn to copy whatever looks strange."""
    train = {word for pair in reports["train"] for text in pair for word in words(text)}
    elsewhere = [set(words(row["report"])) - train - set(row["unseen"]) for row in unseen]
    assert sum(bool(strange) for strange in elsewhere) > 100
    assert sum(bool(strange) and bool(row["unseen"]) for row, strange in zip(unseen, elsewhere, strict=True)) > 50


def test_no_headline_and_no_report_is_another_ones(unseen: Rows, reports: Reports) -> None:
    for place, field in enumerate(("report", "headline")):
        own = [row[field] for row in unseen]
        assert len(set(own)) == len(own)
        assert set(own).isdisjoint(pair[place] for split in SPLITS for pair in reports[split])
