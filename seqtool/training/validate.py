"""How good the model is now: loss on the validation pairs, and scores of what it writes for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from seqtool.batching import Pairs, collate, plan_batches
from seqtool.metrics import score_corpus
from seqtool.models.seq2seq import Seq2Seq
from seqtool.training.events import Sample, Validation
from seqtool.training.loop import Position
from seqtool.training.objective import batch_losses
from seqtool.translator import Translator

SAMPLES = 3


@dataclass(frozen=True)
class Judgement:
    """`loss` in nats a token, without smoothing; `scores` on the 0-100 scale; `averaged` says that mean parameters were judged."""

    loss: float
    scores: dict[str, float]
    samples: tuple[Sample, ...]
    averaged: bool = False

    @property
    def perplexity(self) -> float:
        """exp(loss), infinite where that is too large for a float."""
        return math.exp(self.loss) if self.loss < 700 else math.inf

    def told(self, position: Position, *, best: bool, seconds: float, averaging: bool) -> Validation:
        """What a watcher is told of it at this position."""
        return Validation(
            step=position.step,
            epoch=position.epoch + (position.update > 0),
            loss=self.loss,
            perplexity=self.perplexity,
            scores=self.scores,
            samples=self.samples,
            best=best,
            seconds=seconds,
            averaged=self.averaged if averaging else None,
        )

    def value(self, metric: str) -> float:
        """The value of a metric, turned so that higher is better."""
        return -self.loss if metric == "loss" else self.scores[metric]


def judge(
    model: Seq2Seq,
    translator: Translator,
    valid: Pairs,
    text: tuple[Sequence[str], Sequence[str]],
    *,
    metrics: Sequence[str],
    batch_tokens: int,
) -> Judgement:
    """Looks at the whole validation set: its pairs for the loss, and its source and target lines for the rest. Without `metrics` only the
    samples are translated, and nothing when the loss is no number: a model that says that of everything has nothing to say."""
    model.eval()
    loss = _loss(model, valid, batch_tokens)
    src, ref = text
    count = len(src) if metrics else SAMPLES
    hyps = [one.text for one in translator.translate(src[:count])] if math.isfinite(loss) else [""] * len(src[:count])
    scores = {name: score.value for name, score in score_corpus(hyps, [ref], metrics).items()} if metrics else {}
    samples = tuple(Sample(*texts) for texts in zip(src[:SAMPLES], ref[:SAMPLES], hyps[:SAMPLES], strict=True))
    return Judgement(loss, scores, samples)


@torch.no_grad()
def _loss(model: Seq2Seq, valid: Pairs, batch_tokens: int) -> float:
    total, tokens = 0.0, 0
    for batch in plan_batches(valid.src_lengths, valid.tgt_lengths, batch_tokens=batch_tokens, seed=0, epoch=0):
        arrays = collate(*valid.gather(batch))
        total += float(batch_losses(model, arrays, 0.0).nll)
        tokens += int(arrays.tgt_lengths.sum())
    return total / max(1, tokens)
