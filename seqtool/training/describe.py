"""What a finished run writes about its model: the record of its making, and the card."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from seqtool import manifest
from seqtool.facts.card import write_card
from seqtool.facts.machine import this_machine, versions
from seqtool.facts.record import Scored, TrainingRecord
from seqtool.facts.wording import data_names, languages, published
from seqtool.metrics import score_corpus
from seqtool.metrics.score import METRIC_NAMES
from seqtool.model_dir import open_model_dir
from seqtool.recipe.rules import learnt_data
from seqtool.recipe.schema import Recipe
from seqtool.text.prepared import Prepared
from seqtool.training.assemble import Parts
from seqtool.training.events import Outcome


def describe_model(recipe: Recipe, prepared: Prepared, outcome: Outcome, parts: Parts, *, again: bool = False) -> bool:
    """Writes record and card into the model directory of a run that has ended, unless they are there and not to be written `again`, or it
    is gone; says whether it did. Raises `ResourceError` and `ModelError`."""
    run_dir = Path(recipe.run_dir or "")
    if not (run_dir / "model" / manifest.NAME).exists():
        return False
    best = _best_look(run_dir / "metrics.jsonl", outcome.best_step)
    machine = this_machine()
    data = learnt_data(recipe)
    roles = {role: getattr(data, role) for role in ("train", "valid", "test")}
    record = TrainingRecord(
        data={role: data_names(section) for role, section in roles.items() if section is not None},
        ledger=prepared.ledger.to_json(),
        valid_pairs=len(prepared.valid),
        data_hash=prepared.key,
        languages=languages(data.train) if recipe.task == "translation" else "",
        parameters=parts.parameters,
        step=outcome.step,
        best_step=outcome.best_step,
        best_metric=outcome.best_metric,
        reason=outcome.reason,
        seconds=round(outcome.seconds, 1),
        loss=_finite(best.get("loss")),
        scores=_scores(best),
        seed=recipe.training.seed,
        versions=versions(),
        processor=machine.processor,
        cores=machine.cores,
        device=parts.device,
        recipe=published(recipe),
    )
    return write_card(open_model_dir(run_dir / "model"), record, again=again)


def _best_look(metrics: Path, step: int) -> dict[str, Any]:
    """The last line of metrics about the validation at a step; nothing where there is none."""
    found: dict[str, Any] = {}
    if metrics.exists():
        for line in metrics.read_text("utf-8", "replace").split("\n"):
            if '"kind": "valid"' in line and f'"step": {step},' in line:
                found = json.loads(line)
    return found


def _scores(best: dict[str, Any]) -> dict[str, Scored]:
    names = [name for name in METRIC_NAMES if _finite(best.get(name)) is not None]
    signed = score_corpus(["one"], [["one"]], names) if names else {}
    return {name: Scored(value=float(best[name]), signature=signed[name].signature) for name in names}


def _finite(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and math.isfinite(value) else None
