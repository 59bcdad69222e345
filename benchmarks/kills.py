"""Trainings killed at random moments, and at every operation on a file: checkpoints lost, and bits that differ from a run nobody disturbed.

    python -m benchmarks.kills --kills 300 --seed 1 [--points] [--folder DIR] [--out FILE]

A tiny training on the shipped data, with averaging, validation and dropout, is killed with SIGKILL at a random moment, looked at, begun
again with the same command and killed again, until it comes to its end before its time is over; then the next one begins. After each
kill every checkpoint, the model and the prepared data must be whole, and the newest checkpoint not older than before; at the end weights,
optimizer state, metrics and samples are compared with those of a run nobody disturbed. `--points` does the same at every operation on files
of one run, in the middle of every write, and with what a power cut would leave there. The result is written to
`benchmarks/results/survival/`, after each kill: the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.forks import Forks
from benchmarks.machine import describe
from benchmarks.survival import ROOT, after_power_cut, checked, copied, differences, outcome, state, write_case
from benchmarks.zoo_stages import this_commit
from seqtool import fs
from seqtool.errors import ModelError

COMMAND = ("train", "recipe.yaml")


@dataclass
class Tally:
    """What happened so far. `lost` are moments after which something was not whole or older than before, `differing` ends which were not
    those of the undisturbed run, each in words; `states` are different contents of the disk that were gone on from."""

    seed: int
    kills: int = 0
    runs: int = 0
    points: int = 0
    states: int = 0
    lost: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    commit: str = ""
    machine: str = ""
    seconds: float = 0.0


class Campaign:
    """Runs of one case in a folder, compared with an undisturbed one there."""

    def __init__(self, forks: Forks, folder: Path, tally: Tally) -> None:
        self._forks, self._folder, self.tally = forks, folder, tally
        case = folder / "case"
        case.mkdir(parents=True, exist_ok=True)
        write_case(case)
        whole = copied(case, folder / "whole")
        done = forks.run(*COMMAND, cwd=whole)
        assert done.code == 0, done.said
        self.took = done.seconds
        self.expected = outcome(whole)

    def random_run(self, kills: int, moments: random.Random) -> None:
        """One run, killed up to so many times before it may end."""
        run = copied(self._folder / "case", self._folder / "run")
        newest, left = 0, kills
        while left:
            done = self._forks.killed(*COMMAND, cwd=run, after=moments.uniform(0, self.took))
            if done.code == 0:
                break
            assert done.code == -9, done.said
            left -= 1
            self.tally.kills += 1
            newest = self._look(run, newest, f"kill {self.tally.kills}")
        self.tally.runs += 1
        self._finish(run, f"run {self.tally.runs}, after {kills - left} kills")

    def points(self, *, steps: bool = False, power: bool = True, every: int = 1) -> None:
        """One run, killed at every point; each content of the disk that is new is gone on from, or one in `every`."""
        run = copied(self._folder / "case", self._folder / "points")
        seen: dict[str, str] = {}
        newest = 0
        for moment in self._forks.points(*COMMAND, cwd=run, steps=steps):
            self.tally.points += 1
            where = f"point {moment.number}: {moment.what.replace(str(run), '')}"
            left = copied(run, self._folder / "left")
            newest = self._look(left, newest, where)
            self._set_aside(left, seen, where)
            if power:
                cut = copied(run, self._folder / "left")
                after_power_cut(cut, run, moment.lost)
                self._look(cut, 0, f"{where}, power cut")
                self._set_aside(cut, seen, f"{where}, power cut")
        self._compare(run, "the last process")
        for digest, where in list(seen.items())[::every]:
            self.tally.states += 1
            self._finish(self._folder / digest, where)

    def _set_aside(self, left: Path, seen: dict[str, str], where: str) -> None:
        """Keeps what is there, if the like of it was not seen before."""
        digest = state(left)
        if digest not in seen:
            seen[digest] = where
            copied(left, self._folder / digest)

    def _look(self, run: Path, newest: int, where: str) -> int:
        try:
            found = checked(run)
        except ModelError as error:
            self.tally.lost.append(f"{where}: {error}")
            return newest
        if found < newest:
            self.tally.lost.append(f"{where}: the newest checkpoint was of step {newest}, and is of step {found}")
        return max(found, newest)

    def _finish(self, run: Path, where: str) -> None:
        done = self._forks.run(*COMMAND, cwd=run)
        if done.code:
            self.tally.lost.append(f"{where}: {done.said[-300:]}")
        else:
            self._compare(run, where)

    def _compare(self, run: Path, where: str) -> None:
        wrong = differences(outcome(run), self.expected)
        if wrong:
            self.tally.differing.append(f"{where}: {', '.join(wrong)}")


def campaign(options: argparse.Namespace, folder: Path) -> Tally:
    """All of it, from where the result file says that it was."""
    tally = Tally(**_recorded(options.out)) if options.out.exists() else Tally(options.seed)
    tally.commit, tally.machine = this_commit(), describe()
    with Forks() as forks:
        runs = Campaign(forks, folder, tally)
        while tally.kills < options.kills:
            started = time.monotonic()
            # A number of its own for each run: going on gives the moments that would have come.
            runs.random_run(min(10, options.kills - tally.kills), random.Random(f"{options.seed} {tally.runs}"))
            _note(tally, options.out, started)
        if options.points and not tally.points:
            for steps in (False, True):
                started = time.monotonic()
                runs.points(steps=steps)
                _note(tally, options.out, started)
    return tally


def _note(tally: Tally, out: Path, started: float) -> None:
    tally.seconds = round(tally.seconds + time.monotonic() - started, 1)
    fs.make_dir(out.parent)
    fs.commit_json(out, asdict(tally))
    print(
        f"{tally.kills:,} kills in {tally.runs:,} runs, {tally.points:,} points, {tally.states:,} states: "
        f"{len(tally.lost)} lost, {len(tally.differing)} differing; {tally.seconds:.0f} s",
        flush=True,
    )


def _recorded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def main() -> None:
    """Runs, and ends with 1 if anything was lost or differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", action="store_true", help="every operation on files, too")
    parser.add_argument("--folder", type=Path, help="where the runs are; in memory (/dev/shm) they take half the time")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.out = options.out or ROOT / f"benchmarks/results/survival/kills-seed{options.seed}.json"
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        tally = campaign(options, Path(folder))
    for line in (*tally.lost, *tally.differing):
        print(line)
    raise SystemExit(1 if tally.lost or tally.differing else 0)


if __name__ == "__main__":
    main()
