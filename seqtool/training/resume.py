"""Going on after an interruption: which checkpoint, and whether it still fits the recipe."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from seqtool.errors import ModelError
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.resolve import resolved_model
from seqtool.recipe.schema import Recipe, TokenizerSection
from seqtool.recipe.training_schema import TrainingSection
from seqtool.text.tokenizer import Tokenizers
from seqtool.training.averaging import Averager
from seqtool.training.checkpoint import checkpoints, load_progress, load_state
from seqtool.training.events import Teller
from seqtool.training.loop import Position
from seqtool.training.optimizer import Updater
from seqtool.training.progress import Progress

# With another value of these, the numbers in a checkpoint mean nothing.
_FIXED = (
    *("task", "data", "tokenizer.", "model.", "training.seed", "training.optimizer.kind"),
    # by these the best model so far was the best
    *("training.best_metric", "training.objective", "training.noise."),
)
# ... except for these; what a tokenizer is, wherever it is, is in the key of the data.
_FREE = ("model.dropout.", "model.forget_bias", "model.orthogonal", "tokenizer.model")
# Tells whether it is these that changed with the data.
_TOKENIZERS = "tokenizers"
# They say how a run begins.
_AT_THE_BEGINNING = ("training.init_from.", "model.forget_bias", "model.orthogonal")
# With another value of these an epoch is cut differently, so the one under way begins again.
_CUTTING = ("training.batch_tokens", "training.accumulate", "training.subword_sampling")


def settings_of(recipe: Recipe, data_key: str, tokenizers: Tokenizers | None = None) -> dict[str, Any]:
    """The settings of a recipe by dotted key, with `data_key` for what the data is, tokenizers included, and a digest of these alone."""
    settings = {"data": data_key, **dict(_flat(recipe.model_dump(exclude={"data", "run_dir"}), ""))}
    if tokenizers is not None:
        digests = [hashlib.sha256(data).hexdigest() for _, data in sorted(tokenizers.files().items())]
        settings[_TOKENIZERS] = ",".join(digests)
    return settings


def resume(
    folder: Path,
    model: nn.Module,
    updater: Updater,
    settings: Mapping[str, Any],
    teller: Teller,
    *,
    averager: Averager | None = None,
) -> Progress | None:
    """Puts the newest usable checkpoint under `folder` into model, optimizer and average; None when there is no checkpoint at all.

    A damaged checkpoint is passed over with a warning. Raises `ModelError` when none can be used or the recipe no longer fits.
    """
    found = checkpoints(folder)
    for path in reversed(found):
        try:
            progress = load_progress(path)
        except ModelError as error:
            teller.warning(f"{error.message}: going back to the checkpoint before it")
            continue
        progress = _checked(progress, settings, teller)
        load_state(path, model, updater, averager)
        return progress
    if found:
        raise ModelError(
            "checkpoint.unusable",
            f"no checkpoint in {folder} can be used",
            "start anew with --restart; it keeps this run",
        )
    return None


def _checked(progress: Progress, settings: Mapping[str, Any], teller: Teller) -> Progress:
    """The progress under today's settings, with what changed said. Raises `ModelError` for a change that cannot be."""
    before, settings = _completed(progress.settings), _completed(settings)
    changed = [key for key in settings if before.get(key) != settings[key]]
    refused = [key for key in changed if key.startswith(_FIXED) and not key.startswith(_FREE)]
    if refused:
        what = ", ".join(
            _data_change(before, settings) if key == "data" else _change(key, before, settings) for key in refused
        )
        raise ModelError(
            "checkpoint.recipe-changed",
            f"the run was begun with other settings: {what}",
            "undo the change, choose another run_dir, or start anew with --restart, which keeps the old run beside the new one",
        )
    asked = [key for key in changed if key.startswith(_AT_THE_BEGINNING) and settings[key] != _completed({}).get(key)]
    late = [_change(key, before, settings) for key in asked]
    if late:
        teller.warning(
            f"too late for {', '.join(late)}: it is how a run begins, and this one goes on; --restart begins anew"
        )
    others = [key for key in changed if key != _TOKENIZERS and not key.startswith(_AT_THE_BEGINNING)]
    harmless = [_change(key, before, settings) for key in others]
    if harmless:
        teller.message(f"going on with changed settings: {', '.join(harmless)}")
    position = progress.position
    if any(key in _CUTTING for key in changed) and position.update:
        teller.message(f"batches are cut differently now: epoch {position.epoch + 1} begins again")
        position = Position(position.step, position.epoch, 0)
    return replace(progress, position=position, settings=dict(settings))


def _completed(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings of a run, also of one that was begun when there were fewer keys: those it did not know have their defaults."""
    model: dict[str, Any] = {}
    for key, value in settings.items():
        *sections, name = key.split(".")
        inner = model
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[name] = value
    try:
        known = resolved_model(ModelSection.model_validate(model.get("model", {})))
    except ValueError:  # of another version altogether: what differs is told as it stands
        return settings
    of_model = dict(_flat(known.model_dump(), "model."))
    absent = {
        **dict(_flat(TrainingSection().model_dump(), "training.")),
        **dict(_flat(TokenizerSection().model_dump(), "tokenizer.")),
    }
    return {**absent, **settings, **{key: value for key, value in of_model.items() if settings.get(key) is None}}


def _data_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What is another in the data; a tokenizer that is given changes only by itself."""
    given, was = after.get("tokenizer.model"), before.get(_TOKENIZERS)
    if given is not None and was is not None and was != after.get(_TOKENIZERS):
        return f"the tokenizer in {given}"
    return "the training or validation data, or their limits"


def _change(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return f"{key}: {before.get(key)} -> {after.get(key)}"


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
