"""Noun phrases, names and pronouns, built in both languages at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import de_noun, en_forms
from .determiners import BARE, ENGLISH_NUMBERS, Determiner, german_determiner
from .lexicon import ANIMALS, Noun


@dataclass(frozen=True)
class Nominal:
    """A realised noun phrase; forms are the German cases in the order of CASES, tails follow the head (", der ... ,")."""

    forms: tuple[str, str, str, str]
    english: str
    english_object: str
    person: int = 3
    plural: bool = False
    english_plural: bool = False
    gender: str = "n"
    sort: str = "thing"
    weight: str = "def"
    owner: tuple[str, str] | None = None
    noun: Noun | None = None
    german_tail: str = ""
    english_tail: str = ""

    def german(self, case: str) -> str:
        """The phrase in a case, with its tail."""
        return self.forms[de_noun.CASES.index(case)] + self.german_tail

    @property
    def subject(self) -> str:
        """The English phrase as a subject, with its tail."""
        return self.english + self.english_tail

    @property
    def object(self) -> str:
        """The English phrase as an object, with its tail."""
        return self.english_object + self.english_tail

    @property
    def pronoun(self) -> bool:
        """Whether it is a personal pronoun."""
        return self.weight == "pronoun"

    @property
    def indefinite(self) -> bool:
        """Whether negating the sentence turns its article into kein."""
        return self.weight in {"indef", "mass"}


# German stem and English word of the possessives by the pronoun they belong to.
OWNERS = {
    "ich": ("mein", "my"),
    "du": ("dein", "your"),
    "er": ("sein", "his"),
    "sie": ("ihr", "her"),
    "wir": ("unser", "our"),
    "ihr": ("euer", "your"),
    "sie_plural": ("ihr", "their"),
    "Sie": ("Ihr", "your"),
}
# Forms of the pronouns: nominative, accusative, dative, English subject and object, person, plural.
PRONOUNS = {
    "ich": ("ich", "mich", "mir", "I", "me", 1, False),
    "du": ("du", "dich", "dir", "you", "you", 2, False),
    "er": ("er", "ihn", "ihm", "he", "him", 3, False),
    "sie": ("sie", "sie", "ihr", "she", "her", 3, False),
    "wir": ("wir", "uns", "uns", "we", "us", 1, True),
    "ihr": ("ihr", "euch", "euch", "you", "you", 2, True),
    "sie_plural": ("sie", "sie", "ihnen", "they", "them", 3, True),
    "Sie": ("Sie", "Sie", "Ihnen", "you", "you", 3, True),
}
THING_PRONOUNS = {
    "m": ("er", "ihn", "ihm"),
    "f": ("sie", "sie", "ihr"),
    "n": ("es", "es", "ihm"),
}
REFLEXIVE = {
    (1, False): ("mich", "mir"),
    (2, False): ("dich", "dir"),
    (1, True): ("uns",) * 2,
    (2, True): ("euch",) * 2,
}


def german_phrase(noun: Noun, determiner: Determiner, plural: bool, words: Sequence[str], case: str) -> str:
    """Determiner, adjectives (uninflected words) and noun in one case."""
    gender = "p" if plural or noun.gender == "p" else noun.gender
    kind = "weak" if determiner.adjective == "mixed" and gender == "p" else determiner.adjective
    if gender == "p":
        form = noun.plural or noun.german
        form = de_noun.dative_plural(form) if case == "dat" else form
    else:
        form = de_noun.noun_forms(noun.german, noun.gender, noun.weak)[de_noun.CASES.index(case)]
    adjectives = [de_noun.inflect(word, kind, gender, case) for word in words]
    return " ".join(filter(None, [german_determiner(determiner, gender, case), *adjectives, form]))


def english_number(noun: Noun, plural: bool) -> bool:
    """Whether the English noun counts as plural."""
    if "uncountable" in noun.notes:
        return False
    if plural or noun.gender == "p" or "pair" in noun.notes:
        return True
    return noun.plural is None and noun.english_plural is not None


def english_phrase(noun: Noun, determiner: Determiner, plural: bool, words: Sequence[str]) -> str:
    """The English noun phrase."""
    many = english_number(noun, plural)
    head = " ".join([*words, (noun.english_plural or noun.english) if many else noun.english])
    if "pair" in noun.notes and determiner.english in {"a", "every"}:
        return f"{determiner.english} pair of {head}"
    if "pair" in noun.notes and determiner.english in ENGLISH_NUMBERS:
        return f"{determiner.english} pairs of {head}"
    if determiner.english == "a":
        return head if many else en_forms.article(head)
    word = {"this": "these"}.get(determiner.english, determiner.english) if many else determiner.english
    if word == "any" and not many and not noun.mass and "uncountable" not in noun.notes:
        return en_forms.article(head)
    return f"{word} {head}".strip()


def sort_of(noun: Noun) -> str:
    """person, animal, group or thing."""
    if noun.person:
        return "person"
    return "animal" if noun.kind in ANIMALS else "group" if noun.kind == "group" else "thing"


def owner_of(noun: Noun, plural: bool) -> tuple[str, str] | None:
    """The possessive that refers back to the noun; none for neuter persons, where German wavers."""
    if plural or noun.gender == "p":
        return ("ihr", "their")
    if noun.person:
        return {"m": ("sein", "his"), "f": ("ihr", "her")}.get(noun.gender)
    if noun.english_plural is not None and noun.plural is None:
        return ("ihr" if noun.gender == "f" else "sein", "their")
    return ("ihr" if noun.gender == "f" else "sein", "its")


def phrase(noun: Noun, determiner: Determiner, plural: bool, adjectives: Sequence[tuple[str, str]] = ()) -> Nominal:
    """A noun phrase; adjectives are (German, English) uninflected pairs, plural asks for the plural."""
    plural = plural or noun.gender == "p"
    german = [pair[0] for pair in adjectives]
    forms = tuple(german_phrase(noun, determiner, plural, german, case) for case in de_noun.CASES)
    english = english_phrase(noun, determiner, plural, [pair[1] for pair in adjectives])
    weight = "mass" if determiner is BARE and not plural else determiner.weight
    return Nominal(
        (forms[0], forms[1], forms[2], forms[3]),
        english,
        english,
        plural=plural,
        english_plural=english_number(noun, plural),
        gender="p" if plural else noun.gender,
        sort=sort_of(noun),
        weight=weight,
        owner=owner_of(noun, plural),
        noun=noun,
    )


def name(text: str, gender: str) -> Nominal:
    """A first name (genitive with s, or an apostrophe after a sibilant)."""
    genitive = text + ("'" if text[-1] in "sxz" else "s")
    owner = OWNERS["sie" if gender == "f" else "er"]
    return Nominal((text, text, text, genitive), text, text, gender=gender, sort="person", weight="name", owner=owner)


def titled(surname: str, gender: str) -> Nominal:
    """Herr or Frau with a surname (Herr becomes Herrn outside the nominative)."""
    first, other, english = ("Frau", "Frau", "Mrs") if gender == "f" else ("Herr", "Herrn", "Mr")
    forms = (f"{first} {surname}", f"{other} {surname}", f"{other} {surname}", f"{other} {surname}s")
    owner = OWNERS["sie" if gender == "f" else "er"]
    full = f"{english} {surname}"
    return Nominal(forms, full, full, gender=gender, sort="person", weight="name", owner=owner)


def pronoun(key: str) -> Nominal:
    """A personal pronoun of PRONOUNS."""
    nom, acc, dat, english, english_object, person, plural = PRONOUNS[key]
    gender = {"er": "m", "sie": "f"}.get(key, "p")
    return Nominal(
        (nom, acc, dat, ""),
        english,
        english_object,
        person=person,
        plural=plural,
        english_plural=plural or english == "you",
        gender=gender,
        sort="person",
        weight="pronoun",
        owner=OWNERS[key],
    )


def pronoun_for(nominal: Nominal) -> Nominal | None:
    """The pronoun that refers back to a noun phrase; none where it would be odd (neuter persons)."""
    if nominal.pronoun:
        return nominal
    if nominal.plural:
        return pronoun("sie_plural")
    if nominal.sort == "person":
        return pronoun({"m": "er", "f": "sie"}[nominal.gender]) if nominal.gender in "mf" else None
    if nominal.english_plural or nominal.sort == "group":
        return None
    nom, acc, dat = THING_PRONOUNS[nominal.gender]
    owner = ("ihr" if nominal.gender == "f" else "sein", "its")
    return Nominal((nom, acc, dat, ""), "it", "it", gender=nominal.gender, weight="pronoun", owner=owner)


def with_genitive(head: Nominal, owner: Nominal) -> Nominal:
    """The head with an owner: das Auto meines Bruders, my brother's car; of for owners that are things."""
    genitive = owner.german("gen")
    forms = tuple(f"{form} {genitive}" for form in head.forms)
    bare = head.english.removeprefix("the ")
    if owner.sort == "thing":
        english = f"{head.english} of {owner.object}"
    else:
        english = f"{en_forms.possessive(owner.english, owner.english_plural)} {bare}"
    return replace(
        head, forms=(forms[0], forms[1], forms[2], forms[3]), english=english, english_object=english, weight="def"
    )


def with_named_owner(noun: Noun, owner: Nominal, plural: bool) -> Nominal:
    """Annas Bruder, Anna's brother: the name stands first and takes the place of the article."""
    head = phrase(noun, BARE, plural)
    forms = tuple(f"{owner.forms[3]} {form}" for form in head.forms)
    english = f"{en_forms.possessive(owner.english, False)} {head.english}"
    return replace(
        head, forms=(forms[0], forms[1], forms[2], forms[3]), english=english, english_object=english, weight="def"
    )
