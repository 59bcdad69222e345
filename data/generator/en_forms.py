"""English inflection: plurals, articles, verb forms, comparison."""

from __future__ import annotations

from dataclasses import dataclass

VOWELS = "aeiou"
DOUBLED_ING = {"begin", "forget"}
BE = {"present": ("am", "are", "is", "are"), "past": ("was", "were", "was", "were")}


@dataclass(frozen=True)
class EnglishVerb:
    """base is the infinitive, particle what follows the verb (call back: "back")."""

    base: str
    past: str
    participle: str
    particle: str


def make_verb(text: str) -> EnglishVerb:
    """A verb from `bring+along,brought,brought` or `travel`."""
    head, *rest = text.split(",")
    base, _, particle = head.partition("+")
    if rest:
        return EnglishVerb(base, rest[0], rest[1], particle)
    return EnglishVerb(base, regular_past(base), regular_past(base), particle)


def regular_past(base: str) -> str:
    """The regular past: worked, baked, cried."""
    if base.endswith("e"):
        return base + "d"
    if base[-1] == "y" and base[-2] not in VOWELS:
        return base[:-1] + "ied"
    return base + "ed"


def third_person(base: str) -> str:
    """Present with he, she, it: reads, watches, carries, has."""
    special = {"have": "has", "be": "is", "do": "does", "go": "goes"}
    if base in special:
        return special[base]
    return plural_of(base)


def plural_of(noun: str) -> str:
    """The regular plural (also the regular -s of verbs)."""
    if noun[-1] == "y" and noun[-2] not in VOWELS:
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def ing_form(verb: EnglishVerb) -> str:
    """The present participle: reading, taking, running, lying."""
    base = verb.base
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and not base.endswith(("ee", "oe")) and base != "be":
        return base[:-1] + "ing"
    return base + (base[-1] if doubles(verb) else "") + "ing"


def doubles(verb: EnglishVerb) -> bool:
    """Whether the last consonant is written twice before -ing."""
    base = verb.base
    if base in DOUBLED_ING or verb.past == base + base[-1] + "ed":
        return True
    short = sum(letter in VOWELS for letter in base) == 1
    return short and len(base) > 2 and base[-2] in VOWELS and base[-1] not in VOWELS + "wxy"


def article(phrase: str) -> str:
    """The phrase with a or an before it."""
    lowered = phrase.lower()
    sounded = lowered.startswith(("uni", "use", "eu", "one")) or lowered[0] not in VOWELS
    silent_h = lowered.startswith(("hour", "honest"))
    return ("an " if silent_h or not sounded else "a ") + phrase


def comparative(adjective: str, note: str) -> str:
    """Comparative: note is empty (-er), `more`, or the form itself."""
    if note == "more":
        return f"more {adjective}"
    irregular = {"good": "better", "bad": "worse", "ill": "more ill"}
    return irregular.get(adjective) or (note if note.startswith("better") else adjective_root(adjective) + "er")


def superlative(adjective: str, note: str) -> str:
    """Superlative without article."""
    if note == "more":
        return f"most {adjective}"
    irregular = {"good": "best", "bad": "worst", "well-known": "best-known", "ill": "most ill"}
    return irregular.get(adjective) or adjective_root(adjective) + "est"


def adjective_root(adjective: str) -> str:
    """What -er and -est are added to: big(g), happ(i), nic."""
    if adjective.endswith("e"):
        return adjective[:-1]
    if adjective[-1] == "y" and adjective[-2] not in VOWELS:
        return adjective[:-1] + "i"
    one_vowel = sum(letter in VOWELS for letter in adjective) == 1
    if one_vowel and adjective[-2] in VOWELS and adjective[-1] not in VOWELS + "wxy":
        return adjective + adjective[-1]
    return adjective


def possessive(owner: str, plural: bool) -> str:
    """The owner with 's, or ' after a plural in s."""
    return owner + ("'" if plural and owner.endswith("s") else "'s")


def be(tense: str, person: int, plural: bool) -> str:
    """A form of be."""
    return BE[tense][3 if plural else person - 1]


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
