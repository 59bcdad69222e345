"""What a synthetic corpus was made from, written beside it: nothing is added to lines that come from something else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from seqtool import fs, manifest
from seqtool.errors import UsageError
from seqtool.model_dir import ModelDir

LINES = "synthetic.jsonl"
ORIGIN = "synthetic.json"


class Survey(NamedTuple):
    """Rows of text that were read to their end: how many, how many of them have no blank side, and the SHA-256 of all."""

    rows: int
    filled: int
    sha256: str


def survey(rows: Iterable[tuple[str, ...]]) -> Survey:
    """Reads everything once, before hours are spent on it: raises what reading it raises."""
    digest = hashlib.sha256()
    rows_read = filled = 0
    for row in rows:
        rows_read += 1
        filled += all(text.strip() for text in row)
        digest.update("".join(f"{text}\n" for text in row).encode("utf-8", "surrogatepass"))
    return Survey(rows_read, filled, digest.hexdigest())


def model_digest(opened: ModelDir) -> str:
    """SHA-256 of a model's files, its graphs among them: where a model is does not matter."""
    files = {name: entry.sha256 for name, entry in sorted(manifest.read(opened.path).items())}
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def claim(run_dir: Path, facts: Mapping[str, object]) -> None:
    """Notes what the lines in a run directory are made from, by dotted key. Raises `UsageError` where there are lines from something
    else, or a run that has learnt from something else."""
    noted = _read(run_dir / ORIGIN)
    if noted == facts:
        return
    found = ""
    if any((run_dir / name).exists() for name in (LINES, f"{LINES}.partial")):
        keys = [key for key in dict.fromkeys([*facts, *noted]) if noted.get(key) != facts.get(key)]
        changes = ", ".join(_change(key, noted, facts) for key in keys)
        found = f"{run_dir / LINES} was made from something else: {changes}"
    elif any((run_dir / "checkpoints").glob("*")):
        found = f"{run_dir} is a run that learns from other pairs"  # said now, not when hours of writing are over
    if found:
        hint = "undo the change, choose another run_dir, or start anew with --restart, which keeps the old run beside the new one"
        raise UsageError("synthesis.changed", found, hint)
    fs.commit_json(run_dir / ORIGIN, facts)


def _read(path: Path) -> dict[str, object]:
    """What was noted; nothing where no note can be read."""
    try:
        noted = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _change(key: str, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    values = [each.get(key) for each in (before, after)]
    if any(isinstance(value, list) or (isinstance(value, str) and len(value) == 64) for value in values):
        return f"another {key}"  # nobody reads digests
    return f"{key}: {values[0]} -> {values[1]}"
