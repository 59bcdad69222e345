"""What a column holds, and how two columns go together: measured on a sample."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_NUMBER = re.compile(r"[\s\d.,:/+%$€£()eE-]*\d[\s\d.,:/+%$€£()eE-]*")
_LINK = re.compile(r"(https?|ftp|file|s3|gs)://\S*|\S+@\S+\.\w+|[\w./\\-]+\.[a-z0-9]{2,4}", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T][\d:.,+Z -]*)?")
_DATE = re.compile(
    r"(?=.*\d)(?:[\d\s./:,+-]*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6})+[\d\s./:,TZ+-]*",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?=\S*[\d_])[!-~]+")  # one word with a digit: train_17, 3fa85f64; Japanese has no spaces either
_WORD = re.compile(r"\w+")

# Shares of a column's values that decide what it is.
_MOST, _FEW_DIFFERENT = 0.8, 0.05

_SCRIPTS = {"HIRAGANA": "Japanese", "KATAKANA": "Japanese", "CJK": "Chinese", "HANGUL": "Hangul"}


@dataclass(frozen=True)
class Column:
    """A name, and values by row; what is no text is None."""

    name: str
    values: tuple[str | None, ...]
    others: str = ""  # what its values are, if they are no texts: numbers, lists

    @cached_property
    def texts(self) -> list[str]:
        """The values with something in them."""
        return [value for value in self.values if value is not None and value.strip()]

    @cached_property
    def length(self) -> float:
        """The middle of the lengths in characters."""
        return statistics.median(map(len, self.texts)) if self.texts else 0.0

    @cached_property
    def words(self) -> float:
        """The middle of the numbers of words, as spaces divide them."""
        return statistics.median(len(text.split()) for text in self.texts) if self.texts else 0.0

    @cached_property
    def kind(self) -> str:
        """`text`, or in words why it is none."""
        if self.others:
            return self.others
        if len(self.texts) < len(self.values) / 2:
            return "mostly empty"
        for pattern, what in (
            (_DAY, "dates"),
            (_NUMBER, "numbers"),
            (_LINK, "links or names of files"),
            (_DATE, "dates"),
            (_CODE, "ids"),
        ):
            if sum(pattern.fullmatch(text.strip()) is not None for text in self.texts) >= _MOST * len(self.texts):
                return what
        different = len(set(self.texts))
        alike = different <= max(1.0, _FEW_DIFFERENT * len(self.texts)) or different < 12 <= len(self.texts)
        if alike and len(self.texts) > 1:
            return f"{different} different value{'' if different == 1 else 's'} over and over"
        letters = sum(char.isalpha() for text in self.texts for char in text[:200])
        return "text" if letters else "no letters"


def columns_of(rows: Sequence[Mapping[str, object]]) -> list[Column]:
    """The columns of records, those of objects within by their dotted path, in the order in which they appear."""
    values: dict[str, list[object]] = {}
    for number, row in enumerate(rows):
        for name, value in _flat(row, "", 0):
            values.setdefault(name, [None] * number).append(value)
        for column in values.values():
            if len(column) <= number:
                column.append(None)
    return [_column(name, column) for name, column in values.items()]


def _flat(row: Mapping[str, object], prefix: str, depth: int) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in row.items():
        if isinstance(value, Mapping) and depth < 4:
            found.extend(_flat(value, f"{prefix}{name}.", depth + 1))
        else:
            found.append((f"{prefix}{name}", value))
    return list(dict(found).items())


def _column(name: str, values: Sequence[object]) -> Column:
    there = [value for value in values if value is not None]
    texts = [value if isinstance(value, str) else None for value in values]
    if there and sum(isinstance(value, str) for value in there) < _MOST * len(there):
        kinds = {bool: "truth values", int: "numbers", float: "numbers", list: "lists"}
        return Column(name, tuple(texts), kinds.get(type(there[0]), "no texts"))
    return Column(name, tuple(texts))


@dataclass(frozen=True)
class Comparison:
    """Of two columns, row by row: the middle ratio of the first's length to the second's in characters, the share (0 to 1) of the second's
    words that are in the first, and how much better rows go together than rows that do not belong together."""

    ratio: float
    overlap: float
    affinity: float


def compare(src: Sequence[str | None], tgt: Sequence[str | None]) -> Comparison:
    """Compares the rows in which both sides have text."""
    both = [
        (one, other) for one, other in zip(src, tgt, strict=True) if one and other and one.strip() and other.strip()
    ]
    if not both:
        return Comparison(1.0, 0.0, 0.0)
    ratio = statistics.median(len(one) / len(other) for one, other in both)
    bags = [(_bag(one), _bag(other)) for one, other in both]
    overlap = _mean_overlap(bags)
    shifted = [(bags[index - 1][0], bags[index][1]) for index in range(len(bags))]
    return Comparison(ratio, overlap, _length_correlation(both) + 2 * (overlap - _mean_overlap(shifted)))


def _bag(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _mean_overlap(bags: Sequence[tuple[frozenset[str], frozenset[str]]]) -> float:
    return statistics.fmean(len(one & other) / max(1, len(other)) for one, other in bags)


def _length_correlation(both: Sequence[tuple[str, str]]) -> float:
    try:
        return statistics.correlation([len(one) ** 0.5 for one, _ in both], [len(other) ** 0.5 for _, other in both])
    except statistics.StatisticsError:  # a single row, or lengths that are all the same
        return 0.0


def script_of(texts: Sequence[str]) -> str:
    """The script of most letters: `Latin`, `Cyrillic`, ...; Japanese and Chinese are told apart by kana. Empty where there is no letter."""
    counts: Counter[str] = Counter()
    for text in texts[:500]:
        counts.update(_script(char) for char in text[:500] if char.isalpha())
    if not counts:
        return ""
    if counts["Japanese"] > 0.05 * counts.total():
        return "Japanese"
    return counts.most_common(1)[0][0]


def _script(char: str) -> str:
    if char.isascii():
        return "Latin"
    first = unicodedata.name(char, "OTHER").replace("-", " ").split()[0]
    return _SCRIPTS.get(first, first.capitalize())
