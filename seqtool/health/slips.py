"""Where one side slipped: the most likely offset of every line, which seldom changes (Viterbi 1967)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqtool.health.affinity import OFFSETS, REACH
from seqtool.health.rows import Floats, Ints

# Steps of the search, which is a loop; of more lines several are one step, and the place is found among them afterwards.
_MOST_STEPS = 20_000
# Nats beyond those that as many places and offsets to choose from are worth.
_DOUBT = 12.0


@dataclass(frozen=True)
class Stretch:
    """Source lines `first` to `stop`, without the last, whose targets are `offset` lines further; None: they belong to none nearby. `gain`
    is by how much that is more likely than chance, in nats a line."""

    first: int
    stop: int
    offset: int | None
    gain: float


def find_stretches(gains: Floats, usual: int = 0) -> list[Stretch]:
    """The stretches that explain `gains` (N, D) best when each change costs what chance could bring about, as
    does to start elsewhere than at `usual`."""
    count = len(gains)
    if not count:
        return []
    size = -(-count // _MOST_STEPS)
    cost = float(np.log(count * OFFSETS)) + _DOUBT
    firsts = np.arange(0, count, size)
    blocks = np.concatenate([np.add.reduceat(gains, firsts, axis=0), np.zeros((len(firsts), 1), np.float32)], axis=1)
    states = _path(blocks, cost, usual + REACH)
    changes = (np.flatnonzero(np.diff(states)) + 1).tolist()
    bounds = [0, *(int(firsts[change]) for change in changes), count]
    kinds = [int(states[0]), *(int(states[change]) for change in changes)]
    for number in range(1, len(bounds) - 1):
        bounds[number] = _edge(gains, bounds[number - 1 : number + 2], kinds[number - 1], kinds[number], size)
    return [
        Stretch(first, stop, None if kind == OFFSETS else kind - REACH, _gain(gains[first:stop], kind))
        for first, stop, kind in zip(bounds, bounds[1:], kinds, strict=False)
    ]


def _path(blocks: Floats, cost: float, usual: int) -> Ints:
    """The state of each block: an offset, counted from 0, or OFFSETS for none."""
    count, kinds = blocks.shape
    came_from = np.zeros((count, kinds), np.int8)
    every = np.arange(kinds, dtype=np.int8)
    score = np.where(every == usual, 0.0, -cost)
    for number in range(count):
        best = int(score.argmax())
        moved = score[best] - cost
        came_from[number] = np.where(score >= moved, every, best)
        score = np.maximum(score, moved) + blocks[number]
    states = np.zeros(count, np.int64)
    state = int(score.argmax())
    for number in range(count - 1, -1, -1):
        states[number] = state
        state = int(came_from[number, state])
    return states


def _edge(gains: Floats, bounds: list[int], before: int, behind: int, size: int) -> int:
    """The line at which a change is most likely, near the block where it was found."""
    low, high = max(bounds[0], bounds[1] - 2 * size), min(bounds[2], bounds[1] + 2 * size)
    lead = np.cumsum(_column(gains[low:high], before) - _column(gains[low:high], behind))
    return low + int(np.concatenate([[0.0], lead]).argmax())


def _column(gains: Floats, kind: int) -> Floats:
    return gains[:, kind] if kind < OFFSETS else np.zeros(len(gains), np.float32)


def _gain(gains: Floats, kind: int) -> float:
    return float(_column(gains, kind).mean()) if len(gains) else 0.0
