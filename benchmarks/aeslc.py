"""What copying and coverage are worth to a summarizer: trains variants of one recipe on e-mails and their subject lines, scores and times
each, and writes docs/summaries.md.

    python -m benchmarks.aeslc --data DIR --work WORK [--only NAME ...] [--minutes 24] [--threads 2] [--output ROOT]
    python -m benchmarks.aeslc --report-only [--output ROOT]

DIR holds `train.jsonl`, `val.jsonl` and `test.jsonl` (AESLC) with the fields `body` and `subject`. Each variant is
recipes/aeslc-subject.yaml with what is named, in WORK/NAME. What has a result in benchmarks/results/aeslc of the output is not trained
again; a training that was interrupted by SIGTERM or SIGINT goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from benchmarks.machine import describe, matrix_rate
from benchmarks.multi30k import for_minutes, measure_missing, timed_file, trained
from benchmarks.zoo_children import Children
from benchmarks.zoo_report import shown, table
from benchmarks.zoo_results import ROOT, Record
from benchmarks.zoo_stages import this_commit
from seqtool import fs
from seqtool.metrics import parse_baseline, score_corpus
from seqtool.metrics.unseen import unseen_reaching
from seqtool.metrics.words import words
from seqtool.recipe.load import load_recipe

FOLDER = Path("benchmarks") / "results" / "aeslc"
RECIPE = ROOT / "recipes" / "aeslc-subject.yaml"
SCORES = ("rouge1", "rouge2", "rougeL", "copy_rate", "novel2", "repetition", "length")

# Name: what is changed, as overrides of the recipe, which points and has no coverage.
VARIANTS: dict[str, list[str]] = {
    "pointer": [],
    "without pointer": ["model.pointer=false"],
    "pointer and coverage": ["model.attention.coverage=true", "training.coverage=1"],
}


class Measured(Record):
    """One training: scores of the test set by name, fp32; `wanted` words of its references are in their sources and not in the
    training text, and `reached` of them are in the outputs; `lines_per_second` as `benchmarks.timed_translation` has it."""

    name: str
    overrides: list[str]
    recipe: str
    machine: str
    commit: str
    minutes: float
    updates: int
    perplexity: float | None
    scores: dict[str, float]
    signature: str
    wanted: int
    reached: int
    lines_per_second: float
    gflops: list[float]


def read(path: Path) -> tuple[list[str], list[str]]:
    """Bodies and subjects, each in one line."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return tuple([" ".join(row[field].split()) for row in rows] for field in ("body", "subject"))  # type: ignore[return-value]


def scored(bodies: Sequence[str], subjects: Sequence[str], outputs: Sequence[str]) -> tuple[dict[str, float], str]:
    """The scores of outputs, and the signature of the last ROUGE."""
    found = score_corpus(outputs, [subjects], SCORES, sources=bodies)
    return {name: found[name].value for name in SCORES}, found["rougeL"].signature


def measure(options: argparse.Namespace, name: str, children: Children) -> Measured:
    """Trains a variant and scores it. Raises `Failed`."""
    before = matrix_rate()
    run_dir: Path = options.work / name.replace(" ", "-")
    data = [
        f"data.{role}={{jsonl: {json.dumps(str((options.data / stem).resolve()))}, src: body, tgt: subject}}"
        for role, stem in (("train", "train.jsonl"), ("valid", "val.jsonl"), ("test", "test.jsonl"))
    ]
    settings = [*data, *for_minutes(options.minutes, options.threads), *VARIANTS[name]]
    training = trained(children, run_dir, settings, recipe=RECIPE)
    bodies, subjects = read(options.data / "test.jsonl")
    source = options.work / "test.body"
    source.write_text("".join(f"{body}\n" for body in bodies), "utf-8")
    beam = load_recipe(RECIPE).decoding.beam_size
    speed, outputs = timed_file(children, source, run_dir, beam=beam, threads=options.threads, precision="fp32")
    scores, signature = scored(bodies, subjects, outputs)
    known = {word for side in read(options.data / "train.jsonl") for text in side for word in words(text)}
    reaching = unseen_reaching(bodies, subjects, outputs, known)
    return Measured(
        name=name,
        overrides=VARIANTS[name],
        recipe="".join(
            line for line in RECIPE.read_text("utf-8").splitlines(keepends=True) if not line.startswith("#")
        ),
        machine=describe(),
        commit=this_commit(),
        minutes=training.minutes,
        updates=training.updates,
        perplexity=training.perplexity,
        scores=scores,
        signature=signature,
        wanted=reaching.wanted,
        reached=reaching.reached,
        lines_per_second=speed,
        gflops=[before, matrix_rate()],
    )


def file_of(output: Path, name: str) -> Path:
    """Where the result of a variant is kept."""
    return output / FOLDER / f"{name.replace(' ', '-')}.json"


def load(output: Path) -> dict[str, Measured]:
    """All results there are, by variant, in the order of the table."""
    found = {}
    for name in VARIANTS:
        path = file_of(output, name)
        if path.exists():
            try:
                found[name] = Measured.model_validate_json(path.read_text("utf-8"))
            except ValidationError as error:
                raise SystemExit(f"{path} is no result of this version; remove it to measure again\n{error}") from None
    return found


HEAD = """# Copying and coverage, measured

[recipes/aeslc-subject.yaml](../recipes/aeslc-subject.yaml) writes the subject line of an e-mail (AESLC: Zhang and Tetreault 2019). Each row
is this recipe with what is named, trained for the same minutes and scored on the test set with the recipe's own search. The
baselines are the first twelve words of the body, and the one sentence of it that has most in common with the subject.

    python -m benchmarks.aeslc --data DIR --work WORK --threads N --output NEW

N is in the line about the machine. What has a result in the output's benchmarks/results/aeslc is not measured again.

"""


def page(results: Mapping[str, Measured], baselines: Mapping[str, Mapping[str, float]]) -> str:
    """docs/summaries.md."""
    head = ["system", *SCORES, "unseen words", "lines/s", "perplexity", "updates", "minutes"]
    rows = [[name, *(shown(scores[one], 2) for one in SCORES), *[""] * 5] for name, scores in baselines.items()]
    rows += [
        [
            name,
            *(shown(one.scores[score], 2) for score in SCORES),
            f"{one.reached} of {one.wanted}",
            shown(one.lines_per_second, 0),
            shown(one.perplexity or 0.0, 2),
            shown(one.updates, 0),
            shown(one.minutes, 1),
        ]
        for name, one in results.items()
    ]
    everything = list(results.values())
    signatures = "".join(f"    {one}\n" for one in dict.fromkeys(one.signature for one in everything))
    rates = [rate for one in everything for rate in one.gflops]
    machines = "; ".join(dict.fromkeys(one.machine for one in everything))
    return (
        HEAD
        + table(head, rows)
        + f"\n{signatures}\nThe machine: {machines}; a 1024^3 matrix product in fp32 made {min(rates):.0f} to {max(rates):.0f} GFLOP/s.\n\n"
        + "Copy rate: output words that are in the body. novel2: bigrams of the output that are not. repetition: trigrams that come\n"
        + "again. length: words. Unseen words: those of body and subject that training never showed, and how many are in the output.\n"
        + "One seed each. lines/s: fp32, ONNX Runtime.\n"
    )


def main() -> None:
    """Measures what is missing and writes the page; 1 when a variant failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", required=True)
    parser.add_argument("--work", type=Path, metavar="WORK")
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS), metavar="NAME")
    parser.add_argument("--minutes", type=float, default=24)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=ROOT, metavar="ROOT")
    parser.add_argument("--report-only", action="store_true")
    options = parser.parse_args()
    if not options.report_only and not options.work:
        parser.error("--work WORK is needed to measure")
    failures = [] if options.report_only else measure_all(options)
    results = load(options.output)
    if results:
        bodies, subjects = read(options.data / "test.jsonl")
        baselines = {}
        for name in ("lead-12", "oracle-1"):
            system = parse_baseline(name)
            outputs = [system.output(body, [subject]) for body, subject in zip(bodies, subjects, strict=True)]
            baselines[name], _ = scored(bodies, subjects, outputs)
        fs.make_dir(options.output / "docs")
        fs.commit_text(options.output / "docs" / "summaries.md", page(results, baselines))
    if failures:
        raise SystemExit("\n".join(failures))


def measure_all(options: argparse.Namespace) -> list[str]:
    """What has no result yet. What went wrong."""
    jobs = [(name, file_of(options.output, name), partial(measure, options, name)) for name in options.only]
    return measure_missing(jobs, options.threads)


if __name__ == "__main__":
    main()
