"""The corpus of reports and headlines: facts are drawn, told in sentences in varied order, and summed up by a rule."""

from __future__ import annotations

import json
import re
from collections import Counter

from .dice import Dice
from .en_forms import capital
from .lexicon import read_table

SEED = 20240608
SIZES = {"train": 7000, "valid": 300, "test": 300}
# A field: list, which one of several different values (town, town2), which form of it (project.0).
FIELD = re.compile(r"\{([a-z]+)(\d?)(?:\.(\d))?\}")
# "a" before a field is resolved once the field is known (a owl, an owl).
ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou])")
MIN_WORDS, MAX_WORDS = 40, 90

Parts = dict[str, list[str]]


def read_values() -> dict[str, list[list[str]]]:
    """The closed lists; each value is a list of its forms."""
    rows = read_table("report_values")
    return {row["list"]: [value.split("|") for value in row["values"].split("; ")] for row in rows}


def read_domains() -> dict[str, Parts]:
    """For each domain the wordings of each part."""
    domains: dict[str, Parts] = {}
    for row in read_table("reports"):
        domains.setdefault(row["domain"], {}).setdefault(row["part"], []).append(row["text"])
    return domains


class Facts:
    """The facts of one report: a field gets a value when it is first asked for and keeps it."""

    def __init__(self, dice: Dice, values: dict[str, list[list[str]]]) -> None:
        self._dice = dice
        self._values = values
        self._known: dict[str, list[str]] = {}

    def value(self, name: str, which: str) -> list[str]:
        """The forms of a field; fields of one list have different values."""
        key = name + which
        if key not in self._known:
            taken = [forms for other, forms in self._known.items() if other.rstrip("0123456789") == name]
            self._known[key] = self.choose(name, taken)
        return self._known[key]

    def choose(self, name: str, taken: list[list[str]]) -> list[str]:
        """A value for a field: one of its list that no other field of the report has."""
        return self._dice.pick([forms for forms in self._values[name] if forms not in taken])

    def fill(self, text: str) -> str:
        """The text with all its fields replaced, also those inside the values."""
        while FIELD.search(text):
            text = FIELD.sub(lambda found: self.value(found[1], found[2])[int(found[3] or 0)], text)
        return ARTICLE.sub(lambda found: "An " if found[1] == "A" else "an ", text)


def order_of(dice: Dice, parts: Parts) -> list[str]:
    """Which parts are told, and in which order: the lead, then facts and one to three asides mixed."""
    facts = [name for name in parts if len(name) == 1]
    asides = dice.shuffled([name for name in parts if name.startswith("x")])
    count = dice.between(1, min(len(asides), 5 - len(facts)))
    return ["lead", *dice.shuffled(facts + asides[:count])]


def headline_of(dice: Dice, parts: Parts, facts: Facts) -> str:
    """A headline: the facts it needs are the first to be drawn."""
    return capital(facts.fill(dice.pick(parts["headline"])))


def report_of(dice: Dice, parts: Parts, facts: Facts) -> str:
    """A report of facts."""
    return " ".join(capital(facts.fill(dice.pick(parts[name]))) for name in order_of(dice, parts))


def fits(report: str) -> bool:
    """Whether a report is neither too short nor too long."""
    return MIN_WORDS <= len(report.split()) <= MAX_WORDS


def draw(count: int) -> list[tuple[str, str]]:
    """Distinct reports with distinct headlines."""
    dice = Dice(SEED)
    values, domains = read_values(), read_domains()
    names = sorted(domains)
    seen: set[str] = set()
    pairs: list[tuple[str, str]] = []
    while len(pairs) < count:
        parts, facts = domains[names[len(pairs) % len(names)]], Facts(dice, values)
        headline = headline_of(dice, parts, facts)
        report = report_of(dice, parts, facts)
        if report in seen or not fits(report):
            continue
        seen.add(report)
        pairs.append((report, headline))
    return pairs


def split(pairs: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """train, valid and test; a headline of valid or test is in no other part."""
    counts = Counter(headline for _, headline in pairs)
    shuffled = Dice(SEED + 1).shuffled(pairs)
    once = [pair for pair in shuffled if counts[pair[1]] == 1]
    valid, test = once[: SIZES["valid"]], once[SIZES["valid"] : SIZES["valid"] + SIZES["test"]]
    held_out = set(valid + test)
    return {"train": [pair for pair in shuffled if pair not in held_out], "valid": valid, "test": test}


def files() -> dict[str, bytes]:
    """The three files by name."""
    contents: dict[str, bytes] = {}
    for name, rows in split(draw(sum(SIZES.values()))).items():
        lines = (json.dumps({"report": report, "headline": head}, ensure_ascii=False) + "\n" for report, head in rows)
        contents[f"reports/{name}.jsonl"] = "".join(lines).encode("utf-8")
    return contents
