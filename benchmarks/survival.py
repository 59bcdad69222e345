"""What must be true whenever a training has ended by force: a tiny case, what is on its disk, and how it ends when it goes on."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from seqtool import fs
from seqtool.model_dir import open_model_dir
from seqtool.recipe.load import load_recipe
from seqtool.training.checkpoint import checkpoints

ROOT = Path(__file__).parents[1]
RUN = Path("runs/tiny")
STEPS = 12

# Validations, checkpoints and lines of metrics fall on different steps, and on the same. Everything that a checkpoint keeps is in use.
_RECIPE = """
run_dir: runs/tiny
data:
  train: {src: train.de, tgt: train.en}
  valid: {src: valid.de, tgt: valid.en}
tokenizer: {kind: unigram, vocab_size: 120, shared: true}
model:
  embedding: 16
  encoder: {kind: lstm, layers: 1, hidden: 16}
  decoder: {kind: lstm, layers: 1, hidden: 16}
  attention: {kind: scaled_dot}
  dropout: {embedding: 0.1, layer: 0.1, output: 0.1}
training:
  threads: 1
  batch_tokens: 160
  accumulate: 2
  optimizer: {kind: adamw, lr: 0.003}
  schedule: {kind: plateau}
  averaging: {kind: last, count: 2}
  max_steps: %d
  max_epochs: null
  patience: null
  validate_every: 6
  checkpoint_every: 4
  keep_checkpoints: 2
  log_every: 3
  metrics: [bleu]
  export: false
decoding: {beam_size: 2, max_length_ratio: 1.0}
"""

# Names that no process reads again, with the numbers of the process that gave them.
_PART = re.compile(r"(\.part-.+)\.\d+\.\d+|(\..+)\.\d+\.part")
_BY_THE_CLOCK = ("seconds", "tokens_per_second")
# Files of a model that say how long training took, and the one that has their sums.
_TIMED = ("README.md", "training.json", "manifest.json")


def write_case(folder: Path, steps: int = STEPS) -> None:
    """A recipe and a few lines of the shipped data."""
    for split, count in (("train", 120), ("valid", 4)):
        for side in ("de", "en"):
            lines = (ROOT / f"data/de-en/{split}.{side}").read_text("utf-8").splitlines(keepends=True)
            (folder / f"{split}.{side}").write_text("".join(lines[:count]), "utf-8")
    (folder / "recipe.yaml").write_text(_RECIPE % steps, "utf-8")
    load_recipe(folder / "recipe.yaml")


def copied(folder: Path, to: Path) -> Path:
    """The same case elsewhere."""
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(folder, to, symlinks=True))


def checked(folder: Path) -> int:
    """The step of the newest checkpoint, 0 without any. Everything there must be whole: all checkpoints, the model, the prepared data.
    Raises `ModelError`."""
    found = [path for path in checkpoints(folder / RUN / "checkpoints") if fs.verify_dir(path)]
    if (folder / RUN / "model").is_dir():
        fs.verify_dir(folder / RUN / "model")
        open_model_dir(folder / RUN)
    for path in folder.glob("runs/prepared/*"):
        if path.is_dir() and not path.name.startswith(".part-"):
            fs.verify_dir(path)
    return max((int(path.name[5:]) for path in found), default=0)


def state(folder: Path) -> str:
    """A digest of what is on the disk for the next process, without the log, and without the content of what it only sweeps away."""
    found = []
    for path in sorted((folder / "runs").rglob("*")) if (folder / "runs").exists() else []:
        name = str(path.relative_to(folder))
        parts = [_PART.fullmatch(part) for part in path.relative_to(folder).parts]
        if any(parts[:-1]) or path.name in (".lock", "train.log") or path.name.endswith(".lock"):
            continue
        rubbish = parts[-1]
        content = b"" if rubbish or path.is_dir() else path.read_bytes()
        found.append([_PART.sub(r"\1\2", name) if rubbish else name, hashlib.sha256(content).hexdigest()])
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def outcome(folder: Path) -> dict[str, Any]:
    """What a finished run has left, but for the clock: bytes of all files, and the numbers of metrics and progress."""
    run_dir = folder / RUN
    found: dict[str, Any] = {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for path in sorted([*run_dir.glob("checkpoints/step-*/*.safetensors"), *run_dir.glob("model/*")])
        if path.name not in _TIMED
    }
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text("utf-8").splitlines()]
    found["metrics"] = [_timeless(line) for line in lines]
    for path in [*run_dir.glob("checkpoints/step-*/progress.json"), run_dir / "result.json"]:
        found[f"{path.parent.name}/{path.name}"] = _timeless(json.loads(path.read_text("utf-8")))
    found["samples.txt"] = (run_dir / "samples.txt").read_bytes()
    found["rubbish"] = [str(path) for path in run_dir.rglob("*") if _PART.fullmatch(path.name)]
    return found


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """The names of what is not the same."""
    return [name for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)]


def after_power_cut(folder: Path, original: Path, lost: dict[str, Any]) -> None:
    """Takes from a copy of `original` what a power cut would take: bytes that were not synced, and the last names. (A system may keep any
    part of it; this is the worst case that it may leave.)"""
    for path in (folder / "runs").rglob("*"):
        theirs = original / path.relative_to(folder)
        safe = lost["dirty"].get(str(theirs.lstat().st_ino))
        if safe is not None and path.is_file():
            with path.open("r+b") as stream:
                stream.truncate(safe)
    for old, new, kind in reversed(lost["renamed"]):
        _unnamed(folder / Path(old).relative_to(original), folder / Path(new).relative_to(original), kind)


def _unnamed(old: Path, new: Path, kind: str) -> None:
    """Undoes the giving of a name."""
    if not new.exists() or (kind == "exchanged" and not old.exists()):
        return  # it was taken away again since
    if kind == "exchanged":
        spare = new.with_name(f".undone-{new.name}")
        new.rename(spare)
        old.rename(new)
        spare.rename(old)
        return
    shutil.rmtree(old, ignore_errors=True)
    new.rename(old)
    if kind == "empty":
        new.mkdir()
    elif kind != "nothing":
        new.write_bytes(bytes.fromhex(kind))


def _timeless(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in _BY_THE_CLOCK}
