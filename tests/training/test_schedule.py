"""Learning rate as a pure function of the step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seqtool.training.schedule import Schedule

CONSTANT = Schedule(kind="constant", peak=0.01, warmup_steps=10, min_ratio=0.1, factor=0.5, total_steps=110)


@pytest.mark.parametrize(
    ("kind", "step", "drops", "expected", "reason"),
    [
        ("constant", 1, 0, 0.001, "warm-up is linear from zero: its first step is a tenth of the peak"),
        ("constant", 10, 0, 0.01, "the last step of warm-up is at the peak"),
        ("constant", 1000, 0, 0.01, "and there it stays"),
        ("inverse_sqrt", 5, 0, 0.005, "warm-up is the same for every kind"),
        ("inverse_sqrt", 40, 0, 0.005, "four times the warm-up steps: half"),
        ("inverse_sqrt", 1000, 0, 0.001, "a hundred times: a tenth"),
        ("cosine", 10, 0, 0.01, "the decay starts at the peak"),
        ("cosine", 60, 0, 0.0055, "half-way between peak and min_ratio x peak"),
        ("cosine", 110, 0, 0.001, "min_ratio x peak at the last step"),
        ("cosine", 500, 0, 0.001, "and not less after it"),
        ("plateau", 60, 0, 0.01, "nothing has stalled"),
        ("plateau", 60, 2, 0.0025, "two reductions by half"),
        ("plateau", 60, 9, 0.001, "never below min_ratio x peak"),
        ("plateau", 5, 9, 0.005, "reductions do not touch the warm-up"),
    ],
)
def test_rate(kind: str, step: int, drops: int, expected: float, reason: str) -> None:
    assert replace(CONSTANT, kind=kind).rate(step, drops) == pytest.approx(expected, rel=1e-12), reason


@pytest.mark.parametrize(
    ("kind", "total", "step", "time_over", "expected", "reason"),
    [
        ("linear", 110, 60, 0.0, 0.0055, "half-way by steps"),
        ("linear", None, 60, 0.5, 0.0055, "half-way by the clock, which alone ends training"),
        ("cosine", None, 60, 0.5, 0.0055, "the same along a cosine"),
        ("cosine", None, 60, 1.0, 0.001, "the end of the time is the end of the decay"),
        ("cosine", 110, 60, 0.9, 0.00122, "the clock ends it first"),
        ("cosine", 110, 110, 0.1, 0.001, "steps end it first"),
        ("cosine", None, 5, 0.9, 0.005, "warm-up counts steps"),
        ("constant", None, 60, 0.9, 0.01, "time is nothing to the others"),
    ],
)
def test_rate_by_the_clock(
    kind: str, total: int | None, step: int, time_over: float, expected: float, reason: str
) -> None:
    schedule = replace(CONSTANT, kind=kind, total_steps=total)
    assert schedule.rate(step, 0, time_over) == pytest.approx(expected, rel=2e-3), reason


def test_without_warm_up_the_first_step_is_at_the_peak() -> None:
    for kind in ("constant", "plateau", "inverse_sqrt"):
        assert replace(CONSTANT, kind=kind, warmup_steps=0).rate(1) == pytest.approx(0.01)


def test_every_step_of_a_run_has_a_rate_above_zero() -> None:
    """A last update with a rate of zero would be work for nothing."""
    schedule = replace(CONSTANT, kind="cosine", min_ratio=0.0)
    assert all(schedule.rate(step) > 0 for step in range(1, 110))
