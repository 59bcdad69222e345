"""How models of an ensemble read that have other source tokenizers than the first: each a row of tokens of its own, from the same text.

The rows of a source stand behind each other, each with its eos. Search counts the first as the source and hands on what lies behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seqtool.recipe.schema import Length, Truncate
from seqtool.text.length_tokens import LENGTHS, length_ids
from seqtool.text.tokenizer import EOS, Tokenizer
from seqtool.text.truncation import Truncation

Ints = NDArray[np.int64]
Row = tuple[int, ...]


@dataclass(frozen=True)
class Reader:
    """A tokenizer that sources are read with, `most` tokens of them at once, and `reach` at the very most where positions were learnt. Each
    begins with the length token `mark` where there is one; of longer ones goes what a `truncation` says."""

    tokenizer: Tokenizer
    most: int
    reach: int | None = None
    mark: Row = ()
    truncation: Truncation | None = None

    def asked(self, length: Length | None, truncate: Truncate | None) -> Reader:
        """The same for outputs of this length, None where there is no such choice, and sources that are cut by this rule, None where they
        are split. Raises `ModelError` for a tokenizer without length tokens."""
        mark = () if length is None else (int(length_ids(self.tokenizer)[LENGTHS.index(length)]),)
        room = max(1, self.most - len(mark))
        return replace(
            self, mark=mark, truncation=None if truncate is None else Truncation(truncate, room, self.tokenizer)
        )

    def rows(self, texts: Sequence[str], threads: int = 1) -> list[Row]:
        """Each text, without eos, however long it is."""
        return [(*self.mark, *ids) for ids in self.tokenizer.encode_batch(texts, threads)]

    def fits(self, row: Row) -> bool:
        """Whether the model takes it as it is; a token of text it always takes."""
        return len(row) <= max(self.most, len(self.mark) + 1)

    def cut(self, row: Row) -> Row:
        """What a truncation leaves of it."""
        lead = len(self.mark)
        return row if self.truncation is None else (*row[:lead], *self.truncation.of(row[lead:]))

    def kept(self, row: Row) -> Row:
        """The same, and what goes beyond learnt positions is lost: a single token of another reader may say more than that."""
        return self.cut(row)[: self.reach]


def joined(src: Sequence[int], others: Sequence[Row]) -> Ints:
    """One row of a source `src` and what other readers make of it, all without eos: `src` and its eos, then theirs."""
    return np.array([token for row in (src, *others) for token in (*row, EOS)], np.int64)
