"""The word aligner: on pairs made with a dictionary, whose right links are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from seqtool.text import aligner
from seqtool.text.aligner import train_aligner

Ids = NDArray[np.integer]


@dataclass
class Pairs:
    src: list[Ids]
    tgt: list[Ids]

    @property
    def src_lengths(self) -> NDArray[np.integer]:
        return np.array([len(row) for row in self.src], np.int32)

    @property
    def tgt_lengths(self) -> NDArray[np.integer]:
        return np.array([len(row) for row in self.tgt], np.int32)

    def gather(self, indices: Iterable[int]) -> tuple[list[Ids], list[Ids]]:
        wanted = list(indices)
        return [self.src[index] for index in wanted], [self.tgt[index] for index in wanted]


def dictionary_pairs(count: int, words: int = 80, reach: int = 3) -> tuple[Pairs, list[NDArray[np.int64]]]:
    """Each word has one translation, words change places within a reach, and frequencies are Zipf's. Also the right link of each word."""
    rng = np.random.default_rng(1)
    translation = rng.permutation(words)
    shares = 1 / np.arange(1, words + 1)
    pairs, gold = Pairs([], []), []
    for _ in range(count):
        src = rng.choice(words, rng.integers(4, 16), p=shares / shares.sum())
        order = np.argsort(np.arange(len(src)) + rng.uniform(0, reach, len(src)))
        pairs.src.append((src + 4).astype(np.uint16))
        pairs.tgt.append((translation[src[order]] + 4).astype(np.uint16))
        gold.append(order)
    return pairs, gold


def right(found: list[NDArray[np.int64]], gold: list[NDArray[np.int64]]) -> float:
    return float(np.mean(np.concatenate([links[:-1] for links in found]) == np.concatenate(gold)))


def test_a_dictionary_is_found() -> None:
    pairs, gold = dictionary_pairs(400)
    found = train_aligner(pairs).links(pairs.src, pairs.tgt)
    assert right(found, gold) > 0.9
    assert all(links.shape == (len(tgt) + 1,) for links, tgt in zip(found, pairs.tgt, strict=True))
    assert all(links[-1] == len(src) for links, src in zip(found, pairs.src, strict=True)), "eos with eos"


def test_iterations_make_it_better() -> None:
    pairs, gold = dictionary_pairs(400, reach=6)
    once, often = (right(train_aligner(pairs, n).links(pairs.src, pairs.tgt), gold) for n in (1, 5))
    assert once + 0.02 < often


def test_a_word_without_counterpart_has_no_link() -> None:
    pairs, _ = dictionary_pairs(400)
    added = Pairs(pairs.src, [np.insert(tgt, len(tgt) // 2, 200) for tgt in pairs.tgt])
    found = train_aligner(added).links(added.src, added.tgt)
    assert np.mean([links[len(tgt) // 2] == -1 for links, tgt in zip(found, pairs.tgt, strict=True)]) > 0.9


def test_tokens_never_seen_follow_the_diagonal() -> None:
    pairs, _ = dictionary_pairs(50)
    new = np.arange(900, 905, dtype=np.uint16)
    (links,) = train_aligner(pairs).links([new], [new + 100])
    assert links.tolist() == [0, 1, 2, 3, 4, 5]


def test_links_of_a_pair_do_not_depend_on_the_others() -> None:
    pairs, _ = dictionary_pairs(60)
    trained = train_aligner(pairs)
    together = trained.links(pairs.src, pairs.tgt)
    for index in (0, 17, 59):
        assert trained.links([pairs.src[index]], [pairs.tgt[index]])[0].tolist() == together[index].tolist()


def test_many_iterations_stay_numbers() -> None:
    pairs, _ = dictionary_pairs(60)
    trained = train_aligner(pairs, 100)
    assert np.isfinite(trained.probabilities).all()
    sums = np.bincount(trained.keys >> 32, trained.probabilities)
    assert sums[sums > 0] == pytest.approx(1.0)


def test_of_a_large_corpus_a_share_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, gold = dictionary_pairs(600)
    whole = train_aligner(pairs)
    monkeypatch.setattr(aligner, "_MOST_CELLS", 30_000)
    part = train_aligner(pairs)
    assert len(part.keys) < len(whole.keys)
    assert right(part.links(pairs.src, pairs.tgt), gold) > 0.8
