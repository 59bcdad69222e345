"""What a clause consists of, independent of word order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import de_noun
from .lexicon import Verb
from .nominal import Nominal

# Tenses and what they become: German form, English form.
#   habit     present            simple present      Er liest oft.        He often reads.
#   now       present            progressive         Er liest gerade.     He is reading right now.
#   past      past               past                Er las.              He read.
#   perfect   perfect            past                Er hat gelesen.      He read.
#   schon     perfect + schon    present perfect     Er hat schon ...     He has already read ...
#   pluperfect pluperfect        past perfect        Er hatte gelesen.    He had read.
#   soon      present            will                Er liest morgen.     He will read tomorrow.
#   future    future             will                Er wird lesen.       He will read.
#   would     würde              would               Er würde lesen.      He would read.
#   since     present + seit     present perfect progressive
#   meanwhile past + gerade      past progressive
TENSES = ("habit", "now", "past", "perfect", "schon", "pluperfect", "soon", "future", "would", "since", "meanwhile")


@dataclass(frozen=True)
class Part:
    """A complement or adverbial; role decides its place.

    Roles: acc, dat (objects), pp (prepositional complement), dir (direction), pred, place, manner, time, freq,
    sentence. Either nominal (with the preposition and case) or fixed strings are given.
    """

    role: str
    german_text: str = ""
    english_text: str = ""
    nominal: Nominal | None = None
    german_prep: str = ""
    case: str = ""
    english_prep: str = ""

    def german(self) -> str:
        """The German words; preposition and article fuse unless a relative clause points at the article."""
        if self.nominal is None:
            return self.german_text
        text = self.nominal.german(self.case)
        if not self.german_prep:
            return text
        if self.nominal.german_tail:
            return f"{self.german_prep} {text}"
        return de_noun.contract(self.german_prep, text)

    def english(self) -> str:
        """The English words, with the preposition."""
        if self.nominal is None:
            return self.english_text
        return f"{self.english_prep} {self.nominal.object}".strip()


@dataclass(frozen=True)
class Clause:
    """One derivation; both languages are read off it."""

    verb: Verb
    subject: Nominal
    parts: tuple[Part, ...] = ()
    tense: str = "past"
    modal: str = ""
    modal_past: bool = False
    negated: bool = False
    passive: bool = False

    def part(self, role: str) -> Part | None:
        """The first part with a role."""
        return next((part for part in self.parts if part.role == role), None)

    def without(self, *gone: Part | None) -> Clause:
        """The clause less some of its parts."""
        return replace(self, parts=tuple(part for part in self.parts if part not in gone))

    def plus(self, *parts: Part) -> Clause:
        """The clause with more parts."""
        return replace(self, parts=(*self.parts, *parts))
