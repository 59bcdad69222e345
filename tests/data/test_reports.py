"""The reports: every fact of a headline is in its report, spread over several sentences, among others of its kind."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from statistics import fmean

import pytest

from tests.data.conftest import SPLITS

Reports = dict[str, list[tuple[str, str]]]
FUNCTION_WORDS = frozenset(
    ("a", "an", "the", "of", "to", "in", "for", "by", "from", "with", "and", "after", "at", "on", "is")
)
# Parts of names (Railway Museum) that also begin headlines as common nouns (Railway line in Harbury closed).
COMMON_TOO = frozenset({"Railway", "Harbour"})
# What a headline says in other words than its report, with the words that the report must have one of.
REWORDED = (
    ("approves", r"in favour of the plan|gave the plan their blessing|said yes to the plan"),
    ("rejects", r"against the plan|turned the plan down|said no to the plan"),
    ("postpones", r"put the decision off|will vote again|asked for more time"),
    ("profit rises", r"[Pp]rofit (?:rose|was up)|percent more than a year ago"),
    ("profit falls", r"[Pp]rofit (?:fell|was down)|percent less than a year ago"),
    ("to cut", r"close its plant.*lose their jobs|lose their jobs.*close its plant"),
    ("to create", r"open a new plant.*be hired|be hired.*open a new plant"),
    ("closes schools", r"[Ss]chools (?:had to stay closed|could not open)"),
    ("stops trains", r"No train left|all trains were cancelled"),
    ("cuts power", r"without electricity|power failed"),
    ("blocks roads", r"roads impassable|not use the main roads"),
    ("floods cellars", r"many cellars|dozens of cellars"),
    ("good harvest", r"harvest was rich|more than in an average year"),
    ("bad harvest", r"harvest was poor|less than in an average year"),
    ("despite rain", r"It rained"),
    ("despite cold", r"never rose above"),
    ("despite storm", r"strong wind"),
    ("in sunshine", r"sun shone"),
    ("in great heat", r"34 degrees"),
    ("wins", r"reached the finish first|The winner was|Nobody was faster than|prize"),
    ("becomes new", r"retire|going to stop"),
)  # fmt: skip


def sentences(report: str) -> list[str]:
    return re.split(r'(?<=[.!?])"? (?=["A-Z\d])', report)


def words(text: str) -> list[str]:
    """Words and numbers, without the marks around them."""
    return re.findall(r"[A-Za-z\d](?:[\w,.'-]*\w)?", text)


def everything(reports: Reports) -> list[tuple[str, str]]:
    return [row for split in SPLITS for row in reports[split]]


def proper_names(rows: list[tuple[str, str]]) -> set[str]:
    """Words with a capital in the middle of a sentence."""
    return {name for report, _ in rows for name in re.findall(r"(?<=[a-z,] )[A-Z][\w-]+", report)}


def coverage(headline: str, text: str) -> float:
    """The share of the headline's content words that a text has."""
    content = {word.lower() for word in words(headline)} - FUNCTION_WORDS
    return len(content & {word.lower() for word in words(text)}) / len(content)


@pytest.mark.parametrize(("split", "least"), [("train", 6_000), ("valid", 300), ("test", 300)])
def test_there_are_as_many_reports_as_promised(reports: Reports, split: str, least: int) -> None:
    assert len(reports[split]) >= least


def test_no_report_comes_twice_and_no_headline_of_valid_or_test_comes_again(reports: Reports) -> None:
    texts = Counter(report for report, _ in everything(reports))
    headlines = Counter(headline for _, headline in everything(reports))
    assert max(texts.values()) == 1
    assert {headlines[headline] for split in ("valid", "test") for _, headline in reports[split]} == {1}


def test_every_text_is_clean(reports: Reports) -> None:
    for row in everything(reports):
        for text in row:
            assert text == unicodedata.normalize("NFC", text)
            assert not any(unicodedata.category(character).startswith("C") for character in text), text
            assert text == " ".join(text.split())
            assert not re.search(r"[{}|]", text), text  # a field that was never filled
        report, headline = row
        assert report.endswith((".", '."'))
        assert not headline.endswith(".")
        assert headline[0].isupper() or headline[0].isdigit()


def test_a_or_an_fits_the_next_word(reports: Reports) -> None:
    for row in everything(reports):
        for article, letter in re.findall(r"\b([Aa]n?) (\w)", " ".join(row)):
            assert (len(article) == 2) == (letter.lower() in "aeiou"), row


def test_reports_have_several_sentences_and_headlines_are_short(reports: Reports) -> None:
    for report, headline in everything(reports):
        assert 4 <= len(sentences(report)) <= 6
        assert 40 <= len(report.split()) <= 90
        assert 4 <= len(headline.split()) <= 16


def test_every_number_and_name_of_a_headline_is_in_its_report(reports: Reports) -> None:
    rows = everything(reports)
    names = proper_names(rows)
    assert len(names) > 100
    for report, headline in rows:
        stated = set(words(report))
        for position, word in enumerate(words(headline)):
            named = word[0].isupper() and (position > 0 or word in names - COMMON_TOO)
            if named or re.search(r"\d", word):
                assert word in stated, (headline, report)


def test_the_number_word_that_begins_a_headline_is_in_its_report(reports: Reports) -> None:
    seen = 0
    for report, headline in everything(reports):
        if headline.split()[1] == "injured":
            assert re.search(rf"\b{headline.split()[0]}\b(?: injured)? people", report, re.IGNORECASE), (
                headline,
                report,
            )
            seen += 1
    assert seen > 300


@pytest.mark.parametrize(("said", "told"), REWORDED, ids=[said for said, _ in REWORDED])
def test_what_a_headline_rewords_is_told(reports: Reports, said: str, told: str) -> None:
    rows = [(report, headline) for report, headline in everything(reports) if f" {said} " in f" {headline} "]
    assert len(rows) >= 30
    assert [row for row in rows if not re.search(told, row[0])] == []


def test_the_hero_of_a_match_belongs_to_the_club_that_won(reports: Reports) -> None:
    seen = 0
    for report, headline in everything(reports):
        match = re.fullmatch(r"(\w+) leads (.+) to ([\d-]+) win over (.+)", headline)
        if match:
            surname, winner, score, loser = match.groups()
            assert re.search(
                rf"{surname}, who scored the winning goal for {winner}|{surname} made the difference and "
                rf"scored the decisive goal for {winner}|{winner} owed the victory above all to captain \w+ {surname}",
                report,
            )
            assert re.search(rf"(?:ended|score was) {score}\.", report)
            assert loser in report
            seen += 1
    assert seen > 300


def test_the_first_sentence_does_not_give_the_headline_away(reports: Reports) -> None:
    first = [coverage(headline, sentences(report)[0]) for report, headline in everything(reports)]
    whole = [coverage(headline, report) for report, headline in everything(reports)]
    assert max(first) < 1
    assert fmean(first) < 0.35
    assert fmean(whole) > 0.65


def test_no_single_sentence_does(reports: Reports) -> None:
    best = [max(coverage(headline, s) for s in sentences(report)) for report, headline in everything(reports)]
    assert max(best) < 1
    assert fmean(best) < 0.5


def test_the_deciding_number_may_stand_in_any_sentence(reports: Reports) -> None:
    places: Counter[int] = Counter()
    for report, headline in everything(reports):
        numbers = [word for word in words(headline) if re.search(r"\d", word)]
        if numbers:
            places[next(i for i, s in enumerate(sentences(report)) if numbers[0] in words(s))] += 1
    assert all(places[place] > 0.05 * places.total() for place in range(1, 6))


def test_most_reports_hold_more_numbers_than_the_headline_needs(reports: Reports) -> None:
    rows = everything(reports)
    more = [len(set(re.findall(r"\d+", report))) > len(set(re.findall(r"\d+", headline))) for report, headline in rows]
    assert fmean(more) > 0.75


def test_nearly_every_kind_of_headline_is_in_each_split(reports: Reports) -> None:
    kinds = {
        split: {said for said, _ in REWORDED if any(said in headline for _, headline in reports[split])}
        for split in SPLITS
    }
    assert len(kinds["train"]) == len(REWORDED)
    assert min(len(kinds["valid"]), len(kinds["test"])) >= len(REWORDED) - 2
