"""A synthetic corpus in blocks whose sizes are known before they are made: what a file has already is passed over, not made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

from seqtool.text.corpus import Corpus
from seqtool.translation import Translation

Item = TypeVar("Item")
Pair = tuple[str, str]

_PAIRS = 4096


@dataclass(frozen=True)
class Block:
    """So many pairs, made when they are asked for, and the same ones each time."""

    count: int
    make: Callable[[], list[Pair]]


def windows(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Items in their order, so many at a time."""
    rest = iter(items)
    while window := list(islice(rest, size)):
        yield window


def originals(corpus: Corpus) -> Iterator[Block]:
    """The pairs of a corpus as they are."""
    for window in windows(corpus.pairs(), _PAIRS):
        yield Block(len(window), partial(list, window))


def texts(found: Translation, n_best: int) -> list[str]:
    """The best outputs of a line. Where the search found fewer, the best stands for those that lack, so that all lines weigh the same."""
    outputs = [one.text for one in found.outputs[:n_best]]
    return outputs + [found.text] * (n_best - len(outputs))


def not_made_yet(blocks: Iterable[Block], done: int) -> Iterator[list[Pair]]:
    """What comes after the first `done` pairs. A block that was cut off is made again from its beginning: a line's neighbours are then the
    same as they would have been, down to how numbers are rounded."""
    for block in blocks:
        if done < block.count:
            yield block.make()[done:]
        done = max(0, done - block.count)
