"""Sentences with subordinate clauses, infinitives and coordination."""

from __future__ import annotations

from dataclasses import replace

from . import de_clause, en_clause, nominal
from .clause import Clause, Part
from .frames import Wish
from .maker import Maker, Pair, finished, predicative, simple_verb
from .nominal import Nominal
from .simple_sentences import asked_clause, modal_clause, state
from .states import reason

SAY = (
    (simple_verb("glauben", "", "believe", "st"), "habit"),
    (simple_verb("wissen", "weiß,wusste,gewusst", "know,knew,known", "st"), "habit"),
    (simple_verb("hoffen", "", "hope", "st"), "habit"),
    (simple_verb("denken", "-,dachte,gedacht", "think,thought,thought", "st"), "habit"),
    (simple_verb("sagen", "", "say,said,said"), "perfect"),
    (simple_verb("hören", "", "hear,heard,heard"), "perfect"),
    (simple_verb("behaupten", "", "claim"), "perfect"),
    (simple_verb("erzählen", "", "tell+me,told,told"), "perfect"),
    (simple_verb("merken", "", "notice"), "perfect"),
    (simple_verb("vergessen", "vergisst,vergaß,vergessen", "forget,forgot,forgotten"), "perfect"),
    (simple_verb("lesen", "liest,las,gelesen", "read,read,read"), "perfect"),
)
IMPERSONAL = (
    ("es ist schade , dass", "it is a pity that"),
    ("es ist wichtig , dass", "it is important that"),
    ("es ist klar , dass", "it is clear that"),
    ("es ist möglich , dass", "it is possible that"),
    ("es freut mich , dass", "I am pleased that"),
    ("es tut mir leid , dass", "I am sorry that"),
    ("es stimmt nicht , dass", "it is not true that"),
    ("es überrascht uns , dass", "it surprises us that"),
    ("in der Zeitung steht , dass", "the newspaper says that"),
    ("zum Glück wissen wir , dass", "luckily, we know that"),
)
ASK = (
    ("ich weiß nicht ,", "I do not know", "."),
    ("weißt du ,", "do you know", "?"),
    ("wissen Sie ,", "do you know", "?"),
    ("können Sie mir sagen ,", "can you tell me", "?"),
    ("ich frage mich ,", "I wonder", "."),
    ("niemand weiß ,", "nobody knows", "."),
    ("wir wissen noch nicht ,", "we do not know yet", "."),
    ("die Polizei will wissen ,", "the police want to know", "."),
    ("er hat mich gefragt ,", "he asked me", "."),
    ("sie hat uns nicht gesagt ,", "she did not tell us", "."),
    ("sag mir bitte ,", "please tell me", "."),
)


def person(maker: Maker) -> Nominal:
    """Somebody who can be taken up by a pronoun."""
    while True:
        found = maker.phrases.subject(("person", "kin"))
        if nominal.pronoun_for(found) is not None and found.english.split()[0] not in {"every"}:
            return found


def because(maker: Maker) -> Pair:
    """weil and denn: something cannot or need not happen because of somebody's state."""
    who = person(maker)
    back = nominal.pronoun_for(who)
    past = who.person != 2 and maker.dice.chance(0.5)
    if maker.dice.chance(0.6):
        word = maker.dice.weighted((("können", 6), ("wollen", 3), ("dürfen", 1)))
        clause = maker.frames.clause(Wish(tense="future", modal=word, negated=True, subject=who, time=not past))
        clause = replace(clause, modal_past=past)
    else:
        tense = maker.dice.pick(("past", "perfect")) if past else maker.dice.pick(("soon", "future"))
        clause = maker.frames.clause(Wish(tense=tense, negated=True, subject=who))
    cause = reason(maker, back, past, "bad", ("weil", "because"))
    return finished(combine(maker, clause, cause))


def combine(maker: Maker, clause: Clause, added: Pair, first: float = 0.3) -> Pair:
    """Main clause and subordinate clause; with the given chance the subordinate clause stands first."""
    if maker.dice.chance(first):
        german = f"{added[0]} , {inverted(clause)}"
        return german, f"{added[1]} , {en_clause.main(clause)}"
    german, english = state(maker, clause)
    return f"{german} , {added[0]}", f"{english} {added[1]}"


def inverted(clause: Clause) -> str:
    """The main clause after a subordinate clause: the verb comes first."""
    return de_clause.question(clause)


def although(maker: Maker) -> Pair:
    """obwohl: something happens in spite of a state."""
    who = person(maker)
    back = nominal.pronoun_for(who)
    past = who.person != 2 and maker.dice.chance(0.6)
    tense = maker.dice.pick(("past", "perfect")) if past else maker.dice.pick(("soon", "future", "now"))
    clause = maker.frames.clause(Wish(tense=tense, negated=False, subject=who))
    return finished(combine(maker, clause, reason(maker, back, past, "bad", ("obwohl", "although")), 0.5))


def condition(maker: Maker) -> Pair:
    """wenn with a future (if) or a habit (when)."""
    who = person(maker)
    back = nominal.pronoun_for(who)
    habit = maker.dice.chance(0.5)
    openers = ("wenn", "when" if habit else "if")
    if habit:
        clause = maker.frames.clause(Wish(tense="habit", negated=False, subject=who, time=False))
        clause = clause.plus(Part("freq", *maker.dice.pick((("oft", "often"), ("immer", "always"), ("nie", "never")))))
    else:
        clause = maker.frames.clause(Wish(tense="future", subject=who, time=False))
    added = reason(maker, back, False, maker.dice.pick(("good", "bad")), openers)
    return finished(combine(maker, clause, added, 0.5))


def unreal(maker: Maker) -> Pair:
    """Wenn ... hätte/wäre, würde ...: if he had ..., he would ..."""
    who = nominal.pronoun(maker.dice.weighted((("ich", 5), ("er", 3), ("sie", 3), ("wir", 4), ("du", 2))))
    wishes = (
        ("mehr Zeit hätt", "had more time"),
        ("mehr Geld hätt", "had more money"),
        ("reich wär", "were rich"),
        ("nicht so müde wär", "were not so tired"),
        ("nicht krank wär", "were not ill"),
        ("Urlaub hätt", "were on holiday"),
        ("jünger wär", "were younger"),
        ("Hunger hätt", "were hungry"),
        ("einen Garten hätt", "had a garden"),
        ("keine Angst hätt", "were not afraid"),
        ("ein Auto hätt", "had a car"),
    )
    german, english = maker.dice.pick(wishes)
    ending = {(1, False): "e", (2, False): "est", (3, False): "e", (1, True): "en"}[(who.person, who.plural)]
    clause = maker.frames.clause(Wish(tense="would", negated=False, subject=who, time=False))
    added = (f"wenn {who.german('nom')} {german}{ending}", f"if {who.subject} {english}")
    return finished(combine(maker, clause, added, 0.6))


def when_past(maker: Maker) -> Pair:
    """als: an event, and what was going on or happened then."""
    first = maker.frames.clause(Wish(tense="past", negated=False, time=False))
    second = other_clause(maker, first, maker.dice.pick(("meanwhile", "past")))
    added = de_clause.subordinate(first, "als"), en_clause.subordinate(first, "when")
    if maker.dice.chance(0.5):
        return finished((f"{added[0]} , {inverted(second)}", f"{added[1]} , {en_clause.main(second)}"))
    main_clause = de_clause.main(second), en_clause.main(second)
    return finished((f"{main_clause[0]} , {added[0]}", f"{main_clause[1]} {added[1]}"))


def other_clause(maker: Maker, first: Clause, tense: str) -> Clause:
    """A clause with another subject than the first."""
    while True:
        clause = maker.frames.clause(Wish(tense=tense, negated=False, time=False))
        if clause.subject.english != first.subject.english:
            return clause


def before_after(maker: Maker) -> Pair:
    """bevor and nachdem with the same subject; the earlier event after nachdem is in the pluperfect."""
    who = person(maker)
    while who.person == 2:
        who = person(maker)
    back = nominal.pronoun_for(who)
    after = maker.dice.chance(0.5)
    main_clause = maker.frames.clause(Wish(tense="past", negated=False, subject=who, time=False))
    tense = "pluperfect" if after else "past"
    side = maker.frames.clause(Wish(tense=tense, negated=False, subject=back, time=False, place=False))
    openers = ("nachdem", "after") if after else ("bevor", "before")
    added = de_clause.subordinate(side, openers[0]), en_clause.subordinate(side, openers[1])
    return finished(combine(maker, main_clause, added, 0.4))


def while_clause(maker: Maker) -> Pair:
    """während: two activities at the same time."""
    first = maker.frames.clause(Wish(tense="meanwhile", negated=False, time=False))
    second = other_clause(maker, first, "past")
    german = de_clause.subordinate(replace(first, tense="past"), "während")
    added = german, en_clause.subordinate(first, "while")
    return finished(combine(maker, second, added, 0.5))


def that_clause(maker: Maker) -> Pair:
    """dass after verbs of saying and thinking and after impersonal phrases."""
    said = maker.frames.clause(Wish(tense=maker.dice.pick(("perfect", "past", "future", "soon", "schon", "habit"))))
    if maker.dice.chance(0.3):
        opener = maker.dice.pick(IMPERSONAL)
        pair = de_clause.subordinate(said, opener[0]), en_clause.subordinate(said, opener[1])
        return finished(pair)
    verb, tense = maker.dice.pick(SAY)
    if tense == "perfect" and said.tense == "schon":
        # English would shift the tense after a verb in the past: said that she had already.
        said = replace(said, tense="perfect")
    german, english = de_clause.subordinate(said, ""), en_clause.subordinate(said, "that")
    speaker = person(maker)
    if speaker.english == said.subject.english:
        speaker = nominal.pronoun("ich") if said.subject.english != "I" else nominal.pronoun("er")
    main_clause = Clause(verb, speaker, (), tense)
    return finished((f"{de_clause.main(main_clause)} , dass {german}", f"{en_clause.main(main_clause)} {english}"))


def indirect_question(maker: Maker) -> Pair:
    """ob, wann, wo, warum, wer, wen ... after verbs of asking and knowing."""
    opener = maker.dice.pick(ASK)
    clause = maker.frames.clause(Wish(tense=maker.dice.pick(("perfect", "future", "habit", "past")), negated=False))
    words: list[tuple[str, str, Part | None]] = [("ob", "whether", None), ("warum", "why", None)]
    time, place = clause.part("time"), clause.part("place")
    if time is not None and clause.tense != "habit":
        words.append(("wann", "when", time))
    if place is not None:
        words.append(("wo", "where", place))
    german, english, gone = maker.dice.pick(words)
    clause = clause.without(gone)
    pair = de_clause.subordinate(clause, german), en_clause.subordinate(clause, english)
    return finished((f"{opener[0]} {pair[0]}", f"{opener[1]} {pair[1]}"), opener[2])


def same_object(maker: Maker) -> Pair:
    """Two clauses about one object: the second takes it up with a pronoun (aber er hat ihn nicht ...)."""
    while True:
        tense = maker.dice.pick(("past", "perfect"))
        who = person(maker)
        if who.person == 2:
            tense = "perfect"
        first = maker.frames.clause(Wish(tense=tense, negated=False, subject=who, place=False))
        obj = first.part("acc")
        if obj is None or obj.nominal is None or obj.nominal.noun is None or obj.english_prep:
            continue
        back = nominal.pronoun_for(obj.nominal)
        verbs = [verb for verb in maker.lexicon.verbs if takes(maker, verb, obj.nominal, first)]
        if back is None or back.pronoun and obj.nominal.pronoun or not verbs:
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


def takes(maker: Maker, verb: object, obj: Nominal, first: Clause) -> bool:
    """Whether a verb other than the first one takes the object too, and the subject fits it."""
    from .lexicon import Verb

    assert isinstance(verb, Verb)
    if verb is first.verb or not verb.slots or {"st", "noprog"} & verb.flags or verb.german == first.verb.german:
        return False
    slot = verb.slots[0] if len(verb.slots) == 1 else None
    if slot is None or slot.kind != "A" or slot.en_prep:
        return False
    return maker.frames.fits(verb, first.subject) and obj.noun in maker.lexicon.members(slot.members)


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
        if subject.person == 2 and tense == "past" or subject.sort != "person":
            continue
        if any(part.role in {"dir", "place"} for part in aim.parts):
            continue
        go = next(verb for verb in maker.lexicon.verbs if verb.german.infinitive == "gehen")
        direction = Part("dir", place.german_direction, place.english_direction)
        main_clause = Clause(go, subject, (direction,), tense)
        main_clause = main_clause.plus(*maker.frames.time_parts(main_clause))
        german, english = state(maker, main_clause)
        return finished((f"{german} , {de_clause.infinitive(aim, 'um')}", f"{english} to {en_clause.infinitive(aim)}"))


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
    who = person(maker)
    if who.person == 2 and tense == "past":
        tense = "perfect"
    aim = active_aim(maker, who)
    german, english = state(maker, Clause(verb, who, (), tense))
    tail = f"to {en_clause.infinitive(aim)}" if form == "to" else en_clause.gerund(aim)
    return finished((f"{german} , {de_clause.infinitive(aim)}", f"{english} {tail}"))


def active_aim(maker: Maker, who: Nominal) -> Clause:
    """A clause about an action, for infinitives."""
    while True:
        aim = maker.frames.clause(Wish(tense="future", negated=False, time=False, subject=who))
        if not {"st", "noprog", "unwilled"} & aim.verb.flags:
            return aim


def bidding(maker: Maker) -> Pair:
    """jemanden bitten, jemandem helfen ... etwas zu tun; the object does it."""
    verb, case = maker.dice.pick(BIDDING)
    while True:
        other = maker.phrases.complement(("adult", "kin"), maker_order())
        if other.owner is not None and not (other.pronoun and other.person == 1):
            break
    who = person(maker)
    while who.english == other.english or (who.owner and other.english.startswith(who.owner[1])):
        who = person(maker)
    aim = active_aim(maker, other)
    part = Part(case, nominal=other, case=case)
    clause = Clause(verb, who, (part,), "perfect")
    german, english = state(maker, clause)
    return finished((f"{german} , {de_clause.infinitive(aim)}", f"{english} to {en_clause.infinitive(aim)}"))


def maker_order() -> object:
    """A definite object."""
    from .phrases import Order

    return Order(style="def")


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
    who = person(maker)
    tense = "perfect" if who.person == 2 else maker.dice.pick(("past", "perfect"))
    clause = maker.frames.clause(Wish(tense=tense, negated=False, subject=who, time=False))
    aim = active_aim(maker, who)
    german, english = state(maker, clause)
    return finished((f"{german} , {de_clause.infinitive(aim, 'ohne')}", f"{english} without {en_clause.gerund(aim)}"))


def chained(maker: Maker) -> Pair:
    """Two things one after the other with und, subject named once."""
    who = person(maker)
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


def modal_because(maker: Maker) -> Pair:
    """A modal in a subordinate clause: dass er morgen arbeiten muss."""
    clause = modal_clause(maker)
    opener = maker.dice.pick((("ich glaube , dass", "I believe that"), ("es ist schade , dass", "it is a pity that")))
    pair = de_clause.subordinate(clause, opener[0]), en_clause.subordinate(clause, opener[1])
    return finished(pair)


def feelings(maker: Maker) -> Pair:
    """A state with a reason from an event: Er ist traurig, weil ..."""
    who = person(maker)
    back = nominal.pronoun_for(who)
    good = maker.dice.chance(0.5)
    word = maker.dice.pick(
        (("glücklich", "happy"), ("zufrieden", "satisfied"))
        if good
        else (("traurig", "sad"), ("enttäuscht", "disappointed"))
    )
    clause = predicative(who, *word)
    assert back is not None
    happening = maker.frames.clause(Wish(tense="perfect", negated=not good, subject=back, time=maker.dice.chance(0.5)))
    added = de_clause.subordinate(happening, "weil"), en_clause.subordinate(happening, "because")
    return finished((f"{de_clause.main(clause)} , {added[0]}", f"{en_clause.main(clause)} {added[1]}"))


def tag_question(maker: Maker) -> Pair:
    """A question in the dialogue style with nicht wahr."""
    clause = asked_clause(maker)
    german, english = de_clause.main(clause), en_clause.main(clause)
    return finished((f"{german} , oder", f"{english} , right"), "?")
