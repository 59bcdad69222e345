"""Validation: the model as it is and, where there is one, its average; the better of them is what may be kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from seqtool.models.seq2seq import Seq2Seq
from seqtool.runtime.torch_weights import save_model
from seqtool.text.prepared import Prepared
from seqtool.training.assemble import Parts
from seqtool.training.averaging import swapped
from seqtool.training.validate import Judgement, judge


class Keeper:
    """Judges by `best_metric`, tells the average of what it found, and writes what was found when it is asked to."""

    def __init__(
        self, parts: Parts, prepared: Prepared, *, metrics: Sequence[str], best_metric: str, batch_tokens: int
    ) -> None:
        self._parts, self._prepared = parts, prepared
        self._metrics, self._best_metric, self._batch_tokens = metrics, best_metric, batch_tokens
        self._found: dict[str, Tensor] = {}

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Around a look: where it is interrupted, the average forgets it, for it will be told the same again."""
        averager = self._parts.averager
        before = None if averager is None else averager.tensors()
        try:
            yield
        except BaseException:
            if averager is not None and before is not None:
                averager.load_tensors(before, where="memory")
            raise

    def look(self, *, again: bool = False) -> Judgement:
        """The better judgement of the two, which says whether it is the average's. The average is told, unless it was `again` at the same
        step."""
        plain = self._judge()
        self._found = _parameters(self._parts.model)
        averager = self._parts.averager
        if averager is None:
            return plain
        if not again:
            averager.after_validation(plain.value(self._best_metric))
        mean = averager.mean()
        if mean is None:
            return plain
        with swapped(self._parts.model, mean):
            averaged = replace(self._judge(), averaged=True)
            if averaged.value(self._best_metric) <= plain.value(self._best_metric):
                return plain
            self._found = {name: one.clone() for name, one in _parameters(self._parts.model).items()}
        return averaged

    def keep(self, model_dir: Path) -> None:
        """Writes the model of the last look."""
        parameters = {name: one.cpu() for name, one in self._found.items()}
        save_model(model_dir, parameters, self._prepared.tokenizers, self._parts.config)

    def _judge(self) -> Judgement:
        parts = self._parts
        return judge(
            parts.model,
            parts.translator,
            parts.valid,
            self._prepared.valid_text,
            metrics=self._metrics,
            batch_tokens=self._batch_tokens,
        )


def _parameters(model: Seq2Seq) -> dict[str, Tensor]:
    return {name: one.detach() for name, one in model.named_parameters()}
