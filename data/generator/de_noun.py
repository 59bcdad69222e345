"""German nominal inflection: nouns, articles, adjectives."""

from __future__ import annotations

CASES = ("nom", "acc", "dat", "gen")
UMLAUTS = {"a": "ä", "o": "ö", "u": "ü"}

# Endings of der-words (dieser, jeder, welcher) by gender or plural, in the order of CASES.
DER_ENDINGS = {
    "m": ("er", "en", "em", "es"),
    "f": ("e", "e", "er", "er"),
    "n": ("es", "es", "em", "es"),
    "p": ("e", "e", "en", "er"),
}
# Endings of ein-words (ein, kein, mein): three forms have none.
EIN_ENDINGS = DER_ENDINGS | {"m": ("", "en", "em", "es"), "n": ("", "", "em", "es")}
DEFINITE = {
    "m": ("der", "den", "dem", "des"),
    "f": ("die", "die", "der", "der"),
    "n": ("das", "das", "dem", "des"),
    "p": ("die", "die", "den", "der"),
}
RELATIVE = DEFINITE | {
    "m": ("der", "den", "dem", "dessen"),
    "f": ("die", "die", "der", "deren"),
    "n": ("das", "das", "dem", "dessen"),
    "p": ("die", "die", "denen", "deren"),
}
# Adjective endings after der-words, after ein-words, and with no determiner.
WEAK = {"m": ("e", "en", "en", "en"), "f": ("e", "e", "en", "en"), "n": ("e", "e", "en", "en"), "p": ("en",) * 4}
MIXED = WEAK | {"m": ("er", "en", "en", "en"), "n": ("es", "es", "en", "en")}
STRONG = DER_ENDINGS | {"m": ("er", "en", "em", "en"), "n": ("es", "es", "em", "en")}
ADJECTIVE_ENDINGS = {"weak": WEAK, "mixed": MIXED, "strong": STRONG}

CONTRACTIONS = {
    "in dem": "im",
    "in das": "ins",
    "an dem": "am",
    "an das": "ans",
    "zu dem": "zum",
    "zu der": "zur",
    "von dem": "vom",
    "bei dem": "beim",
}


def umlaut(word: str) -> str:
    """The word with its last a, o, u or au fronted (Baum, Bäum)."""
    lowered = word.lower()
    for place in range(len(word) - 1, -1, -1):
        letter = lowered[place]
        if letter not in UMLAUTS:
            continue
        if letter == "u" and place and lowered[place - 1] == "a":
            place -= 1
            letter = "a"
        fronted = UMLAUTS[letter]
        return word[:place] + (fronted.upper() if word[place].isupper() else fronted) + word[place + 1 :]
    raise ValueError(f"no vowel to front in {word!r}")


def plural_of(word: str, rule: str) -> str:
    """The nominative plural: rule is -, -e, -nen, ¨, ¨er ... or the plural itself."""
    if rule.startswith("¨"):
        return umlaut(word) + rule[1:]
    if rule.startswith("-"):
        return word + rule[1:]
    return rule


def dative_plural(plural: str) -> str:
    """Nouns add -n in the dative plural unless they end in -n or -s."""
    return plural if plural[-1] in "ns" else plural + "n"


def genitive_singular(word: str, gender: str, last_syllable_stressed: bool) -> str:
    """Feminine nouns stay; the others add -es after a sibilant or in short words, else -s (des Hauses, des Lehrers)."""
    if gender == "f":
        return word
    if word.endswith("nis"):
        return word + "ses"
    if word.lower().endswith("bus"):
        return word + "ses"
    if word.endswith("ktus"):
        return word
    if word[-1] in "sßxz" or word.endswith(("sch", "st")):
        return word + "es"
    return word + ("es" if last_syllable_stressed else "s")


def vowel_groups(word: str) -> int:
    """How many groups of vowels a word has: a rough count of its syllables."""
    groups, inside = 0, False
    for letter in word.lower():
        vowel = letter in "aeiouäöüy"
        groups += vowel and not inside
        inside = vowel
    return groups


def noun_forms(word: str, gender: str, weak: bool) -> tuple[str, str, str, str]:
    """The singular of a noun in the order of CASES; weak masculines take -(e)n (den Studenten)."""
    if weak:
        other = word + ("n" if word[-1] == "e" or word in {"Bauer", "Nachbar"} else "en")
        return (word, other, other, other)
    short = word.endswith(("mann", "arzt")) or (vowel_groups(word) == 1 and word[-1] not in "aeiouäöüyflmnrk")
    return (word, word, word, genitive_singular(word, gender, short))


def adjective_stem(adjective: str) -> str:
    """The form that takes endings: hoch loses its c, teuer and dunkel their e."""
    special = {"hoch": "hoh", "teuer": "teur", "dunkel": "dunkl", "sauer": "saur"}
    if adjective in special:
        return special[adjective]
    return adjective[:-1] if adjective.endswith("e") else adjective


def inflect(adjective: str, kind: str, gender: str, case: str) -> str:
    """An attributive adjective; kind is weak, mixed or strong, gender m, f, n or p (plural)."""
    if adjective == "rosa":
        return adjective
    return adjective_stem(adjective) + ADJECTIVE_ENDINGS[kind][gender][CASES.index(case)]


def comparative(adjective: str, irregular: str) -> str:
    """The comparative, uninflected (schneller)."""
    return irregular or adjective_stem(adjective) + "er"


def superlative(adjective: str, irregular: str) -> str:
    """The superlative without ending (schnellst-)."""
    special = {"gut": "best", "hoch": "höchst", "groß": "größt", "neu": "neuest", "nah": "nächst"}
    if adjective in special:
        return special[adjective]
    stem = irregular.removesuffix("er") if irregular and irregular != "teurer" else adjective.removesuffix("e")
    if irregular in {"saurer", "dunkler"}:
        stem = adjective
    needs_e = stem.endswith(("t", "d", "s", "ß", "z", "x", "sch")) and not stem.endswith(("end", "isch"))
    return stem + ("est" if needs_e else "st")


def contract(preposition: str, phrase: str) -> str:
    """Preposition and phrase, fused where German fuses them (in dem Garten, im Garten)."""
    first, _, rest = phrase.partition(" ")
    fused = CONTRACTIONS.get(f"{preposition} {first}")
    return f"{fused} {rest}" if fused and rest else f"{preposition} {phrase}"
