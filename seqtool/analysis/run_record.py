"""What a run has written down so far, read for a person: nothing in it is trusted, and what is missing or torn is left out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from seqtool import manifest
from seqtool.analysis.run_files import RunFiles, Trouble
from seqtool.errors import ModelError, RecipeError
from seqtool.facts.scores import ModelScores, read_scores, weights_of
from seqtool.model_dir import WEIGHTS
from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import Recipe

Points = list[tuple[int, float]]

# Files of a run, one of which makes a directory a run's; a recipe may be anywhere.
_FILES = ("metrics.jsonl", "train.log")
_MAX_STEP = 1 << 53
# A model has fewer parts, and a validation fewer scores; a file of a stranger's may name any number of them.
_MOST_PARTS, _MOST_SCORES = 64, 16


@dataclass(frozen=True)
class SampleStep:
    """Sample translations of one validation: source, reference and what the model made of it."""

    step: int
    samples: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class RunRecord:
    """A run directory as it is now. `train` and `valid` are the lines of its metrics, `torn` those that are none; `recipe` is None where
    there is none or it cannot be read, which `trouble` says; `outcome` is how it ended, None before it has; `data_key` is the hash of its
    data, None before the first checkpoint; `made` is what the model's directory says of how it was made, and `noted` what the model of now
    scored on its test set, where `seqtool evaluate` was asked; `troubles` are all that could not be read."""

    path: Path
    name: str
    train: tuple[dict[str, Any], ...] = ()
    valid: tuple[dict[str, Any], ...] = ()
    torn: int = 0
    samples: tuple[SampleStep, ...] = ()
    log: tuple[str, ...] = ()
    recipe: Recipe | None = None
    recipe_text: str = ""
    trouble: str = ""
    outcome: dict[str, Any] | None = None
    data_key: str | None = None
    weights_sha256: str | None = None
    seqtool_version: str | None = None
    made: dict[str, Any] = field(default_factory=dict)
    noted: ModelScores | None = None
    troubles: tuple[Trouble, ...] = ()

    @property
    def last_step(self) -> int:
        """The last step that was noted, 0 before the first."""
        return max((int(line["step"]) for line in (*self.train, *self.valid)), default=0)

    @property
    def seconds(self) -> float | None:
        """How long the run has taken so far."""
        found = [seconds for _, seconds in (*self.series("train", "seconds"), *self.series("valid", "seconds"))]
        return max(found, default=None)

    @property
    def has_model(self) -> bool:
        """Whether there is a model to look at."""
        return (self.path / "model" / "manifest.json").is_file()

    @property
    def best(self) -> dict[str, Any] | None:
        """The last validation that was the best so far: that of the model which is kept."""
        return next((line for line in reversed(self.valid) if line.get("best") is True), None)

    def series(self, kind: str, key: str) -> Points:
        """Steps and values of a number, where it is one."""
        lines = self.train if kind == "train" else self.valid
        return [(line["step"], float(line[key])) for line in lines if is_number(line.get(key))]

    def part_norms(self) -> dict[str, Points]:
        """Gradients' norms by part of the model."""
        found: dict[str, Points] = {}
        for line in self.train:
            norms = line.get("grad_norms")
            for name, norm in norms.items() if isinstance(norms, dict) else ():
                if is_number(norm) and (name in found or len(found) < _MOST_PARTS):
                    found.setdefault(name, []).append((line["step"], float(norm)))
        return found

    def score_names(self) -> list[str]:
        """The scores of the validations."""
        others = {"kind", "step", "epoch", "loss", "perplexity", "best", "averaged", "seconds"}
        found = (key for line in self.valid for key, value in line.items() if key not in others and is_number(value))
        return list(dict.fromkeys(found))[:_MOST_SCORES]


def read_run(path: Path) -> RunRecord:
    """Reads a run directory; that of a model in one stands for it. Raises `ModelError` where there is none."""
    path = _run_dir(path)
    files = RunFiles(path)
    train, valid, torn = _metrics(files)
    recipe, text, trouble = _recipe(path / "recipe.yaml", files)
    config = files.json("model/config.json", "maps") or {}
    version = config.get("seqtool")
    return RunRecord(
        path=path,
        name=path.resolve().name,
        train=tuple(train),
        valid=tuple(valid),
        torn=torn,
        samples=tuple(_samples(files, needed=bool(valid))),
        log=tuple(files.lines("train.log", "run", needed=True)),
        recipe=recipe,
        recipe_text=text,
        trouble=trouble,
        outcome=files.json("result.json", "run"),
        data_key=_data_key(path / "checkpoints", files),
        weights_sha256=_weights(path / "model"),
        seqtool_version=version if isinstance(version, str) else None,
        made=files.json("model/training.json", "reproduce") or {},
        noted=_noted(path, files),
        troubles=tuple(files.troubles),
    )


def _run_dir(path: Path) -> Path:
    for folder in (path, path.parent):
        if any((folder / name).is_file() for name in _FILES) and (folder == path or _is_model(path)):
            return folder
    if not path.exists():
        hint = "give the directory that seqtool train wrote, for example runs/quickstart"
        raise ModelError("run.not-found", f"no run directory at {path}", hint)
    hint = "a model directory alone has no history: name the run directory it was trained in"
    message = f"{path} is no run directory: it has neither {' nor '.join(_FILES)}"
    raise ModelError("run.foreign", message, hint if _is_model(path) else "give the directory that seqtool train wrote")


def _is_model(path: Path) -> bool:
    return (path / "manifest.json").is_file()


def _metrics(files: RunFiles) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    kinds: dict[str, list[dict[str, Any]]] = {"train": [], "valid": []}
    torn = 0
    for line in files.lines("metrics.jsonl", "curves", needed=True):
        try:
            facts = json.loads(line)
        except (ValueError, RecursionError):
            facts = None
        if isinstance(facts, dict) and facts.get("kind") in kinds and _is_step(facts.get("step")):
            kinds[facts["kind"]].append(facts)
        else:
            torn += bool(line.strip())
    if torn:
        files.trouble("curves", f"{torn:,} lines of metrics.jsonl are no metrics and were left out.")
    return kinds["train"], kinds["valid"], torn


def _is_step(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_STEP


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a finite number, and small enough to be computed with."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < 1e300 and math.isfinite(value)


def _samples(files: RunFiles, *, needed: bool) -> Iterator[SampleStep]:
    step: int | None = None
    found: list[dict[str, str]] = []
    torn = 0
    for line in [*files.lines("samples.txt", "samples", needed=needed), "step 0"]:
        begun = re.fullmatch(r"step (\d{1,15})", line)
        if begun:
            if step is not None and found:
                texts = ((one.get("src", ""), one.get("ref", ""), one.get("hyp", "")) for one in found)
                yield SampleStep(step, tuple(texts))
            step, found = int(begun[1]), []
        elif line.startswith("  src  "):
            found.append({"src": line[7:]})
        elif line.startswith(("  ref  ", "  hyp  ")) and found:
            found[-1][line[2:5]] = line[7:]
        else:
            torn += bool(line.strip())
    if torn:
        files.trouble("samples", f"{torn:,} lines of samples.txt are no samples and were left out.")


def _recipe(path: Path, files: RunFiles) -> tuple[Recipe | None, str, str]:
    text = files.text(path.name, "settings", needed=True)
    if not text:
        return None, "", f"there is no {path.name} in the run directory"
    try:
        return load_recipe(path), text, ""
    except RecipeError as error:
        files.trouble("settings", f"The recipe cannot be read: {error.message}")
        return None, text, error.message


def _noted(run: Path, files: RunFiles) -> ModelScores | None:
    """What is noted of the model that is there now."""
    try:
        found = read_scores(run)
        return found if found is not None and found.weights == weights_of(run) else None
    except ModelError as error:
        files.trouble("scores", f"The noted scores cannot be read: {error.message}")
        return None


def _data_key(folder: Path, files: RunFiles) -> str | None:
    """That of the newest checkpoint."""
    steps = [path for path in folder.glob("step-*") if path.name[5:].isdecimal()]
    for path in sorted(steps, key=lambda one: int(one.name[5:]), reverse=True):
        settings = (files.json(f"checkpoints/{path.name}/progress.json", "data") or {}).get("settings")
        key = settings.get("data") if isinstance(settings, dict) else None
        if isinstance(key, str) and re.fullmatch("[0-9a-f]{64}", key):
            return key
    return None


def _weights(folder: Path) -> str | None:
    try:
        found = manifest.read(folder).get(WEIGHTS)
    except ModelError:
        return None
    return None if found is None else found.sha256
