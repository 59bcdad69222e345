"""From attention between pieces to links between words.

A word is what `str.split` makes one: the pieces from one that begins with U+2581, SentencePiece's mark of a space, up to the next such
piece. Two things are outside this rule: a tokenizer of kind `word` gives no mark to words it does not know, which then count to the word
before them; and where a line in a script without spaces was cut in two, each part begins a word, although no space is written between
what is said of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

SPACE = "\u2581"

Link = tuple[int, int]


def word_starts(pieces: Sequence[str]) -> list[int]:
    """The place of the first piece of each word; pieces of spaces alone at the end start none.

    The first piece always starts word 0. A piece that is only U+2581 starts the word of the pieces that follow, marked or not.
    """
    starts: list[int] = []
    visible = True  # whether the word so far has more than spaces
    for place, piece in enumerate(pieces):
        if not starts or (visible and piece.startswith(SPACE)):
            starts.append(place)
            visible = False
        visible = visible or bool(piece.strip(SPACE))
    return starts if visible else starts[:-1]


def word_count(pieces: Sequence[str]) -> int:
    """How many words the pieces make."""
    return len(word_starts(pieces))


def word_offsets(parts: Sequence[Sequence[str]]) -> list[int]:
    """For each part of a source line that was cut up between pieces, the word of the line to which its first piece belongs: a part that
    does not begin with a space goes on with the last word of the part before."""
    starts = word_starts([piece for pieces in parts for piece in pieces])
    places = accumulate(map(len, parts[:-1]), initial=0) if parts else ()
    return [max(bisect_right(starts, place) - 1, 0) for place in places]


def word_links(src_pieces: Sequence[str], tgt_pieces: Sequence[str], attention: npt.NDArray[np.floating]) -> list[Link]:
    """The source word that each target word looked at most, as (source word, target word) in the order of the target words.

    `attention` is `(tgt_len, src_len)`, either with or without a last entry for eos, which plays no part. What a word gives and receives
    is the sum over its pieces; of equal sums the first source word counts. A target word that gave no source word anything has no link.
    Raises `ValueError` for an attention of another shape.
    """
    rows, columns = len(tgt_pieces), len(src_pieces)
    if attention.ndim != 2 or attention.shape[0] - rows not in (0, 1) or attention.shape[1] - columns not in (0, 1):
        raise ValueError(f"attention of shape {attention.shape} for {rows} target and {columns} source pieces")
    src_starts, tgt_starts = word_starts(src_pieces), word_starts(tgt_pieces)
    if not src_starts or not tgt_starts:
        return []
    exact = attention[:rows, :columns].astype(np.float64)
    sums = np.add.reduceat(
        np.add.reduceat(exact, tgt_starts, axis=0), src_starts, axis=1
    )  # (target words, source words)
    best = sums.argmax(1)
    return [(src, tgt) for tgt, src in enumerate(best.tolist()) if sums[tgt, src] > 0]


def pharaoh(links: Iterable[Link]) -> str:
    """The links as `0-0 1-2`, source word first: the format of fast_align (Dyer, Chahuneau and Smith, 2013) and of Moses."""
    return " ".join(f"{src}-{tgt}" for src, tgt in links)
