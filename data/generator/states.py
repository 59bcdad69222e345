"""Simple states of people and of the world, used as reasons and conditions."""

from __future__ import annotations

from . import de_clause, en_clause
from .clause import Clause, Part
from .lexicon import read_table
from .maker import HABEN, SEIN, Maker, Pair, simple_verb
from .nominal import Nominal

STATES = read_table("states")
SITUATIONS = read_table("situations")
MIXED = {
    ("haben", "be"): simple_verb("haben", "hat,hatte,gehabt", "be,was,been", "st"),
    ("sein", "have"): simple_verb("sein", "ist,war,gewesen", "have,had,had", "st", "s"),
}


def state_of(maker: Maker, subject: Nominal, tense: str, kind: str = "") -> Clause:
    """A clause that says how somebody is (müde sein, Hunger haben); kind good or bad picks the mood."""
    row = maker.dice.pick([row for row in STATES if kind in {"", row["kind"]}])
    english = row["english"]
    verb = SEIN if row["verb"] == "sein" else HABEN
    if english.startswith("="):
        base, _, english = english[1:].partition(" ")
        verb = MIXED[(row["verb"], base)]
    return Clause(verb, subject, (Part("pred", row["german"], english),), tense)


def situation(maker: Maker, past: bool) -> tuple[str, str]:
    """A subordinate clause about the world without its conjunction, verb last in German."""
    row = maker.dice.pick(SITUATIONS)
    time = "past" if past else "now"
    return row[f"german_{time}"], row[f"english_{time}"]


def reason(maker: Maker, who: Nominal | None, past: bool, kind: str, openers: Pair) -> Pair:
    """A subordinate clause giving a state of somebody (or of the world) after the conjunctions."""
    if who is None or (who.person == 2 and past) or maker.dice.chance(0.3):
        german, english = situation(maker, past)
        return f"{openers[0]} {german}", f"{openers[1]} {english}"
    clause = state_of(maker, who, "past" if past else "habit", kind)
    return de_clause.subordinate(clause, openers[0]), en_clause.subordinate(clause, openers[1])
