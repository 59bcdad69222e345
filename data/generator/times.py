"""Adverbials of time: fixed ones, dates, clock times, spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import determiners
from .clause import Part
from .dice import Dice
from .lexicon import Lexicon

# German singular and dative plural, English singular and plural, usual numbers.
Unit = tuple[str, str, str, str, tuple[int, ...]]
HOURS = ("zwölf", *determiners.NUMBERS[1:12])
ENGLISH_HOURS = ("twelve", *determiners.ENGLISH_NUMBERS[1:12])
MINUTES = ((5, "fünf nach", "five past"), (10, "zehn nach", "ten past"), (15, "Viertel nach", "a quarter past"))
TO_MINUTES = ((20, "zwanzig vor", "twenty to"), (10, "zehn vor", "ten to"), (15, "Viertel vor", "a quarter to"))
UNITS: tuple[Unit, ...] = (
    ("Minute", "Minuten", "minute", "minutes", (10, 15, 20, 30)),
    ("Stunde", "Stunden", "hour", "hours", (2, 3, 4, 5)),
    ("Tag", "Tagen", "day", "days", (2, 3, 4, 5, 10)),
    ("Woche", "Wochen", "week", "weeks", (2, 3, 4, 6)),
    ("Monat", "Monaten", "month", "months", (2, 3, 6, 8, 9)),
    ("Jahr", "Jahren", "year", "years", (2, 3, 4, 5, 6, 7, 10, 12, 15, 20)),
)


@dataclass(frozen=True)
class Times:
    """Random adverbials of time."""

    dice: Dice
    lexicon: Lexicon

    def word(self, kind: str) -> tuple[str, str]:
        """A fixed expression of the word lists."""
        return self.dice.pick(self.lexicon.words[kind])

    def fixed(self, kind: str) -> Part:
        """A fixed adverbial: past, future, habit or now."""
        return Part("time", *self.word(kind))

    def past(self, dated: bool) -> Part:
        """A point in the past; dates and years only where the event is one that people date."""
        weights = (("fixed", 7), ("ago", 1.8), ("clock", 1), ("day", 1), ("date", 2.5 * dated), ("year", 1.5 * dated))
        kind = self.dice.weighted(weights)
        if kind == "fixed":
            return self.fixed("past_long" if dated and self.dice.chance(0.5) else "past")
        if kind == "ago":
            return self.ago()
        if kind == "year":
            return self.in_year()
        if kind == "clock":
            return self.clock()
        return self.weekday() if kind == "day" else self.date(1950, 2023)

    def long_ago(self) -> Part:
        """A year or season of the past."""
        periods = ("letztes Jahr", "letzten Sommer", "letzten Winter", "damals")
        return Part("time", *self.dice.pick([pair for pair in self.lexicon.words["past_long"] if pair[0] in periods]))

    def future(self, dated: bool) -> Part:
        """A point in the future."""
        weights = (("fixed", 7), ("in", 1.2 * dated), ("day", 1), ("clock", 0.5), ("date", 2 * dated))
        kind = self.dice.weighted(weights)
        if kind == "fixed":
            return self.fixed("future_long" if dated and self.dice.chance(0.5) else "future")
        if kind == "in":
            return self.ahead()
        if kind == "clock":
            return self.clock()
        return self.weekday() if kind == "day" else self.date(0, 0)

    def weekday(self) -> Part:
        """am Montag, on Monday; sometimes with a part of the day."""
        german, english = self.word("weekday")
        part = self.dice.pick(
            (("", ""), ("", ""), ("morgen", " morning"), ("nachmittag", " afternoon"), ("abend", " evening"))
        )
        return Part("time", f"am {german}{part[0]}", f"on {english}{part[1]}")

    def date(self, first: int, last: int) -> Part:
        """am 3. März 2019, on 3 March 2019; no year when last is 0."""
        month = self.dice.below(12)
        german, english = self.lexicon.words["month"][month]
        day = self.dice.between(1, 28)
        if not last:
            return Part("time", f"am {day}. {german}", f"on {day} {english}")
        year = self.dice.between(first, last)
        return Part("time", f"am {day}. {german} {year}", f"on {day} {english} {year}")

    def in_year(self) -> Part:
        """im Jahr 1998, im Juli 2012, im Sommer 2015."""
        year = self.dice.between(1950, 2023)
        kind = self.dice.pick(("year", "month", "season"))
        if kind == "year":
            return Part("time", f"im Jahr {year}", f"in {year}")
        german, english = self.word(kind)
        if kind == "season":
            return Part("time", f"im {german} {year}", f"in the {english} of {year}")
        return Part("time", f"im {german} {year}", f"in {english} {year}")

    def clock(self) -> Part:
        """um drei Uhr, um halb acht, um 18.30 Uhr."""
        kind = self.dice.weighted((("full", 4), ("half", 3), ("past", 2), ("to", 2), ("digits", 3)))
        hour = self.dice.between(1, 12)
        if kind == "digits":
            return self.digital()
        if kind == "half":
            return Part("time", f"um halb {HOURS[(hour + 1) % 12]}", f"at half past {ENGLISH_HOURS[hour % 12]}")
        if kind == "full":
            spoken = "ein" if hour == 1 else HOURS[hour % 12]
            return Part("time", f"um {spoken} Uhr", f"at {ENGLISH_HOURS[hour % 12]} o'clock")
        _, german, english = self.dice.pick(MINUTES if kind == "past" else TO_MINUTES)
        return Part("time", f"um {german} {HOURS[hour % 12]}", f"at {english} {ENGLISH_HOURS[hour % 12]}")

    def digital(self) -> Part:
        """A time in digits on the clock of 24 hours, with am and pm in English."""
        hour, minute = self.dice.between(6, 23), self.dice.pick((5, 10, 15, 20, 30, 40, 45, 50))
        shown = hour if hour <= 12 else hour - 12
        half = "am" if hour < 12 else "pm"
        return Part("time", f"um {hour}.{minute:02d} Uhr", f"at {shown}.{minute:02d} {half}")

    def span(self, units: Sequence[Unit] = UNITS) -> tuple[str, str]:
        """drei Tagen, three days: the dative after vor, in and seit."""
        singular, plural, english, english_plural, counts = self.dice.pick(units)
        if self.dice.chance(0.12):
            article = "einer" if singular.endswith(("e", "te", "de")) else "einem"
            return f"{article} {singular}", f"{'an' if english == 'hour' else 'a'} {english}"
        count = self.dice.pick(counts)
        spoken = determiners.number(count)
        return f"{spoken.stem} {plural}", f"{spoken.english} {english_plural}"

    def ago(self) -> Part:
        """vor drei Tagen, three days ago."""
        german, english = self.span()
        return Part("time", f"vor {german}", f"{english} ago")

    def ahead(self) -> Part:
        """in drei Tagen, in three days."""
        german, english = self.span()
        return Part("time", f"in {german}", f"in {english}")

    def since(self, brief: bool) -> Part:
        """seit drei Jahren, for three years, or seit 2015, since 2015; for brief activities seit zwei Stunden."""
        if brief:
            german, english = self.span(UNITS[:2])
            return Part("time", f"seit {german}", f"for {english}")
        if self.dice.chance(0.3):
            year = self.dice.between(1990, 2023)
            return Part("time", f"seit {year}", f"since {year}")
        german, english = self.span(UNITS[3:])
        return Part("time", f"seit {german}", f"for {english}")
