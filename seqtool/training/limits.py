"""When training is over, and how far it is."""

from __future__ import annotations

from seqtool.errors import UsageError
from seqtool.recipe.training_schema import TrainingSection
from seqtool.training.events import Live, StepInfo
from seqtool.training.journal import perplexity
from seqtool.training.progress import Progress

# Why a run is over that somebody wants to be so.
FINISHED = "--finish, before any limit"


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


def warm_up_only(training: TrainingSection, total: int | None) -> str:
    """A warning where the rate that was asked for is never reached in the `total` steps; empty where it is."""
    warmup = training.schedule.warmup_steps
    if total is None or warmup < total:
        return ""
    return (
        f"training.schedule.warmup_steps: {warmup:,} steps of warm-up in about {total:,} steps of training, which never gets to "
        f"training.optimizer.lr {training.optimizer.lr:g}; shorten the warm-up"
    )


def time_over(training: TrainingSection, seconds: float) -> float:
    """The share of the time budget that is over after so many seconds; 0 where there is none."""
    return 0.0 if training.max_minutes is None else min(1.0, seconds / (60 * training.max_minutes))


def share_done(training: TrainingSection, progress: Progress, total: int | None) -> float:
    """How much of the training is over, by steps or by the clock, whichever ends first; 0 where only patience ends it."""
    by_steps = 0.0 if total is None else min(1.0, progress.position.step / total)
    return max(by_steps, time_over(training, progress.seconds))


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


def live_of(
    info: StepInfo, training: TrainingSection, progress: Progress, total: int | None, tokens_per_second: float
) -> Live:
    """What the live line says after this step; `total` is the last step there can be."""
    left = seconds_left(training, progress, total, progress.seconds / max(1, progress.position.step))
    return Live(info, perplexity(progress.window_mean), tokens_per_second, left)


def check_budget(training: TrainingSection, progress: Progress, *, only: bool, took: float) -> None:
    """Raises `UsageError` where the time budget is shorter than the `only` validation of the run, which `took` so many seconds: what was
    trained in it is nothing one would want."""
    if only and training.max_minutes is not None and 60 * training.max_minutes < took:
        raise UsageError(
            "training.budget",
            f"training.max_minutes {training.max_minutes:g} is too short: one validation takes {took:.1f} seconds. "
            f"What {progress.position.step:,} steps have learnt was kept",
            f"set training.max_minutes to {max(1, round(took))} or more, and start anew with --restart, or go on",
        )
