"""The three stages of a recipe's measurement: each fills a part of its result, writes it down, and rests where it is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import matrix_rate
from benchmarks.zoo_children import Children
from benchmarks.zoo_results import RECIPES, ROOT, Decoding, Result, Start, Training, save_result, score
from seqtool import fs
from seqtool.recipe.load import load_recipe

HYPOTHESES = "test.out.en"


class Failed(Exception):
    """A recipe cannot be measured; the others may."""


@dataclass(frozen=True)
class Plan:
    """What is the same for all recipes: absolute folders, minutes of training, threads."""

    data: Path
    work: Path
    minutes: float
    threads: int

    def lines(self, name: str) -> list[str]:
        """The lines of a file of the data."""
        return (self.data / name).read_text("utf-8").split("\n")[:-1]


def train(plan: Plan, result: Result, children: Children) -> Result:
    """`seqtool train` to its end, or on from where it was. Raises `Failed`."""
    if result.training is not None:
        return result
    run_dir = plan.work / result.name
    fs.make_dir(run_dir)
    start = Start(date=_now(), commit=this_commit(), gflops=matrix_rate())
    result = _saved(plan, result, starts=[*result.starts, start])
    code, _ = children.run(train_command(plan, result.name))
    if code:
        raise Failed(f"seqtool train ended with {code}")
    found = json.loads((run_dir / "result.json").read_text("utf-8"))
    journal = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text("utf-8").splitlines()]
    training = Training(
        reason=found["reason"],
        minutes=found["seconds"] / 60,
        updates=found["step"],
        best_update=found["best_step"],
        valid_perplexity=perplexity_at(journal, found["best_step"]),
        parameters=parameter_count((run_dir / "train.log").read_text("utf-8")),
        precision=load_recipe(run_dir / "recipe.yaml").training.precision,
        tokens_per_second=mean_speed(journal),
        slowest_and_fastest=[end(speeds) for end in (min, max)] if (speeds := single_speeds(journal)) else [],
        gflops_after=matrix_rate(),
    )
    return _saved(plan, result, training=training)


def train_command(plan: Plan, name: str) -> list[str]:
    """The same at every call, which is what lets an interrupted run go on."""
    corpora = []
    for role, stem in (("train", "train"), ("valid", "val"), ("test", "test")):
        src, tgt = (
            json.dumps(str(plan.data / f"{stem}.{language}")) for language in ("de", "en")
        )  # quoted, as in YAML
        corpora.append(f"data.{role}={{src: {src}, tgt: {tgt}}}")
    return [
        *(sys.executable, "-m", "seqtool", "train", str(RECIPES / f"{name}.yaml")),
        f"run_dir={json.dumps(str(plan.work / name))}",
        f"training.max_minutes={plan.minutes:g}",
        f"training.threads={plan.threads}",
        "training.device=cpu",
        *corpora,
    ]


def decode(plan: Plan, result: Result, children: Children) -> Result:
    """The test set through ONNX Runtime in fp32 with the recipe's own search, timed. Raises `Failed`."""
    run_dir = plan.work / result.name
    if result.decoding is not None and (run_dir / HYPOTHESES).exists():
        return result
    beam = load_recipe(RECIPES / f"{result.name}.yaml").decoding.beam_size
    command = [sys.executable, "-m", "benchmarks.timed_translation", str(run_dir), str(plan.data / "test.de")]
    command += ["--beam", str(beam), "--threads", str(plan.threads), "--warm-up"]
    date, commit, before = _now(), this_commit(), matrix_rate()
    code, output = children.run(command, captured=True)
    if code:
        raise Failed(f"benchmarks.timed_translation ended with {code}")
    done = json.loads(output)
    fs.commit_text(run_dir / HYPOTHESES, "".join(f"{text}\n" for text in done["texts"]))
    decoding = Decoding(date=date, commit=commit, speeds=done["speeds"], gflops=[before, matrix_rate()])
    return _saved(plan, result, decoding=decoding, scores=None)


def score_texts(plan: Plan, result: Result, _children: Children) -> Result:
    """BLEU and chrF of what was translated."""
    if result.scores is not None:
        return result
    hyps = (plan.work / result.name / HYPOTHESES).read_text("utf-8").split("\n")[:-1]
    return _saved(plan, result, scores=score(plan.lines("test.de"), plan.lines("test.en"), hyps))


def perplexity_at(journal: Iterable[dict[str, Any]], step: int) -> float | None:
    """The perplexity of the last validation at this step."""
    found = [entry["perplexity"] for entry in journal if entry["kind"] == "valid" and entry["step"] == step]
    return found[-1] if found else None


def mean_speed(journal: Iterable[dict[str, Any]]) -> float | None:
    """Real target tokens a second of training steps: the journal's speeds, each weighed with the seconds since the entry before it, whether
    that was of steps or of a validation."""
    tokens = seconds = before = 0.0
    for entry in journal:
        if entry["kind"] == "train":
            tokens += entry["tokens_per_second"] * (entry["seconds"] - before)
            seconds += entry["seconds"] - before
        before = entry["seconds"]
    return tokens / seconds if seconds else None


def single_speeds(journal: Iterable[dict[str, Any]]) -> list[float]:
    """Real target tokens a second of each entry."""
    return [entry["tokens_per_second"] for entry in journal if entry["kind"] == "train"]


def parameter_count(log: str) -> int:
    """What training said of its model."""
    found = re.findall(r"([\d,]+) parameters on ", log)
    if not found:
        raise Failed("the training log does not say how many parameters the model has")
    return int(found[-1].replace(",", ""))


def _saved(plan: Plan, result: Result, **parts: object) -> Result:
    result = result.model_copy(update=parts)
    save_result(plan.work / result.name / "zoo.json", result)
    return result


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")


def this_commit() -> str:
    """The commit of the package, with `-dirty` where the package is not as in it."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        return f"{commit}-dirty" if _git("status", "--porcelain", "--", "seqtool") else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
