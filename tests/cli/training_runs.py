"""A run short enough to be repeated and long enough to be interrupted, and what is in its directory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.cli.processes import Done
from tests.number_words import small_recipe

STEPS = 300

# Validations, checkpoints and lines of metrics fall on different steps, so that an interruption finds each of them half done.
_TRAINING = {
    "threads": 1,
    "max_steps": STEPS,
    "validate_every": 60,
    "checkpoint_every": 25,
    "log_every": 6,
    "patience": None,
}


@dataclass(frozen=True)
class Trained:
    """A finished run: `folder` is the working directory with `recipe.yaml`, and `done` what the command said."""

    folder: Path
    done: Done

    @property
    def run_dir(self) -> Path:
        return self.folder / "runs/numbers"


def write_recipe(folder: Path, corpus: Path, **changes: Any) -> Path:
    """`recipe.yaml` in a folder, on the number corpus."""
    values: dict[str, Any] = small_recipe(corpus)
    values["training"].update(_TRAINING)
    values["model"].update(dropout={"embedding": 0.1, "layer": 0.1, "output": 0.1})
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump({**values, **changes}, sort_keys=False, allow_unicode=True), "utf-8")
    return path


def metrics(run_dir: Path) -> list[dict[str, Any]]:
    """The lines of metrics, without what the clock says."""
    found = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text("utf-8").splitlines()]
    return [{key: one[key] for key in one if key not in ("seconds", "tokens_per_second")} for one in found]


def last_step(run_dir: Path) -> int:
    """The last step in the metrics of a run at work; 0 before there is one."""
    try:
        whole = (run_dir / "metrics.jsonl").read_bytes().rpartition(b"\n")[0]
    except FileNotFoundError:
        return 0
    return int(json.loads(whole.split(b"\n")[-1])["step"]) if whole else 0


def last_checkpoint(run_dir: Path) -> int:
    """The step of the newest checkpoint; 0 before there is one."""
    return max((int(path.name[5:]) for path in run_dir.glob("checkpoints/step-*")), default=0)


# They say how long it took, and the manifest has their hashes.
_TIMED = ("README.md", "training.json")


def outcome(run_dir: Path) -> dict[str, object]:
    """What a run leaves, but for the time it took: bytes of weights and samples, metrics, progress."""
    checkpoint = run_dir / f"checkpoints/step-{STEPS:06d}"
    progress = json.loads((checkpoint / "progress.json").read_text("utf-8"))
    return {
        **{name: (checkpoint / name).read_bytes() for name in ("weights.safetensors", "optimizer.safetensors")},
        **{f"model/{path.name}": path.read_bytes() for path in (run_dir / "model").iterdir() if _timeless(path.name)},
        "model": _made(run_dir / "model"),
        "samples.txt": (run_dir / "samples.txt").read_bytes(),
        "metrics.jsonl": metrics(run_dir),
        "progress": {name: value for name, value in progress.items() if name != "seconds"},
    }


def _timeless(name: str) -> bool:
    return name not in (*_TIMED, "manifest.json")


def _made(model: Path) -> dict[str, Any]:
    """What a model directory says of its making, and its manifest, without what the clock says."""
    record = json.loads((model / "training.json").read_text("utf-8"))
    manifest = json.loads((model / "manifest.json").read_text("utf-8"))["files"]
    return {
        "record": {name: value for name, value in record.items() if name != "seconds"},
        "manifest": {name: entry for name, entry in manifest.items() if _timeless(name)},
        "files": sorted(manifest),
    }
