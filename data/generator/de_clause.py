"""German word order: verb second, verb final, verb first, infinitives."""

from __future__ import annotations

from dataclasses import dataclass

from . import de_verb, nominal
from .clause import Clause, Part

PAST_TENSES = {"past", "meanwhile"}


@dataclass(frozen=True)
class Verbs:
    """The verb forms of a clause: finite is second or last, tail ends the clause, prefix is a separated one."""

    finite: str
    tail: str
    prefix: str = ""

    def final(self) -> str:
        """The verb group at the end of a subordinate clause."""
        if self.prefix:
            return self.prefix + self.finite
        return f"{self.tail} {self.finite}".strip()

    def closing(self) -> str:
        """What stands at the end of a main clause."""
        return self.prefix or self.tail


def verbs_of(clause: Clause) -> Verbs:
    """The verb forms for tense, modal and voice."""
    person, plural = clause.subject.person, clause.subject.plural
    verb = clause.verb.german
    if clause.passive:
        return passive_verbs(clause)
    if clause.modal:
        tense = "past" if clause.modal_past else "present"
        return Verbs(de_verb.auxiliary_form(clause.modal, tense, person, plural), verb.infinitive)
    if clause.tense in {"perfect", "schon", "pluperfect"}:
        tense = "past" if clause.tense == "pluperfect" else "present"
        return Verbs(de_verb.auxiliary_form(verb.auxiliary, tense, person, plural), verb.participle)
    if clause.tense in {"future", "would"}:
        tense = "present" if clause.tense == "future" else "subjunctive"
        return Verbs(de_verb.auxiliary_form("werden", tense, person, plural), verb.infinitive)
    if clause.tense in PAST_TENSES:
        return Verbs(de_verb.past(verb, person, plural), "", verb.prefix)
    return Verbs(de_verb.present(verb, person, plural), "", verb.prefix)


def passive_verbs(clause: Clause) -> Verbs:
    """The forms of the werden passive."""
    person, plural = clause.subject.person, clause.subject.plural
    participle = clause.verb.german.participle
    if clause.modal:
        tense = "past" if clause.modal_past else "present"
        return Verbs(de_verb.auxiliary_form(clause.modal, tense, person, plural), f"{participle} werden")
    if clause.tense in {"perfect", "schon", "pluperfect"}:
        tense = "past" if clause.tense == "pluperfect" else "present"
        return Verbs(de_verb.auxiliary_form("sein", tense, person, plural), f"{participle} worden")
    if clause.tense == "future":
        return Verbs(de_verb.auxiliary_form("werden", "present", person, plural), f"{participle} werden")
    tense = "past" if clause.tense in PAST_TENSES else "present"
    return Verbs(de_verb.auxiliary_form("werden", tense, person, plural), participle)


def reflexive_of(clause: Clause) -> str:
    """mich, dich, sich ... or empty."""
    if not clause.verb.german.reflexive or clause.passive:
        return ""
    forms = nominal.REFLEXIVE.get((clause.subject.person, clause.subject.plural))
    return forms[0] if forms else "sich"


def rank(part: Part, clause: Clause) -> float:
    """The place of a part in the middle field; smaller is earlier."""
    if part.nominal is not None and part.nominal.pronoun and part.role in {"acc", "dat"}:
        return 1 if part.role == "acc" else 2
    if part.role == "dat":
        return 6 if part.nominal is not None and not part.nominal.indefinite else 7.5
    if part.role == "acc":
        return 11 if part.nominal is None or part.nominal.indefinite or part.nominal.weight == "no" else 7
    if part.role == "place" and clause.negated:
        return 10
    return {"sentence": 3, "time": 4, "mid": 5, "freq": 5, "place": 9, "manner": 9.5, "pp": 13, "dir": 14, "pred": 15}[
        part.role
    ]


def negation(clause: Clause) -> str:
    """The negating or aspect word of the middle field: nicht, schon, noch nicht."""
    if clause.tense == "schon":
        if not clause.negated:
            return "schon"
        return "noch nicht" if not negated_article(clause) else "noch"
    if clause.tense in {"now", "meanwhile"} and clause.part("time") is None and clause.tense == "meanwhile":
        return "gerade"
    return "nicht" if clause.negated and not negated_article(clause) else ""


def negated_article(clause: Clause) -> bool:
    """Whether kein carries the negation."""
    return any(part.nominal is not None and part.nominal.weight == "no" for part in clause.parts)


def middle(clause: Clause, skip: Part | None = None) -> tuple[list[str], str]:
    """The middle field in order, and a relative clause that is moved behind the final verb."""
    ranked = [(rank(part, clause), part) for part in clause.parts if part is not skip]
    ranked.sort(key=lambda pair: pair[0])
    extraposed = ""
    words: list[str] = []
    word = negation(clause)
    for place, part in ranked:
        if word and place > 8:
            words.append(word)
            word = ""
        text = part.german()
        tail = part.nominal.german_tail if part.nominal is not None else ""
        if tail and part is ranked[-1][1]:
            text = text.removesuffix(tail)
            extraposed = tail
        words.append(text)
    if word:
        words.append(word)
    return words, extraposed


def assemble(*pieces: str) -> str:
    """The pieces with single spaces; empty ones vanish."""
    return " ".join(filter(None, pieces))


def main(clause: Clause, front: Part | None = None) -> str:
    """Verb second: the front part or the subject, the finite verb, the rest."""
    verbs = verbs_of(clause)
    words, extraposed = middle(clause, front)
    reflexive, subject = reflexive_of(clause), clause.subject.german("nom")
    if front is None:
        return assemble(subject, verbs.finite, reflexive, *words, verbs.closing(), extraposed)
    return assemble(front.german(), inverted(clause, verbs, words), extraposed)


def inverted(clause: Clause, verbs: Verbs, words: list[str]) -> str:
    """The finite verb before its subject; a reflexive pronoun stands before a full subject."""
    reflexive, subject = reflexive_of(clause), clause.subject.german("nom")
    around = (subject, reflexive) if clause.subject.pronoun else (reflexive, subject)
    return assemble(verbs.finite, *around, *words, verbs.closing())


def question(clause: Clause, word: str = "") -> str:
    """Verb first, or second after a question word."""
    words, extraposed = middle(clause)
    return assemble(word, inverted(clause, verbs_of(clause), words), extraposed)


def subject_question(clause: Clause, word: str) -> str:
    """The question word is the subject."""
    verbs = verbs_of(clause)
    words, extraposed = middle(clause)
    return assemble(word, verbs.finite, reflexive_of(clause), *words, verbs.closing(), extraposed)


def subordinate(clause: Clause, opener: str, *, subject: bool = True) -> str:
    """Verb last; subject is False where the opener (a relative or question pronoun) is the subject."""
    words, extraposed = middle(clause)
    who = clause.subject.german("nom") if subject else ""
    return assemble(opener, who, reflexive_of(clause), *words, verbs_of(clause).final(), extraposed)


def infinitive(clause: Clause, opener: str = "") -> str:
    """An infinitive clause with zu (um ... zu, ohne ... zu)."""
    words, extraposed = middle(clause)
    return assemble(opener, reflexive_of(clause), *words, clause.verb.german.zu_infinitive, extraposed)


def request(clause: Clause, polite: bool) -> str:
    """An imperative: verb first, with Sie in the polite form."""
    words, extraposed = middle(clause)
    verb = clause.verb.german
    finite = verb.base if polite else de_verb.imperative(verb)
    reflexive = ("sich" if polite else "dich") if verb.reflexive else ""
    return assemble(finite, "Sie" if polite else "", reflexive, *words, verb.prefix, extraposed)
