"""A student beside its teacher: trains it on what the teacher says, then scores and times both, in turn.

    python -m benchmarks.distilled TEACHER --data DIR --work WORK [--minutes 15] [--threads 2] [KEY=VALUE ...]

TEACHER is a run of recipes/multi30k-de-en.yaml with `model.lexical=false`, DIR holds `train`, `val` and `test` (test_2016_flickr), each as
`.de` and `.en` (Multi30k), and KEY=VALUE makes the student of the same recipe smaller. The student is decoded greedily, for which it was
made, and with beam 5.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

import torch

from benchmarks.machine import describe, matrix_rate
from benchmarks.multi30k import BASE, corpora, for_minutes, timed, trained
from benchmarks.zoo_children import Children
from seqtool.metrics import score_corpus

_ROUNDS = 3


def main() -> None:
    """Trains and prints a line for each way to decode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("changes", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--data", type=Path, metavar="DIR", required=True)
    parser.add_argument("--work", type=Path, metavar="WORK", required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_intermixed_args()
    torch.set_num_threads(options.threads)
    print(f"{describe()}, {matrix_rate():.0f} GFLOP/s", flush=True)
    student = options.work / "student"
    teacher = f"distill={{teacher: {json.dumps(str(options.teacher.resolve()))}}}"
    overrides = [
        *corpora(options.data),
        *for_minutes(options.minutes, options.threads),
        *BASE,
        teacher,
        *options.changes,
    ]
    refs = (options.data / "test.en").read_text("utf-8").split("\n")[:-1]
    with Children() as children:
        trained(children, student, overrides, command="distill")
        ways = [("teacher", options.teacher, 5), ("student", student, 5), ("student", student, 1)]
        speeds: dict[int, list[float]] = {place: [] for place in range(len(ways))}
        texts: dict[int, list[str]] = {}
        for _ in range(_ROUNDS):
            for place, (_, run_dir, beam) in enumerate(ways):
                speed, texts[place] = timed(children, options.data, run_dir, beam=beam, threads=options.threads)
                speeds[place].append(speed)
    for place, (name, _, beam) in enumerate(ways):
        bleu = score_corpus(texts[place], [refs], ["bleu"])["bleu"]
        middle, low, high = statistics.median(speeds[place]), min(speeds[place]), max(speeds[place])
        print(
            f"{name}, beam {beam}, int8: BLEU {bleu.value:.2f}, {middle:,.0f} lines/s ({low:,.0f} to {high:,.0f}), "
            f"{middle / statistics.median(speeds[0]):.1f} times the teacher's"
        )
    print(f"{bleu.signature}\n{matrix_rate():.0f} GFLOP/s")


if __name__ == "__main__":
    main()
