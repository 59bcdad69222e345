"""What is kept of a source that is too long, by its token ids: in training and in use alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqtool.recipe.schema import Truncate
from seqtool.text.subwords import SPACE
from seqtool.text.tokenizer import UNK, Tokenizer

Flags = NDArray[np.bool_]

# The share of the tokens that `head_tail` keeps from the end.
TAIL = 1 / 4
# As where a line is split: a sentence ends with one of these before a space, or with one of the second row anywhere.
_ENDS = ".!?…"
_ENDS_UNSPACED = "。！？"
# They may follow the end of a sentence and belong to it.
_CLOSING = "\"'”’»›)]}」』）"


class Truncation:
    """Keeps at most `most` tokens of a source: with rule `head` the first; with `head_tail` the first three quarters of so many and the
    last quarter; with `sentences` the whole sentences at the beginning that fit, or the first tokens of the first where that does not."""

    def __init__(self, rule: Truncate, most: int, tokenizer: Tokenizer) -> None:
        self._rule, self._most = rule, most
        self._borders = _Borders(tokenizer) if rule == "sentences" else None

    def of(self, ids: Sequence[int]) -> list[int]:
        """What is kept of a row, all where it fits."""
        most = self._most
        if len(ids) <= most:
            return list(ids)
        if self._rule == "head_tail":
            tail = int(most * TAIL)
            return [*ids[: most - tail], *ids[len(ids) - tail :]]
        kept = most if self._borders is None else self._borders.last(ids[: most + 1])
        return list(ids[: kept or most])


class _Borders:
    """Which tokens of a tokenizer sentences end and begin with."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        pieces = tokenizer.pieces(range(tokenizer.vocab_size))
        bare = [piece.rstrip(_CLOSING) for piece in pieces]
        self._closing: Flags = np.array([not piece for piece in bare], np.bool_)
        self._ends: Flags = np.array([piece.endswith(tuple(_ENDS)) for piece in bare], np.bool_)
        self._ends_unspaced: Flags = np.array([piece.endswith(tuple(_ENDS_UNSPACED)) for piece in bare], np.bool_)
        self._begins: Flags = np.array([piece.startswith(SPACE) for piece in pieces], np.bool_)
        self._begins[UNK] = True  # a word that a tokenizer of words does not know

    def last(self, ids: Sequence[int]) -> int:
        """How many tokens come before the last border between sentences in a row; 0 where there is none."""
        row = np.asarray(ids, np.int64)
        row = np.where(row < len(self._ends), row, UNK)  # a source's own tokens have numbers behind the vocabulary
        places = np.where(self._closing[row], 0, np.arange(len(row)))
        before = row[np.maximum.accumulate(places)]  # what a token closes, or is
        borders = (self._ends[before[:-1]] & self._begins[row[1:]]) | (
            self._ends_unspaced[before[:-1]] & ~self._closing[row[1:]]
        )
        return int(np.flatnonzero(borders)[-1]) + 1 if borders.any() else 0
