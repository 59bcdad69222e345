"""Everything an interrupted run needs to go on as if nothing had happened.

A checkpoint is a directory `checkpoints/step-NNNNNN` that appears complete or not at all: weights and optimizer state in safetensors,
progress as JSON, a manifest over both. Nothing in it is executed.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from seqtool import fs
from seqtool.errors import ModelError
from seqtool.renames import recover_all
from seqtool.runtime.torch_weights import load_parameters, read_tensors
from seqtool.training.averaging import Averager
from seqtool.training.loop import Position
from seqtool.training.optimizer import Updater
from seqtool.training.progress import Progress

FORMAT = 1
AVERAGES = "averages.safetensors"


def save_checkpoint(
    folder: Path, progress: Progress, model: nn.Module, updater: Updater, keep: int, averager: Averager | None = None
) -> None:
    """Writes the checkpoint of this step under `folder` and removes all but the newest `keep`. Raises `ResourceError`."""
    path = folder / f"step-{progress.position.step:06d}"
    facts = {"format": FORMAT, **dataclasses.asdict(progress), "position": progress.position._asdict()}
    with fs.commit_dir(path) as part:
        fs.commit_bytes(part / "weights.safetensors", save(_detached(dict(model.named_parameters()))))
        fs.commit_bytes(part / "optimizer.safetensors", save(_detached(updater.tensors())))
        if averager is not None:
            fs.commit_bytes(part / AVERAGES, save(_detached(averager.tensors())))
        fs.commit_json(part / "progress.json", facts)
    remove_old(folder, keep)


def remove_old(folder: Path, keep: int) -> None:
    """Removes all checkpoints under `folder` but the newest `keep`. Raises `ResourceError`."""
    for old in checkpoints(folder)[:-keep]:
        fs.remove_dir(old)


def all_finite(model: nn.Module) -> bool:
    """Whether all weights are numbers: only then is a checkpoint of them of use."""
    return bool(torch.stack([parameter.detach().isfinite().all() for parameter in model.parameters()]).all())


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints under `folder`, oldest first."""
    recover_all(folder)
    found = [path for path in folder.glob("step-*") if path.name[5:].isdecimal()]
    return sorted(found, key=lambda path: int(path.name[5:]))


def load_progress(path: Path) -> Progress:
    """Checks every file of a checkpoint against its manifest and reads its progress. Raises `ModelError`."""
    files = fs.verify_dir(path)
    hint = "start anew with --restart, which keeps the old run beside the new one"
    try:
        facts: dict[str, Any] = json.loads(files["progress.json"].read_bytes())
        if facts.pop("format") != FORMAT:
            raise ModelError("checkpoint.format", f"{path} was written by another version of seqtool", hint)
        return Progress(**{**facts, "position": Position(**facts["position"])})
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ModelError("checkpoint.progress", f"{path}: {error!r}", hint) from error


def load_state(path: Path, model: nn.Module, updater: Updater, averager: Averager | None = None) -> None:
    """Puts a checkpoint's tensors into the model, the optimizer and the average. Raises `ModelError`."""
    load_parameters(model, read_tensors(path / "weights.safetensors"), where=str(path / "weights.safetensors"))
    updater.load_tensors(read_tensors(path / "optimizer.safetensors"), where=str(path / "optimizer.safetensors"))
    averages = path / AVERAGES
    if averager is not None and averages.exists():  # there is none when averaging begins in the middle of a run
        averager.load_tensors(read_tensors(averages), where=str(averages))


def _detached(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
