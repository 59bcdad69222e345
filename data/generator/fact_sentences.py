"""Sentences about facts: properties, comparison, prices, dates, amounts, weather, tastes."""

from __future__ import annotations

from dataclasses import replace

from . import de_clause, de_noun, en_clause, en_forms, nominal
from .clause import Clause, Part
from .lexicon import Adjective, Noun
from .maker import BE_CALLED, SEIN, Maker, Pair, finish, finished, predicative, simple_verb
from .nominal import Nominal
from .phrases import OWNED, Order

KOSTEN = simple_verb("kosten", "", "cost,cost,cost", "st")
DAUERN = simple_verb("dauern", "", "last", "st")
GEHOEREN = simple_verb("gehören", "-,gehörte,gehört", "belong", "st")
BORN = simple_verb("gebären", "-,gebar,geboren", "bear,bore,born")
WIEGEN = simple_verb("wiegen", "-,wog,gewogen", "weigh", "st")
LIKE = simple_verb("gefallen", "gefällt,gefiel,gefallen", "like", "st")
TASTE = simple_verb("schmecken", "", "like", "st")
MISS = simple_verb("fehlen", "", "miss", "st")
HURT = simple_verb("weh|tun", "tut,tat,getan", "hurt,hurt,hurt", "st")
BREAK = simple_verb("sich brechen", "bricht,brach,gebrochen", "break,broke,broken")
WASH = simple_verb("sich waschen", "wäscht,wusch,gewaschen", "wash")
MEASURES = {"hoch": "high", "lang": "long", "breit": "wide", "groß": "tall"}
OWNERS = ("ich", "wir", "du")
# States that come and go, so that one can be in them again.
PASSING = set(
    "müde krank gesund hungrig nass schmutzig sauber leer voll laut kalt warm teuer nervös traurig glücklich".split()
)


def thing(maker: Maker, group: str, plural: float = 0.1, adjective: float = 0.2) -> Nominal:
    """A definite (or my, this) thing of a group as a subject."""
    noun = maker.dice.pick(maker.lexicon.groups[group])
    if noun.mass or maker.phrases.unique(noun):
        return nominal.phrase(noun, nominal.DEF, False)
    options = [(nominal.DEF, 6.0), (nominal.THIS, 1.5)]
    if noun.kind in {"clothes", "vehicle", "device", "accessory", "furniture", "container"}:
        options.append((nominal.possessive(nominal.OWNERS[maker.dice.pick(OWNERS)]), 3.0))
    many = maker.phrases.plural(noun, plural)
    return nominal.phrase(noun, maker.dice.weighted(options), many, maker.phrases.adjectives(noun, adjective))


def degree(adjective: Adjective, step: str) -> tuple[str, str]:
    """An adjective in the comparative or superlative (German without ending)."""
    if step == "comparative":
        german = de_noun.comparative(adjective.german, adjective.comparative)
        return german, en_forms.comparative(adjective.english, adjective.english_note)
    german = de_noun.superlative(adjective.german, adjective.comparative)
    return german, en_forms.superlative(adjective.english, adjective.english_note)


def property_of(maker: Maker) -> Pair:
    """Der Mantel ist warm, with sehr, zu, nicht, nie, or a past tense."""
    adjective = maker.dice.pick(maker.lexicon.adjectives)
    group = maker.dice.pick(adjective.groups)
    if group in {"person", "adult", "folk", "child", "kin"}:
        subject = maker.phrases.subject((group,))
    else:
        subject = thing(maker, group, 0.2, 0.0)
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
    subject = known_subject(maker, ("adult", "kin"))
    while subject.gender not in "mf" or subject.plural or (subject.noun and subject.noun.kind == "profession"):
        subject = known_subject(maker, ("adult", "kin"))
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
        if group in {"person", "adult", "folk", "child", "kin"}:
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
        return nominal.phrase(noun, nominal.THIS, False), nominal.phrase(noun, nominal.DEF, False, [("ander", "other")])
    keys = maker.dice.shuffled(("ich", "du", "wir", "er", "sie"))
    first, second = (nominal.phrase(noun, nominal.possessive(nominal.OWNERS[key]), False) for key in keys[:2])
    if maker.dice.chance(0.4):
        first = nominal.phrase(noun, nominal.THIS, False)
    # A possessive "ihr" at the start could be hers, yours or theirs.
    if first.german("nom").startswith(("ihr", "sein")):
        first = nominal.phrase(noun, nominal.DEF, False, [("neu", "new")])
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
        best = nominal.phrase(noun, nominal.DEF, False, [degree(adjective, "superlative")])
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


def price(maker: Maker) -> Pair:
    """Der Mantel kostet 49 Euro; die Fahrkarte kostet 3,50 Euro."""
    group = maker.dice.pick(("priced", "priced", "costly"))
    subject = thing(maker, group, 0.0)
    while subject.plural:
        subject = thing(maker, group, 0.0)
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
        clause = Clause(KOSTEN, thing(maker, "priced", 0.15))
        words = ("wie viel", "how much")
    elif kind == "age":
        clause = predicative(maker.phrases.subject(("kin", "child")), "", "")
        words = ("wie alt", "how old")
    elif kind == "last":
        clause = Clause(DAUERN, thing(maker, "timed"))
        words = ("wie lange", "how long")
    elif kind == "name":
        clause = Clause(BE_CALLED, maker.phrases.subject(("kin", "child", "pet")))
        words = ("wie", "what")
    else:
        clause = predicative(thing(maker, "tower"), "", "")
        words = ("wie groß", "how tall")
    return finished((de_clause.question(clause, words[0]), en_clause.question(clause, words[1])), "?")


def known(subject: Nominal) -> bool:
    """Whether a subject is somebody in particular: not a child, not every child."""
    return subject.weight != "indef" and not subject.english.startswith("every ")


def known_subject(maker: Maker, names: tuple[str, ...]) -> Nominal:
    """A subject that is somebody in particular."""
    while True:
        subject = maker.phrases.subject(names)
        if known(subject):
            return subject


def age(maker: Maker) -> Pair:
    """Meine Schwester ist zwölf Jahre alt."""
    old = maker.dice.chance(0.35)
    if old:
        subject = thing(maker, "agedthing")
        value = maker.dice.pick((50, 80, 100, 120, 150, 200, 300, 400, 500, 800))
    else:
        subject = known_subject(maker, maker.dice.pick((("kin",), ("child",), ("person",))))
        value = (
            maker.dice.between(3, 12) if subject.noun and subject.noun.kind == "child" else maker.dice.between(5, 70)
        )
    spoken = nominal.number(value)
    clause = predicative(subject, f"{spoken.stem} Jahre alt", f"{spoken.english} years old")
    return finished((de_clause.main(clause), en_clause.main(clause)))


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
        determiner = maker.phrases.quantity() if many else maker.dice.pick((nominal.INDEF, nominal.NO))
        phrase = nominal.phrase(noun, determiner, many, maker.phrases.adjectives(noun, 0.35))
        city = maker.dice.pick(maker.lexicon.words["city"])
        be = "are" if phrase.english_plural else "is"
        german = f"in {city[0]} gibt es" if maker.dice.chance(0.5) else f"es gibt in {city[0]}"
        return finished((f"{german} {phrase.german('acc')}", f"there {be} {phrase.english} in {city[1]}"))
    verb, group = maker.dice.pick((("liegt liegen", "putable"), ("steht stehen", "standable")))
    noun = maker.dice.pick([noun for noun in maker.lexicon.groups[group] if "pair" not in noun.notes])
    many = maker.dice.chance(0.3)
    determiner = maker.phrases.quantity() if many else nominal.INDEF
    phrase = nominal.phrase(noun, determiner, many, maker.phrases.adjectives(noun, 0.3))
    where = nominal.phrase(maker.dice.pick(maker.lexicon.groups["surface"]), nominal.DEF, False)
    place = Part("place", nominal=where, german_prep="auf", case="dat", english_prep="on")
    german = f"{place.german()} {verb.split()[many]} {phrase.german('nom')}"
    return finished((german, f"there {'are' if many else 'is'} {phrase.english} {place.english()}"))


def measure(maker: Maker) -> Pair:
    """Der Turm ist 40 Meter hoch."""
    high = {"Turm": "hoch", "Zaun": "hoch", "Hecke": "hoch", "Baum": "hoch", "Leiter": "lang", "Seil": "lang"}
    length = {"Brücke": "lang", "Tisch": "lang", "Teppich": "lang", "Schrank": "breit", "Strauch": "hoch"}
    german_noun, german = maker.dice.pick(sorted((high | length).items()))
    noun = maker.lexicon.nouns[german_noun]
    big = german_noun in {"Turm", "Brücke"}
    value = maker.dice.pick((30, 40, 50, 60, 80, 120, 150)) if big else maker.dice.between(2, 12)
    spoken = nominal.number(value)
    subject = nominal.phrase(
        noun, maker.dice.pick((nominal.DEF, nominal.THIS)), False, maker.phrases.adjectives(noun, 0.3)
    )
    clause = predicative(subject, f"{spoken.stem} Meter {german}", f"{spoken.english} metres {MEASURES[german]}")
    return finished((de_clause.main(clause), en_clause.main(clause)))


def duration(maker: Maker) -> Pair:
    """Der Film dauert zwei Stunden."""
    subject = thing(maker, "timed", 0.0)
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
        maker.phrases.kin(maker.dice.pick(maker.lexicon.groups[group]), None) if group == "kin" else thing(maker, group)
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
        part = nominal.phrase(noun, nominal.DEF, False)
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
    held = nominal.phrase(noun, nominal.DEF, kind == "wash")
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


def genitive(maker: Maker) -> Pair:
    """Das Auto meines Bruders ist kaputt: my brother's car is broken."""
    while True:
        noun = maker.dice.pick(maker.lexicon.groups["ownable"])
        head = nominal.phrase(noun, nominal.DEF, False)
        owner = maker.phrases.subject(("profession", "folk", "kin"))
        if owner.noun is None or owner.english.startswith(("every", "a ", "an ")) or owner.weight != "def":
            continue
        fitting = maker.lexicon.adjectives_for.get(noun.german, ())
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
