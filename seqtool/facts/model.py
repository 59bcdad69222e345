"""The facts of a model or run directory, as plain values: what `seqtool info` prints."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from seqtool.errors import ModelError
from seqtool.facts.record import TrainingRecord, read_check, read_record
from seqtool.facts.scores import SCORES, read_scores, weights_of
from seqtool.facts.wording import architecture
from seqtool.model_dir import WEIGHTS, ModelDir, open_model_dir
from seqtool.recipe.load import MAX_BYTES, recipe_values

_RUN_FILES = ("recipe.yaml", "metrics.jsonl", "train.log", "samples.txt", "result.json", SCORES, "tensorboard")
_MAX_RESULT_BYTES = 1 << 16


def model_facts(path: Path) -> dict[str, Any]:
    """What is known of a model directory, or of a run directory and the model in it; every file is checked against the manifest first.
    Sizes are in bytes, times in seconds. Raises `ModelError`."""
    if not (path / "model").is_dir() and (path / "checkpoints").is_dir():  # a run that has kept no model yet
        return {"path": str(path), "task": None, "run": _run_facts(path), "recipe": _recipe(path, None)}
    opened = open_model_dir(path)
    sizes = {name: file.stat().st_size for name, file in opened.files.items()}
    facts: dict[str, Any] = {
        "path": str(path),
        "task": opened.config.task,
        "version": opened.config.seqtool,
        "model": architecture(opened.config.model),
        "parameters": count_parameters(opened.read(WEIGHTS), str(opened.files[WEIGHTS])),
        "vocabulary": _vocabulary(opened),
        "longest_source": opened.config.max_src_tokens,
        "decoding": opened.config.decoding.model_dump(include={"beam_size", "length_penalty"}),
        "graphs": _graphs(opened),
        "files": sizes,
        "bytes": sum(sizes.values()),
    }
    record = read_record(opened)
    if record is not None:
        facts["training"] = record.model_dump(exclude={"format", "recipe", "parameters"})
    run = opened.path.parent
    if opened.path.name == "model" and (run / "recipe.yaml").is_file():
        facts["run"] = _run_facts(run)
        facts["test_scores"] = _test_scores(run)
        return {**facts, "recipe": _recipe(run, record)}
    return facts if record is None else {**facts, "recipe": recipe_values(record.recipe)}


def count_parameters(weights: bytes, where: str) -> int:
    """The numbers in a safetensors file, by its header. Raises `ModelError`."""
    size = int.from_bytes(weights[:8], "little")
    try:
        header = json.loads(weights[8 : 8 + size])
        shapes = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
        return sum(math.prod(_dimension(each) for each in shape) for shape in shapes)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError("model.corrupt", f"{where}: no safetensors: {error}", "copy the model again") from error


def _dimension(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 40:
        raise ValueError(f"a dimension of {value!r}"[:80])
    return value


def _vocabulary(opened: ModelDir) -> dict[str, Any]:
    both = opened.tokenizers
    return {"source": both.src.vocab_size, "target": both.tgt.vocab_size, "shared": both.shared}


def _graphs(opened: ModelDir) -> dict[str, Any]:
    """Which graphs there are, and what was found when they were compared with torch."""
    found: dict[str, Any] = {name: opened.has_graphs(name) for name in ("fp32", "int8")}
    found["shortlist"] = opened.has_shortlist("fp32")
    check = read_check(opened)
    return {**found, "check": check.model_dump()} if check is not None else found


def _run_facts(run: Path) -> dict[str, Any]:
    """What is in a run directory, and how the run ended."""
    steps = [int(path.name[5:]) for path in run.glob("checkpoints/step-*") if path.name[5:].isdecimal()]
    facts: dict[str, Any] = {
        "finished": (run / "result.json").is_file(),
        "checkpoints": sorted(steps),
        "contains": [name for name in (*_RUN_FILES, "checkpoints", "model") if (run / name).exists()],
    }
    result = _result(run / "result.json")
    return {**facts, "result": result} if result else facts


def _recipe(run: Path, record: TrainingRecord | None) -> dict[str, Any] | None:
    """The resolved recipe of a run, with the paths it has here, else as its model's record has it; None where neither can be read."""
    try:
        with (run / "recipe.yaml").open("rb") as stream:
            found = recipe_values(stream.read(MAX_BYTES).decode("utf-8", "replace"))
    except OSError:
        found = None
    return recipe_values(record.recipe) if found is None and record is not None else found


def _test_scores(run: Path) -> dict[str, Any]:
    """What `seqtool evaluate` noted of a run's model on its test set, and whether that is the model of now; nothing where it has not."""
    try:
        found = read_scores(run)
    except ModelError as error:
        return {"trouble": error.message}
    if found is None:
        return {}
    return {**found.model_dump(exclude={"format", "weights"}), "of_this_model": found.weights == weights_of(run)}


def _result(path: Path) -> dict[str, Any]:
    """What a run noted at its end, in plain values; nothing where that cannot be read."""
    try:
        with path.open("rb") as stream:
            found = json.loads(stream.read(_MAX_RESULT_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    facts = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in facts if isinstance(value, str | int | float)}
