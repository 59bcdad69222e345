"""What each ingredient of a recipe is worth: trains variants of one recipe for the same minutes, and writes docs/quality.md.

    python -m benchmarks.ablation --data DIR --work WORK [--only NAME ...] [--seeds 1] [--minutes 10] [--threads 2] [--output ROOT]
    python -m benchmarks.ablation --report-only [--output ROOT]

DIR holds `train`, `val` and `test` (test_2016_flickr), each as `.de` and `.en` (Multi30k). Each variant is recipes/multi30k-de-en.yaml
without its lexical model and with one thing changed, in WORK/NAME-SEED. What has a result in benchmarks/results/ablation of the output is
not trained again; a training that was interrupted by SIGTERM or SIGINT goes on.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from benchmarks.machine import describe, matrix_rate
from benchmarks.multi30k import BASE, RECIPE, corpora, for_minutes, measure_missing, scores, trained
from benchmarks.zoo_children import Children
from benchmarks.zoo_report import shown, table
from benchmarks.zoo_results import ROOT, Record
from benchmarks.zoo_stages import this_commit
from seqtool import fs

# BLEU between two seeds of the same recipe, about.
_NOISE = 0.5
FOLDER = Path("benchmarks") / "results" / "ablation"

# Name: what is changed, as overrides of the recipe without its lexical model, which is the first.
VARIANTS: dict[str, list[str]] = {
    "as it is": [],
    "without dropout": ["model.dropout={embedding: 0, layer: 0, output: 0}"],
    "without label smoothing": ["training.label_smoothing=0"],
    "with weight decay 0.01": ["training.optimizer.weight_decay=0.01"],
    "with subword sampling 0.3": ["training.subword_sampling=0.3"],
    "with word dropout 0.1": ["model.dropout.src_word=0.1", "model.dropout.tgt_word=0.1"],
    "with recurrent dropout 0.2": ["model.dropout.recurrent=0.2"],
    "with R-Drop 1": ["training.r_drop=1"],
    "without averaging": ["training.averaging.kind=none"],
    "with a constant rate": ["training.schedule.kind=constant"],
    "with inverse square root": ["training.schedule.kind=inverse_sqrt"],
    "with a lexical model": ["model.lexical=true"],
    "with guided alignment 0.1": ["training.guided_alignment=0.1"],
    "with scheduled sampling 0.2": ["training.scheduled_sampling=0.2"],
    "with layer norm": ["model.encoder.layer_norm=true", "model.decoder.layer_norm=true"],
    "with deep transition": ["model.encoder.transitions=2", "model.decoder.transitions=2"],
    "with 2,000 pieces": ["tokenizer.vocab_size=2000"],
    "with 8,000 pieces": ["tokenizer.vocab_size=8000"],
}


class Measured(Record):
    """One training of a variant: BLEU and chrF of the test set at beam 5, and of the validation set; the rest as in `benchmarks.zoo`."""

    name: str
    overrides: list[str]
    seed: int
    recipe: str
    machine: str
    commit: str
    minutes: float
    updates: int
    perplexity: float | None
    tokens_per_second: float | None
    bleu: float
    chrf: float
    valid_bleu: float
    signature: str
    gflops: list[float]


def file_of(output: Path, name: str, seed: int) -> Path:
    """Where the result of a variant is kept."""
    return output / FOLDER / f"{name.replace(' ', '-').replace(',', '')}-{seed}.json"


def measure(options: argparse.Namespace, name: str, seed: int, children: Children) -> Measured:
    """Trains a variant and scores it. Raises `Failed`."""
    before = matrix_rate()
    run_dir: Path = options.work / file_of(Path(), name, seed).stem
    settings = [*corpora(options.data), *for_minutes(options.minutes, options.threads), f"training.seed={seed}"]
    training = trained(children, run_dir, [*settings, *BASE, *VARIANTS[name]])
    test = scores(children, options.data, run_dir, "test")
    return Measured(
        name=name,
        overrides=VARIANTS[name],
        seed=seed,
        recipe=recipe_text(),
        machine=describe(),
        commit=this_commit(),
        bleu=test["bleu"].value,
        chrf=test["chrf"].value,
        valid_bleu=scores(children, options.data, run_dir, "val")["bleu"].value,
        signature=test["bleu"].signature,
        gflops=[before, matrix_rate()],
        **training._asdict(),
    )


def recipe_text() -> str:
    """The recipe without its comments."""
    return "".join(line for line in RECIPE.read_text("utf-8").splitlines(keepends=True) if not line.startswith("#"))


def load(output: Path) -> dict[str, list[Measured]]:
    """All results there are, by variant, in the order of the table and of seeds."""
    found: dict[str, list[Measured]] = {}
    for path in sorted((output / FOLDER).glob("*.json")):
        try:
            one = Measured.model_validate_json(path.read_text("utf-8"))
        except ValidationError as error:
            raise SystemExit(f"{path} is no result of this version; remove it to measure again\n{error}") from None
        found.setdefault(one.name, []).append(one)
    return {name: sorted(found[name], key=lambda one: one.seed) for name in VARIANTS if name in found}


HEAD = """# What each ingredient is worth

Each row is [recipes/multi30k-de-en.yaml](../recipes/multi30k-de-en.yaml) without its lexical model (`model.lexical=false`) and with
one thing changed, trained for the same {minutes:g} minutes on two processor cores and scored on test_2016_flickr with beam 5. The recipe
itself is the row with a lexical model. What costs time has had fewer updates: this is what an ingredient is worth in the same minutes,
not in the same number of updates. Other work beside a training shows in its tokens a second.

    python -m benchmarks.ablation --data DIR --work WORK --output NEW

What has a result in the output's benchmarks/results/ablation is not measured again.

"""


def page(results: Mapping[str, list[Measured]]) -> str:
    """docs/quality.md."""
    everything = [one for ones in results.values() for one in ones]
    base = _mean(one.bleu for one in results["as it is"])
    head = [
        "variant",
        "BLEU",
        "against the base",
        "chrf",
        "BLEU, validation",
        "perplexity",
        "updates",
        "tokens/s",
        "seeds",
    ]
    rows = []
    for name, ones in results.items():
        bleu = [one.bleu for one in ones]
        spread = f" ({shown(min(bleu), 2)} to {shown(max(bleu), 2)})" if len(bleu) > 1 else ""
        rows.append(
            [
                name if name != "as it is" else "the base",
                shown(_mean(bleu), 2) + spread,
                f"{_mean(bleu) - base:+.2f}" if name != "as it is" else "",
                shown(_mean(one.chrf for one in ones), 2),
                shown(_mean(one.valid_bleu for one in ones), 2),
                shown(_mean(one.perplexity or 0.0 for one in ones), 2),
                shown(_mean(one.updates for one in ones), 0),
                shown(_mean(one.tokens_per_second or 0.0 for one in ones), 0),
                str(len(ones)),
            ]
        )
    changes = "".join(f"- {name}: `{' '.join(VARIANTS[name])}`\n" for name in results if VARIANTS[name])
    signatures = "".join(f"    {one}\n" for one in dict.fromkeys(one.signature for one in everything))
    machines = "; ".join(dict.fromkeys(one.machine for one in everything))
    rates = [rate for one in everything for rate in one.gflops]
    return (
        HEAD.format(minutes=round(_mean(one.minutes for one in everything)))
        + table(head, rows)
        + f"\n{signatures}\nThe machine: {machines}; a 1024^3 matrix product in fp32 made {min(rates):.0f} to {max(rates):.0f} GFLOP/s.\n\n"
        + "Where there are several seeds, the number is their mean, with the least and the most. Of one seed each, less than about half a\n"
        + "BLEU is noise.\n\n"
        + verdicts({name: _mean(one.bleu for one in ones) - base for name, ones in results.items() if VARIANTS[name]})
        + changes
    )


def verdicts(differences: Mapping[str, float]) -> str:
    """What each ingredient was worth, in three lists; the `differences` in BLEU are those of leaving it out or adding it."""
    worth = {
        name.split(" ", 1)[1]: -difference if name.startswith("without ") else difference
        for name, difference in differences.items()
    }
    lists = {
        "Helped": [name for name, value in worth.items() if value >= _NOISE],
        "Made no difference beyond noise": [name for name, value in worth.items() if abs(value) < _NOISE],
        "Did not help in these minutes": [name for name, value in worth.items() if value <= -_NOISE],
    }
    return "".join(
        f"{told}: {', '.join(f'{name} ({worth[name]:+.2f})' for name in names)}.\n\n"
        for told, names in lists.items()
        if names
    )


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


def main() -> None:
    """Measures what is missing and writes the page; 1 when a variant failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--work", type=Path, metavar="WORK")
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS), metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=ROOT, metavar="ROOT")
    parser.add_argument("--report-only", action="store_true")
    options = parser.parse_args()
    if not options.report_only and not (options.data and options.work):
        parser.error("--data DIR and --work WORK are needed to measure")
    failures = [] if options.report_only else measure_all(options)
    results = load(options.output)
    if "as it is" in results:
        fs.make_dir(options.output / "docs")
        fs.commit_text(options.output / "docs" / "quality.md", page(results))
    if failures:
        raise SystemExit("\n".join(failures))


def measure_all(options: argparse.Namespace) -> list[str]:
    """What has no result yet. What went wrong."""
    jobs = [
        (f"{name}, seed {seed}", file_of(options.output, name, seed), partial(measure, options, name, seed))
        for seed in options.seeds
        for name in VARIANTS
        if name in options.only
    ]
    return measure_missing(jobs, options.threads)


if __name__ == "__main__":
    main()
