"""Relative clauses in all cases, on subjects and objects."""

from __future__ import annotations

from dataclasses import replace

from . import de_clause, de_noun, determiners, en_clause, nominal
from .clause import Clause, Part
from .frames import Wish
from .lexicon import Noun, Slot, Verb
from .maker import Maker, Pair, finished
from .nominal import Nominal
from .simple_sentences import state

TENSES = ("past", "perfect", "habit")


def relative_pronoun(head: Nominal, case: str) -> str:
    """der, den, dem, dessen ... for the head."""
    return de_noun.RELATIVE[head.gender][de_noun.CASES.index(case)]


def with_tail(head: Nominal, german: str, english: str) -> Nominal:
    """The head with a relative clause."""
    return replace(head, german_tail=f" , {german} ,", english_tail=f" {english}")


def linker(head: Nominal) -> str:
    """who for people, that for the rest."""
    return "who" if head.sort == "person" else "that"


def subject_relative(maker: Maker, head: Nominal) -> Nominal | None:
    """der Mann, der ...: the head is the subject."""
    verbs = [verb for verb in maker.lexicon.verbs if maker.frames.fits(verb, head)]
    if not verbs:
        return None
    for _ in range(20):
        clause = maker.frames.attempt(
            maker.dice.pick(verbs), Wish(tense=maker.dice.pick(TENSES), negated=False, subject=head)
        )
        if clause is not None:
            german = de_clause.subordinate(clause, relative_pronoun(head, "nom"), subject=False)
            return with_tail(head, german, en_clause.subordinate(clause, linker(head), subject=False))
    return None


def accepts(maker: Maker, slot: Slot, noun: Noun) -> bool:
    """Whether a slot takes the noun."""
    return bool(slot.case) and slot.kind != "PL" and maker.lexicon.covers(slot.members, noun)


def slots_for(maker: Maker, noun: Noun) -> list[tuple[Verb, Slot]]:
    """The verbs and slots that take the noun."""
    return [(v, slot) for v in maker.lexicon.verbs for slot in v.slots if accepts(maker, slot, noun)]


def object_relative(maker: Maker, head: Nominal) -> Nominal | None:
    """der Mann, den / dem / auf den ...: the head is a complement; English leaves the preposition at the end."""
    assert head.noun is not None
    options = slots_for(maker, head.noun)
    if not options:
        return None
    for _ in range(20):
        verb, slot = maker.dice.pick(options)
        clause = maker.frames.attempt(verb, Wish(tense=maker.dice.pick(TENSES), negated=False))
        old = clause and matching(clause, slot)
        if clause is None or old is None or head.english in {clause.subject.english}:
            continue
        gap = replace(old, nominal=head)
        german_clause = clause.without(old)
        opener = f"{gap.german_prep} {relative_pronoun(head, gap.case)}".strip()
        german = de_clause.subordinate(german_clause, opener)
        parts = tuple(gap if part is old else part for part in clause.parts)
        english = en_clause.subordinate(replace(clause, parts=parts), linker(head), gap=gap)
        return with_tail(head, german, english)
    return None


def matching(clause: Clause, slot: Slot) -> Part | None:
    """The part of a clause that fills a slot."""
    role = {"A": "acc", "D": "dat"}.get(slot.kind, "pp")
    part = clause.part(role)
    return part if part is not None and part.nominal is not None else None


def genitive_relative(maker: Maker, head: Nominal) -> Nominal | None:
    """der Mann, dessen Bruder ...: a relative of the head does something."""
    if head.sort != "person":
        return None
    whose = determiners.Determiner(relative_pronoun(head, "gen"), "none", "strong", "whose")
    noun = maker.dice.pick([noun for noun in maker.lexicon.groups["kin"] if noun.gender in "mf"])
    owned = nominal.phrase(noun, whose, False)
    clause = maker.frames.clause(Wish(tense=maker.dice.pick(TENSES), negated=False, subject=owned))
    german = de_clause.subordinate(clause, owned.german("nom"), subject=False)
    return with_tail(head, german, en_clause.subordinate(clause, owned.english, subject=False))


def relative(maker: Maker, head: Nominal) -> Nominal | None:
    """The head with a relative clause of a random kind; None where it cannot have one."""
    if head.noun is None or head.weight not in {"def", "indef"} or head.noun.kind == "kin" or head.german_tail:
        return None
    if head.english.split()[0] in {"this", "these", "my", "your", "his", "her", "our", "their", "its", "every"}:
        return None
    kind = maker.dice.weighted((("subject", 4), ("object", 6), ("genitive", 1.5)))
    if kind == "subject":
        return subject_relative(maker, head)
    return object_relative(maker, head) if kind == "object" else genitive_relative(maker, head)


def on_subject(maker: Maker) -> Pair:
    """The subject of the main clause has a relative clause."""
    while True:
        clause = maker.frames.clause(Wish(place=False, time=maker.dice.chance(0.5)))
        subject = relative(maker, clause.subject)
        if subject is not None:
            return finished(state(maker, replace(clause, subject=subject)))


def on_object(maker: Maker) -> Pair:
    """A complement of the main clause has a relative clause."""
    while True:
        clause = maker.frames.clause(Wish(place=False, time=maker.dice.chance(0.5), negated=False))
        parts = [part for part in clause.parts if part.nominal is not None]
        time = clause.part("time")
        if not parts or clause.part("manner") is not None:
            continue
        # In English the last complement comes before the time, so the time goes to the front.
        last = parts[-1]
        if en_clause.ordered(clause.without(time)).endswith(last.english()):
            assert last.nominal is not None
            phrase = relative(maker, last.nominal)
            if phrase is None:
                continue
            changed = tuple(replace(part, nominal=phrase) if part is last else part for part in clause.parts)
            whole = replace(clause, parts=changed)
            return finished((de_clause.main(whole, time), en_clause.main(whole, time)))


def which_is(maker: Maker) -> Pair:
    """Das ist der Mann, der ... ; Kennst du die Frau, die ...?"""
    while True:
        noun = maker.dice.pick(
            maker.dice.pick(
                [maker.lexicon.groups[name] for name in ("profession", "folk", "buyable", "readable", "building")]
            )
        )
        if noun.mass or noun.gender == "p" or maker.phrases.unique(noun) or "pair" in noun.notes:
            continue
        many = maker.dice.chance(0.2)
        head = relative(maker, nominal.phrase(noun, determiners.DEF, many))
        if head is None:
            continue
        be = ("sind", "these are") if many else ("ist", "this is")
        options = [(f"das {be[0]}", be[1], "nom", ".")]
        if noun.person:
            options += [("kennst du", "do you know", "acc", "?"), ("ich suche", "I am looking for", "acc", ".")]
        else:
            options += [("wo ist" if not many else "wo sind", "where is" if not many else "where are", "nom", "?")]
        german, english, case, mark = maker.dice.pick(options)
        return finished((f"{german} {head.german(case)}", f"{english} {head.subject}"), mark)
