"""Sentences of one clause: statements, questions, requests, passives."""

from __future__ import annotations

from dataclasses import replace

from . import de_clause, determiners, en_clause, nominal
from .clause import Clause, Part
from .frames import Wish
from .maker import Maker, Pair, finished
from .nominal import Nominal

MODALS = (("können", 5), ("müssen", 5), ("wollen", 4), ("sollen", 2), ("dürfen", 2), ("möchten", 3))
WHO = {"nom": "wer", "acc": "wen", "dat": "wem"}
CONTRACTED_WHAT = {"an": "woran", "auf": "worauf", "über": "worüber", "um": "worum", "in": "worin", "aus": "woraus"}


def statement(maker: Maker) -> Pair:
    """A main clause, often with an adverbial in front."""
    clause = maker.frames.clause()
    return finished(state(maker, clause))


def state(maker: Maker, clause: Clause) -> Pair:
    """The clause as a main clause with a random front."""
    front = choose_front(maker, clause)
    return de_clause.main(clause, front), en_clause.main(clause, front)


def choose_front(maker: Maker, clause: Clause) -> Part | None:
    """Which part stands first; None for the subject."""
    time, place = clause.part("time"), clause.part("place")
    if time is not None and maker.dice.chance(0.42):
        return time
    if place is not None and maker.dice.chance(0.25):
        return place
    return None


def modal(maker: Maker) -> Pair:
    """A modal verb with the infinitive at the end."""
    return finished(state(maker, modal_clause(maker)))


def modal_clause(maker: Maker) -> Clause:
    """A clause with a modal, sometimes in the past."""
    word = maker.dice.weighted(MODALS)
    clause = maker.frames.clause(Wish(tense="future", modal=word))
    past = word != "möchten" and clause.subject.person != 2 and maker.dice.chance(0.3)
    if not past:
        return clause
    clause = clause.without(clause.part("time"))
    clause = replace(clause, modal_past=True)
    if maker.dice.chance(0.6):
        clause = clause.plus(
            maker.frames.past_time(clause, any(p.english_text.startswith("at ") for p in clause.parts))
        )
    return clause


def comment(maker: Maker) -> Pair:
    """A sentence adverb (leider, vielleicht) in front or in the middle field."""
    clause = maker.frames.clause(Wish(tense=maker.dice.pick(("past", "perfect", "soon", "future"))))
    adverb = Part("sentence", *maker.dice.pick(maker.lexicon.words["sentence"]))
    if adverb.german_text == "hoffentlich" and clause.tense in {"past", "perfect"}:
        adverb = Part("sentence", "leider", "unfortunately")
    if adverb.german_text == "plötzlich" and (clause.negated or clause.tense in {"soon", "future"}):
        adverb = Part("sentence", "vielleicht", "perhaps")
    if adverb.german_text == "plötzlich":
        clause = clause.without(clause.part("time"))
    clause = clause.plus(adverb)
    front = adverb if maker.dice.chance(0.7) or clause.subject.pronoun else None
    return finished((de_clause.main(clause, front), en_clause.main(clause)))


def object_first(maker: Maker) -> Pair:
    """An object in front of the verb; English keeps the subject first, so the case has to be read."""
    while True:
        clause = maker.frames.clause(Wish(place=False, negated=False))
        part = clause.part("dat") or clause.part("acc")
        if part is None or part.nominal is None or not marked(part.nominal, part.case, clause.subject):
            continue
        return finished((de_clause.main(clause, part), en_clause.main(clause)))


def marked(phrase: Nominal, case: str, subject: Nominal) -> bool:
    """Whether the forms show who does what to whom."""
    if phrase.weight in {"name", "mass"} or phrase.pronoun:
        return False
    clear = phrase.german(case) != phrase.german("nom")
    return clear or (subject.pronoun and subject.german("nom") not in {"sie", "Sie"})


def yes_no(maker: Maker) -> Pair:
    """A question with the verb first."""
    clause = asked_clause(maker)
    return finished((de_clause.question(clause), en_clause.question(clause)), "?")


def asked_clause(maker: Maker) -> Clause:
    """A clause somebody would ask about: mostly to or about one person, in the perfect or with a modal."""
    subject = None
    if maker.dice.chance(0.55):
        subject = nominal.pronoun(maker.dice.weighted((("du", 5), ("Sie", 4), ("ihr", 2), ("er", 1), ("sie", 1))))
    if maker.dice.chance(0.25):
        word = maker.dice.weighted((("können", 4), ("müssen", 3), ("wollen", 3), ("dürfen", 2), ("möchten", 3)))
        return maker.frames.clause(Wish(tense="future", modal=word, negated=False, subject=subject))
    tense = maker.dice.weighted((("perfect", 6), ("habit", 3), ("now", 2), ("future", 1), ("soon", 2)))
    return maker.frames.clause(Wish(tense=tense, negated=False, subject=subject))


def wh_adverb(maker: Maker) -> Pair:
    """wann, wo, warum, wohin, woher, um wie viel Uhr ..."""
    while True:
        clause = asked_clause(maker)
        time = clause.part("time")
        options = [("warum", "why", None)]
        if time is not None and clause.tense not in {"habit", "now"} and clause.tense != "future":
            options.append(("wann", "when", time))
        place, direction = clause.part("place"), clause.part("dir")
        if place is not None:
            options.append(("wo", "where", place))
        if direction is not None and direction.german_text.startswith(("nach ", "zu", "in die ", "in den ", "ins ")):
            options.append(("wohin", "where", direction))
        german, english, gone = maker.dice.pick(options[-2:])
        if gone is time and time is not None and clause.tense == "soon":
            clause = replace(clause, tense="future")
        clause = clause.without(gone)
        return finished((de_clause.question(clause, german), en_clause.question(clause, english)), "?")


def wh_object(maker: Maker) -> Pair:
    """wen, wem, was, auf wen, worauf: the object is asked for."""
    while True:
        clause = asked_clause(maker)
        parts = [part for part in clause.parts if part.role in {"acc", "dat", "pp"} and part.nominal is not None]
        if not parts:
            continue
        gap = maker.dice.pick(parts)
        word = question_word(gap)
        if word is None:
            continue
        german = de_clause.question(clause.without(gap), word[0])
        return finished((german, en_clause.question(clause, word[1], gap)), "?")


def question_word(part: Part) -> tuple[str, str] | None:
    """The question word for a complement, with its preposition in German."""
    phrase = part.nominal
    assert phrase is not None
    if phrase.sort == "person":
        who = WHO[part.case]
        return (f"{part.german_prep} {who}".strip(), "who")
    if phrase.sort != "thing" or part.role == "dat":
        return None
    if not part.german_prep:
        return ("was", "what")
    joined = CONTRACTED_WHAT.get(part.german_prep, f"wo{part.german_prep}")
    return (joined, "what")


def wh_subject(maker: Maker) -> Pair:
    """wer, or welcher with a noun, as the subject."""
    tense = maker.dice.weighted((("perfect", 6), ("past", 4), ("habit", 2), ("future", 1)))
    while True:
        clause = maker.frames.clause(Wish(tense=tense, negated=False))
        subject = clause.subject
        if subject.person != 3 or (subject.owner is not None and uses_owner(clause)):
            continue
        if maker.dice.chance(0.5) and subject.noun is not None and subject.noun.kind != "kin" and not subject.noun.mass:
            asked = nominal.phrase(subject.noun, determiners.WHICH, subject.plural)
        elif subject.sort == "person":
            asked = replace(nominal.name("wer", "m"), english="who", english_object="who")
        else:
            continue
        clause = replace(clause, subject=asked)
        german = de_clause.subject_question(clause, asked.german("nom"))
        return finished((german, en_clause.main(clause)), "?")


def uses_owner(clause: Clause) -> bool:
    """Whether a possessive in the clause refers to the subject."""
    owner = clause.subject.owner
    return owner is not None and any(part.english().split()[:1] == [owner[1]] for part in clause.parts)


def request(maker: Maker) -> Pair:
    """An imperative with du or Sie and bitte."""
    while True:
        polite = maker.dice.chance(0.55)
        you = nominal.pronoun("Sie" if polite else "du")
        clause = maker.frames.clause(Wish(tense="future", subject=you, negated=False, time=False))
        unasked = {"be", "have", "complain", "steal"}
        if {"st", "noprog", "unwilled"} & clause.verb.flags or clause.verb.english.base in unasked:
            continue
        if vague(clause) and maker.dice.chance(0.7):
            continue
        if maker.dice.chance(0.35):
            clause = clause.plus(
                Part("time", *maker.dice.pick((("morgen", "tomorrow"), ("heute Abend", "this evening"))))
            )
        return finished(with_please(clause, polite, maker), "." if maker.dice.chance(0.7) else "!")


def vague(clause: Clause) -> bool:
    """Whether an object is somebody or something not known yet, which one seldom asks for."""
    return any(part.nominal is not None and part.nominal.weight == "indef" for part in clause.parts)


def with_please(clause: Clause, polite: bool, maker: Maker) -> Pair:
    """The request with bitte in front (then please in front) or behind the verb (then please at the end)."""
    english = en_clause.infinitive(clause)
    if maker.dice.chance(0.6):
        return f"bitte {de_clause.request(clause, polite)}", f"please {english}"
    clause_de = clause.plus(Part("sentence", "bitte", ""))
    return de_clause.request(clause_de, polite), f"{english} , please"


def passive(maker: Maker) -> Pair:
    """The werden passive; the agent is left out or comes with von."""
    while True:
        tense = maker.dice.weighted((("past", 6), ("perfect", 2), ("now", 2), ("future", 2), ("schon", 2)))
        clause = maker.frames.clause(Wish(tense=tense, negated=False))
        flipped = to_passive(maker, clause)
        if flipped is not None:
            return finished(state(maker, flipped))


def to_passive(maker: Maker, clause: Clause) -> Clause | None:
    """The passive of a clause with a direct object; None where there is none."""
    obj = clause.part("acc")
    blocked = {"nopass", "st"} & clause.verb.flags or clause.verb.german.reflexive or clause.verb.english.particle
    if obj is None or obj.nominal is None or obj.english_prep or blocked or obj.nominal.pronoun:
        return None
    if obj.nominal.english.split()[0] in {"his", "her", "their", "my", "your", "our", "its"}:
        return None
    kept = tuple(part for part in clause.parts if part.role in {"time", "place", "dat"} and part is not obj)
    if any(part.role == "dat" and not part.english_prep for part in kept):
        return None
    patient = replace(obj.nominal, english=obj.nominal.english_object)
    agent: tuple[Part, ...] = ()
    if clause.subject.noun is not None and clause.subject.noun.kind != "kin" and maker.dice.chance(0.35):
        agent = (Part("pp", nominal=clause.subject, german_prep="von", case="dat", english_prep="by"),)
    return Clause(clause.verb, patient, kept + agent, clause.tense, passive=True)


def since(maker: Maker) -> Pair:
    """The present with seit, which English puts in the present perfect."""
    clause = maker.frames.clause(Wish(tense="since", negated=False))
    return finished(state(maker, clause))


def tag_question(maker: Maker) -> Pair:
    """A question in the dialogue style with nicht wahr."""
    clause = asked_clause(maker)
    german, english = de_clause.main(clause), en_clause.main(clause)
    return finished((f"{german} , oder", f"{english} , right"), "?")
