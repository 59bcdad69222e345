"""German verb forms."""

from __future__ import annotations

from dataclasses import dataclass

INSEPARABLE = ("be", "ver", "ent", "er", "ge", "zer", "miss", "emp")
VOWELS = "aeiouäöüy"
# Second person where dropping the t of the third does not work.
SECOND_PERSON = {"hält": "hältst", "betritt": "betrittst", "berät": "berätst", "tritt": "trittst", "weiß": "weißt"}
# Present of the verbs that follow no rule: ich, du, er, wir, ihr, sie.
IRREGULAR = {
    "sein": ("bin", "bist", "ist", "sind", "seid", "sind"),
    "haben": ("habe", "hast", "hat", "haben", "habt", "haben"),
    "werden": ("werde", "wirst", "wird", "werden", "werdet", "werden"),
    "können": ("kann", "kannst", "kann", "können", "könnt", "können"),
    "müssen": ("muss", "musst", "muss", "müssen", "müsst", "müssen"),
    "wollen": ("will", "willst", "will", "wollen", "wollt", "wollen"),
    "sollen": ("soll", "sollst", "soll", "sollen", "sollt", "sollen"),
    "dürfen": ("darf", "darfst", "darf", "dürfen", "dürft", "dürfen"),
    "mögen": ("mag", "magst", "mag", "mögen", "mögt", "mögen"),
    "möchten": ("möchte", "möchtest", "möchte", "möchten", "möchtet", "möchten"),
    "wissen": ("weiß", "weißt", "weiß", "wissen", "wisst", "wissen"),
}
PAST = {
    "sein": "war",
    "haben": "hatte",
    "werden": "wurde",
    "können": "konnte",
    "müssen": "musste",
    "wollen": "wollte",
    "sollen": "sollte",
    "dürfen": "durfte",
    "möchten": "wollte",
}
SUBJUNCTIVE = {"sein": "wäre", "haben": "hätte", "werden": "würde", "können": "könnte"}


@dataclass(frozen=True)
class GermanVerb:
    """One verb: prefix is the separable part ("an"), base the rest ("rufen")."""

    base: str
    prefix: str
    third: str
    past: str
    participle: str
    auxiliary: str
    reflexive: bool

    @property
    def infinitive(self) -> str:
        """The dictionary form without sich (anrufen)."""
        return self.prefix + self.base

    @property
    def zu_infinitive(self) -> str:
        """The infinitive with zu inside or before it (anzurufen, zu rufen)."""
        return f"{self.prefix}zu{self.base}" if self.prefix else f"zu {self.base}"


def stem_of(infinitive: str) -> str:
    """The infinitive without -en or -n."""
    return infinitive[:-2] if infinitive.endswith("en") else infinitive[:-1]


def needs_e(stem: str) -> bool:
    """Stems in d, t or consonant and m, n put an e before -st and -t (arbeitet, öffnet)."""
    if stem[-1] in "dt":
        return True
    return stem[-1] in "mn" and len(stem) > 2 and stem[-2] not in VOWELS + "lrhmn"


def weak_third(infinitive: str) -> str:
    """The regular third person singular of the present."""
    stem = stem_of(infinitive)
    return stem + ("et" if needs_e(stem) else "t")


def weak_past(infinitive: str) -> str:
    """The regular first person singular of the past."""
    return weak_third(infinitive) + "e"


def weak_participle(infinitive: str) -> str:
    """The regular past participle, without ge- after inseparable prefixes and in verbs in -ieren."""
    stem = stem_of(infinitive)
    for prefix in INSEPARABLE:
        rest = stem.removeprefix(prefix)
        if rest != stem and any(letter in VOWELS for letter in rest):
            return weak_third(infinitive)
    return weak_third(infinitive) if infinitive.endswith("ieren") else "ge" + weak_third(infinitive)


def make_verb(word: str, forms: str, auxiliary: str) -> GermanVerb:
    """A verb from its row: `sich an|rufen` and `ruft,rief,gerufen` (empty when weak, - for a regular part)."""
    reflexive = word.startswith("sich ")
    prefix, _, base = word.removeprefix("sich ").rpartition("|")
    given = forms.split(",") if forms else []
    third = given[0] if given and given[0] != "-" else weak_third(base)
    past = given[1] if len(given) > 1 else weak_past(base)
    participle = given[2] if len(given) > 2 else weak_participle(base)
    whole = given[3] if len(given) > 3 else prefix + participle
    return GermanVerb(base, prefix, third, past, whole, "sein" if auxiliary == "s" else "haben", reflexive)


def present(verb: GermanVerb, person: int, plural: bool) -> str:
    """The finite present form of the base (without the separable prefix)."""
    if verb.base in IRREGULAR:
        return IRREGULAR[verb.base][person - 1 + 3 * plural]
    stem = stem_of(verb.base)
    if plural:
        return verb.base if person != 2 else stem + ("et" if needs_e(stem) else "t")
    if person == 1:
        return stem[:-2] + "le" if verb.base.endswith("eln") else stem + "e"
    return verb.third if person == 3 else second_singular(verb, stem)


def second_singular(verb: GermanVerb, stem: str) -> str:
    """The du form, built on the vowel of the third person (du liest, du fährst)."""
    if verb.third in SECOND_PERSON:
        return SECOND_PERSON[verb.third]
    if verb.third == weak_third(verb.base) and needs_e(stem):
        return stem + "est"
    root = verb.third.removesuffix("t")
    return root + ("t" if root[-1] in "sßxz" else "st")


def past(verb: GermanVerb, person: int, plural: bool) -> str:
    """The finite past form of the base; the second person is not built (spoken German uses the perfect)."""
    if person == 2:
        raise ValueError(f"no past tense for du and ihr: {verb.infinitive}")
    if not plural:
        return verb.past
    return verb.past + ("n" if verb.past.endswith("e") else "en")


def auxiliary_form(word: str, tense: str, person: int, plural: bool) -> str:
    """A form of sein, haben, werden or a modal; tense is present, past or subjunctive."""
    if tense == "present":
        return IRREGULAR[word][person - 1 + 3 * plural]
    root = PAST[word] if tense == "past" else SUBJUNCTIVE[word]
    vowel = root.endswith("e")
    if person != 2:
        return root + (("n" if vowel else "en") if plural else "")
    if plural:
        return root + "t"
    return root + "st"


def imperative(verb: GermanVerb) -> str:
    """The du imperative of the base: lies, fahr, öffne, sammle."""
    stem = stem_of(verb.base)
    if verb.base.endswith("eln"):
        return stem[:-2] + "le"
    changed = verb.third.removesuffix("t")
    if verb.third != weak_third(verb.base) and "e" in stem and "i" in changed and "ä" not in changed:
        return changed
    return stem + ("e" if needs_e(stem) or verb.base.endswith("ern") else "")
