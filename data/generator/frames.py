"""Choosing whole clauses: a verb, a subject that can do it, complements, adverbials and a tense."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .clause import Clause, Part
from .dice import Dice
from .lexicon import Lexicon, Slot, Verb
from .nominal import Nominal
from .phrases import Order, Phrases
from .times import Times

TENSE_WEIGHTS = (
    ("past", 18), ("perfect", 27), ("habit", 14), ("now", 13), ("future", 11), ("soon", 8), ("schon", 9)
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a sentence wants of a clause; empty fields leave it to chance."""

    tense: str = ""
    modal: str = ""
    negated: bool | None = None
    time: bool = True
    place: bool = True
    subject: Nominal | None = None


@dataclass(frozen=True)
class Frames:
    """Random clauses from a lexicon."""

    dice: Dice
    lexicon: Lexicon
    phrases: Phrases
    times: Times

    def clause(self, wish: Wish = Wish(), verb: Verb | None = None) -> Clause:
        """A clause that fulfils the wish."""
        while True:
            chosen = verb or self.verb_for(wish)
            clause = self.attempt(chosen, wish)
            if clause is not None:
                return clause

    def verb_for(self, wish: Wish) -> Verb:
        """A verb the wished subject can have."""
        if wish.subject is None:
            return self.dice.pick(self.lexicon.verbs)
        return self.dice.pick([verb for verb in self.lexicon.verbs if self.fits(verb, wish.subject)])

    def fits(self, verb: Verb, subject: Nominal) -> bool:
        """Whether the subject is one of those the verb takes."""
        if subject.noun is None:
            return subject.sort == "person" and bool({"person", "adult"} & set(verb.subjects))
        return self.lexicon.covers(verb.subjects, subject.noun)

    def attempt(self, verb: Verb, wish: Wish) -> Clause | None:
        """One try; None where verb and wish do not go together."""
        subject = wish.subject or self.phrases.subject(verb.subjects)
        tense = wish.tense or self.tense_for(verb, subject)
        if not wish.tense and not wish.time and "st" not in verb.flags:
            # Without an adverbial the German present is read as the English progressive or future.
            tense = {"habit": "now", "soon": "future"}.get(tense, tense)
        if not self.allowed(verb, subject, tense, wish):
            return None
        negated = self.dice.chance(0.12) if wish.negated is None else wish.negated
        if tense == "now" and wish.negated is None:
            negated = False
        parts = self.complements(verb, subject, negated)
        clause = Clause(verb, subject, parts, tense, wish.modal, False, negated)
        return self.with_adverbials(clause, wish)

    def tense_for(self, verb: Verb, subject: Nominal) -> str:
        """A tense at random."""
        if "st" in verb.flags:
            return self.dice.weighted((("habit", 7), ("past", 3 if subject.person != 2 else 0)))
        return self.dice.weighted(TENSE_WEIGHTS)

    def allowed(self, verb: Verb, subject: Nominal, tense: str, wish: Wish) -> bool:
        """Whether verb, subject, tense and modal go together."""
        flags = verb.flags
        if tense in {"past", "meanwhile"} and subject.person == 2 and not wish.modal:
            return False
        if "noprog" in flags and tense in {"now", "since", "meanwhile", "habit"} and not wish.modal:
            return False
        if "noperf" in flags and tense in {"perfect", "schon", "pluperfect"}:
            return False
        if "st" in flags and (wish.modal or tense not in {"habit", "past", "since", "perfect"}):
            return False
        return not ("nofut" in flags and tense in {"soon", "future"}) and (tense != "since" or "dur" in flags)

    def complements(self, verb: Verb, subject: Nominal, negated: bool) -> tuple[Part, ...]:
        """The parts the verb asks for."""
        parts: list[Part] = []
        for slot in verb.slots:
            if slot.optional and self.dice.chance(0.5):
                continue
            part = self.complement(verb, slot, subject, negated)
            taken = [other.nominal.english for other in (*parts, part) if other.nominal is not None]
            if len(taken) == len(set(taken)):
                parts.append(part)
        return tuple(parts)

    def complement(self, verb: Verb, slot: Slot, subject: Nominal, negated: bool) -> Part:
        """One complement."""
        if not slot.case:
            return self.special(slot)
        plain = slot.kind in {"A", "PL"}
        many = slot.kind == "PL" or "plobj" in verb.flags
        for _ in range(20):
            style = "indef" if "indef" in verb.flags and plain else "" if plain else "def"
            order = Order(subject.owner, negated and plain, many, style)
            phrase = self.phrases.complement(slot.members, order)
            clash = phrase.english_object in {subject.english_object, subject.english}
            unclear = not plain and negated and phrase.indefinite
            if not (clash or unclear or self.same_person(subject, phrase)):
                break
        if plain:
            return Part("acc", nominal=phrase, case="acc", english_prep=slot.en_prep)
        if slot.kind == "D":
            return Part("dat", nominal=phrase, case="dat", english_prep=slot.en_prep)
        return Part("pp", nominal=phrase, german_prep=slot.kind, case=slot.case, english_prep=slot.en_prep)

    def same_person(self, subject: Nominal, other: Nominal) -> bool:
        """Subject and object must not be the same person, or one a form of the other (I ... me, he ... him)."""
        if not (subject.sort == "person" and other.pronoun):
            return False
        return subject.person == other.person or subject.english == other.english

    def special(self, slot: Slot) -> Part:
        """The complements that are no noun phrases of the lexicon."""
        pick = self.dice.pick
        words = self.lexicon.words
        if slot.kind == "CLOCK":
            clock = self.times.clock()
            return replace(clock, role="dir")
        if slot.kind == "BY":
            return Part("manner", *pick(words["transport"]))
        if slot.kind in {"DIR", "ZUM", "LOC", "ORIGINBACK"}:
            return self.place_complement(slot)
        if slot.kind in {"CITY", "TOCITY", "ORIGIN"}:
            german, english = pick(words["city"])
            pair = {"CITY": ("in", "in"), "TOCITY": ("nach", "to"), "ORIGIN": ("aus", "from")}[slot.kind]
            return Part("dir" if not slot.optional else "place", f"{pair[0]} {german}", f"{pair[1]} {english}")
        if slot.kind == "INST":
            noun = pick(self.lexicon.groups["instrument"])
            return Part("pred", noun.german, f"the {noun.english}")
        german, english = pick(words[{"SPORT": "sport", "LANG": "language", "SUBJ": "subject"}[slot.kind]])
        return Part("pred", german, english)

    def place_complement(self, slot: Slot) -> Part:
        """A direction, a place to stay, a place to come back from."""
        if slot.kind == "LOC":
            place = self.dice.pick([place for place in self.lexicon.places if set(slot.members) & set(place.kinds)])
            return Part("dir", place.german, place.english)
        if slot.kind == "ORIGINBACK" or (slot.members == ("far",) and self.dice.chance(0.75)):
            german, english = self.dice.pick(self.lexicon.words[self.dice.pick(("city", "country"))])
            back = slot.kind == "ORIGINBACK"
            return Part("dir", f"{'aus' if back else 'nach'} {german}", f"{'from' if back else 'to'} {english}")
        if slot.members == ("trip",) and self.dice.chance(0.5):
            german, english = self.dice.pick(self.lexicon.words["city"])
            return Part("dir", f"nach {german}", f"to {english}")
        kinds = {"outing"} if slot.kind == "ZUM" else set(slot.members)
        place = self.dice.pick([p for p in self.lexicon.places if p.german_direction and kinds & set(p.kinds)])
        return Part("dir", place.german_direction, place.english_direction)

    def with_adverbials(self, clause: Clause, wish: Wish) -> Clause:
        """Adds time (which the tense needs), and at most one of place and manner."""
        parts: list[Part] = []
        if wish.time:
            parts += self.time_parts(clause)
        taken = {part.role for part in clause.parts}
        if not clause.negated and not (taken & {"dir", "manner", "place"}):
            parts += self.place_or_manner(clause, wish.place)
        return clause.plus(*parts)

    def place_or_manner(self, clause: Clause, allowed: bool) -> list[Part]:
        """A place or a manner adverbial the verb goes with, or nothing."""
        verb = clause.verb
        if "st" in verb.flags:
            return []
        fitting = [place for place in self.lexicon.places if set(verb.places) & set(place.kinds)]
        if allowed and fitting and self.dice.chance(0.4):
            place = self.dice.pick(fitting)
            return [Part("place", place.german, place.english)]
        if verb.manner and self.dice.chance(0.3):
            german = self.dice.pick(verb.manner)
            if german == "sofort" and clause.tense in {"now", "habit", "meanwhile", "schon"}:
                return []
            return [Part("manner", german, self.lexicon.manner[german])]
        return []

    def time_parts(self, clause: Clause) -> list[Part]:
        """The adverbials of time that go with the tense."""
        tense, verb = clause.tense, clause.verb
        chance = self.dice.chance
        clocked = any(slot.kind == "CLOCK" for slot in verb.slots)
        if "st" in verb.flags and tense != "since":
            return []
        if clause.modal:
            return [self.future_time(clause, clocked)] if chance(0.4) else []
        if tense == "since":
            return [self.times.since("brief" in verb.flags)]
        if tense in {"past", "perfect"}:
            return [self.past_time(clause, clocked)] if chance(0.65) else []
        if tense == "soon":
            return [self.future_time(clause, clocked)]
        if tense == "future":
            return [self.future_time(clause, clocked)] if chance(0.5) else []
        if tense == "now":
            return [self.times.fixed("now")]
        if tense == "habit":
            if clause.negated or not clause.parts or chance(0.5):
                rarely = bool({"dated", "slow"} & verb.flags)
                return [self.times.fixed("habit_long" if rarely else "habit")]
            return [Part("freq", *self.times.word("freq"))]
        return []

    def past_time(self, clause: Clause, clocked: bool) -> Part:
        """A past adverbial: years for what takes long, dates for what one dates, vague ones after nicht."""
        if "slow" in clause.verb.flags:
            vague = self.dice.chance(0.4) or self.dice.chance(0.8 * clause.negated)
            return self.times.long_ago() if vague else self.times.in_year()
        if clocked or clause.negated:
            return self.times.fixed("past")
        return self.times.past("dated" in clause.verb.flags)

    def future_time(self, clause: Clause, clocked: bool) -> Part:
        """A future adverbial, likewise."""
        if clocked or clause.negated or "slow" in clause.verb.flags:
            return self.times.fixed("future_long" if "slow" in clause.verb.flags else "future")
        return self.times.future("dated" in clause.verb.flags)
