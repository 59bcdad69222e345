"""The training pairs as each epoch sees them: cut into other pieces, damaged, or as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, tee

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import ModelError
from seqtool.recipe.rules import CorpusLimits
from seqtool.text.noise import Noise, noised
from seqtool.text.prepared import PreparedSplit
from seqtool.text.subwords import Vocabulary, resample
from seqtool.text.tokenizer import Tokenizers
from seqtool.text.truncation import Truncation

Row = NDArray[np.integer]

_CHUNK_ROWS = 20_000
# The number of the epoch that validation pairs are damaged in: no training comes so far.
_VALIDATION = 1 << 40


class _Rows:
    """Rows of ids in memory: one flat array, and where each row begins in it."""

    def __init__(self, rows: Iterable[Row]) -> None:
        unread = iter(rows)
        ids: list[Row] = []
        lengths: list[NDArray[np.int32]] = []
        while chunk := list(islice(unread, _CHUNK_ROWS)):
            ids.append(np.concatenate(chunk))
            lengths.append(np.fromiter(map(len, chunk), np.int32, len(chunk)))
        self._ids = np.concatenate(ids)
        self.lengths = np.concatenate(lengths)
        self._ends = np.cumsum(self.lengths, dtype=np.int64)

    def row(self, index: int) -> Row:
        end = int(self._ends[index])
        return self._ids[end - int(self.lengths[index]) : end]


class EpochPairs:
    """N pairs of id rows in memory. `src_lengths` and `tgt_lengths` (N,) count tokens without bos and eos."""

    def __init__(self, src: _Rows, tgt: _Rows) -> None:
        self._src, self._tgt = src, tgt
        self.src_lengths, self.tgt_lengths = src.lengths, tgt.lengths

    def __len__(self) -> int:
        return len(self.src_lengths)

    def gather(self, indices: Iterable[int]) -> tuple[list[Row], list[Row]]:
        """The rows of a batch: source ids and target ids, in the order of `indices`."""
        wanted = [int(index) for index in indices]
        return [self._src.row(index) for index in wanted], [self._tgt.row(index) for index in wanted]


def held_out(split: PreparedSplit, noise: Noise | None, seed: int) -> PreparedSplit | EpochPairs:
    """The validation pairs as a model that restores texts meets them, the same at every look; without noise as they are."""
    if noise is None or not len(split):
        return split
    indices = range(len(split))
    return EpochPairs(
        _Rows(noised(map(split.src, indices), noise, seed=seed, epoch=_VALIDATION)), _Rows(map(split.tgt, indices))
    )


class Epochs:
    """Draws the pairs of an epoch from the prepared ones, of which there is at least one; the same epoch is always the same.

    `sampling` (0: none) is the strength of `resample`, and `noise` is done to the sources, after that. A row that would come out longer
    than its limit stays as it was prepared, or is cut where the limits say so. Raises `ModelError` for a tokenizer that knows only one
    way to cut a text.
    """

    def __init__(
        self,
        split: PreparedSplit,
        tokenizers: Tokenizers,
        *,
        sampling: float,
        noise: Noise | None,
        seed: int,
        limits: CorpusLimits,
    ) -> None:
        self._split = split
        self._sampling, self._noise, self._seed = sampling, noise, seed
        self._limits = limits
        self._truncation = Truncation(limits.truncate, limits.max_src, tokenizers.src) if limits.truncate_src else None
        self._vocabularies: tuple[Vocabulary, Vocabulary] | None = None
        if sampling:
            src_largest, tgt_largest = split.largest_ids
            src_words, tgt_words = tokenizers.src.vocabulary(), tokenizers.tgt.vocabulary()
            self._vocabularies = (
                src_words.of_merges().widened(src_largest + 1),
                tgt_words.of_merges().widened(tgt_largest + 1),
            )
            if not all(vocabulary.divisible for vocabulary in self._vocabularies):
                raise ModelError(
                    "model.tokenizer",
                    f"training.subword_sampling {sampling:g}: the tokenizer has words or characters, which cannot be cut another way",
                    "use a tokenizer of kind unigram or bpe, or remove training.subword_sampling",
                )

    def pairs(self, epoch: int) -> PreparedSplit | EpochPairs:
        """The pairs of an epoch, counted from 0: the prepared ones themselves where nothing is drawn."""
        if self._vocabularies is None and self._noise is None:
            return self._split
        split, limits = self._split, self._limits
        src: Iterable[Row] = map(split.src, range(len(split)))
        tgt: Iterable[Row] = map(split.tgt, range(len(split)))
        if self._vocabularies is not None:
            src_words, tgt_words = self._vocabularies
            src = self._sampled(src, src_words, self._seed_of(epoch, 0), limits.max_src, self._truncation)
            tgt = self._sampled(tgt, tgt_words, self._seed_of(epoch, 1), limits.max_tgt, None)
        if self._noise is not None:
            src = noised(src, self._noise, seed=self._seed, epoch=epoch)
        return EpochPairs(_Rows(src), _Rows(tgt))

    def _seed_of(self, epoch: int, side: int) -> int:
        return int(np.random.SeedSequence([self._seed, epoch, side]).generate_state(1, np.uint64)[0])

    def _sampled(
        self, rows: Iterable[Row], vocabulary: Vocabulary, seed: int, longest: int, truncation: Truncation | None
    ) -> Iterator[Row]:
        plain, source = tee(rows)
        samples = resample((row.tolist() for row in source), vocabulary, self._sampling, seed)
        for before, drawn in zip(plain, samples, strict=True):
            kept = drawn if truncation is None else truncation.of(drawn)
            yield np.array(kept, before.dtype) if len(kept) <= longest else before
