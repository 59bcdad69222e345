"""The learning-rate range test (Smith 2017, section 3.3): a short run whose rate grows at every step, and what becomes of the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqtool import fs
from seqtool.errors import DivergedError
from seqtool.recipe.schema import Recipe
from seqtool.text.sized import sized
from seqtool.training.assemble import assemble
from seqtool.training.events import Observer
from seqtool.training.loop import Pace, Position
from seqtool.training.settle import prepared_of, settled
from seqtool.training.start import start_from

FIRST, LAST, STEPS = 1e-5, 1.0, 120
_SMOOTHING = 0.9
# How far the smoothed loss may rise above its lowest before nothing more is to be learnt.
_LOST = 1.3
_LEAST_POINTS = 10


@dataclass(frozen=True)
class Curve:
    """Rates and smoothed losses, in nats a token, of the steps; `proposed` is the rate at which the loss fell fastest."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    proposed: float


def find_lr(recipe: Recipe, observer: Observer) -> Curve:
    """Trains a model from its beginning, for 120 steps at most at rates from 1e-5 to 1, and keeps nothing but the prepared data. Raises
    what training raises, and `DivergedError` when the loss is no number from the beginning."""
    assert recipe.run_dir is not None
    fs.make_dir(Path(recipe.run_dir).parent)
    recipe, reasons = sized(recipe)
    prepared = prepared_of(recipe, observer)
    recipe = settled(recipe, prepared, observer, reasons)
    parts = assemble(recipe, prepared)
    start_from(recipe.training.init_from, parts.model, prepared.tokenizers, observer.message)
    growth = (LAST / FIRST) ** (1 / (STEPS - 1))
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    for info in parts.loop.steps(Position(), lambda step: Pace(FIRST * growth ** (step - 1))):
        if not (info.finite and math.isfinite(info.loss)):
            break
        mean = _SMOOTHING * mean + (1 - _SMOOTHING) * info.loss
        rates.append(info.learning_rate)
        losses.append(mean / (1 - _SMOOTHING**info.step))
        observer.stage("learning rates", info.step)
        if info.step == STEPS or (len(losses) > _LEAST_POINTS and losses[-1] > _LOST * min(losses)):
            break
    if len(losses) < _LEAST_POINTS:
        raise DivergedError(
            "training.diverged",
            f"the loss was no finite number after {len(losses)} steps at rates from {FIRST:g}",
            "use precision fp32 or bf16, or look at the data",
        )
    return Curve(tuple(rates), tuple(losses), proposed_rate(rates, losses))


def proposed_rate(rates: Sequence[float], losses: Sequence[float]) -> float:
    """Where the loss falls fastest over the logarithm of the rate, before its lowest point; two digits of it."""
    lowest = max(2, min(range(len(losses)), key=losses.__getitem__))
    span = max(1, lowest // 8)
    slopes = {
        place: losses[min(place + span, lowest)] - losses[place - span] for place in range(span, max(lowest, span + 1))
    }
    steepest = min(slopes, key=slopes.__getitem__)
    return float(f"{rates[steepest]:.1e}")
