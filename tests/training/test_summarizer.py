"""ROUGE while a summarizer is trained: what is computed, what is kept, and when it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seqtool.metrics import score_corpus
from seqtool.recipe.schema import Recipe
from seqtool.training.run import Outcome, train
from seqtool.translator import Translator
from tests.metrics.reports import summarizer_recipe
from tests.training.watching import Watcher

ROUGE = ["rouge1", "rouge2", "rougeL"]


def run(tmp_path: Path, **training: Any) -> tuple[Outcome, Watcher]:
    """Trains in `run`, beside the corpus."""
    settings = {"optimizer": {"kind": "adam", "lr": 0.02}, "max_steps": 120, **training}
    recipe = Recipe.model_validate({**summarizer_recipe(tmp_path, **settings), "run_dir": str(tmp_path / "run")})
    watcher = Watcher()
    return train(recipe, restart=False, observer=watcher), watcher


def test_the_model_that_is_kept_is_the_best_by_rouge(tmp_path: Path) -> None:
    """What the kept model writes for the validation set has the score that it was chosen for."""
    outcome, watcher = run(tmp_path, metrics=ROUGE, best_metric="rouge2", validate_every=40)
    assert all(list(one.scores) == ROUGE for one in watcher.validations)
    best = max(watcher.validations, key=lambda one: one.scores["rouge2"])
    assert (outcome.best_metric, outcome.best, outcome.best_step) == ("rouge2", best.scores["rouge2"], best.step)
    assert outcome.best > 0, "something was learned"
    rows = [json.loads(line) for line in (tmp_path / "valid.jsonl").read_text("utf-8").splitlines()]
    hyps = [found.text for found in Translator.load(tmp_path / "run/model").translate([row["text"] for row in rows])]
    scores = score_corpus(hyps, [[row["summary"] for row in rows]], ROUGE)
    assert {name: score.value for name, score in scores.items()} == pytest.approx(best.scores, abs=1e-9)


def test_patience_counts_validations_without_better_rouge_whatever_the_loss_does(tmp_path: Path) -> None:
    """With a rate this low the loss falls at every validation, and no pair of words is right at any."""
    outcome, watcher = run(
        tmp_path,
        metrics=ROUGE,
        best_metric="rouge2",
        patience=2,
        validate_every=3,
        optimizer={"kind": "adam", "lr": 1e-4},
    )
    losses = [one.loss for one in watcher.validations]
    assert losses == sorted(losses, reverse=True)
    assert [one.scores["rouge2"] for one in watcher.validations] == [0, 0, 0]
    assert [one.best for one in watcher.validations] == [True, False, False]
    assert (outcome.reason, outcome.step, outcome.best_step) == ("no better rouge2 in 2 validations", 9, 3)


def test_a_summarizer_has_rouge_without_being_asked(tmp_path: Path) -> None:
    """And rougeLsum where the best model is chosen by it."""
    _, watcher = run(tmp_path, max_steps=2, validate_every=2, best_metric="rougeLsum")
    assert [list(one.scores) for one in watcher.validations] == [[*ROUGE, "rougeLsum"]]
