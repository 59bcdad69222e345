"""Trains, translates with and scores each recipe of recipes/papers, and writes docs/zoo.md and docs/zoo-length.svg.

    python -m benchmarks.zoo --data DIR --work WORK [--only NAME ...] [--minutes 12] [--threads 2] [--output ROOT]
    python -m benchmarks.zoo --report-only [--output ROOT]
    python -m benchmarks.zoo --print-headers

DIR holds `train`, `val` and `test` (test_2016_flickr), each as `.de` and `.en` (Multi30k). Recipes run one after the other, by the year in
their names, each in WORK/NAME; the prepared data in WORK is shared. SIGTERM or SIGINT lets the training that is under way save itself, and
the same command goes on from there: what WORK/NAME/zoo.json already has is not measured again, and time used before counts.

A recipe that is finished leaves a copy of its zoo.json in benchmarks/results/zoo of the output, by default this repository, from which
`--report-only` writes the two documents again and `--print-headers` prints the score for each recipe's header.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.machine import describe
from benchmarks.zoo_children import Children
from benchmarks.zoo_report import PICTURE, header, page, picture
from benchmarks.zoo_results import ROOT, Result, load_result, recipe_body, recipe_names, save_result
from benchmarks.zoo_stages import Failed, Plan, decode, score_texts, train
from seqtool import fs


def measure(plan: Plan, name: str, children: Children) -> Result:
    """What is missing of a recipe's result, written after every stage. Raises `Failed`."""
    path = plan.work / name / "zoo.json"
    begun = Result(
        name=name, recipe=recipe_body(name), machine=describe(), threads=plan.threads, max_minutes=plan.minutes
    )
    result = load_result(path) or begun
    for key in ("recipe", "machine", "threads", "max_minutes"):
        if getattr(result, key) != getattr(begun, key):
            raise Failed(f"{path} was begun with another {key}: choose another --work, or remove {path.parent}")
    for stage in (train, decode, score_texts):
        result = stage(plan, result, children)
    return result


def report(output: Path) -> None:
    """Writes page and picture from the results there."""
    names = recipe_names()
    folder = output / "benchmarks" / "results" / "zoo"
    results = {name: found for name in names if (found := load_result(folder / f"{name}.json"))}
    for path in sorted(folder.glob("*.json")):
        if path.stem not in names:
            print(f"{path}: there is no such recipe any more; left out", file=sys.stderr)
    changed = [name for name, result in results.items() if result.recipe != recipe_body(name)]
    fs.make_dir(output / "docs")
    fs.commit_text(output / "docs" / "zoo.md", page(names, results, changed))
    if drawn := picture(names, results):
        fs.commit_text(output / "docs" / PICTURE, drawn)


def print_headers(output: Path) -> None:
    """The lines for the header of every recipe that has been measured."""
    for name in recipe_names():
        result = load_result(output / "benchmarks" / "results" / "zoo" / f"{name}.json")
        if result is not None:
            print(f"{name}.yaml\n{header(result)}")


def asked() -> argparse.Namespace:
    """The command line."""
    names = recipe_names()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--work", type=Path, metavar="WORK")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=ROOT, metavar="ROOT")
    parser.add_argument("--report-only", action="store_true")
    parser.add_argument("--print-headers", action="store_true")
    options = parser.parse_args()
    if not (options.report_only or options.print_headers) and not (options.data and options.work):
        parser.error("--data DIR and --work WORK are needed to measure")
    return options


def main() -> None:
    """Measures and writes; 1 when a recipe failed, 128 and the signal's number after a signal."""
    options = asked()
    if options.print_headers:
        print_headers(options.output)
    elif options.report_only:
        report(options.output)
    else:
        run_all(options)


def check_budget(plan: Plan, output: Path, names: Sequence[str]) -> None:
    """Ends the program where results are there that are to stay, of another budget: before anything is measured that could not stand beside
    them, or would take the place of one."""
    for name in recipe_names():
        path = output / "benchmarks" / "results" / "zoo" / f"{name}.json"
        found = load_result(path)
        others = set(names) != set(recipe_names())
        if others and found is not None and (found.max_minutes, found.threads) != (plan.minutes, plan.threads):
            asked = f"{plan.minutes:g} minutes on {plan.threads} threads"
            raise SystemExit(
                f"{path} is of {found.max_minutes:g} minutes on {found.threads} threads, not {asked}; name another --output"
            )


def run_all(options: argparse.Namespace) -> None:
    """One recipe after the other; one that fails does not stop the others."""
    torch.set_num_threads(options.threads)
    plan = Plan(options.data.resolve(), options.work.resolve(), options.minutes, options.threads)
    check_budget(plan, options.output, options.only)
    failures = []
    with Children() as children:
        for name in (name for name in recipe_names() if name in options.only):
            print(f"{name}", flush=True)
            try:
                result = measure(plan, name, children)
            except Failed as failure:
                failures.append(f"{name}: {failure}")
                continue
            folder = options.output / "benchmarks" / "results" / "zoo"
            fs.make_dir(folder)
            save_result(folder / f"{name}.json", result)
            report(options.output)
            print(header(result), flush=True)
    if failures:
        raise SystemExit("\n".join(failures))


if __name__ == "__main__":
    main()
