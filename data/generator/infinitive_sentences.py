"""Sentences with infinitives: aims, attempts, requests to others, things left undone."""

from __future__ import annotations

from . import de_clause, en_clause, nominal
from .clause import Clause, Part
from .frames import Wish
from .maker import Maker, Pair, finished, simple_verb
from .nominal import Nominal
from .phrases import Order
from .simple_sentences import state

INFINITIVES = (
    (simple_verb("versuchen", "", "try,tried,tried"), "perfect", "to"),
    (simple_verb("vergessen", "vergisst,vergaß,vergessen", "forget,forgot,forgotten"), "perfect", "to"),
    (simple_verb("beschließen", "-,beschloss,beschlossen", "decide"), "perfect", "to"),
    (simple_verb("versprechen", "verspricht,versprach,versprochen", "promise"), "perfect", "to"),
    (simple_verb("vor|haben", "hat,hatte,vorgehabt", "intend", "st"), "habit", "to"),
    (simple_verb("an|fangen", "fängt,fing,gefangen", "start"), "past", "to"),
    (simple_verb("hoffen", "", "hope", "st"), "habit", "to"),
    (simple_verb("auf|hören", "", "stop,stopped,stopped"), "perfect", "ing"),
    (simple_verb("sich weigern", "weigert,weigerte,geweigert", "refuse"), "perfect", "to"),
    (simple_verb("schaffen", "hat,hatte,geschafft", "manage"), "perfect", "to"),
)
BIDDING = (
    (simple_verb("bitten", "-,bat,gebeten", "ask"), "acc"),
    (simple_verb("erlauben", "", "allow"), "dat"),
    (simple_verb("helfen", "hilft,half,geholfen", "help"), "dat"),
    (simple_verb("raten", "rät,riet,geraten", "advise"), "dat"),
    (simple_verb("überreden", "überredet,überredete,überredet", "persuade"), "acc"),
)
JUDGED = (
    ("es ist schwierig ,", "it is difficult to"),
    ("es ist nicht leicht ,", "it is not easy to"),
    ("es ist verboten ,", "it is forbidden to"),
    ("es macht Spaß ,", "it is fun to"),
    ("es ist teuer ,", "it is expensive to"),
    ("ich habe keine Zeit ,", "I have no time to"),
    ("er hat keine Lust ,", "he does not want to"),
    ("es war mein Traum ,", "it was my dream to"),
    ("wir haben beschlossen ,", "we have decided to"),
)


def infinitive(maker: Maker) -> Pair:
    """versuchen, vergessen, aufhören ... with zu and the infinitive."""
    verb, tense, form = maker.dice.pick(INFINITIVES)
    who = maker.phrases.antecedent()
    if who.person == 2 and tense == "past":
        tense = "perfect"
    aim = active_aim(maker, who)
    # "schaffen" announces its clause: er hat es geschafft, ... zu ...
    announced = (Part("pred", "es", ""),) if verb.german.infinitive == "schaffen" else ()
    german, english = state(maker, Clause(verb, who, announced, tense))
    tail = f"to {en_clause.infinitive(aim)}" if form == "to" else en_clause.gerund(aim)
    return finished((f"{german} , {de_clause.infinitive(aim)}", f"{english} {tail}"))


def active_aim(maker: Maker, who: Nominal) -> Clause:
    """A clause about an action, for infinitives."""
    while True:
        aim = maker.frames.clause(Wish(tense="future", negated=False, time=False, subject=who))
        if not {"st", "noprog", "unwilled"} & aim.verb.flags:
            return aim


def purpose(maker: Maker) -> Pair:
    """um ... zu: somebody goes somewhere to do something there."""
    verbs = [verb for verb in maker.lexicon.verbs if verb.places and not {"st", "noprog"} & verb.flags]
    while True:
        verb = maker.dice.pick(verbs)
        places = [p for p in maker.lexicon.places if set(p.kinds) & set(verb.places) and p.german_direction]
        outing = [p for p in places if {"outing", "trip"} & set(p.kinds)]
        if not outing or not {"person", "adult", "kin"} & set(verb.subjects):
            continue
        place = maker.dice.pick(outing)
        tense = maker.dice.pick(("past", "perfect", "soon", "habit"))
        aim = maker.frames.clause(Wish(tense="future", negated=False, time=False, place=False), verb)
        subject = aim.subject
        if (subject.person == 2 and tense == "past") or subject.sort != "person":
            continue
        if any(part.role in {"dir", "place"} for part in aim.parts):
            continue
        go = next(verb for verb in maker.lexicon.verbs if verb.german.infinitive == "gehen")
        direction = Part("dir", place.german_direction, place.english_direction)
        main_clause = Clause(go, subject, (direction,), tense)
        main_clause = main_clause.plus(*maker.frames.time_parts(main_clause))
        german, english = state(maker, main_clause)
        return finished((f"{german} , {de_clause.infinitive(aim, 'um')}", f"{english} to {en_clause.infinitive(aim)}"))


def bidding(maker: Maker) -> Pair:
    """jemanden bitten, jemandem helfen ... etwas zu tun; the object does it."""
    verb, case = maker.dice.pick(BIDDING)
    while True:
        other = maker.phrases.complement(("adult", "kin"), Order(style="def"))
        if other.owner is not None and not (other.pronoun and other.person == 1):
            break
    who = maker.phrases.antecedent()
    while who.english == other.english or (who.owner and other.english.startswith(who.owner[1])):
        who = maker.phrases.antecedent()
    aim = active_aim(maker, other)
    part = Part(case, nominal=other, case=case)
    clause = Clause(verb, who, (part,), "perfect")
    german, english = state(maker, clause)
    return finished((f"{german} , {de_clause.infinitive(aim)}", f"{english} to {en_clause.infinitive(aim)}"))


def judged(maker: Maker) -> Pair:
    """es ist schwierig, ... zu ...; the doer is not named."""
    opener = maker.dice.pick(JUDGED)
    while True:
        aim = active_aim(maker, nominal.name("man", "m"))
        if not aim.verb.german.reflexive and not any("his" in part.english().split() for part in aim.parts):
            break
    return finished((f"{opener[0]} {de_clause.infinitive(aim)}", f"{opener[1]} {en_clause.infinitive(aim)}"))


def without_doing(maker: Maker) -> Pair:
    """ohne ... zu, without ... -ing."""
    who = maker.phrases.antecedent()
    tense = "perfect" if who.person == 2 else maker.dice.pick(("past", "perfect"))
    clause = maker.frames.clause(Wish(tense=tense, negated=False, subject=who, time=False))
    aim = active_aim(maker, who)
    german, english = state(maker, clause)
    return finished((f"{german} , {de_clause.infinitive(aim, 'ohne')}", f"{english} without {en_clause.gerund(aim)}"))
