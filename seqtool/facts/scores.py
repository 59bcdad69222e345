"""What the model of a run scored on the test set of its recipe: `scores.json`, written by `seqtool evaluate`.

It lies in the run directory and not in the model's, which a command that only looks must not write: its manifest would change, and the
graphs that an `export` writes at the same moment would be lost. The card takes the scores over when it is written the next time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from seqtool import fs, locks, manifest
from seqtool.errors import ModelError
from seqtool.facts.record import Scored, Text
from seqtool.model_dir import WEIGHTS
from seqtool.recipe.base import Count, Section

SCORES = "scores.json"
FORMAT = 1
_MAX_BYTES = 1 << 20


class ModelScores(Section):
    """Scores by metric, and how they came about: on `lines` lines of `test_set`, by the model with these `weights` (SHA-256)."""

    format: int = FORMAT
    test_set: Text
    lines: Count
    scores: dict[Text, Scored]
    beam_size: Count
    runtime: Text
    precision: Text
    date: Text
    seqtool: Text
    weights: Text

    @property
    def how(self) -> str:
        """In a few words, without a path."""
        return f"{self.lines:,} lines, beam {self.beam_size}, {self.runtime} {self.precision}, {self.date[:10]}"

    def joined(self, old: ModelScores | None) -> ModelScores:
        """With the other metrics of an older look that was the same in all else."""
        varying: Mapping[str, object] = {"scores": {}, "date": "", "seqtool": ""}
        if old is None or old.model_copy(update=varying) != self.model_copy(update=varying):
            return self
        return self.model_copy(update={"scores": {**old.scores, **self.scores}})


def run_of(path: Path) -> Path | None:
    """The run directory that a path names, or whose model it names; None where a model is alone."""
    for folder in (path, path.parent):
        whole = (folder / "recipe.yaml").is_file() and (folder / "model" / manifest.NAME).is_file()
        if whole and (folder == path or (path.exists() and (folder / "model").samefile(path))):
            return folder
    return None


def weights_of(run: Path) -> str:
    """SHA-256 of the weights of a run's model, by its manifest. Raises `ModelError`."""
    found = manifest.read(run / "model").get(WEIGHTS)
    return "" if found is None else found.sha256


def note_scores(run: Path, found: ModelScores) -> None:
    """Writes them beside the run's model. Raises `ResourceError` where that cannot be, or while something else is at work in the run, and
    `ModelError` where the model is another by now."""
    with locks.lock(run / ".lock"):
        if weights_of(run) != found.weights:
            raise ModelError("run.changed", f"the model of {run} was written again meanwhile", "evaluate it again")
        old = None
        with suppress(ModelError):
            old = read_scores(run)
        fs.commit_json(run / SCORES, found.joined(old).model_dump())


def read_scores(run: Path) -> ModelScores | None:
    """Those that were noted; None where there are none. Raises `ModelError` for a file that is none."""
    path = run / SCORES
    try:
        with path.open("rb") as stream:
            return ModelScores.model_validate(json.loads(stream.read(_MAX_BYTES)))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc']))[:80]}: {first['msg']}"
    except (OSError, ValueError, RecursionError) as error:
        why = str(error)[:200]
    raise ModelError("run.scores", f"{path}: {why}", "remove it, and evaluate again")


def current_scores(run: Path) -> ModelScores | None:
    """Those of the model that is there now, as far as they can be read."""
    with suppress(ModelError):
        found = read_scores(run)
        return found if found is not None and found.weights == weights_of(run) else None
    return None
