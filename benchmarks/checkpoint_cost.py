"""What checkpoints cost: the share of a training's time that goes into writing them, at the recipe's own interval.

    python -m benchmarks.checkpoint_cost RECIPE [KEY=VALUE ...] [--steps 1000] [--folder DIR] [--out FILE]

Trains the recipe for so many steps, which should be three intervals or more, without validation but at the end, and measures in the run
itself the time of each checkpoint (all of `save_checkpoint`: serializing, writing, hashing, syncing, and removing an old one) and of the
training between them. The share is of one process at one time, so that another one on the machine changes it little. Prints it beside the
machine's matrix rate before and after. The last checkpoint, at the end, does not count, and neither does the first, before which things
were prepared.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe, matrix_rate
from benchmarks.zoo_stages import this_commit
from seqtool import fs
from seqtool.recipe.load import load_recipe
from seqtool.training import run
from seqtool.training.checkpoint import save_checkpoint
from seqtool.training.events import Live, Validation


@dataclass(frozen=True)
class Cost:
    """Seconds of checkpoints in turn, of the training before each, and what share of both together the former are. `megabytes` is the size
    of one; `interval` in steps."""

    recipe: str
    interval: int
    megabytes: float
    checkpoint_seconds: list[float]
    training_seconds: list[float]
    share: float
    gflops: list[float]
    machine: str
    commit: str


class _Quiet:
    """An observer that does not look."""

    def message(self, text: str) -> None:
        print(text, flush=True)

    warning = message

    def stage(self, name: str, pairs: int) -> None:
        pass

    def prepared(self, ledger: Any, valid_pairs: int) -> None:
        pass

    def live(self, live: Live) -> None:
        pass

    def validated(self, validation: Validation) -> None:
        pass


class Stopwatch:
    """`save_checkpoint`, timed, and the time between two calls."""

    def __init__(self) -> None:
        self.writing: list[float] = []
        self.training: list[float] = []
        self.bytes = 0
        self._since = 0.0

    def save(self, folder: Path, progress: Any, *arguments: Any) -> None:
        """Writes, and notes how long it took. The first interval begins with the process, so it does not count."""
        started = time.perf_counter()
        save_checkpoint(folder, progress, *arguments)
        ended = time.perf_counter()
        if self._since:
            self.writing.append(ended - started)
            self.training.append(started - self._since)
        self._since = ended
        self.bytes = sum(path.stat().st_size for path in (folder / f"step-{progress.position.step:06d}").iterdir())


def measure(recipe: Path, changes: list[str], steps: int, folder: Path) -> Cost:
    """Trains in `folder`."""
    limits = [f"training.max_steps={steps}", f"training.validate_every={10 * steps}", "training.export=false"]
    loaded = load_recipe(recipe, [f"run_dir={folder / 'runs/cost'}", *changes, *limits, "training.metrics=[]"])
    watch, before = Stopwatch(), matrix_rate()
    run.save_checkpoint = watch.save  # type: ignore[assignment]
    run.train(loaded, restart=False, observer=_Quiet())
    del watch.writing[-1], watch.training[-1]  # that of the end, which comes too soon after another
    spent = sum(watch.writing)
    return Cost(
        recipe=str(recipe),
        interval=loaded.training.checkpoint_every,
        megabytes=round(watch.bytes / 1e6, 1),
        checkpoint_seconds=[round(one, 3) for one in watch.writing],
        training_seconds=[round(one, 1) for one in watch.training],
        share=round(spent / (spent + sum(watch.training)), 5),
        gflops=[round(before, 1), round(matrix_rate(), 1)],
        machine=describe(),
        commit=this_commit(),
    )


def main() -> None:
    """Measures and prints; ends with 1 above 2%."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("changes", nargs="*")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        cost = measure(options.recipe, options.changes, options.steps, Path(folder))
    print(json.dumps(asdict(cost), indent=2))
    print(f"checkpoints of {cost.megabytes} MB every {cost.interval} steps take {cost.share:.2%} of the time")
    if options.out is not None:
        fs.make_dir(options.out.parent)
        fs.commit_json(options.out, asdict(cost))
    raise SystemExit(cost.share > 0.02)


if __name__ == "__main__":
    main()
