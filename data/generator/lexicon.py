"""The word lists, read from the tables in lexicon/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import de_noun, de_verb, en_forms

TABLES = Path(__file__).parent / "lexicon"
PEOPLE = ("profession", "folk", "child", "kin")
ANIMALS = ("pet", "farm", "wild")


@dataclass(frozen=True, eq=False)
class Noun:
    """One noun; gender m, f, n, or p for plural only; plural is None for mass nouns; notes are flags."""

    kind: str
    german: str
    gender: str
    weak: bool
    plural: str | None
    english: str
    english_plural: str | None
    notes: tuple[str, ...]

    @property
    def person(self) -> bool:
        """Whether it names a human being."""
        return self.kind in PEOPLE

    @property
    def mass(self) -> bool:
        """Whether it is used without an article (Brot, bread)."""
        return self.plural is None and "nomass" not in self.notes


@dataclass(frozen=True, eq=False)
class Adjective:
    """One adjective; comparative is "0" where comparing makes no sense; groups are the nouns it fits."""

    german: str
    english: str
    comparative: str
    english_note: str
    groups: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Slot:
    """One complement of a verb: kind A or D (case), a preposition, or a special name; en_prep what English puts there."""

    kind: str
    case: str
    en_prep: str
    optional: bool
    members: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Verb:
    """A verb in both languages with what it goes with."""

    german: de_verb.GermanVerb
    english: en_forms.EnglishVerb
    subjects: tuple[str, ...]
    slots: tuple[Slot, ...]
    places: tuple[str, ...]
    manner: tuple[str, ...]
    flags: frozenset[str]


@dataclass(frozen=True)
class Place:
    """A place adverbial; the direction is empty where one cannot go there."""

    german: str
    english: str
    german_direction: str
    english_direction: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """All word lists, and which nouns each group name covers."""

    nouns: dict[str, Noun]
    groups: dict[str, tuple[Noun, ...]]
    adjectives: tuple[Adjective, ...]
    adjectives_for: dict[str, tuple[Adjective, ...]]
    verbs: tuple[Verb, ...]
    places: tuple[Place, ...]
    manner: dict[str, str]
    words: dict[str, tuple[tuple[str, str], ...]]
    names: tuple[tuple[str, str], ...]
    surnames: tuple[str, ...]

    def members(self, names: Sequence[str]) -> tuple[Noun, ...]:
        """The nouns that any of the group, class or noun names covers, without repetition."""
        return tuple(dict.fromkeys(noun for name in names for noun in self.groups[name]))

    def covers(self, names: Sequence[str], noun: Noun | None) -> bool:
        """Whether the noun is one of those that the names cover."""
        return any(noun in self.groups[name] for name in names)


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of lexicon/<name>.tsv as dictionaries; missing fields at the end of a line are empty."""
    lines = (TABLES / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split("\t")
    rows = [line.split("\t") for line in lines[1:] if line]
    return [dict(zip(header, row + [""] * (len(header) - len(row)), strict=True)) for row in rows]


def read_nouns() -> list[Noun]:
    """The simple nouns and the feminine forms in -in that the flag `in` asks for."""
    nouns = []
    for row in read_table("nouns"):
        noun = make_noun(row)
        nouns.append(noun)
        if "in" in noun.notes:
            nouns.append(feminine(noun))
    return nouns


def make_noun(row: dict[str, str]) -> Noun:
    """A noun from its row."""
    german, gender, rule = row["german"], row["gender"], row["plural"]
    plural = None if rule == "0" else german if gender == "p" else de_noun.plural_of(german, rule)
    english_plural = row["english_plural"]
    if english_plural == "=sg":
        english_plural = row["english"]
    elif not english_plural and plural:
        english_plural = en_forms.plural_of(row["english"])
    notes = tuple(row["notes"].split()) + (("uncountable",) if row["english_plural"] == "=sg" else ())
    return Noun(row["class"], german, gender[0], gender == "mw", plural, row["english"], english_plural or None, notes)


def feminine(noun: Noun) -> Noun:
    """Lehrerin from Lehrer, Kollegin from Kollege; the English word stays."""
    german = noun.german.removesuffix("e") + "in"
    return replace(noun, german=german, gender="f", weak=False, plural=german + "nen", notes=())


def read_compounds(nouns: dict[str, Noun]) -> list[Noun]:
    """Compounds of a first part with each head it lists; gender and plural come from the head."""
    compounds = []
    for row in read_table("compounds"):
        for head in (nouns[name] for name in row["heads"].split()):
            compounds += [compound(head, row)] + ([feminine(compound(head, row))] if "in" in head.notes else [])
    return compounds


def compound(head: Noun, row: dict[str, str]) -> Noun:
    """One compound."""
    german = row["german"] + head.german[0].lower() + head.german[1:]
    plural = head.plural and row["german"] + head.plural[0].lower() + head.plural[1:]
    english_plural = head.english_plural and f"{row['english']} {head.english_plural}"
    english = f"{row['english']} {head.english}"
    return replace(head, german=german, plural=plural, english=english, english_plural=english_plural)


def read_groups(nouns: Sequence[Noun]) -> dict[str, tuple[Noun, ...]]:
    """Every group, class and single noun, each with its nouns."""
    known: dict[str, tuple[Noun, ...]] = {noun.german: (noun,) for noun in nouns}
    for noun in nouns:
        known[noun.kind] = (*known.get(noun.kind, ()), noun)
        for note in noun.notes:
            known[note] = (*known.get(note, ()), noun)
    pending = {row["group"]: row["members"].split() for row in read_table("groups")}
    while pending:
        ready = [name for name, members in pending.items() if all(member not in pending for member in members)]
        if not ready:
            raise ValueError(f"groups that name each other: {sorted(pending)}")
        for name in ready:
            found = (noun for member in pending.pop(name) for noun in known[member])
            known[name] = tuple(dict.fromkeys(found))
    return known


def read_slot(text: str) -> Slot:
    """One slot from `auf+A>for?:waitable|kin`."""
    head, _, members = text.partition(":")
    optional = head.endswith("?")
    kind, _, en_prep = head.removesuffix("?").partition(">")
    preposition, plus, case = kind.partition("+")
    if plus:
        return Slot(preposition, "acc" if case == "A" else "dat", en_prep, optional, tuple(members.split("|")))
    case = {"A": "acc", "D": "dat", "PL": "acc"}.get(kind, "")
    return Slot(kind, case, en_prep, optional, tuple(members.replace("|", " ").split()))


def read_verbs() -> tuple[Verb, ...]:
    """All verbs."""
    return tuple(make_verb(row) for row in read_table("verbs"))


def make_verb(row: dict[str, str]) -> Verb:
    """A verb from its row."""
    slots = " ".join(row["slots"].split()) if row["slots"] else ""
    pieces: list[str] = []
    for piece in slots.split():
        if ":" in piece:
            pieces.append(piece)
        else:
            pieces[-1] += f"|{piece}"
    return Verb(
        de_verb.make_verb(row["german"], row["forms"], row["auxiliary"]),
        en_forms.make_verb(row["english"]),
        tuple(row["subject"].split()),
        tuple(read_slot(piece) for piece in pieces),
        tuple(row["places"].split()),
        tuple(row["manner"].split()),
        frozenset(row["flags"].split()),
    )


def read_adjectives() -> tuple[Adjective, ...]:
    """All adjectives; the comparative column holds only what the rules do not give."""
    return tuple(
        Adjective(
            row["german"], row["english"], row["comparative"], row["english_comparison"], tuple(row["groups"].split())
        )
        for row in read_table("adjectives")
    )


def read_words() -> dict[str, tuple[tuple[str, str], ...]]:
    """Fixed expressions by kind: adverbials of time, sports, languages, months, cities, countries."""
    words: dict[str, tuple[tuple[str, str], ...]] = {}
    for table in ("adverbs", "vocabulary"):
        for row in read_table(table):
            words[row["kind"]] = (*words.get(row["kind"], ()), (row["german"], row["english"]))
    words["city"] = tuple((row["german"], row["english"]) for row in read_table("cities"))
    words["country"] = tuple((row["german"], row["english"]) for row in read_table("countries") if not row["article"])
    return words


def load() -> Lexicon:
    """Reads every table and resolves the groups."""
    simple = {noun.german: noun for noun in read_nouns()}
    nouns = [*simple.values(), *read_compounds(simple)]
    groups = read_groups(nouns)
    adjectives = read_adjectives()
    fitting: dict[str, tuple[Adjective, ...]] = {}
    for adjective in adjectives:
        for noun in dict.fromkeys(noun for name in adjective.groups for noun in groups[name]):
            fitting[noun.german] = (*fitting.get(noun.german, ()), adjective)
    places = tuple(
        Place(r["german"], r["english"], r["german_direction"], r["english_direction"], tuple(r["kinds"].split()))
        for r in read_table("places")
    )
    return Lexicon(
        {noun.german: noun for noun in nouns},
        groups,
        adjectives,
        fitting,
        read_verbs(),
        places,
        {row["german"]: row["english"] for row in read_table("manner")},
        read_words(),
        tuple((row["name"], row["gender"]) for row in read_table("firstnames")),
        tuple(row["name"] for row in read_table("surnames")),
    )
