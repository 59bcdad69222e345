"""A line that is too long for a model, in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seqtool.text.own_tokens import OwnTokens
from seqtool.text.subwords import SPACE
from seqtool.text.tokenizer import Tokenizer

# Where a line too long may be split: after the end of a sentence, else at a space.
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*")
_SPACE = re.compile(r"\s+")


class Segment(NamedTuple):
    """A part of a line: its ids and its text as it stands there, apart from white space, or what the tokenizer makes of it where a word was
    cut."""

    ids: list[int]
    text: str


def split_line(line: str, tokenizer: Tokenizer | OwnTokens, most: int) -> list[Segment]:
    """`line` in parts of at most `most` tokens, split after sentences where that is enough, else at spaces, else anywhere."""
    parts: list[Segment] = []
    for sentence in _SENTENCE_END.split(line):
        ids = tokenizer.encode(sentence)
        if len(ids) <= most:
            parts.append(Segment(ids, sentence))
            continue
        for words in _fitting(_SPACE.split(sentence), tokenizer, most):
            parts.extend(_cut(words, tokenizer, most))
    return _packed([part for part in parts if part.ids], most)


def _fitting(words: Sequence[str], tokenizer: Tokenizer | OwnTokens, most: int) -> Iterator[Segment]:
    """Runs of words that together take at most `most` tokens; a longer word is alone."""
    run = Segment([], "")
    for word, ids in zip(words, tokenizer.encode_batch(list(words)), strict=True):
        if run.ids and len(run.ids) + len(ids) > most:
            yield run
            run = Segment([], "")
        run = _together(run, Segment(ids, word))
    yield run


def _cut(part: Segment, tokenizer: Tokenizer | OwnTokens, most: int) -> list[Segment]:
    """A word that is too long, anywhere."""
    if len(part.ids) <= most:
        return [part]
    cuts = [slice(first, first + most) for first in range(0, len(part.ids), most)]
    if isinstance(tokenizer, OwnTokens):
        return [Segment(part.ids[cut], tokenizer.decode(part.ids[cut])) for cut in cuts]
    pieces = tokenizer.cut(part.text)  # what is not in the vocabulary stays as it is, which another model may know
    return [Segment(part.ids[cut], tokenizer.join(pieces[cut]).replace(SPACE, " ").strip()) for cut in cuts]


def _packed(parts: Sequence[Segment], most: int) -> list[Segment]:
    """Neighbouring parts joined while they fit: fewer, longer inputs keep more context."""
    packed: list[Segment] = []
    for part in parts:
        if packed and len(packed[-1].ids) + len(part.ids) <= most:
            packed[-1] = _together(packed[-1], part)
        else:
            packed.append(part)
    return packed


def _together(one: Segment, other: Segment) -> Segment:
    return Segment(one.ids + other.ids, f"{one.text} {other.text}" if one.text else other.text)
