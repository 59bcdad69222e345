"""How steps and validations change what a run knows of itself."""

from __future__ import annotations

import math

import pytest

from seqtool.recipe.training_schema import TrainingSection
from seqtool.training.events import StepInfo
from seqtool.training.limits import reason_to_stop, seconds_left, total_steps
from seqtool.training.loop import Position
from seqtool.training.progress import Progress


def step_info(step: int = 7, *, nll: float = 2.0, finite: bool = True, last: bool = False) -> StepInfo:
    return StepInfo(
        step=step,
        epoch=2,
        update=3,
        last_of_epoch=last,
        loss=nll,
        nll=nll,
        tokens=10,
        learning_rate=0.1,
        grad_norm=1.0,
        finite=finite,
    )


def test_a_step_moves_the_position_within_the_epoch() -> None:
    after = Progress().after_step(step_info(), 1.5)
    assert after.position == Position(step=7, epoch=1, update=3)
    assert after.seconds == 1.5


def test_the_last_step_of_an_epoch_moves_to_the_next() -> None:
    assert Progress().after_step(step_info(last=True), 0.0).position == Position(step=7, epoch=2, update=0)


def test_the_window_is_weighted_by_tokens() -> None:
    after = Progress(window_nll=10.0, window_tokens=10).after_step(step_info(nll=2.0), 0.0)
    assert after.window_mean == pytest.approx(1.5)
    assert math.isnan(Progress().window_mean)


def test_a_loss_that_is_no_number_stays_out_of_the_window() -> None:
    after = Progress().after_step(step_info(nll=math.nan, finite=False), 0.0)
    assert (after.window_nll, after.window_tokens) == (0.0, 0)


def test_skipped_steps_are_counted_in_all_and_in_a_row() -> None:
    progress = Progress()
    for finite in (False, False, True, False):
        progress = progress.after_step(step_info(finite=finite), 0.0)
    assert (progress.skipped, progress.skipped_run) == (3, 1)


def test_patience_counts_validations_without_improvement() -> None:
    progress = Progress(position=Position(5, 0, 5))
    stalled = []
    for value in (1.0, 0.5, 1.0, 2.0, 1.5):
        progress = progress.after_validation(value, plateau_patience=9, seconds=0.0)
        stalled.append(progress.stalled)
    assert stalled == [0, 1, 2, 0, 1], "equal is no improvement"
    assert (progress.best, progress.best_step, progress.validated_step) == (2.0, 5, 5)


def test_plateau_drops_after_more_than_its_patience_and_starts_to_wait_anew() -> None:
    progress = Progress()
    drops = []
    for value in (1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0):
        progress = progress.after_validation(value, plateau_patience=1, seconds=0.0)
        drops.append(progress.drops)
    assert drops == [0, 0, 1, 1, 2, 2, 2, 3]


@pytest.mark.parametrize(
    ("settings", "progress", "reason"),
    [
        ({}, Progress(position=Position(10, 19, 3)), ""),
        ({"max_steps": 10}, Progress(position=Position(10, 0, 3)), "max_steps 10 reached"),
        ({"max_epochs": 2}, Progress(position=Position(10, 2, 0)), "max_epochs 2 reached"),
        ({"max_epochs": 2}, Progress(position=Position(10, 1, 99)), ""),
        ({"max_minutes": 0.5}, Progress(seconds=30.0), "max_minutes 0.5 reached"),
        ({"max_minutes": 0.5}, Progress(seconds=29.9), ""),
        ({"patience": 3}, Progress(stalled=3), "no better loss in 3 validations"),
        ({"patience": 3, "best_metric": "bleu"}, Progress(stalled=3), "no better bleu in 3 validations"),
        ({"patience": None}, Progress(stalled=300), ""),
    ],
)
def test_the_first_limit_reached_ends_training(settings: dict[str, object], progress: Progress, reason: str) -> None:
    assert reason_to_stop(TrainingSection.model_validate(settings), progress) == reason


def test_total_steps_is_the_nearer_of_steps_and_epochs() -> None:
    assert total_steps(TrainingSection(max_steps=100, max_epochs=3), 20) == 60
    assert total_steps(TrainingSection(max_steps=50, max_epochs=3), 20) == 50
    assert total_steps(TrainingSection(max_steps=None, max_epochs=None), 20) is None


def test_time_left_follows_the_nearest_limit() -> None:
    progress = Progress(position=Position(40, 0, 0), seconds=30.0)
    assert seconds_left(TrainingSection(), progress, 100, 0.5) == pytest.approx(30.0)
    assert seconds_left(TrainingSection(max_minutes=0.75), progress, 100, 0.5) == pytest.approx(15.0)
    assert seconds_left(TrainingSection(), progress, None, 0.5) is None
