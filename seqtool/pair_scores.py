"""What a model says of given pairs: forced decoding, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqtool.batching import pad, plan_decoding
from seqtool.decoding.forced import score_forced
from seqtool.decoding.stepper import EOS, UNK, Ints, Stepper
from seqtool.errors import DataError
from seqtool.model_dir import Reach
from seqtool.searching import BATCH_TOKENS
from seqtool.text.own_tokens import OwnTokens
from seqtool.text.tokenizer import Tokenizer, Tokenizers
from seqtool.translation import PairScore
from seqtool.wording import named
from seqtool.workers import in_threads

Rows = Sequence[Sequence[int]]


@dataclass(frozen=True)
class PairScorer:
    """Scores pairs by a model; `mark` is the length token that a source begins with, `points` says that it can copy."""

    stepper: Stepper[Any]
    tokenizers: Tokenizers
    reach: Reach
    mark: tuple[int, ...]
    points: bool
    workers: int
    batch_size: int

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[PairScore]:
        """See `Translator.score`."""
        src = [[*self.mark, *ids] for ids in self.tokenizers.src.encode_batch(sources, self.workers)]
        tgt = self.tokenizers.tgt.encode_batch(targets, self.workers)
        speakers: list[OwnTokens | Tokenizer] = [self.tokenizers.tgt] * len(tgt)
        for place in [place for place, ids in enumerate(src) if self.points and UNK in ids]:
            speakers[place] = own = OwnTokens(self.tokenizers.src)
            src[place] = [*self.mark, *own.encode(sources[place])]
            tgt[place] = own.encode_target(targets[place])
        self._check_reach("source", sources, src, self.reach.src)
        self._check_reach("target", targets, tgt, self.reach.tgt)
        return [
            PairScore(sum(found), named(speaker, ids, found))
            for speaker, ids, found in zip(speakers, tgt, self.score_ids(src, tgt), strict=True)
        ]

    def score_ids(self, src: Rows, tgt: Rows) -> list[list[float]]:
        """The log-probability of each target token and of the eos, in nats; ids are without bos and eos."""

        def run(batch: Ints) -> list[list[float]]:
            rows = [np.array([*src[index], EOS], np.int64) for index in batch]
            outputs = [np.array(tgt[index], np.int64) for index in batch]
            sizes = [np.array([len(one) for one in some], np.int64) for some in (rows, outputs)]
            found = score_forced(self.stepper, pad(rows), sizes[0], pad(outputs), sizes[1])
            return [row[: size + 1].tolist() for row, size in zip(found, sizes[1].tolist(), strict=True)]

        lengths = np.array([max(len(one), len(other)) for one, other in zip(src, tgt, strict=True)], np.int64)
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
