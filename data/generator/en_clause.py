"""English word order: subject, verb group, objects, manner, place, time."""

from __future__ import annotations

from dataclasses import dataclass

from . import en_forms
from .clause import Clause, Part
from .nominal import Nominal

# Modal verb: present and past; a first word in AUXILIARIES inverts by itself, the others take do.
MODALS = {
    "können": ("can", "could"),
    "müssen": ("have to", "had to"),
    "wollen": ("want to", "wanted to"),
    "sollen": ("should", "be supposed to"),
    "dürfen": ("be allowed to", "be allowed to"),
    "möchten": ("would like to", "wanted to"),
}
AUXILIARIES = {"can", "could", "should", "would"}
COMPLEMENTS = {"acc", "dat", "pp"}


@dataclass(frozen=True)
class Group:
    """A verb group: helper is the auxiliary that moves and carries not (may be empty), rest what follows."""

    helper: str
    rest: str
    plain: str = ""

    def supported(self, did: str) -> Group:
        """The same group with do-support where there is no auxiliary."""
        return self if self.helper else Group(did, self.plain)


def helper_do(tense: str, subject: Nominal) -> str:
    """do, does or did."""
    if tense == "past":
        return "did"
    return "does" if subject.person == 3 and not subject.english_plural else "do"


def finite(base: str, past: str, tense: str, subject: Nominal) -> str:
    """A finite form of a full verb."""
    if tense == "past":
        return past
    third = subject.person == 3 and not subject.english_plural
    return en_forms.third_person(base) if third else base


def be_form(tense: str, subject: Nominal) -> str:
    """A form of be that agrees with the subject."""
    return en_forms.be(tense, subject.person, subject.english_plural)


def have_form(subject: Nominal) -> str:
    """has or have."""
    return finite("have", "had", "present", subject)


def english_tense(clause: Clause) -> str:
    """The tense of the finite English verb: present or past."""
    if clause.modal:
        return "past" if clause.modal_past else "present"
    return "past" if clause.tense in {"past", "perfect"} else "present"


def group_of(clause: Clause) -> Group:
    """The verb group of a clause."""
    if clause.modal:
        return modal_group(clause)
    return passive_group(clause) if clause.passive else active_group(clause)


def modal_group(clause: Clause) -> Group:
    """A modal and the infinitive."""
    modal = MODALS[clause.modal][clause.modal_past]
    verb = clause.verb.english
    main = f"be {verb.participle}" if clause.passive else verb.base
    first, _, rest = modal.partition(" ")
    tense = english_tense(clause)
    if first == "be":
        return Group(be_form(tense, clause.subject), assemble(rest, main))
    if first in AUXILIARIES:
        return Group(first, assemble(rest, main))
    base = {"had": "have", "wanted": "want"}.get(first, first)
    past = {"have": "had", "want": "wanted"}[base]
    return Group("", assemble(finite(base, past, tense, clause.subject), rest, main), assemble(base, rest, main))


def active_group(clause: Clause) -> Group:
    """The verb group of an active clause without a modal."""
    verb, subject, tense = clause.verb.english, clause.subject, clause.tense
    stative = "st" in clause.verb.flags or verb.base == "be"
    if tense in {"future", "soon", "would"}:
        return Group("would" if tense == "would" else "will", verb.base)
    if tense in {"schon", "since"}:
        continued = tense == "since" and not stative
        return Group(have_form(subject), f"been {en_forms.ing_form(verb)}" if continued else verb.participle)
    if tense == "pluperfect":
        return Group("had", verb.participle)
    if tense in {"now", "meanwhile"} and not stative:
        return Group(be_form("past" if tense == "meanwhile" else "present", subject), en_forms.ing_form(verb))
    time = english_tense(clause)
    if verb.base == "be":
        return Group(be_form(time, subject), "")
    return Group("", finite(verb.base, verb.past, time, subject), verb.base)


def passive_group(clause: Clause) -> Group:
    """be (or will be, has been ...) and the participle."""
    participle, subject = clause.verb.english.participle, clause.subject
    if clause.tense in {"future", "soon"}:
        return Group("will", f"be {participle}")
    if clause.tense == "schon":
        return Group(have_form(subject), f"been {participle}")
    if clause.tense == "now":
        return Group(be_form("present", subject), f"being {participle}")
    return Group(be_form(english_tense(clause), subject), participle)


def assemble(*pieces: str) -> str:
    """The pieces with single spaces; empty ones vanish."""
    return " ".join(filter(None, pieces))


def adverbs_before_verb(clause: Clause) -> str:
    """often, already and the like, which stand between auxiliary and verb."""
    words = [part.english() for part in clause.parts if part.role in {"freq", "mid"}]
    if clause.tense == "schon" and not clause.negated:
        words.append("already")
    return " ".join([*words, *(part.english() for part in clause.parts if early(part, clause))])


def early(part: Part, clause: Clause) -> bool:
    """Whether a manner adverb stands before the verb: those in -ly do where an object follows (slowly opened it).

    After "has to" and "has been" they would belong to the wrong verb, so there they follow the object.
    """
    periphrastic = clause.tense == "since" or " " in MODALS.get(clause.modal, ("", ""))[clause.modal_past]
    return (
        part.role == "manner"
        and not periphrastic
        and part.english_text.endswith("ly")
        and bool(COMPLEMENTS & {p.role for p in clause.parts})
    )


def ordered(clause: Clause, skip: Part | None = None, gap: Part | None = None) -> str:
    """Everything after the verb, in order; the gap leaves its preposition behind."""
    verb = clause.verb.english
    after: list[str] = []
    direct = clause.part("acc")
    datives = [part for part in clause.parts if part.role == "dat"]
    objects = [part for part in datives if not part.english_prep] + ([direct] if direct else [])
    objects += [part for part in datives if part.english_prep]
    particle = verb.particle
    for part in objects:
        after.append(part.english_prep if part is gap else part.english())
    pronoun_first = direct is not None and direct is not gap and direct.nominal is not None and direct.nominal.pronoun
    if particle and pronoun_first and not (direct and direct.english_prep):
        after.insert(1, particle)
    elif particle:
        after.insert(0, particle)
    for role in ("pred", "pp", "dir", "manner", "place", "time"):
        for part in clause.parts:
            if part.role == role and part is not skip and not early(part, clause):
                after.append(part.english_prep if part is gap else part.english())
    if clause.tense == "schon" and clause.negated:
        after.append("yet")
    return assemble(*after)


def predicate(clause: Clause, skip: Part | None = None, gap: Part | None = None) -> str:
    """The verb group and all that follows, for a subject in front of it."""
    group = group_of(clause)
    rest = ordered(clause, skip, gap)
    if clause.negated:
        group = group.supported(helper_do(english_tense(clause), clause.subject))
        negator = "cannot" if group.helper == "can" else f"{group.helper} not"
        return assemble(negator, adverbs_before_verb(clause), group.rest, rest)
    return assemble(group.helper, adverbs_before_verb(clause), group.rest, rest)


def main(clause: Clause, front: Part | None = None) -> str:
    """A statement; a fronted adverbial of time or a sentence adverb comes first."""
    opener = ""
    sentence = clause.part("sentence")
    if sentence is not None:
        comma = "" if sentence.english_text == "perhaps" else " ,"
        opener = sentence.english_text + comma
    skip = front if front is not None and front.role == "time" else None
    if skip is not None:
        opener = assemble(opener, skip.english())
    return assemble(opener, clause.subject.subject, predicate(clause, skip))


def subordinate(clause: Clause, opener: str, *, subject: bool = True, gap: Part | None = None) -> str:
    """A subordinate clause; subject is False where the opener is the subject."""
    who = clause.subject.subject if subject else ""
    return assemble(opener, who, predicate(clause, gap=gap))


def question(clause: Clause, word: str = "", gap: Part | None = None) -> str:
    """A question with the auxiliary before the subject."""
    group = group_of(clause).supported(helper_do(english_tense(clause), clause.subject))
    negator = "not" if clause.negated else ""
    rest = ordered(clause, gap=gap)
    return assemble(word, group.helper, clause.subject.subject, negator, adverbs_before_verb(clause), group.rest, rest)


def infinitive(clause: Clause) -> str:
    """The base form and what follows (after to)."""
    negator = "not" if clause.negated else ""
    main_verb = f"be {clause.verb.english.participle}" if clause.passive else clause.verb.english.base
    return assemble(negator, adverbs_before_verb(clause), main_verb, ordered(clause))


def gerund(clause: Clause) -> str:
    """The -ing form and what follows (after without, like)."""
    return assemble(adverbs_before_verb(clause), en_forms.ing_form(clause.verb.english), ordered(clause))
