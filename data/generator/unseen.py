"""Reports as in the test set, but a share of their names and numbers is in no training report: only who copies gets them right."""

from __future__ import annotations

import json
import re

from .dice import Dice
from .reports import Facts, fits, headline_of, read_domains, read_values, report_of

SEED = 20240611
SIZE = 300
UNSEEN, OF = 3, 10
NAMES = frozenset({"town", "surname", "club", "company", "museum", "university"})
# Syllables: a beginning, what may stand between, an end.
FIRST = ("B", "Br", "D", "Dr", "F", "G", "Gl", "H", "K", "Kl", "L", "M", "N", "P", "Pl", "R", "S", "T", "Tr", "V", "Z")
MIDDLE = ("b", "d", "f", "g", "k", "l", "lb", "ld", "m", "nd", "nt", "r", "rd", "rm", "s", "t", "v", "x", "z")
LAST = ("b", "d", "g", "k", "lk", "m", "n", "ng", "rd", "rn", "sk", "v", "x", "z")
VOWELS = ("a", "e", "i", "o", "u", "ai", "ei")


def larger_numbers() -> dict[str, list[str]]:
    """For each list of numbers that a headline may have, numbers beyond the largest of the list."""
    return {
        "few": [str(number) for number in range(13, 60)],
        "percent": [str(number) for number in range(26, 100)],
        "millions": [str(number) for number in range(21, 100)],
        "minutes": [str(number) for number in range(48, 60)],
        "hundreds": [str(number) for number in range(901, 1000)],
        "thousands": [f"{number // 1000},{number % 1000:03}" for number in range(21_000, 99_000, 50)],
        "score": [f"{most}-{fewer}" for most in range(6, 10) for fewer in range(6)],
    }


class Deck:
    """Says yes three times in ten: cards are drawn until none is left, so that the share is kept and not only likely."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._cards: list[bool] = []

    def draw(self) -> bool:
        """The next card."""
        if not self._cards:
            self._cards = self._dice.shuffled([number < UNSEEN for number in range(OF)])
        return self._cards.pop()


class Inventor:
    """Words that a text has nowhere, be it inside another word."""

    def __init__(self, dice: Dice, text: str) -> None:
        self._dice = dice
        self._text = text.lower()
        self._numbers = {
            name: [number for number in numbers if number not in self._text]
            for name, numbers in larger_numbers().items()
        }
        self._given: set[str] = set()

    def has_numbers(self, name: str) -> bool:
        """Whether a list is one of numbers."""
        return name in self._numbers

    def number(self, name: str) -> str:
        """A number for a list, beyond its largest."""
        return self._dice.pick(self._numbers[name])

    def name(self) -> str:
        """A name of two or three syllables, never the same."""
        while True:
            parts = [FIRST, VOWELS, *[MIDDLE, VOWELS] * self._dice.between(1, 2), LAST]
            word = "".join(map(self._dice.pick, parts))
            if word not in self._given and word.lower() not in self._text:
                self._given.add(word)
                return word


class PartlyUnseen(Facts):
    """Facts of one report. Names may be unseen wherever they stand, so that being unseen does not mark what a headline needs; numbers only
    where a headline has them too, since few others make sense elsewhere (around 37 o'clock)."""

    def __init__(
        self, dice: Dice, values: dict[str, list[list[str]]], inventor: Inventor, decks: tuple[Deck, Deck]
    ) -> None:
        super().__init__(dice, values)
        self._inventor = inventor
        self._headline_deck, self._report_deck = decks
        self._in_headline = True
        self._unseen: list[str] = []

    def headline_is_done(self) -> list[str]:
        """The unseen words so far; what is asked for from now on is in the report only."""
        self._in_headline = False
        return list(self._unseen)

    def choose(self, name: str, taken: list[list[str]]) -> list[str]:
        """A known value, or one with an unseen first word."""
        known = super().choose(name, taken)
        deck = self._headline_deck if self._in_headline else self._report_deck
        if name in NAMES and deck.draw():
            word = self._inventor.name()
            forms = [re.sub(r"^\S+", word, known[0]), *known[1:]]
        elif self._inventor.has_numbers(name) and self._in_headline and deck.draw():
            word = self._inventor.number(name)
            forms = [word]
        else:
            return known
        self._unseen.append(word)
        return forms


def draw(train: str, headlines: set[str]) -> list[dict[str, str | list[str]]]:
    """The reports, none of whose headlines is among these; the text of `train` says what has been seen."""
    dice = Dice(SEED)
    inventor, decks = Inventor(dice, train), (Deck(dice), Deck(dice))
    values, domains = read_values(), read_domains()
    names = sorted(domains)
    taken = set(headlines)
    rows: list[dict[str, str | list[str]]] = []
    while len(rows) < SIZE:
        parts, facts = domains[names[len(rows) % len(names)]], PartlyUnseen(dice, values, inventor, decks)
        headline = headline_of(dice, parts, facts)
        unseen = facts.headline_is_done()
        report = report_of(dice, parts, facts)
        if headline in taken or not fits(report):
            continue
        taken.add(headline)
        rows.append({"report": report, "headline": headline, "unseen": sorted(unseen, key=headline.index)})
    return rows


def files(reports: dict[str, bytes]) -> dict[str, bytes]:
    """The file by name, given those of the other reports."""
    texts = {name: data.decode("utf-8") for name, data in reports.items()}
    headlines = {json.loads(line)["headline"] for text in texts.values() for line in text.splitlines()}
    rows = draw(texts["reports/train.jsonl"], headlines)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return {"reports/unseen.jsonl": "".join(lines).encode("utf-8")}
