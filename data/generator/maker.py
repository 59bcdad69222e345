"""What the sentence modules share: the random sources, and how a derivation becomes a line of text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import de_verb, en_forms
from .clause import Clause, Part
from .dice import Dice
from .frames import Frames
from .lexicon import Lexicon, Verb
from .nominal import Nominal
from .phrases import Phrases
from .times import Times

Pair = tuple[str, str]


@dataclass(frozen=True)
class Maker:
    """Everything a sentence is made with."""

    dice: Dice
    lexicon: Lexicon
    phrases: Phrases
    times: Times
    frames: Frames


def make_maker(lexicon: Lexicon, seed: int) -> Maker:
    """A maker with its own random source."""
    dice = Dice(seed)
    phrases, times = Phrases(dice, lexicon), Times(dice, lexicon)
    return Maker(dice, lexicon, phrases, times, Frames(dice, lexicon, phrases, times))


def finish(text: str, mark: str) -> str:
    """A line from words and spaced commas: one comma at a time, none before the mark, a capital first."""
    text = re.sub(r"\s+", " ", text).strip(" ,")
    text = re.sub(r"(?: ,)+", ",", text)
    return en_forms.capital(text) + mark


def finished(pair: Pair, mark: str = ".") -> Pair:
    """Both sides of a pair as lines."""
    return finish(pair[0], mark), finish(pair[1], mark)


def simple_verb(german: str, forms: str, english: str, flags: str = "", auxiliary: str = "h") -> Verb:
    """A verb for a sentence pattern of its own, without slots."""
    return Verb(
        de_verb.make_verb(german, forms, auxiliary),
        en_forms.make_verb(english),
        (),
        (),
        (),
        (),
        frozenset(flags.split()),
    )


SEIN = simple_verb("sein", "ist,war,gewesen", "be,was,been", "st", "s")
HABEN = simple_verb("haben", "hat,hatte,gehabt", "have,had,had", "st")
BE_CALLED = simple_verb("heißen", "heißt,hieß,geheißen", "be+called,was,been", "st")


def predicative(subject: Nominal, german: str, english: str, tense: str = "habit", verb: Verb = SEIN) -> Clause:
    """A clause of subject, verb (to be, unless another is given) and a fixed complement."""
    return Clause(verb, subject, (Part("pred", german, english),), tense)
