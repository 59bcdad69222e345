"""A glossary: how phrases of the source are to be said in the target.

A file of two columns, `source phrase<TAB>target phrase`, in UTF-8; blank lines and lines that begin with `#` are skipped. A phrase is found
between words, never inside one: letters and digits side by side make a word. Scripts written without spaces (Han, Kana, Thai and others of
South-East Asia, Tibetan) have no such borders, and their phrases are found anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError
from seqtool.text.formats import open_input
from seqtool.text.lines import LineReader
from seqtool.text.tokenizer import UNK, Tokenizer

Ids = tuple[int, ...]

UNSPACED = (
    "\u0e00-\u0fff"  # Thai, Lao, Tibetan
    "\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar, Khmer
    "\u3005-\u3007\u3041-\u30ff\u3105-\u312f\u31f0-\u31ff\uff66-\uff9f"  # Kana, Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"  # Han
)
# They join letters into one word in Persian, Indic and hyphenated text.
_JOINERS = "\u00ad\u200c\u200d"
_BYTE = re.compile("<0x[0-9A-F]{2}>")
# Beyond these planes there are no letters but Han.
_LETTER_PLANES = 0x20000
# What may stand before a phrase of a script without spaces, so that it is cut up as in the middle of a line.
_CONTEXTS = ("。", "、", "，", "的", "の", "ๆ", ".", ",")


class _Term(NamedTuple):
    """One line of the file; `source` and `target` have single spaces."""

    line: int
    source: str
    target: str


@dataclass(slots=True)
class _Node:
    """What may follow the units so far, and what they are to become if they are a whole phrase."""

    following: dict[str, _Node] = field(default_factory=dict)
    target: Ids | None = None


class Glossary:
    """Phrases of source text and the target tokens of each."""

    def __init__(self, phrases: Sequence[tuple[str, Ids]], inside: NDArray[np.bool_] | None = None) -> None:
        """Of equal source phrases the last counts. `inside` `(V,)` are the target tokens that go on with the word before them."""
        self.inside = inside
        self._units = _unit_pattern()
        self._root = _Node()
        self._count = 0
        for source, target in phrases:
            node = self._root
            for unit in self._cut(source):
                node = node.following.setdefault(unit, _Node())
            self._count += node.target is None
            node.target = target

    @classmethod
    def read(cls, path: Path, tokenizer: Tokenizer) -> Glossary:
        """Reads a file; `tokenizer` is that of the target.

        Raises `DataError` naming file and line: for a line that is not two columns, an empty phrase, a source phrase with two targets, a
        target phrase the tokenizer has no tokens for, text that is not UTF-8, and for a file without a term.
        """
        terms = _read_terms(path)
        ids = _encode(path, terms, tokenizer)
        phrases = [(term.source, target) for term, target in zip(terms, ids, strict=True)]
        return cls(phrases, inside_words(tokenizer))

    def __len__(self) -> int:
        return self._count

    def phrases(self, line: str) -> list[Ids]:
        """The target phrases for the source phrases in the line, from left to right: at each place the longest, and none that overlaps
        the one before. Case matters; runs of white space are equal."""
        units = self._cut(line)
        found: list[Ids] = []
        place = 0
        while place < len(units):
            target, place = self._longest(units, place)
            if target is not None:
                found.append(target)
        return found

    def _longest(self, units: Sequence[str], start: int) -> tuple[Ids | None, int]:
        """The target of the longest phrase that starts here, and where it ends; else None and the next place."""
        target, end = None, start + 1
        node = self._root.following.get(units[start])
        place = start + 1
        while node is not None:
            if node.target is not None:
                target, end = node.target, place
            node = node.following.get(units[place]) if place < len(units) else None
            place += 1
        return target, end

    def _cut(self, text: str) -> list[str]:
        """Words, single characters of scripts without spaces, single spaces and other single characters."""
        return self._units.findall(" ".join(text.split()))


def _unit_pattern() -> re.Pattern[str]:
    unspaced = re.compile(f"[{UNSPACED}]")
    kinds = [(code, unicodedata.category(chr(code))[0]) for code in range(_LETTER_PLANES)]
    letters = _ranges([code for code, kind in kinds if kind in "LNM" and not unspaced.match(chr(code))])
    marks = _ranges([code for code, kind in kinds if kind == "M"])
    return re.compile(f"[{letters}{_JOINERS}]+|[{UNSPACED}][{marks}]*|.", re.DOTALL)


def _ranges(codes: Sequence[int]) -> str:
    """Ascending code points as the inside of a character class."""
    parts: list[list[int]] = []
    for code in codes:
        if parts and parts[-1][1] == code - 1:
            parts[-1][1] = code
        else:
            parts.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in parts)


def inside_words(tokenizer: Tokenizer) -> NDArray[np.bool_]:
    """Which tokens `(V,)` go on with the word before them: pieces of letters or digits without a space before, and single bytes, but none
    of scripts without spaces."""
    unspaced = re.compile(f"[{UNSPACED}]")
    pieces = tokenizer.pieces(range(tokenizer.vocab_size))
    return np.array([bool(_BYTE.fullmatch(one)) or (one[:1].isalnum() and not unspaced.match(one)) for one in pieces])


def _read_terms(path: Path) -> list[_Term]:
    terms: dict[str, _Term] = {}
    for term in _lines(path):
        first = terms.setdefault(term.source, term)
        if first.target != term.target:
            raise DataError(
                "data.glossary",
                f"{path}:{term.line}: {term.source!r} is to be {term.target!r}, and in line {first.line} {first.target!r}",
                "keep one of the two lines",
            )
    if not terms:
        raise DataError(
            "data.glossary", f"{path}: no term in it", "a term is a line: source phrase, tab, target phrase"
        )
    return list(terms.values())


def _lines(path: Path) -> Iterator[_Term]:
    with open_input(path) as stream:
        for number, line in enumerate(LineReader(stream, name=str(path), strict=True), 1):
            if not line.strip() or line.startswith("#"):
                continue
            columns = [" ".join(column.split()) for column in line.split("\t")]
            if len(columns) != 2:
                count = "1 column" if len(columns) == 1 else f"{len(columns)} columns"
                hint = "a term is a line with one tab: source phrase, tab, target phrase"
                raise DataError("data.glossary", f"{path}:{number}: {count}, not 2", hint)
            for side, column in zip(("source", "target"), columns, strict=True):
                if not column:
                    raise DataError(
                        "data.glossary",
                        f"{path}:{number}: the {side} phrase is empty",
                        "fill it in, or remove the line",
                    )
            yield _Term(number, *columns)


def _encode(path: Path, terms: Sequence[_Term], tokenizer: Tokenizer) -> list[Ids]:
    """The target tokens of each term, as they are in the middle of a sentence."""
    ids = [tuple(row) for row in tokenizer.encode_batch([term.target for term in terms])]
    for term, row in zip(terms, ids, strict=True):
        if not row or UNK in row:
            raise _cannot_say(f"{path}:{term.line}", term.target, row, tokenizer)
    unspaced = re.compile(f"[{UNSPACED}]")
    places = [place for place, term in enumerate(terms) if unspaced.match(term.target)]
    inside = _encode_inside([terms[place].target for place in places], tokenizer)
    for place, row in zip(places, inside, strict=True):
        ids[place] = row or ids[place]
    return ids


def _encode_inside(texts: Sequence[str], tokenizer: Tokenizer) -> list[Ids]:
    """The tokens of texts that follow other text without a space; none where the tokenizer always joins them with what is before."""
    found: list[Ids] = [() for _ in texts]
    for context in _CONTEXTS:
        before = tokenizer.encode(context)
        for place, row in enumerate(tokenizer.encode_batch([context + text for text in texts])):
            after = tuple(row[len(before) :])
            if not found[place] and UNK not in after and row[: len(before)] == before:
                found[place] = after
    return found


def _cannot_say(where: str, target: str, ids: Ids, tokenizer: Tokenizer) -> DataError:
    if not ids:
        hint = "write it in other characters, or remove the line"
        return DataError("data.glossary", f"{where}: the tokenizer of the model makes nothing of {target!r}", hint)
    unknown = next((word for word in target.split() if UNK in tokenizer.encode(word)), target)
    return DataError(
        "data.glossary",
        f"{where}: the model has no tokens for {unknown!r}: its training text had none of these characters",
        "write it in other characters, or remove the line; tokenizer.byte_fallback: true makes a model that has tokens for everything",
    )
