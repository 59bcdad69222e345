"""Sentences of two main clauses: about one object, or by one subject."""

from __future__ import annotations

from dataclasses import replace

from . import de_clause, en_clause, nominal
from .clause import Clause
from .frames import Wish
from .lexicon import Verb
from .maker import Maker, Pair, finished
from .nominal import Nominal
from .simple_sentences import state


def same_object(maker: Maker) -> Pair:
    """Two clauses about one object: the second takes it up with a pronoun (aber er hat ihn nicht ...)."""
    while True:
        tense = maker.dice.pick(("past", "perfect"))
        who = maker.phrases.antecedent()
        if who.person == 2:
            tense = "perfect"
        first = maker.frames.clause(Wish(tense=tense, negated=False, subject=who, place=False))
        obj = first.part("acc")
        if obj is None or obj.nominal is None or obj.nominal.noun is None or obj.english_prep:
            continue
        back = nominal.pronoun_for(obj.nominal)
        verbs = [verb for verb in maker.lexicon.verbs if takes(maker, verb, obj.nominal, first)]
        if back is None or (back.pronoun and obj.nominal.pronoun) or not verbs:
            continue
        contrast = "noprog" in first.verb.flags or maker.dice.chance(0.55)
        second = maker.frames.clause(
            Wish(tense=tense, negated=False, subject=nominal.pronoun_for(who), time=False, place=False),
            maker.dice.pick(verbs),
        )
        old = second.part("acc")
        parts = tuple(replace(part, nominal=back) if part is old else part for part in second.parts)
        second = replace(second, parts=parts, negated=contrast)
        conjunction = ("aber", "but") if contrast else ("und", "and")
        comma = "," if contrast else ""
        german, english = state(maker, first)
        added = de_clause.main(second), en_clause.main(second)
        return finished(
            (f"{german} {comma} {conjunction[0]} {added[0]}", f"{english} {comma} {conjunction[1]} {added[1]}")
        )


def takes(maker: Maker, verb: Verb, obj: Nominal, first: Clause) -> bool:
    """Whether a verb other than the first one takes the object too, and the subject fits it."""
    if verb is first.verb or not verb.slots or {"st", "noprog"} & verb.flags or verb.german == first.verb.german:
        return False
    slot = verb.slots[0] if len(verb.slots) == 1 else None
    if slot is None or slot.kind != "A" or slot.en_prep:
        return False
    return maker.frames.fits(verb, first.subject) and maker.lexicon.covers(slot.members, obj.noun)


def chained(maker: Maker) -> Pair:
    """Two things one after the other with und, subject named once."""
    who = maker.phrases.antecedent()
    tense = "perfect" if who.person == 2 else maker.dice.pick(("past", "perfect", "future"))
    first = maker.frames.clause(Wish(tense=tense, negated=False, subject=who))
    second = maker.frames.clause(Wish(tense=tense, negated=False, subject=who, time=False))
    verbs = de_clause.verbs_of(second)
    words, tail = de_clause.middle(second)
    german, english = state(maker, first)
    same_helper = verbs.tail and verbs.finite == de_clause.verbs_of(first).finite
    finite = "" if same_helper else verbs.finite
    rest = de_clause.assemble(finite, de_clause.reflexive_of(second), *words, verbs.closing(), tail)
    predicate = en_clause.predicate(second)
    return finished((f"{german} und {rest}", f"{english} and {predicate.removeprefix('will ')}"))
