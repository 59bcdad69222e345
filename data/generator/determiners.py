"""Articles and what stands in their place, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from . import de_noun


@dataclass(frozen=True)
class Determiner:
    """German stem, how it and a following adjective inflect, and the English word (a is resolved later)."""

    stem: str
    endings: str
    adjective: str
    english: str
    weight: str = "def"


DEF = Determiner("der", "definite", "weak", "the")
THIS = Determiner("dies", "der", "weak", "this")
EVERY = Determiner("jed", "der", "weak", "every")
WHICH = Determiner("welch", "der", "weak", "which")
INDEF = Determiner("ein", "ein", "mixed", "a", "indef")
NO = Determiner("kein", "ein", "mixed", "no", "no")
NOT_A = Determiner("kein", "ein", "mixed", "any", "no")
BARE = Determiner("", "none", "strong", "", "indef")
QUANTITIES = (("viele", "many"), ("einige", "some"), ("mehrere", "several"))
NUMBERS = (
    "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
)  # fmt: skip
ENGLISH_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip


def possessive(owner: tuple[str, str]) -> Determiner:
    """mein/my and so on as a determiner."""
    return Determiner(owner[0], "ein", "mixed", owner[1])


def number(value: int) -> Determiner:
    """A number word from two to twelve, or digits above."""
    if value < len(NUMBERS):
        return Determiner(NUMBERS[value], "none", "strong", ENGLISH_NUMBERS[value])
    return Determiner(str(value), "none", "strong", str(value))


def quantity(german: str, english: str) -> Determiner:
    """viele/many and the like, for plurals."""
    return Determiner(german.removesuffix("e"), "der", "strong", english)


def german_determiner(determiner: Determiner, gender: str, case: str) -> str:
    """The determiner in one form, empty for none."""
    index = de_noun.CASES.index(case)
    if determiner.endings == "none":
        return determiner.stem
    if determiner.endings == "definite":
        return de_noun.DEFINITE[gender][index]
    endings = de_noun.EIN_ENDINGS if determiner.endings == "ein" else de_noun.DER_ENDINGS
    ending = endings[gender][index]
    stem = "eur" if determiner.stem == "euer" and ending else determiner.stem
    return stem + ending
