"""A line that is too long for a model, in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seqtool.text.own_tokens import OwnTokens
from seqtool.text.tokenizer import Tokenizer

# Where a line too long may be split: after the end of a sentence, else at a space.
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*")
_SPACE = re.compile(r"\s+")


def split_ids(line: str, tokenizer: Tokenizer | OwnTokens, most: int) -> list[list[int]]:
    """The ids of `line` in parts of at most `most` tokens, split after sentences where that is enough, else at spaces, else anywhere."""
    parts: list[list[int]] = []
    for sentence in _SENTENCE_END.split(line):
        ids = tokenizer.encode(sentence)
        if len(ids) <= most:
            parts.append(ids)
            continue
        for words in _fitting(_SPACE.split(sentence), tokenizer, most):
            parts.extend(words[first : first + most] for first in range(0, len(words), most))
    return _packed([part for part in parts if part], most)


def _fitting(words: Sequence[str], tokenizer: Tokenizer | OwnTokens, most: int) -> Iterator[list[int]]:
    """Runs of words that together take at most `most` tokens; a longer word is alone."""
    run: list[int] = []
    for ids in tokenizer.encode_batch(list(words)):
        if run and len(run) + len(ids) > most:
            yield run
            run = []
        run = run + ids
    yield run


def _packed(parts: Sequence[list[int]], most: int) -> list[list[int]]:
    """Neighbouring parts joined while they fit: fewer, longer inputs keep more context."""
    packed: list[list[int]] = []
    for part in parts:
        if packed and len(packed[-1]) + len(part) <= most:
            packed[-1] = packed[-1] + part
        else:
            packed.append(part)
    return packed
