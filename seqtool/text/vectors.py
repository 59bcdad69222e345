"""Word vectors from text files of word2vec and GloVe, for the pieces of a tokenizer.

A line is a word and its numbers, between single spaces; word2vec's first line says how many words and numbers there are. The vector of
`word` goes to the piece `▁word`, which is this whole word (U+2581 is SentencePiece's mark of a space), or, where the vocabulary has no such
piece, to the piece `word`: that of a script without spaces, or of a file that was made from pieces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError
from seqtool.text.formats import open_corpus
from seqtool.text.lines import LineReader
from seqtool.text.subwords import SPACE

Vectors = NDArray[np.float32]

_HEADER = re.compile(r"([0-9]{1,18}) ([0-9]{1,18}) *")
_TEXT_FORMAT = "it must be the text format, a word and its numbers a line, not the binary one"


def read_vectors(
    path: Path, wanted: Mapping[str, int], dim: int, *, key: str = ""
) -> tuple[NDArray[np.int64], Vectors]:
    """The vectors a file has for pieces: their rows `(N,)`, ascending, and the vectors `(N, dim)`.

    `wanted` gives the row of each piece. Of a word that comes twice the first line counts. The file may end in .gz, .xz or .zst; a word
    that is not UTF-8 matches nothing. Raises `DataError`, naming the recipe's `key`, file and line, for vectors that are not `dim` wide,
    for wanted ones that are no finite numbers, and for a file that is empty or has no word of the vocabulary.
    """
    found: dict[int, Vectors] = {}
    words = 0
    told = f"{key} {path}" if key else str(path)
    with open_corpus(path) as stream:
        for number, line in enumerate(LineReader(stream, name=str(path)), 1):
            header = _HEADER.fullmatch(line) if number == 1 else None
            if header:
                _check_width(f"{told}:1", int(header[2]), dim)
                continue
            words += 1
            word, numbers = _split(f"{told}:{number}", line, dim)
            row = wanted.get(SPACE + word, wanted.get(word))
            if row is not None and row not in found:
                found[row] = _vector(f"{told}:{number}", numbers)
    if not words:
        raise DataError("data.vectors", f"{told} has no vectors in it", _TEXT_FORMAT)
    if not found:
        raise DataError(
            "data.vectors",
            f"{told}: none of its {words:,} words is one of the {len(wanted):,} pieces of the vocabulary",
            "check its language and its upper and lower case; a larger tokenizer.vocab_size has more whole words",
        )
    rows = sorted(found)
    return np.array(rows, np.int64), np.stack([found[row] for row in rows])


def _check_width(where: str, found: int, dim: int) -> None:
    if found != dim:
        raise DataError(
            "data.vectors",
            f"{where}: a vector of {found} numbers, where the model's have {dim}",
            f"set model.embedding: {found}, or use vectors of {dim}; {_TEXT_FORMAT}",
        )


def _split(where: str, line: str, dim: int) -> tuple[str, str]:
    """A word and its numbers. GloVe has words with spaces in them, of which not every part is a number."""
    line = line.rstrip(" ")
    word, _, numbers = line.partition(" ")
    width = line.count(" ")
    if width > dim and not all(map(_is_number, numbers.split(" "))):
        parts = line.rsplit(" ", dim)
        return parts[0], " ".join(parts[1:])
    _check_width(where, width, dim)
    return word, numbers


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _vector(where: str, numbers: str) -> Vectors:
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite
            vector = np.array([float(number) for number in numbers.split(" ")]).astype(np.float32)
    except ValueError as error:
        raise DataError("data.vectors", f"{where}: {error}", f"repair or remove this line; {_TEXT_FORMAT}") from error
    if not np.isfinite(vector).all():
        raise DataError("data.vectors", f"{where}: numbers that are not finite", "repair or remove this line")
    return vector
