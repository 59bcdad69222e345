"""A corpus section to aligned pairs, and the ledger of what was left out of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqtool.errors import DataError
from seqtool.recipe.rules import FORMATS
from seqtool.recipe.schema import CorpusSection
from seqtool.text.formats import COMPRESSED, find_files, open_corpus, read_text, star_texts
from seqtool.text.hub import DataSet, Role
from seqtool.text.parquet import READERS


@dataclass
class Ledger:
    """How many pairs were read and kept, and why the others were dropped; `cut` is the number of sources shortened to the limit. Where
    sources are cut, `longer` counts the kept targets that are longer than their whole source: few summaries should be."""

    read: int = 0
    kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    cut: int = 0
    longer: int = 0

    def add(self, reason: str) -> None:
        """Count one dropped pair."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    @property
    def drop_rate(self) -> float:
        """The share of dropped pairs, 0 to 1."""
        return (self.read - self.kept) / self.read if self.read else 0.0

    def summary(self) -> str:
        """One line: `29,000 read, 28,871 kept: 121 longer than 100 tokens, 8 empty`."""
        text = f"{self.read:,} read, {self.kept:,} kept"
        if self.dropped:
            reasons = sorted(self.dropped.items(), key=lambda item: (-item[1], item[0]))
            text += ": " + ", ".join(f"{count:,} {reason}" for reason, count in reasons)
        if self.cut:
            text += f"; {self.cut:,} sources cut"
        return f"{text}; {self.longer:,} targets longer than their sources" if self.longer else text

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        longer = {"longer": self.longer} if self.longer else {}
        return {"read": self.read, "kept": self.kept, "dropped": dict(self.dropped), "cut": self.cut, **longer}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Ledger:
        """The inverse of `to_json`."""
        later = (int(values.get(name, 0)) for name in ("cut", "longer"))
        dropped = {str(reason): int(count) for reason, count in dict(values["dropped"]).items()}
        return cls(int(values["read"]), int(values["kept"]), dropped, *later)


@dataclass(frozen=True)
class Part:
    """A piece of a corpus: two files of text, one file of another format, or a split of a data set. `src` and `tgt` are their
    names, which are the same where both sides stand in one file; `titled`: the first line of it names the columns."""

    format: str
    src: str
    tgt: str
    titled: bool
    pairs: Iterator[tuple[str, str]]


class Corpus:
    """Pairs of lines from wherever a corpus section says; `role` chooses the split of a data set when the section does not. Where `tgt` is
    left out, each source is its own target."""

    def __init__(self, section: CorpusSection, role: Role) -> None:
        self._section = section
        self._tgt = section.src if section.tgt is None else section.tgt
        self._role = role
        self._format = next((name for name in FORMATS if getattr(section, name) is not None), "text")

    def describe(self) -> str:
        """Where the pairs come from, for messages."""
        section = self._section
        if self._format == "text":
            return f"data.{self._role} ({_listed(section.src)} + {_listed(self._tgt)})"
        return f"data.{self._role} ({self._format} {_listed(getattr(section, self._format))})"

    def pairs(self) -> Iterator[tuple[str, str]]:
        """All pairs in order, read as they are asked for. Each side is one line: line ends inside a field are spaces.

        Raises `DataError`, naming file and line, where the two sides are not aligned or a row is not what it should be.
        """
        for part in self.parts():
            yield from part.pairs

    def parts(self) -> Iterator[Part]:
        """The same, piece by piece, for those who must say where a pair is."""
        if self._format == "text":
            for src, tgt in self._file_pairs():
                yield Part("text", str(src), str(tgt), False, read_text(src, tgt))
        elif self._format in READERS:
            titled = self._format == "tsv" and any(isinstance(name, str) for name in self._fields())
            for path in self._files(self._format):
                rows = READERS[self._format](path, *self._fields())
                yield Part(self._format, str(path), str(path), titled, rows)
        else:
            data = DataSet(self._section, self._role)
            name = str(self._section.hub or self._section.folder)
            yield Part(self._format, name, name, False, data.pairs(*self._fields()))

    def fingerprint(self) -> str:
        """SHA-256 (hex) over what the section means and the bytes it stands for; the names of files play no part."""
        if self._format == "text":
            files = [file for pair in self._file_pairs() for file in pair]
            meaning: list[object] = ["text", [_digest(file) for file in files]]
        elif self._format in READERS:
            files = self._files(self._format)
            meaning = [
                self._format,
                *self._fields(),
                [_digest(file) for file in files],
                [_ending(file) for file in files],
            ]
        else:
            meaning = [self._format, *self._fields(), DataSet(self._section, self._role).fingerprint()]
        return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()

    def _fields(self) -> tuple[int | str, int | str]:
        src, tgt = self._section.src, self._tgt
        if isinstance(src, int | str) and isinstance(tgt, int | str):
            return src, tgt
        raise DataError(
            "data.field", f"{self.describe()}: src and tgt do not each name one field", "name the field of each side"
        )

    def _files(self, key: str) -> list[Path]:
        return _found(getattr(self._section, key))

    def _file_pairs(self) -> list[tuple[Path, Path]]:
        """Files that belong together: those whose stars stand for the same, else the first of one side and the first of the other, and so
        on."""
        patterns = [_listing(side) for side in (self._section.src, self._tgt)]
        starred = [[len(re.findall(r"\*+", pattern)) for pattern in side] for side in patterns]
        if starred[0] == starred[1]:
            return [pair for src, tgt in zip(*patterns, strict=True) for pair in self._matching(src, tgt)]
        src, tgt = _found(self._section.src), _found(self._tgt)
        if len(src) != len(tgt):
            raise DataError(
                "data.file-count",
                f"{self.describe()}: src is {len(src)} files and tgt is {len(tgt)}",
                "each file of one side needs its counterpart, in the same order of names",
            )
        return list(zip(src, tgt, strict=True))

    def _matching(self, src: str, tgt: str) -> list[tuple[Path, Path]]:
        """The files of two patterns with as many stars, by what these stand for."""
        if "*" not in src:
            return [(Path(src), Path(tgt))]
        sides = [{star_texts(pattern, file): file for file in find_files(pattern)} for pattern in (src, tgt)]
        if all(len(side) == 1 for side in sides):
            return [(file, other) for file in sides[0].values() for other in sides[1].values()]
        for (one, other), pattern in zip((sides, sides[::-1]), (tgt, src), strict=True):
            alone = next((file for stars, file in one.items() if stars not in other), None)
            if alone is not None:
                raise DataError(
                    "data.file-count",
                    f"{self.describe()}: {alone} has no counterpart among {pattern}",
                    "what a * stands for is to be the same on both sides; or name the files, in two lists of the same order",
                )
        return [(file, sides[1][stars]) for stars, file in sides[0].items()]


def _listing(value: int | str | list[str] | None) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _found(value: int | str | list[str] | None) -> list[Path]:
    patterns = value if isinstance(value, list) else [value]
    return [file for pattern in patterns for file in find_files(str(pattern))]


def _ending(path: Path) -> str:
    """Of the name beneath that of a compression."""
    return next((one for one in reversed(path.suffixes) if one not in COMPRESSED), path.suffix)


def _listed(value: int | str | list[str] | None) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _digest(path: Path) -> str:
    """SHA-256 of the content, however it is compressed."""
    digest = hashlib.sha256()
    with open_corpus(path) as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
