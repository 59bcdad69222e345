"""What each token of a tokenizer does to the words of a text, for limits on their number.

A word is what `str.split` makes one. Scripts without spaces have no such words: there each token that begins with a letter of such a script
counts as one, the nearest thing to a word that the tokenizer knows.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.text.glossary import UNSPACED, inside_words
from seqtool.text.subwords import SPACE
from seqtool.text.tokenizer import UNK, Tokenizer

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class TokenWords(NamedTuple):
    """For every token `(V,)`: the words it begins where the word before it goes on (`after_word`) and where that has ended or there is none
    (`after_space`); whether what it ends with goes on (`open`); whether it ends the word before (`begins`); and whether it makes another
    word of that, as letters do and a full stop does not (`joins`)."""

    after_word: Numbers
    after_space: Numbers
    open: Flags
    begins: Flags
    joins: Flags


def token_words(tokenizer: Tokenizer) -> TokenWords:
    """The table of a tokenizer. Unknown words, which are written between spaces, are words; single bytes go on with the word before."""
    unspaced = re.compile(f"[{UNSPACED}]")
    pieces = tokenizer.pieces(range(tokenizer.vocab_size))
    joins = inside_words(tokenizer)
    kinds = tokenizer.vocabulary().textual
    rows = [_row(piece, bool(unspaced.match(piece))) for piece in pieces]
    special = (0, 0, False, False)
    told = [
        row if textual else ((0, 1, True, False) if byte else special)
        for row, textual, byte in zip(rows, kinds, joins.tolist(), strict=True)
    ]
    told[UNK] = (1, 1, False, True)
    after_word, after_space, goes_on, begins = zip(*told, strict=True)
    flags = np.array(goes_on, np.bool_), np.array(begins, np.bool_)
    return TokenWords(np.array(after_word, np.int64), np.array(after_space, np.int64), *flags, joins)


def _row(piece: str, unspaced: bool) -> tuple[int, int, bool, bool]:
    """The first four columns of a piece of text."""
    words = len(piece.replace(SPACE, " ").split())
    begins = piece.startswith(SPACE) or unspaced
    return words if begins else max(words - 1, 0), words, not piece.endswith(SPACE), begins
