"""Sentences about what people and things are like: properties, comparison, age, measures."""

from __future__ import annotations

from . import de_clause, de_noun, determiners, en_clause, en_forms, nominal
from .clause import Part
from .lexicon import Adjective, Noun
from .maker import SEIN, Maker, Pair, finished, predicative, simple_verb
from .nominal import Nominal
from .phrases import OWNED

MEASURES = {"hoch": "high", "lang": "long", "breit": "wide", "groß": "tall"}
# States that come and go, so that one can be in them again.
PASSING = {
    "müde", "krank", "gesund", "hungrig", "nass", "schmutzig", "sauber", "leer", "voll", "laut", "kalt", "warm",
    "teuer", "nervös", "traurig", "glücklich",
}  # fmt: skip
# Adjectives that stand before a noun only: gestohlen after war would be a passive.
ATTRIBUTIVE = {"gestohlen", "verloren", "fremd"}
PEOPLE = {"person", "adult", "folk", "child", "kin"}


def degree(adjective: Adjective, step: str) -> tuple[str, str]:
    """An adjective in the comparative or superlative (German without ending)."""
    if step == "comparative":
        german = de_noun.comparative(adjective.german, adjective.comparative)
        return german, en_forms.comparative(adjective.english, adjective.english_note)
    german = de_noun.superlative(adjective.german, adjective.comparative)
    return german, en_forms.superlative(adjective.english, adjective.english_note)


def property_of(maker: Maker) -> Pair:
    """Der Mantel ist warm, with sehr, zu, nicht, nie, or a past tense."""
    adjective = maker.dice.pick([a for a in maker.lexicon.adjectives if a.german not in ATTRIBUTIVE])
    group = maker.dice.pick(adjective.groups)
    subject = maker.phrases.subject((group,)) if group in PEOPLE else maker.phrases.thing(group, 0.2, 0.0)
    degrees = (
        ("", ""),
        ("", ""),
        ("sehr", "very"),
        ("zu", "too"),
        ("ziemlich", "quite"),
        ("nicht", "not"),
        ("wieder", "again"),
    )
    options = degrees if adjective.german in PASSING else degrees[:-1]
    german, english = maker.dice.pick(options if adjective.comparative != "0" else degrees[:1])
    english_word = f"{adjective.english} again" if english == "again" else f"{english} {adjective.english}".strip()
    tense = "habit" if subject.person == 2 or maker.dice.chance(0.6) else "past"
    clause = predicative(subject, f"{german} {adjective.german}".strip(), english_word, tense)
    if tense == "past" and maker.dice.chance(0.4):
        clause = clause.plus(
            Part(
                "time",
                *maker.dice.pick((("gestern", "yesterday"), ("letzte Woche", "last week"), ("damals", "at that time"))),
            )
        )
    front = clause.part("time") if maker.dice.chance(0.5) else None
    return finished((de_clause.main(clause, front), en_clause.main(clause, front)))


def profession(maker: Maker) -> Pair:
    """Anna ist Lehrerin (no article), Anna is a teacher; also werden."""
    subject = maker.phrases.known_subject(("adult", "kin"))
    while subject.gender not in "mf" or subject.plural or (subject.noun and subject.noun.kind == "profession"):
        subject = maker.phrases.known_subject(("adult", "kin"))
    fitting = [noun for noun in maker.lexicon.groups["profession"] if noun.gender == subject.gender]
    noun = maker.dice.pick(fitting)
    english = en_forms.article(noun.english)
    become = simple_verb("werden", "wird,wurde,geworden", "become,became,become", "", "s")
    verb, tense = maker.dice.pick(
        ((SEIN, "habit"), (SEIN, "habit"), (SEIN, "past"), (become, "past"), (become, "perfect"))
    )
    clause = predicative(subject, noun.german, english, tense, verb)
    if verb is become and maker.dice.chance(0.6):
        clause = clause.plus(maker.times.in_year())
    return finished((de_clause.main(clause), en_clause.main(clause)))


def comparable(maker: Maker) -> tuple[Adjective, Nominal, Nominal]:
    """An adjective and two things (or people) it can compare."""
    while True:
        adjective = maker.dice.pick(
            [a for a in maker.lexicon.adjectives if a.comparative != "0" and a.english != "ill"]
        )
        group = maker.dice.pick(adjective.groups)
        if group in PEOPLE:
            first, second = maker.phrases.subject((group,)), maker.phrases.subject((group,))
        else:
            noun = maker.dice.pick([noun for noun in maker.lexicon.groups[group] if noun.plural] or [None])
            if noun is None or maker.phrases.unique(noun) or noun.gender == "p":
                continue
            first, second = two_of(maker, noun)
        if first.english != second.english and first.person == 3:
            return adjective, first, second


def two_of(maker: Maker, noun: Noun) -> tuple[Nominal, Nominal]:
    """Two things of a kind told apart by owner, or this one and the other one."""
    if noun.kind not in OWNED:
        return nominal.phrase(noun, determiners.THIS, False), nominal.phrase(
            noun, determiners.DEF, False, [("ander", "other")]
        )
    keys = maker.dice.shuffled(("ich", "du", "wir", "er", "sie"))
    first, second = (nominal.phrase(noun, determiners.possessive(nominal.OWNERS[key]), False) for key in keys[:2])
    if maker.dice.chance(0.4):
        first = nominal.phrase(noun, determiners.THIS, False)
    # A possessive "ihr" at the start could be hers, yours or theirs.
    if first.german("nom").startswith(("ihr", "sein")):
        first = nominal.phrase(noun, determiners.DEF, False, [("neu", "new")])
    return first, second


def comparison(maker: Maker) -> Pair:
    """schneller als, so schnell wie."""
    adjective, first, second = comparable(maker)
    than = second.german("nom")
    if maker.dice.chance(0.6):
        german, english = degree(adjective, "comparative")
        much = maker.dice.pick((("", ""), ("", ""), ("viel ", "much "), ("etwas ", "a little ")))
        clause = predicative(first, f"{much[0]}{german} als {than}", f"{much[1]}{english} than {second.object}")
    else:
        not_words = maker.dice.pick((("", ""), ("nicht ", "not ")))
        clause = predicative(
            first,
            f"{not_words[0]}so {adjective.german} wie {than}",
            f"{not_words[1]}as {adjective.english} as {second.object}",
        )
    return finished((de_clause.main(clause), en_clause.main(clause)))


def superlative(maker: Maker) -> Pair:
    """Das ist der älteste Turm der Stadt; Anna ist die jüngste Spielerin der Mannschaft."""
    while True:
        adjective, first, _ = comparable(maker)
        noun = first.noun
        if noun is None or noun.kind == "kin" or noun.plural is None or "pair" in noun.notes or noun.gender == "p":
            continue
        best = nominal.phrase(noun, determiners.DEF, False, [degree(adjective, "superlative")])
        if noun.person or noun.kind in {"pet", "farm", "wild"}:
            scope = maker.dice.pick(
                (("in der Gruppe", "in the group"), ("im Dorf", "in the village"), ("von allen", "of all"))
            )
        elif noun.kind in {"building", "settlement", "public", "nature"}:
            scope = maker.dice.pick(
                (("in Deutschland", "in Germany"), ("der Welt", "in the world"), ("in Europa", "in Europe"))
            )
        else:
            scope = maker.dice.pick(
                (("im Laden", "in the shop"), ("der Welt", "in the world"), ("im Haus", "in the house"))
            )
        return finished((f"das ist {best.german('nom')} {scope[0]}", f"this is {best.english} {scope[1]}"))


def age(maker: Maker) -> Pair:
    """Meine Schwester ist zwölf Jahre alt."""
    old = maker.dice.chance(0.35)
    if old:
        subject = maker.phrases.thing("agedthing")
        value = maker.dice.pick((50, 80, 100, 120, 150, 200, 300, 400, 500, 800))
    else:
        subject = maker.phrases.known_subject(maker.dice.pick((("kin",), ("child",), ("person",))))
        value = (
            maker.dice.between(3, 12) if subject.noun and subject.noun.kind == "child" else maker.dice.between(5, 70)
        )
    spoken = determiners.number(value)
    clause = predicative(subject, f"{spoken.stem} Jahre alt", f"{spoken.english} years old")
    return finished((de_clause.main(clause), en_clause.main(clause)))


def measure(maker: Maker) -> Pair:
    """Der Turm ist 40 Meter hoch."""
    high = {"Turm": "hoch", "Zaun": "hoch", "Hecke": "hoch", "Baum": "hoch", "Leiter": "lang", "Seil": "lang"}
    length = {"Brücke": "lang", "Tisch": "lang", "Teppich": "lang", "Schrank": "breit", "Strauch": "hoch"}
    german_noun, german = maker.dice.pick(sorted((high | length).items()))
    noun = maker.lexicon.nouns[german_noun]
    big = german_noun in {"Turm", "Brücke"}
    value = maker.dice.pick((30, 40, 50, 60, 80, 120, 150)) if big else maker.dice.between(2, 12)
    spoken = determiners.number(value)
    subject = nominal.phrase(noun, maker.dice.pick((determiners.DEF, determiners.THIS)), False)
    clause = predicative(subject, f"{spoken.stem} Meter {german}", f"{spoken.english} metres {MEASURES[german]}")
    return finished((de_clause.main(clause), en_clause.main(clause)))


def genitive(maker: Maker) -> Pair:
    """Das Auto meines Bruders ist kaputt: my brother's car is broken."""
    while True:
        noun = maker.dice.pick(maker.lexicon.groups["ownable"])
        head = nominal.phrase(noun, determiners.DEF, False)
        owner = maker.phrases.subject(("profession", "folk", "kin"))
        if owner.noun is None or owner.english.startswith(("every", "a ", "an ")) or owner.weight != "def":
            continue
        fitting = [a for a in maker.lexicon.adjectives_for.get(noun.german, ()) if a.german not in ATTRIBUTIVE]
        if not fitting or "'" in owner.english:
            continue
        adjective = maker.dice.pick(fitting)
        whole = nominal.with_genitive(head, owner)
        word = maker.dice.pick((("", ""), ("sehr ", "very "), ("nicht ", "not ")))
        if adjective.comparative == "0":
            word = ("", "")
        clause = predicative(
            whole, word[0] + adjective.german, word[1] + adjective.english, maker.dice.pick(("habit", "past"))
        )
        return finished((de_clause.main(clause), en_clause.main(clause)))
