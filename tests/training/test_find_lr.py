"""The range test: where the loss falls fastest, found on curves one can check by eye and on a real model."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from seqtool.recipe.schema import Recipe
from seqtool.training.find_lr import FIRST, find_lr, proposed_rate
from tests.number_words import small_recipe
from tests.training.watching import Watcher

RATES = [10 ** (-5 + place / 20) for place in range(100)]


@pytest.mark.parametrize("steepest", [1e-4, 1e-3, 1e-2])
def test_the_proposed_rate_is_where_the_loss_falls_fastest(steepest: float) -> None:
    fall = [5 - 3 / (1 + math.exp(-4 * math.log10(rate / steepest))) for rate in RATES]
    lost = [loss + max(0.0, 9 * (math.log10(rate) + 0.5)) for rate, loss in zip(RATES, fall, strict=True)]
    assert math.log10(proposed_rate(RATES, lost) / steepest) == pytest.approx(0, abs=0.3)


def test_a_loss_that_only_rises_proposes_a_small_rate() -> None:
    assert proposed_rate(RATES, [1 + place for place in range(100)]) < 1e-4


def test_a_real_model_learns_at_the_proposed_rate_and_nothing_is_kept(number_corpus: Path, tmp_path: Path) -> None:
    recipe = Recipe.model_validate(small_recipe(number_corpus, run_dir=str(tmp_path / "runs/a")))
    curve = find_lr(recipe, Watcher())
    assert curve.rates[0] == pytest.approx(FIRST)
    assert list(curve.rates) == sorted(curve.rates)
    assert 1e-3 < curve.proposed < 0.5
    assert find_lr(recipe, Watcher()) == curve, "the same seed, the same curve"
    assert not (tmp_path / "runs/a").exists()
