"""Numbers that are no numbers: when a run is given up, and what is left of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from seqtool.errors import DivergedError, ModelError
from seqtool.training.checkpoint import all_finite, checkpoints
from seqtool.training.progress import Progress

# Steps in a row without finite gradients before the run is given up.
MOST_SKIPPED = 10


@dataclass(frozen=True)
class Divergence:
    """Looks for it in the `model` of a run, whose checkpoints are in the folder `kept`, and the best model that a validation found in
    `model_dir`."""

    model: nn.Module
    kept: Path
    model_dir: Path

    def check_gradients(self, progress: Progress) -> None:
        """Raises `DivergedError` after ten steps in a row without finite gradients."""
        if progress.skipped_run >= MOST_SKIPPED:
            steps = f"{progress.skipped_run} steps in a row, up to step {progress.position.step:,}"
            raise self._error(f"gradients were no finite numbers {steps}", progress)

    def check_weights(self, progress: Progress) -> None:
        """Raises `DivergedError` for weights that are no numbers: nothing can be done with them, and they must not replace others."""
        if not all_finite(self.model):
            raise self._error(f"weights are no finite numbers after step {progress.position.step:,}", progress)

    @contextmanager
    def of_outputs(self, progress: Progress) -> Iterator[None]:
        """A model that says what is no number has diverged: it is not a file that somebody could fetch again."""
        try:
            yield
        except ModelError as error:
            if error.error_id != "model.not-finite":
                raise
            raise self._error(error.message, progress) from error

    def _error(self, what: str, progress: Progress) -> DivergedError:
        """That training cannot go on, and what is left of it."""
        found = checkpoints(self.kept)
        where = f"the last good checkpoint is {found[-1]}" if found else "there was no checkpoint yet"
        if progress.best is not None and math.isfinite(progress.best):
            where += f", and the best model, of step {progress.best_step:,}, is kept in {self.model_dir}"
        return DivergedError(
            "training.diverged",
            f"{what}; {where}",
            "lower training.optimizer.lr, lengthen training.schedule.warmup_steps, or use precision fp32 or bf16",
        )
