"""Choosing noun phrases that make sense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import determiners, nominal
from .determiners import BARE, DEF, EVERY, INDEF, THIS, Determiner
from .dice import Dice
from .lexicon import Lexicon, Noun
from .nominal import Nominal

# What people own, so that a possessive fits it.
OWNED = {
    "clothes", "accessory", "device", "vehicle", "container", "text", "document", "toy", "instrument", "furniture",
    "pet", "item",
}  # fmt: skip
# Nouns that are spoken of as known, when they are mass nouns.
DEFINITE_MASS = {"Wetter", "Verkehr", "Lärm", "Arbeit", "Essen", "Regen", "Schnee"}
EVERYBODY = {"person", "adult", "kin"}
SPOUSES = {"Ehemann", "Ehefrau"}
# The possessives of several owners, who have no husband or wife in common.
SHARED = {nominal.OWNERS[key] for key in ("wir", "ihr", "sie_plural")}
SPEAKERS = (("ich", 5), ("du", 2), ("er", 4), ("sie", 4), ("wir", 4), ("ihr", 1), ("Sie", 2))
# What the speaker may call mine or ours as the subject of a sentence about a thing.
OWN_THINGS = {"clothes", "vehicle", "device", "accessory", "furniture", "container"}
OWNERS_OF_THINGS = ("ich", "wir", "du")


def known(subject: Nominal) -> bool:
    """Whether a subject is somebody in particular: not a child, not every child."""
    return subject.weight != "indef" and not subject.english.startswith("every ")


@dataclass(frozen=True)
class Order:
    """What is wanted of an object: owner is the subject's possessive, negated asks for kein before indefinites.

    style is indef or def where one kind of article is usual, else empty.
    """

    owner: tuple[str, str] | None = None
    negated: bool = False
    plural: bool = False
    style: str = ""


@dataclass(frozen=True)
class Phrases:
    """Random noun phrases from a lexicon."""

    dice: Dice
    lexicon: Lexicon

    def adjectives(self, noun: Noun, probability: float) -> list[tuple[str, str]]:
        """No adjective, or one that fits the noun."""
        fitting = self.lexicon.adjectives_for.get(noun.german, ())
        if not fitting or (noun.mass and noun.kind == "idea") or not self.dice.chance(probability):
            return []
        adjective = self.dice.pick(fitting)
        note = adjective.english_note
        return [(adjective.german, note[1:] if note.startswith("=") else adjective.english)]

    def person_name(self) -> Nominal:
        """A first name, or Herr/Frau with a surname."""
        if self.dice.chance(0.7):
            text, gender = self.dice.pick(self.lexicon.names)
            return nominal.name(text, gender)
        return nominal.titled(self.dice.pick(self.lexicon.surnames), self.dice.pick("fm"))

    def kin(self, noun: Noun, owner: tuple[str, str] | None) -> Nominal:
        """A relative: of the given owner, of the speaker, or of somebody named."""
        adjectives = self.adjectives(noun, 0.1)
        kind = self.dice.weighted((("own", 5), ("mine", 3), ("named", 2)))
        if kind == "named" and not adjectives:
            text, gender = self.dice.pick([pair for pair in self.lexicon.names if pair[0][-1] not in "sxz"])
            return nominal.with_named_owner(noun, nominal.name(text, gender), self.many_kin(noun))
        if kind == "own" and owner is not None and not (noun.german in SPOUSES and owner in SHARED):
            return nominal.phrase(noun, determiners.possessive(owner), self.many_kin(noun), adjectives)
        first = nominal.OWNERS["ich" if noun.german in SPOUSES else self.dice.weighted((("ich", 5), ("wir", 2)))]
        return nominal.phrase(noun, determiners.possessive(first), self.many_kin(noun), adjectives)

    def many_kin(self, noun: Noun) -> bool:
        """Whether the relatives are several; nobody has two mothers."""
        several = {"Bruder", "Schwester", "Tochter", "Sohn", "Cousine", "Neffe", "Nichte", "Enkel", "Tante", "Onkel"}
        return noun.german in several and self.dice.chance(0.2)

    def subject(self, names: Sequence[str]) -> Nominal:
        """A subject out of groups; general ones may be a pronoun or a name."""
        general = bool(EVERYBODY & set(names))
        if general and self.dice.chance(0.55):
            if self.dice.chance(0.4):
                return self.person_name()
            return nominal.pronoun(self.dice.weighted(SPEAKERS))
        return self.subject_noun(self.dice.pick(self.pool(names)))

    def known_subject(self, names: Sequence[str]) -> Nominal:
        """A subject that is somebody in particular."""
        while True:
            subject = self.subject(names)
            if known(subject):
                return subject

    def antecedent(self) -> Nominal:
        """Somebody who can be taken up by a pronoun."""
        while True:
            found = self.subject(("person", "kin"))
            if nominal.pronoun_for(found) is not None and not found.english.startswith("every "):
                return found

    def thing(self, group: str, plural: float = 0.1, adjective: float = 0.2) -> Nominal:
        """A definite (or my, this) thing of a group as a subject; plural and adjective are probabilities."""
        noun = self.dice.pick(self.lexicon.groups[group])
        if noun.mass or self.unique(noun):
            return nominal.phrase(noun, DEF, False)
        options = [(DEF, 6.0), (THIS, 1.5)]
        if noun.kind in OWN_THINGS:
            options.append((determiners.possessive(nominal.OWNERS[self.dice.pick(OWNERS_OF_THINGS)]), 3.0))
        many = self.plural(noun, plural)
        return nominal.phrase(noun, self.dice.weighted(options), many, self.adjectives(noun, adjective))

    def pool(self, names: Sequence[str]) -> tuple[Noun, ...]:
        """The nouns of one of the groups, chosen at random so that small groups count as much as large ones."""
        name = self.dice.pick(names)
        if name == "person" or name == "adult":
            name = self.dice.pick(["profession", "folk"])
        found = tuple(noun for noun in self.lexicon.groups[name] if "nosubject" not in noun.notes)
        return found or self.lexicon.members(names)

    def subject_noun(self, noun: Noun) -> Nominal:
        """A noun as a subject."""
        if noun.kind == "kin":
            return self.kin(noun, None)
        if noun.mass:
            return nominal.phrase(noun, DEF, False, self.adjectives(noun, 0.15))
        plural = self.plural(noun, 0.2)
        determiner = self.dice.weighted(((DEF, 8), (THIS, 1), (EVERY, 0.2), (INDEF, 1)))
        if plural and determiner in {EVERY, INDEF}:
            determiner = self.quantity()
        if self.unique(noun) or (determiner in {EVERY, INDEF, THIS} and "pair" in noun.notes):
            determiner = DEF
        return nominal.phrase(noun, determiner, plural, self.adjectives(noun, 0.18))

    def unique(self, noun: Noun) -> bool:
        """Nouns that only take the definite article here."""
        return "nomass" in noun.notes or "uncountable" in noun.notes

    def plural(self, noun: Noun, probability: float) -> bool:
        """Whether to use the plural; small things and pairs of things come in numbers."""
        if noun.plural is None or noun.gender == "p":
            return noun.gender == "p"
        usual = {"paired", "small"} & set(noun.notes)
        return self.dice.chance(0.85 if usual else probability)

    def quantity(self) -> Determiner:
        """zwei, drei ... or viele, einige, mehrere."""
        if self.dice.chance(0.6):
            return determiners.number(
                self.dice.weighted([(2, 6), (3, 5), (4, 3), (5, 2), (6, 2), (8, 1), (10, 1), (12, 1)])
            )
        return determiners.quantity(*self.dice.pick(determiners.QUANTITIES))

    def complement(self, names: Sequence[str], order: Order) -> Nominal:
        """An object out of groups."""
        choice = self.dice.pick(names)
        if choice in EVERYBODY and choice != "kin" and self.dice.chance(0.35):
            return self.person_object()
        noun = self.dice.pick(self.pool([choice]))
        if noun.kind == "kin":
            return self.kin(noun, order.owner)
        return self.object_noun(noun, order)

    def person_object(self) -> Nominal:
        """A name or a pronoun as an object."""
        if self.dice.chance(0.5):
            return self.person_name()
        return nominal.pronoun(self.dice.weighted((("ich", 3), ("er", 3), ("sie", 3), ("wir", 2), ("sie_plural", 2))))

    def object_noun(self, noun: Noun, order: Order = Order()) -> Nominal:
        """A noun as an object with a fitting determiner."""
        adjectives = self.adjectives(noun, 0.2)
        if noun.mass:
            return self.mass_object(noun, order.negated, adjectives)
        many = order.plural or self.plural(noun, 0.14)
        if self.unique(noun):
            return nominal.phrase(noun, DEF, many, adjectives)
        determiner = self.determiner(noun, order)
        if determiner is INDEF:
            determiner = determiners.NOT_A if order.negated else (self.some() if many else INDEF)
        return nominal.phrase(noun, determiner, many, adjectives)

    def determiner(self, noun: Noun, order: Order) -> Determiner:
        """The article: definite, indefinite, possessive or demonstrative."""
        own = 2.5 if order.owner is not None and noun.kind in OWNED else 0.0
        weights = {"": (5.0, 3.5, own, 0.6), "indef": (0.3, 8.0, 0.0, 0.0), "def": (6.0, 1.0, own, 0.6)}[order.style]
        options = (DEF, INDEF, determiners.possessive(order.owner or ("mein", "my")), THIS)
        return self.dice.weighted(tuple(zip(options, weights, strict=True)))

    def some(self) -> Determiner:
        """The determiner of an indefinite plural."""
        return BARE if self.dice.chance(0.4) else self.quantity()

    def mass_object(self, noun: Noun, negated: bool, adjectives: list[tuple[str, str]]) -> Nominal:
        """A mass noun: with the article when known, else bare or with kein."""
        if noun.german in DEFINITE_MASS or self.dice.chance(0.35):
            return nominal.phrase(noun, DEF, False, adjectives)
        return nominal.phrase(noun, determiners.NOT_A if negated else BARE, False, adjectives)
