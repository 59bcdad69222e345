"""Sentences with subordinate clauses: reasons, conditions, times, reported speech."""

from __future__ import annotations

from dataclasses import replace

from . import de_clause, en_clause, nominal
from .clause import Clause, Part
from .frames import Wish
from .maker import Maker, Pair, finished, predicative, simple_verb
from .simple_sentences import modal_clause, state
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


def because(maker: Maker) -> Pair:
    """weil and denn: something cannot or need not happen because of somebody's state."""
    who = maker.phrases.antecedent()
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
    who = maker.phrases.antecedent()
    back = nominal.pronoun_for(who)
    past = who.person != 2 and maker.dice.chance(0.6)
    tense = maker.dice.pick(("past", "perfect")) if past else maker.dice.pick(("soon", "future", "now"))
    clause = maker.frames.clause(Wish(tense=tense, negated=False, subject=who))
    return finished(combine(maker, clause, reason(maker, back, past, "bad", ("obwohl", "although")), 0.5))


def condition(maker: Maker) -> Pair:
    """wenn with a future (if) or a habit (when)."""
    who = maker.phrases.antecedent()
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
    who = maker.phrases.antecedent()
    while who.person == 2:
        who = maker.phrases.antecedent()
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
    speaker = maker.phrases.antecedent()
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


def modal_because(maker: Maker) -> Pair:
    """A modal in a subordinate clause: dass er morgen arbeiten muss."""
    clause = modal_clause(maker)
    opener = maker.dice.pick((("ich glaube , dass", "I believe that"), ("es ist schade , dass", "it is a pity that")))
    pair = de_clause.subordinate(clause, opener[0]), en_clause.subordinate(clause, opener[1])
    return finished(pair)


def feelings(maker: Maker) -> Pair:
    """A state with a reason from an event: Er ist traurig, weil ..."""
    who = maker.phrases.antecedent()
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
