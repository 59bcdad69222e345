"""Trainings and translations of Multi30k through the command line, for benchmarks that compare several."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks.zoo_children import Children
from benchmarks.zoo_results import ROOT, Record
from benchmarks.zoo_stages import Failed, mean_speed, perplexity_at
from seqtool import fs
from seqtool.metrics import Score, score_corpus

RECIPE = ROOT / "recipes" / "multi30k-de-en.yaml"
# What benchmarks that train variants of it begin with: an ingredient less, which pays, and is one of those that are compared.
BASE = ["model.lexical=false"]


class Trained(NamedTuple):
    """A training that is over: `perplexity` is that of the model that was kept, `tokens_per_second` of training steps."""

    minutes: float
    updates: int
    perplexity: float | None
    tokens_per_second: float | None


def corpora(data: Path, *, pairs: Path | None = None) -> list[str]:
    """Overrides that name the files in `data`; training pairs come from another folder where `pairs` names one."""
    found = []
    for role, stem in (("train", "train"), ("valid", "val"), ("test", "test")):
        folder = pairs if pairs is not None and role == "train" else data
        src, tgt = (json.dumps(str(folder.resolve() / f"{stem}.{language}")) for language in ("de", "en"))
        found.append(f"data.{role}={{src: {src}, tgt: {tgt}}}")
    return found


def for_minutes(minutes: float, threads: int) -> list[str]:
    """Overrides that let only time end training."""
    limits = ["training.max_epochs=null", "training.max_steps=null", "training.patience=null"]
    return [*limits, f"training.max_minutes={minutes:g}", f"training.threads={threads}", "training.device=cpu"]


def trained(
    children: Children, run_dir: Path, overrides: Sequence[str], *, command: str = "train", recipe: Path = RECIPE
) -> Trained:
    """A recipe trained to its end, or on from where it was; `command` may be one that trains in the end. Raises `Failed`."""
    code, _ = children.run(
        [
            sys.executable,
            "-m",
            "seqtool",
            command,
            str(recipe),
            f"run_dir={json.dumps(str(run_dir.resolve()))}",
            *overrides,
        ]
    )
    if code:
        raise Failed(f"seqtool {command} ended with {code}")
    found = json.loads((run_dir / "result.json").read_text("utf-8"))
    journal = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text("utf-8").splitlines()]
    perplexity = perplexity_at(journal, found["best_step"])
    return Trained(found["seconds"] / 60, found["step"], perplexity, mean_speed(journal))


def scores(children: Children, data: Path, run_dir: Path, stem: str) -> Mapping[str, Score]:
    """BLEU and chrF of what a run says of `test` or `val`, with the recipe's search. Raises `Failed`."""
    command = [sys.executable, "-m", "seqtool", "translate", "-q", "-m", str(run_dir), str(data / f"{stem}.de")]
    code, output = children.run(command, captured=True)
    if code:
        raise Failed(f"seqtool translate ended with {code}")
    refs = (data / f"{stem}.en").read_text("utf-8").split("\n")[:-1]
    return score_corpus(output.split("\n")[:-1], [refs], ["bleu", "chrf"])


def measure_missing(jobs: Iterable[tuple[str, Path, Callable[[Children], Record]]], threads: int) -> list[str]:
    """Measures one job after the other, each with its name, the file of its result, and how; what has a result rests, and one that fails
    does not stop the others. What went wrong."""
    torch.set_num_threads(threads)
    failures = []
    with Children() as children:
        for name, path, measure in jobs:
            if path.exists():
                continue
            print(name, flush=True)
            try:
                result = measure(children)
            except Failed as failure:
                failures.append(f"{name}: {failure}")
                continue
            fs.make_dir(path.parent)
            fs.commit_text(path, result.model_dump_json(indent=1) + "\n")
    return failures


def timed(children: Children, data: Path, run_dir: Path, *, beam: int, threads: int) -> tuple[float, list[str]]:
    """Lines a second in int8, the median of three translations of the test set, and what they say. Raises `Failed`."""
    return timed_file(children, data / "test.de", run_dir, beam=beam, threads=threads, precision="int8")


def timed_file(
    children: Children, source: Path, run_dir: Path, *, beam: int, threads: int, precision: str
) -> tuple[float, list[str]]:
    """As `timed`, of any file."""
    command = [sys.executable, "-m", "benchmarks.timed_translation", str(run_dir), str(source)]
    options = ["--beam", str(beam), "--precision", precision, "--threads", str(threads), "--warm-up"]
    code, output = children.run([*command, *options], captured=True)
    if code:
        raise Failed(f"benchmarks.timed_translation ended with {code}")
    found = json.loads(output)
    return found["sentences_per_s"], found["texts"]
