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
            free = [forms for forms in self._values[name] if forms not in taken]
            self._known[key] = self._dice.pick(free)
        return self._known[key]

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


def compose(dice: Dice, parts: Parts, values: dict[str, list[list[str]]]) -> tuple[str, str]:
    """One report and its headline."""
    facts = Facts(dice, values)
    headline = capital(facts.fill(dice.pick(parts["headline"])))
    sentences = [capital(facts.fill(dice.pick(parts[name]))) for name in order_of(dice, parts)]
    return " ".join(sentences), headline


def draw(count: int) -> list[tuple[str, str]]:
    """Distinct reports with distinct headlines."""
    dice = Dice(SEED)
    values, domains = read_values(), read_domains()
    names = sorted(domains)
    seen: set[str] = set()
    pairs: list[tuple[str, str]] = []
    while len(pairs) < count:
        report, headline = compose(dice, domains[names[len(pairs) % len(names)]], values)
        if report in seen or not MIN_WORDS <= len(report.split()) <= MAX_WORDS:
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
