"""Lines in pieces that the model can take: a line too long for it is split or, for summaries, cut; a blank line has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.decoding.plan import Requests
from seqtool.decoding.stepper import EOS, UNK, Bools, Ints
from seqtool.decoding.words import WordTable
from seqtool.text.glossary import Glossary
from seqtool.text.own_tokens import OwnTokens
from seqtool.text.reading import Reader, Row, joined
from seqtool.text.segments import Segment, split_line
from seqtool.text.tokenizer import Tokenizer, Tokenizers
from seqtool.text.truncation import Truncation
from seqtool.translation import Counts

# A part's number is that of its line and, in these bits, its place there.
_PLACE_BITS = 20


@dataclass(frozen=True)
class Part:
    """A line, or a part of one that was too long: its ids with eos, and what the search must know of it; `own` are the tokens of its line
    that the tokenizer does not know, where a model can copy them, and `others` what other models of an ensemble read, without eos."""

    ids: Ints
    prefix: tuple[int, ...]
    phrases: list[tuple[int, ...]]
    number: int
    own: OwnTokens | None = None
    others: tuple[Row, ...] = ()

    @property
    def row(self) -> Ints:
        """What all models read, as a stepper takes it."""
        return joined(self.ids[:-1].tolist(), self.others) if self.others else self.ids

    @property
    def longest(self) -> int:
        """The most tokens that one of them reads, without the eos."""
        return max(len(self.ids) - 1, *map(len, self.others)) if self.others else len(self.ids) - 1

    @property
    def line(self) -> int:
        """The number of its line."""
        return self.number >> _PLACE_BITS


@dataclass(frozen=True)
class Parting:
    """How lines become parts: of at most `max_tokens` tokens each, the first of them the length token `mark` where there is one, with the
    phrases of a glossary and, where words are limited, what target tokens do to `words`. Longer lines are split, or cut by a `truncation`
    to so many. What is `never` to be said is told the search. A model that `points` is given numbers for tokens that are in no
    vocabulary. Of an ensemble the `others` read with tokenizers of their own: a part is one that all of them can take."""

    tokenizers: Tokenizers
    max_tokens: int
    mark: tuple[int, ...] = ()
    truncation: Truncation | None = None
    glossary: Glossary | None = None
    words: WordTable | None = None
    never: tuple[int, ...] = ()
    points: bool = False
    others: tuple[Reader, ...] = ()

    @property
    def room(self) -> int:
        """The tokens of text that a part may have."""
        return max(1, self.max_tokens - len(self.mark))

    def parts(
        self, lines: Sequence[str], prefixes: Sequence[str] | None, counts: Counts, workers: int
    ) -> list[list[Part]]:
        """The parts of each line, none for a blank one; the first begins with the line's prefix. Lines are numbered from those counted so
        far, and what is blank, split or cut is counted."""
        rows = self.tokenizers.src.encode_batch(lines, workers)
        others = self._read(lines, workers)
        begins = prefixes or [""] * len(lines)
        first = counts.lines
        return [
            self._parts_of(line, ids if line.strip() else [], read, prefix, number, counts)
            for number, (line, ids, read, prefix) in enumerate(zip(lines, rows, others, begins, strict=True), first)
        ]

    def _read(self, texts: Sequence[str], workers: int = 1) -> list[tuple[Row, ...]]:
        """What the others make of each text."""
        rows = [one.rows(texts, workers) for one in self.others]
        return list(zip(*rows, strict=True)) if rows else [()] * len(texts)

    def _fit(self, others: tuple[Row, ...]) -> bool:
        return all(one.fits(row) for one, row in zip(self.others, others, strict=True))

    def _parts_of(
        self, line: str, ids: list[int], others: tuple[Row, ...], prefix: str, number: int, counts: Counts
    ) -> list[Part]:
        own = OwnTokens(self.tokenizers.src) if self.points and UNK in ids else None
        if own is not None:
            ids = own.encode(line)
        pieces = [(Segment(ids, line), others)] if ids else []
        if not ids:
            counts.blank += 1
        elif len(ids) <= self.room and self._fit(others):
            pass
        elif self.truncation is not None:
            counts.cut += 1
            kept = self.truncation.of(ids)
            text = line if len(kept) == len(ids) else (own or self.tokenizers.src).decode(kept)
            pieces = [(Segment(kept, text), others)]
        else:
            counts.split += 1
            pieces = self._split(line, own or self.tokenizers.src, min(self.room, len(ids)))
        start = tuple(self.tokenizers.tgt.encode(prefix)) if prefix else ()
        parts = []
        for place, (piece, read) in enumerate(pieces):
            phrases = [] if self.glossary is None else self.glossary.phrases(piece.text)
            counts.terms += len(phrases)
            # the number tells draws apart: those of a line are its own wherever it is, and so are those of its parts
            parts.append(
                Part(
                    np.array([*self.mark, *piece.ids, EOS]),
                    () if place else start,
                    phrases,
                    (number << _PLACE_BITS) + place,
                    own,
                    tuple(one.kept(row) for one, row in zip(self.others, read, strict=True)),
                )
            )
        return parts

    def _split(self, line: str, tokenizer: Tokenizer | OwnTokens, room: int) -> list[tuple[Segment, tuple[Row, ...]]]:
        """Parts of at most so many tokens; those that not all of an ensemble can take are split further."""
        pieces = split_line(line, tokenizer, room)
        found: list[tuple[Segment, tuple[Row, ...]]] = []
        for piece, others in zip(pieces, self._read([piece.text for piece in pieces]), strict=True):
            size = min(room, len(piece.ids))
            if size == 1 or self._fit(others):
                found.append((piece, others))
            else:
                found.extend(self._split(piece.text, tokenizer, size // 2))
        return found

    def requests(self, parts: Sequence[Part]) -> Requests:
        """What the search must know of these parts."""
        return Requests(
            [part.prefix for part in parts] if any(part.prefix for part in parts) else None,
            [part.phrases for part in parts] if any(part.phrases for part in parts) else None,
            np.array([part.number for part in parts], np.int64),
            None if self.glossary is None or self.glossary.inside is None else _widened(self.glossary.inside, parts),
            self.words,
            self.never,
            None if self.words is None else _going_on(parts),
        )


def _going_on(parts: Sequence[Part]) -> Bools | None:
    """Which of the parts' own tokens `(B, O)` go on with the word before them; None where there are none."""
    rows = [[] if part.own is None else part.own.going_on for part in parts]
    most = max(map(len, rows), default=0)
    return np.array([[*row, *[False] * (most - len(row))] for row in rows], np.bool_) if most else None


def _widened(inside: Bools, parts: Sequence[Part]) -> Bools:
    """For the numbers of the parts' own tokens, too: they count as the beginnings of words, whatever they are in which part."""
    most = max((part.own.count for part in parts if part.own is not None), default=0)
    return np.pad(inside, (0, most)) if most else inside
