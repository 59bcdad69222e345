"""One pass over a split of a corpus: everything that is asked of it afterwards is counted here, and no text is kept."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError
from seqtool.health.characters import MOST_CODES, SCRIPTS, CharacterTables, codes_of, unnormalized
from seqtool.health.finding import SIDES, Side, Split
from seqtool.health.rows import Numbers, Rows, RowWriter, line_words
from seqtool.text.corpus import Corpus, Part
from seqtool.text.normal_form import normal_form

Progress = Callable[[str, int], None]
Ints = NDArray[np.int64]

_CHUNK_PAIRS = 2000
_CHUNK_CHARS = 2_000_000
_FIRST_LINES = 20
_MOST_UNKNOWN = 100_000


@dataclass
class SideFacts:
    """One side of a split of N lines. `words` (N,) are counts, `hashes` (N,) tell equal lines, blanks apart, and `forms` (N,) those that
    differ in case and punctuation only; `scripts` (N,) is each line's place in `SCRIPTS`; `known_words` and `known_codes` are flags by
    number and code point. `unknown_*` are counted in a split other than training: running words and letters that training never showed, and
    how many there are at all."""

    words: array[int] = field(default_factory=lambda: array("i"))
    chars: array[int] = field(default_factory=lambda: array("i"))
    hashes: array[int] = field(default_factory=lambda: array("q"))
    forms: array[int] = field(default_factory=lambda: array("q"))
    scripts: array[int] = field(default_factory=lambda: array("b"))
    letters: Ints = field(default_factory=lambda: np.zeros(len(SCRIPTS), np.int64))
    troubles: dict[str, tuple[int, list[int]]] = field(default_factory=dict)
    known_words: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1 << 16, np.bool_))
    known_codes: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(MOST_CODES, np.bool_))
    rows: RowWriter = field(default_factory=RowWriter)
    unknown_words: Counter[str] = field(default_factory=Counter)
    unknown_codes: Counter[int] = field(default_factory=Counter)
    running_words: int = 0
    running_codes: int = 0
    first_unknown: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class SplitFacts:
    """A split: both sides, whether only the targets count (`alone`: they are restored from themselves), which pieces it was read from with
    the number of the first pair of each, which pairs are empty or identical, and, where it cannot be read to its end, what is to be said
    of that."""

    split: Split
    where: str
    alone: bool
    sides: dict[Side, SideFacts] = field(default_factory=lambda: {"src": SideFacts(), "tgt": SideFacts()})
    parts: list[tuple[int, Part]] = field(default_factory=list)
    pairs: int = 0
    empty: dict[Side, list[int]] = field(default_factory=lambda: {"src": [], "tgt": []})
    identical: list[int] = field(default_factory=list)
    broken: DataError | None = None

    @property
    def told(self) -> tuple[Side, ...]:
        """The sides that there is something to say of."""
        return ("tgt",) if self.alone else SIDES

    @property
    def looked_into(self) -> int:
        """How many pairs there are words of: all, or of a very large corpus the first."""
        return min(self.sides[side].rows.looked_into for side in SIDES)

    def rows(self, side: Side) -> Rows:
        """What languages and alignment are judged by: the pairs that there are words of."""
        return self.sides[side].rows.rows().part(0, self.looked_into)


class Reader:
    """Reads splits, training first: the others are compared with it."""

    def __init__(self, progress: Progress) -> None:
        self.numbers = Numbers()
        self._tables = CharacterTables()
        self._progress = progress
        self._train: SplitFacts | None = None

    def read(self, corpus: Corpus, split: Split, *, alone: bool = False) -> SplitFacts:
        """The facts of a split, up to where it cannot be read on."""
        facts = SplitFacts(split, corpus.describe(), alone)
        try:
            for src, tgt in _chunks(corpus, facts):
                self._add(facts, src, tgt)
                self._progress(split, facts.pairs)
        except DataError as error:
            facts.broken = error
        if not facts.pairs and facts.broken is None:
            facts.broken = DataError("data.empty", f"{facts.where} has no pairs", "check the files and fields")
        if split == "train" and facts.pairs:
            self._train = facts
        return facts

    def _add(self, facts: SplitFacts, src: list[str], tgt: list[str]) -> None:
        first = facts.pairs
        bare_src, bare_tgt = ([" ".join(line.split()) for line in lines] for lines in (src, tgt))
        for side, bare in zip(SIDES, (bare_src, bare_tgt), strict=True):
            facts.sides[side].hashes.extend(map(hash, bare))
            facts.sides[side].forms.extend(hash(normal_form(line) or line) for line in bare)
            facts.empty[side].extend(first + place for place, line in enumerate(bare) if not line)
        facts.identical.extend(
            first + place
            for place, (one, other) in enumerate(zip(bare_src, bare_tgt, strict=True))
            if one == other != ""
        )
        self._add_side(facts, "src", src)
        self._add_side(facts, "tgt", tgt)
        facts.pairs += len(src)

    def _add_side(self, facts: SplitFacts, side: Side, lines: list[str]) -> None:
        one, first = facts.sides[side], facts.pairs
        one.chars.extend(map(len, lines))
        self._add_characters(one, first, lines, None if self._train is None else self._train.sides[side])
        known = None if self._train is None else self._train.sides[side].known_words
        ids_of_chunk: list[int] = []
        for place, line in enumerate(lines):
            found, count = line_words(line)
            ids = self.numbers.of(found)
            one.words.append(count)
            one.rows.add(ids, len(line))
            if known is None:
                ids_of_chunk.extend(ids)
            else:
                _note_unknown(one, first + place, found[:count], ids, known)
        if known is None:
            one.known_words = _marked(one.known_words, ids_of_chunk)

    def _add_characters(self, one: SideFacts, first: int, lines: list[str], train: SideFacts | None) -> None:
        codes, starts = codes_of(lines)
        letters = self._tables.scripts(codes, starts)
        one.letters += letters.sum(0)
        one.scripts.extend(np.where(letters[:, 1:].any(1), letters[:, 1:].argmax(1) + 1, 0).astype(np.int8).tolist())
        troubles = {name: places.tolist() for name, places in self._tables.troubles(codes, starts).items()}
        troubles["unnormalized"] = unnormalized(lines)
        for name, places in troubles.items():
            if places:
                count, seen = one.troubles.get(name, (0, []))
                one.troubles[name] = count + len(places), [*seen, *(first + place for place in places)][:_FIRST_LINES]
        if train is None:
            one.known_codes[codes] = True
            return
        one.running_codes += len(codes) - len(lines)
        unknown = np.flatnonzero(~train.known_codes[codes])
        if len(unknown):
            one.unknown_codes.update(codes[unknown].tolist())
            seen = one.first_unknown.setdefault("characters", [])
            seen.extend((first + np.unique(np.searchsorted(starts, unknown, side="right") - 1)).tolist()[:_FIRST_LINES])


def _note_unknown(one: SideFacts, pair: int, found: list[str], ids: list[int], known: NDArray[np.bool_]) -> None:
    one.running_words += len(found)
    unknown = [word for word, number in zip(found, ids, strict=False) if number >= len(known) or not known[number]]
    if not unknown:
        return
    one.unknown_words.update(unknown)
    if len(one.unknown_words) > _MOST_UNKNOWN:
        rest = one.unknown_words.most_common()[_MOST_UNKNOWN // 2 :]
        one.unknown_words.subtract(dict(rest))
        one.unknown_words[""] += sum(count for _, count in rest)
        one.unknown_words += Counter()
    seen = one.first_unknown.setdefault("words", [])
    if len(seen) < _FIRST_LINES:
        seen.append(pair)


def _marked(flags: NDArray[np.bool_], numbers: list[int]) -> NDArray[np.bool_]:
    """The flags with these set, in a longer array where they need one; 0, which stands for many words, is known."""
    most = max(numbers, default=0)
    if most >= len(flags):
        flags = np.concatenate([flags, np.zeros(max(len(flags), most + 1 - len(flags)), np.bool_)])
    flags[numbers or [0]] = True
    flags[0] = True
    return flags


def _chunks(corpus: Corpus, facts: SplitFacts) -> Iterator[tuple[list[str], list[str]]]:
    """Some source and target lines at a time; what they were read from is noted."""
    for part in corpus.parts():
        facts.parts.append((facts.pairs, part))
        src: list[str] = []
        tgt: list[str] = []
        chars = 0
        try:
            for one, other in part.pairs:
                src.append(one)
                tgt.append(other)
                chars += len(one) + len(other)
                if len(src) >= _CHUNK_PAIRS or chars >= _CHUNK_CHARS:
                    yield src, tgt
                    src, tgt, chars = [], [], 0
        except DataError:
            if src:
                yield src, tgt
            raise
        if src:
            yield src, tgt
