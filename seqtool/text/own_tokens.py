"""Tokens of a source that its tokenizer does not know: they have numbers of their own, behind the vocabulary, and can be copied."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.text.alignment import SPACE
from seqtool.text.glossary import UNSPACED
from seqtool.text.tokenizer import BOS, EOS, PAD, UNK, Tokenizer

Rows = list[list[int]]
_UNSPACED = re.compile(f"[{UNSPACED}]")


class OwnTokens:
    """A tokenizer for one source and what is said of it: unknown tokens are numbered from the size of the vocabulary on, in the order in
    which the source has them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._numbers: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._numbers)

    @property
    def going_on(self) -> list[bool]:
        """Which of them go on with the word before them: all that are not written after a space, and are of no script without spaces, where
        each counts as a word."""
        return [not (piece.startswith(SPACE) or _UNSPACED.match(piece)) for piece in self._numbers]

    def encode(self, text: str) -> list[int]:
        """The ids of a source, or of a part of one; what is new gets a number."""
        ids = self._tokenizer.encode(text)
        return ids if UNK not in ids else [self._number(piece, known) for piece, known in self._pieces(text, ids)]

    def encode_batch(self, texts: Sequence[str]) -> Rows:
        """The ids of several parts."""
        return [self.encode(text) for text in texts]

    def encode_target(self, text: str) -> list[int]:
        """The ids of a target: unknown tokens that the source has not are unk."""
        ids = self._tokenizer.encode(text)
        if UNK not in ids:
            return ids
        return [self._numbers.get(piece, UNK) if known == UNK else known for piece, known in self._pieces(text, ids)]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, as `Tokenizer.decode` gives it."""
        if max(ids, default=0) < self._tokenizer.vocab_size:
            return self._tokenizer.decode(ids)
        spoken = self.pieces([token for token in ids if token not in (PAD, BOS, EOS)])
        text = self._tokenizer.join(spoken).replace(SPACE, " ")
        return text.removeprefix(" ") if spoken and spoken[0] in self._numbers else text

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces of ids, as `Tokenizer.pieces` gives them."""
        names, size = list(self._numbers), self._tokenizer.vocab_size
        known = iter(self._tokenizer.pieces([token for token in ids if token < size]))
        return [names[token - size] if token >= size else next(known) for token in ids]

    def _number(self, piece: str, known: int) -> int:
        if known != UNK:
            return known
        return self._numbers.setdefault(piece, self._tokenizer.vocab_size + len(self._numbers))

    def _pieces(self, text: str, ids: Sequence[int]) -> list[tuple[str, int]]:
        """Pieces with their ids. A tokenizer joins unknown words that are next to each other: they are taken apart again."""
        found: list[tuple[str, int]] = []
        for piece, known in zip(self._tokenizer.cut(text), ids, strict=True):
            if known != UNK:
                found.append((piece, known))
                continue
            first, *others = piece.split(SPACE)
            found.extend((one, UNK) for one in ([first] if first else []) + [SPACE + other for other in others])
        return found


def own_rows(
    tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]], src_rows: Rows, tgt_rows: Rows
) -> tuple[Rows, Rows]:
    """The rows of pairs, cut by the tokenizer, with unknown tokens of a source numbered, and found again in its target."""
    src_rows, tgt_rows = list(src_rows), list(tgt_rows)
    for place, (src, tgt) in enumerate(pairs):
        if UNK in src_rows[place]:
            own = OwnTokens(tokenizer)
            src_rows[place] = own.encode(src)
            if UNK in tgt_rows[place]:
                tgt_rows[place] = own.encode_target(tgt)
    return src_rows, tgt_rows
