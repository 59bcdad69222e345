"""Which target tokens a source token may become, learnt from sentence pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ITERATIONS = 5


class Lexicon(NamedTuple):
    """`always` `(F,)` are target tokens that any sentence may have; `likely` `(V_src, N)` the best of each source token, -1 for none."""

    always: Ints
    likely: Ints


def learn_lexicon(
    src: Sequence[Ints], tgt: Sequence[Ints], *, src_vocab: int, tgt_vocab: int, frequent: int = 100, each: int = 10
) -> Lexicon:
    """IBM Model 1 (Brown et al. 1993) by a few rounds of EM, without an empty word: `frequent` tokens and the specials always, and the
    `each` most probable translations of every source token. Rows are ids without bos and eos."""
    sources, targets, sentences = _links(src, tgt)
    pairs, link = np.unique(sources * tgt_vocab + targets, return_inverse=True)
    prob: Floats = np.full(len(pairs), 1.0)
    # a target token is explained by the source tokens of its sentence: one group of links each
    group = np.unique(sentences * tgt_vocab + targets, return_inverse=True)[1]
    owner = pairs // tgt_vocab
    for _ in range(ITERATIONS):
        weight = prob[link] / np.bincount(group, prob[link])[group]
        prob = np.bincount(link, weight, minlength=len(pairs)).astype(np.float64)
        prob = prob / np.bincount(owner, prob, minlength=src_vocab)[owner]
    counts = np.bincount(np.concatenate(tgt), minlength=tgt_vocab)
    best = np.argsort(-counts, kind="stable")[:frequent]
    return Lexicon(np.union1d(best, np.arange(4)), _best_of_each(owner, pairs % tgt_vocab, prob, (src_vocab, each)))


def _links(src: Sequence[Ints], tgt: Sequence[Ints]) -> tuple[Ints, Ints, Ints]:
    """Source token, target token and sentence of every possible link."""
    parts = [
        (np.repeat(one, len(other)), np.tile(other, len(one)), np.full(len(one) * len(other), number))
        for number, (one, other) in enumerate(zip(src, tgt, strict=True))
    ]
    sources, targets, sentences = (np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
    return sources, targets, sentences


def _best_of_each(owner: Ints, token: Ints, prob: Floats, shape: tuple[int, int]) -> Ints:
    order = np.lexsort((token, -prob, owner))
    owner, token = owner[order], token[order]
    first = np.searchsorted(owner, np.arange(shape[0]))
    rank = np.arange(len(owner)) - first[owner]
    kept = rank < shape[1]
    likely = np.full(shape, -1, np.int64)
    likely[owner[kept], rank[kept]] = token[kept]
    return likely
