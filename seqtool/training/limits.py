"""When training is over, and how far it is."""

from __future__ import annotations

from seqtool.recipe.schema import TrainingSection
from seqtool.training.progress import Progress


def reason_to_stop(training: TrainingSection, progress: Progress) -> str:
    """Why training is over at this point, in a few words; empty while it is not."""
    if training.max_steps is not None and progress.position.step >= training.max_steps:
        return f"max_steps {training.max_steps:,} reached"
    if training.max_epochs is not None and progress.position.epoch >= training.max_epochs:
        return f"max_epochs {training.max_epochs:,} reached"
    if training.max_minutes is not None and progress.seconds >= 60 * training.max_minutes:
        return f"max_minutes {training.max_minutes:g} reached"
    if training.patience is not None and progress.stalled >= training.patience:
        return f"no better {training.best_metric} in {progress.stalled} validations"
    return ""


def total_steps(training: TrainingSection, updates_per_epoch: int) -> int | None:
    """The last step there can be, None when only time or patience end training. Epochs differ by a few updates: it is within those."""
    by_epochs = None if training.max_epochs is None else training.max_epochs * updates_per_epoch
    known = [limit for limit in (training.max_steps, by_epochs) if limit is not None]
    return min(known, default=None)


def seconds_left(
    training: TrainingSection, progress: Progress, total: int | None, seconds_per_step: float
) -> float | None:
    """Time until the nearest limit, None when there is none to foresee."""
    left = []
    if total is not None:
        left.append(max(0, total - progress.position.step) * seconds_per_step)
    if training.max_minutes is not None:
        left.append(max(0.0, 60 * training.max_minutes - progress.seconds))
    return min(left, default=None)
