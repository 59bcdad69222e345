"""Sentences about facts: prices, births, names, weather, what there is, tastes and pains."""

from __future__ import annotations

from dataclasses import replace

from . import de_clause, determiners, en_clause, en_forms, nominal
from .clause import Clause, Part
from .maker import BE_CALLED, Maker, Pair, finish, finished, predicative, simple_verb
from .nominal import Nominal
from .phrases import Order, known

KOSTEN = simple_verb("kosten", "", "cost,cost,cost", "st")
DAUERN = simple_verb("dauern", "", "last", "st")
GEHOEREN = simple_verb("gehören", "-,gehörte,gehört", "belong", "st")
BORN = simple_verb("gebären", "-,gebar,geboren", "bear,bore,born")
LIKE = simple_verb("gefallen", "gefällt,gefiel,gefallen", "like", "st")
TASTE = simple_verb("schmecken", "", "like", "st")
MISS = simple_verb("fehlen", "", "miss", "st")
HURT = simple_verb("weh|tun", "tut,tat,getan", "hurt,hurt,hurt", "st")
BREAK = simple_verb("sich brechen", "bricht,brach,gebrochen", "break,broke,broken")
WASH = simple_verb("sich waschen", "wäscht,wusch,gewaschen", "wash")


def price(maker: Maker) -> Pair:
    """Der Mantel kostet 49 Euro; die Fahrkarte kostet 3,50 Euro."""
    group = maker.dice.pick(("priced", "priced", "costly"))
    subject = maker.phrases.thing(group, 0.0)
    while subject.plural:
        subject = maker.phrases.thing(group, 0.0)
    if group == "costly":
        amount = maker.dice.pick((250, 300, 400, 500, 750, 800, 1200, 1500, 2000, 3500, 5000))
        german = english = str(amount)
    elif maker.dice.chance(0.4):
        whole, cents = maker.dice.between(2, 19), maker.dice.pick((20, 50, 80, 90, 99))
        german, english = f"{whole},{cents}", f"{whole}.{cents}"
    else:
        german = english = str(
            maker.dice.pick((5, 8, 10, 12, 15, 18, 20, 24, 25, 30, 35, 40, 45, 49, 50, 60, 75, 80, 90))
        )
    tense = maker.dice.pick(("habit", "habit", "past"))
    clause = Clause(KOSTEN, subject, (Part("pred", f"{german} Euro", f"{english} euros"),), tense)
    word = maker.dice.pick((("", ""), ("", ""), ("nur", "only"), ("fast", "almost"), ("mehr als", "more than")))
    part = clause.parts[0]
    part = replace(
        part, german_text=f"{word[0]} {part.german_text}".strip(), english_text=f"{word[1]} {part.english_text}".strip()
    )
    clause = replace(clause, parts=(part,))
    return finished((de_clause.main(clause), en_clause.main(clause)))


def price_question(maker: Maker) -> Pair:
    """Wie viel kostet ...? Wie alt ist ...? Wie lange dauert ...?"""
    kind = maker.dice.pick(("price", "age", "last", "name", "long"))
    if kind == "price":
        clause = Clause(KOSTEN, maker.phrases.thing("priced", 0.15))
        words = ("wie viel", "how much")
    elif kind == "age":
        clause = predicative(maker.phrases.subject(("kin", "child")), "", "")
        words = ("wie alt", "how old")
    elif kind == "last":
        clause = Clause(DAUERN, maker.phrases.thing("timed"))
        words = ("wie lange", "how long")
    elif kind == "name":
        clause = Clause(BE_CALLED, maker.phrases.subject(("kin", "child", "pet")))
        words = ("wie", "what")
    else:
        clause = predicative(maker.phrases.thing("tower"), "", "")
        words = ("wie groß", "how tall")
    return finished((de_clause.question(clause, words[0]), en_clause.question(clause, words[1])), "?")


def birth(maker: Maker) -> Pair:
    """Anna wurde am 3. März 1998 in Köln geboren."""
    subject = maker.phrases.subject(("person", "kin"))
    while subject.person == 2 or (subject.noun is not None and subject.noun.kind != "kin"):
        subject = maker.phrases.subject(("person", "kin"))
    time = maker.times.date(1930, 2015) if maker.dice.chance(0.6) else maker.times.in_year()
    city = maker.dice.pick(maker.lexicon.words["city"])
    place = Part("place", f"in {city[0]}", f"in {city[1]}")
    clause = Clause(BORN, subject, (time, place), "past", passive=True)
    front = time if maker.dice.chance(0.3) else None
    return finished((de_clause.main(clause, front), en_clause.main(clause, front)))


def called(maker: Maker) -> Pair:
    """Meine Schwester heißt Anna."""
    while True:
        subject = maker.phrases.subject(("kin", "pet", "child"))
        if subject.noun is not None and not subject.plural and subject.gender in "mf" and known(subject):
            break
    text = maker.dice.pick([name for name, gender in maker.lexicon.names if gender == subject.gender])
    clause = Clause(BE_CALLED, subject, (Part("pred", text, text),), maker.dice.pick(("habit", "habit", "past")))
    return finished((de_clause.main(clause), en_clause.main(clause)))


def weather(maker: Maker) -> Pair:
    """Es regnet; morgen wird es in Köln schneien."""
    verb = simple_verb(*maker.dice.pick((("regnen", "", "rain"), ("schneien", "", "snow"))))
    tense = maker.dice.pick(("past", "perfect", "now", "future", "habit"))
    it = Nominal(("es", "es", "es", ""), "it", "it", weight="pronoun")
    clause = Clause(verb, it, (), tense)
    clause = clause.plus(*maker.frames.time_parts(clause))
    if maker.dice.chance(0.65):
        city = maker.dice.pick(maker.lexicon.words["city"])
        clause = clause.plus(Part("place", f"in {city[0]}", f"in {city[1]}"))
    front = clause.part("time") if maker.dice.chance(0.5) else None
    return finished((de_clause.main(clause, front), en_clause.main(clause, front)))


def existence(maker: Maker) -> Pair:
    """Es gibt in Köln drei Museen; Auf dem Tisch liegt ein Buch."""
    if maker.dice.chance(0.5):
        noun = maker.dice.pick(maker.lexicon.groups["building"])
        many = maker.dice.chance(0.6)
        determiner = maker.phrases.quantity() if many else maker.dice.pick((determiners.INDEF, determiners.NO))
        phrase = nominal.phrase(noun, determiner, many, maker.phrases.adjectives(noun, 0.35))
        city = maker.dice.pick(maker.lexicon.words["city"])
        be = "are" if phrase.english_plural else "is"
        german = f"in {city[0]} gibt es" if maker.dice.chance(0.5) else f"es gibt in {city[0]}"
        return finished((f"{german} {phrase.german('acc')}", f"there {be} {phrase.english} in {city[1]}"))
    verb, group = maker.dice.pick((("liegt liegen", "putable"), ("steht stehen", "standable")))
    noun = maker.dice.pick([noun for noun in maker.lexicon.groups[group] if "pair" not in noun.notes])
    many = maker.dice.chance(0.3)
    determiner = maker.phrases.quantity() if many else determiners.INDEF
    phrase = nominal.phrase(noun, determiner, many, maker.phrases.adjectives(noun, 0.3))
    where = nominal.phrase(maker.dice.pick(maker.lexicon.groups["surface"]), determiners.DEF, False)
    place = Part("place", nominal=where, german_prep="auf", case="dat", english_prep="on")
    german = f"{place.german()} {verb.split()[many]} {phrase.german('nom')}"
    return finished((german, f"there {'are' if many else 'is'} {phrase.english} {place.english()}"))


def duration(maker: Maker) -> Pair:
    """Der Film dauert zwei Stunden."""
    subject = maker.phrases.thing("timed", 0.0)
    german, english = maker.dice.pick(
        (("eine Stunde", "an hour"), ("zwei Stunden", "two hours"), ("drei Stunden", "three hours"), ("90 Minuten", "90 minutes"),
         ("fast vier Stunden", "almost four hours"), ("45 Minuten", "45 minutes"), ("mehr als eine Stunde", "more than an hour"))
    )  # fmt: skip
    clause = Clause(DAUERN, subject, (Part("pred", german, english),), maker.dice.pick(("habit", "past")))
    return finished((de_clause.main(clause), en_clause.main(clause)))


def liking(maker: Maker) -> Pair:
    """Der Film gefällt mir: the German subject is the English object."""
    verb, group = maker.dice.pick(
        ((LIKE, "likeable"), (LIKE, "likeable"), (TASTE, "tasty"), (MISS, "kin"), (GEHOEREN, "ownable"))
    )
    subject = (
        maker.phrases.kin(maker.dice.pick(maker.lexicon.groups[group]), None)
        if group == "kin"
        else maker.phrases.thing(group)
    )
    other = maker.phrases.complement(("person", "kin"), Order(style="def"))
    tense = maker.dice.pick(("habit", "habit", "past"))
    negated = maker.dice.chance(0.25) and verb is not MISS
    part = Part("dat", nominal=other, case="dat")
    german = Clause(verb, subject, (part,), tense, negated=negated)
    front = part if maker.dice.chance(0.4) else None
    if verb is GEHOEREN:
        english = Clause(verb, subject, (replace(part, english_prep="to"),), tense, negated=negated)
        return finished((de_clause.main(german, front), en_clause.main(english)))
    english = Clause(verb, other, (Part("acc", nominal=subject, case="acc"),), tense, negated=negated)
    return finished((de_clause.main(german, front), en_clause.main(english)))


def body(maker: Maker) -> Pair:
    """Mir tut der Rücken weh; sie hat sich das Bein gebrochen; er wäscht sich die Hände."""
    who = maker.phrases.subject(("person", "kin"))
    while who.owner is None or who.plural:
        who = maker.phrases.subject(("person", "kin"))
    kind = maker.dice.pick(("hurt", "break", "wash"))
    if kind == "hurt":
        noun = maker.lexicon.nouns[
            maker.dice.pick(("Rücken", "Kopf", "Bein", "Knie", "Arm", "Schulter", "Hand", "Fuß", "Zahn", "Auge"))
        ]
        part = nominal.phrase(noun, determiners.DEF, False)
        tense = "habit" if who.person == 2 else maker.dice.pick(("habit", "past"))
        dative = Part("dat", nominal=who, case="dat")
        german = Clause(HURT, part, (dative,), tense)
        owned = en_forms.possessive(who.english, False) if not who.pronoun else who.owner[1]
        english = finish(f"{owned} {noun.english} {'hurt' if tense == 'past' else 'hurts'}", ".")
        return finish(de_clause.main(german, dative), "."), english
    noun = maker.lexicon.nouns[
        maker.dice.pick(("Arm", "Bein", "Finger", "Fuß") if kind == "break" else ("Hand", "Fuß"))
    ]
    verb = BREAK if kind == "break" else WASH
    tense = "perfect" if kind == "break" or who.person == 2 else maker.dice.pick(("perfect", "past"))
    clause = Clause(verb, who, (), tense)
    reflexive = de_clause.reflexive_of(clause)
    dative_form = {"mich": "mir", "dich": "dir"}.get(reflexive, reflexive)
    verbs = de_clause.verbs_of(clause)
    held = nominal.phrase(noun, determiners.DEF, kind == "wash")
    english = f"{who.english} {verb.english.past} {who.owner[1]} {held.english.removeprefix('the ')}"
    german_text = de_clause.assemble(who.german("nom"), verbs.finite, dative_form, held.german("acc"), verbs.closing())
    return finished((german_text, english))


def feeling_cold(maker: Maker) -> Pair:
    """Mir ist kalt, ihr ist schlecht: no subject in German."""
    other = maker.phrases.complement(("kin",), Order())
    if maker.dice.chance(0.6):
        other = nominal.pronoun(maker.dice.pick(("ich", "du", "er", "sie", "wir", "sie_plural")))
    german, english = maker.dice.pick(
        (("kalt", "cold"), ("warm", "warm"), ("schlecht", "sick"), ("langweilig", "bored"), ("heiß", "hot"))
    )
    past = maker.dice.chance(0.5)
    be = en_forms.be("past" if past else "present", other.person, other.english_plural)
    word = maker.dice.pick((("", ""), ("sehr ", "very "), ("oft ", "often "), ("gerade ", "")))
    if word[0] == "gerade ":
        word = ("immer ", "always ")
    return finished(
        (
            f"{other.german('dat')} {'war' if past else 'ist'} {word[0]}{german}",
            f"{other.english} {be} {word[1]}{english}",
        )
    )
