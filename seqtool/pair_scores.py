"""What a model says of given pairs: forced decoding, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqtool.batching import pad, plan_decoding
from seqtool.decoding.forced import Forced, force, score_forced
from seqtool.decoding.stepper import EOS, UNK, Ints, Stepper
from seqtool.errors import DataError
from seqtool.model_dir import Reach
from seqtool.searching import BATCH_TOKENS
from seqtool.text.own_tokens import OwnTokens
from seqtool.text.reading import Reader, Row, joined
from seqtool.text.tokenizer import Tokenizer, Tokenizers
from seqtool.text.truncation import Truncation
from seqtool.translation import PairScore
from seqtool.wording import named
from seqtool.workers import in_threads

Rows = Sequence[Sequence[int]]
Speaker = Tokenizer | OwnTokens


@dataclass(frozen=True)
class Pair:
    """A source and a target as ids, without bos and eos, and who knows the pieces of each; the source begins with its length token where
    there is one. `others` is the source as other models of an ensemble read it."""

    src: Sequence[int]
    tgt: Sequence[int]
    reader: Speaker
    speaker: Speaker
    others: tuple[Row, ...] = ()

    def pieces(self) -> tuple[list[str], list[str]]:
        """Those of the source and of the target, the eos of each with them."""
        return self.reader.pieces([*self.src, EOS]), self.speaker.pieces([*self.tgt, EOS])


@dataclass(frozen=True)
class PairScorer:
    """Scores pairs by a model; `mark` is the length token that a source begins with, `truncation` what becomes of a long source, and
    `points` says that it can copy. The `others` of an ensemble read with tokenizers of their own."""

    stepper: Stepper[Any]
    tokenizers: Tokenizers
    reach: Reach
    mark: tuple[int, ...]
    truncation: Truncation | None
    points: bool
    workers: int
    batch_size: int
    others: tuple[Reader, ...] = ()

    @property
    def lead(self) -> int:
        """How many tokens a source begins with that are none of its text."""
        return len(self.mark)

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[PairScore]:
        """See `Translator.score`."""
        pairs = self.pairs(sources, targets)
        read = [pair.others for pair in pairs]
        found = self.score_ids([pair.src for pair in pairs], [pair.tgt for pair in pairs], read)
        return [
            PairScore(sum(numbers), named(pair.speaker, pair.tgt, numbers))
            for pair, numbers in zip(pairs, found, strict=True)
        ]

    def pairs(self, sources: Sequence[str], targets: Sequence[str]) -> list[Pair]:
        """The pairs as ids, sources cut where search cuts them. Raises `DataError` for a pair that goes beyond the positions the model
        learnt."""
        src = self.tokenizers.src.encode_batch(sources, self.workers)
        tgt = self.tokenizers.tgt.encode_batch(targets, self.workers)
        readers: list[Speaker] = [self.tokenizers.src] * len(src)
        speakers: list[Speaker] = [self.tokenizers.tgt] * len(tgt)
        for place in [place for place, ids in enumerate(src) if self.points and UNK in ids]:
            readers[place] = speakers[place] = own = OwnTokens(self.tokenizers.src)
            src[place] = own.encode(sources[place])
            tgt[place] = own.encode_target(targets[place])
        if self.truncation is not None:
            src = [self.truncation.of(ids) for ids in src]
        tgt = [_sayable(row, ids, self.tokenizers.tgt.vocab_size) for row, ids in zip(tgt, src, strict=True)]
        src = [[*self.mark, *ids] for ids in src]
        self._check_reach("source", sources, src, self.reach.src)
        self._check_reach("target", targets, tgt, self.reach.tgt)
        rows = [[one.cut(row) for row in one.rows(sources, self.workers)] for one in self.others]
        for one, read in zip(self.others, rows, strict=True):
            self._check_reach("source", sources, read, one.reach)
        others = list(zip(*rows, strict=True)) if rows else [()] * len(src)
        return list(map(Pair, src, tgt, readers, speakers, others))

    def looked(self, pair: Pair) -> Forced:
        """The model made to write the target: log-probabilities `(1, T + 1)` and attention `(1, T + 1, S + 1)`, with the eos of each."""
        src, tgt = joined(pair.src, pair.others)[None], np.array([pair.tgt], np.int64).reshape(1, -1)
        sizes = (np.array([size], np.int64) for size in (len(pair.src) + 1, tgt.shape[1]))
        return force(self.stepper, src, next(sizes), tgt, next(sizes), keep_attention=True)

    def score_ids(self, src: Rows, tgt: Rows, others: Sequence[tuple[Row, ...]] | None = None) -> list[list[float]]:
        """The log-probability of each target token and of the eos, in nats; ids are without bos and eos, and so are `others`, what other
        models of an ensemble read."""
        read = others or [()] * len(src)

        def run(batch: Ints) -> list[list[float]]:
            rows = [joined(src[index], read[index]) for index in batch]
            outputs = [np.array(tgt[index], np.int64) for index in batch]
            sizes = [np.array([len(some[index]) for index in batch], np.int64) for some in (src, tgt)]
            found = score_forced(self.stepper, pad(rows), sizes[0] + 1, pad(outputs), sizes[1])
            return [row[: size + 1].tolist() for row, size in zip(found, sizes[1].tolist(), strict=True)]

        longest = (max(map(len, (one, other, *more))) for one, other, more in zip(src, tgt, read, strict=True))
        lengths = np.fromiter(longest, np.int64, len(src))
        batches = plan_decoding(lengths, self.batch_size, BATCH_TOKENS)
        results: dict[int, list[float]] = {}
        for batch, found in zip(batches, in_threads(run, batches, self.workers), strict=True):
            results.update(zip(batch.tolist(), found, strict=True))
        return [results[index] for index in range(len(lengths))]

    @staticmethod
    def _check_reach(side: str, texts: Sequence[str], rows: Rows, reach: int | None) -> None:
        long = next((place for place, ids in enumerate(rows) if reach is not None and len(ids) > reach), None)
        if long is not None:
            message = (
                f"a {side} of {len(rows[long])} tokens, and the model learnt {reach} positions: {texts[long][:60]}"
            )
            raise DataError("data.too-long", message, "leave this pair out, or split it")


def _sayable(tgt: list[int], src: list[int], vocab_size: int) -> list[int]:
    """A target whose tokens behind the vocabulary are unk where its source, as it was cut, has them no more, as in training."""
    if max(tgt, default=0) < vocab_size:
        return tgt
    copied = set(src)
    return [token if token < vocab_size or token in copied else UNK for token in tgt]
