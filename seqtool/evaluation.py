"""Systems and references in, scores out: what `seqtool evaluate` does between reading its command line and printing."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqtool.errors import DataError, ThresholdError, UsageError
from seqtool.metrics import Baseline, Score, Variant, expand_names, score_corpus
from seqtool.metrics.score import HIGHER_IS_BETTER, LOWER_IS_BETTER
from seqtool.recipe.load import load_recipe
from seqtool.text.corpus import Corpus
from seqtool.text.formats import open_input
from seqtool.text.lines import LineReader

STDIN = Path("-")


@dataclass(frozen=True)
class Lines:
    """Lines and where they are from, for messages."""

    name: str
    lines: list[str]


@dataclass(frozen=True)
class Result:
    """The scores of one system, by metric."""

    name: str
    scores: dict[str, Score]


def read_lines(path: Path) -> Lines:
    """A file, or standard input for `-`. Raises `DataError` when it is missing, empty, blank throughout, or not UTF-8."""
    if path == STDIN:
        lines = list(LineReader(sys.stdin.buffer, name="standard input", strict=True))
        return _checked(Lines("standard input", lines))
    with open_input(path) as stream:
        return _checked(Lines(str(path), list(LineReader(stream, name=str(path), strict=True))))


def _checked(read: Lines) -> Lines:
    hint = "is it the file you mean, and did the command that wrote it succeed?"
    if not read.lines:
        raise DataError("evaluate.empty", f"{read.name} is empty", hint)
    if not any(line.strip() for line in read.lines):
        raise DataError("evaluate.blank", f"{read.name}: all {len(read.lines):,} lines are blank", hint)
    return read


def recipe_set(path: Path, split: Literal["valid", "test"]) -> tuple[Lines, Lines]:
    """Source and reference of a set in a run's recipe; `path` is the run directory or its model directory.

    Raises `UsageError` when there is no recipe or it names no such set, and what reading them raises.
    """
    corpus = _recipe_corpus(path, split, "give one with --src SRC --ref REF")
    pairs = list(corpus.pairs())
    where = corpus.describe()
    return _checked(Lines(where, [src for src, _ in pairs])), _checked(Lines(where, [tgt for _, tgt in pairs]))


def recipe_pairs(path: Path, split: Literal["train", "valid", "test"]) -> Iterator[tuple[str, str]]:
    """The pairs of a set in a run's recipe, one after the other. Raises as `recipe_set`."""
    yield from _recipe_corpus(path, split, "keep the run directory together: the model is in its model/").pairs()


def _recipe_corpus(path: Path, split: Literal["train", "valid", "test"], hint: str) -> Corpus:
    found = [folder / "recipe.yaml" for folder in (path, path.parent) if (folder / "recipe.yaml").is_file()]
    if not found:
        raise UsageError("evaluate.test-set", f"{path} has no recipe.yaml, so there is no {split} set", hint)
    section = getattr(load_recipe(found[0]).data, split)
    if section is None:
        raise UsageError("evaluate.test-set", f"{found[0]} names no data.{split}", hint)
    return Corpus(section, split)


def metric_names(asked: str | None, task: str) -> list[str]:
    """The metrics of a comma-separated list, or the task's where there is none. Raises `UsageError` for an unknown one."""
    if asked is None:
        return expand_names(["rouge", "summary"] if task == "summarization" else ["bleu", "chrf"])
    names = expand_names([name.strip() for name in asked.split(",") if name.strip()])
    if not names:
        raise UsageError("evaluate.metrics", "--metrics names no metric", "for example --metrics bleu,chrf")
    return names


def check_variant(names: Sequence[str], variant: Variant) -> None:
    """Scores one word, so that a tokenizer that cannot be had is found before a long translation and not after it."""
    score_corpus(["one"], [["one"]], names, sources=["one"], variant=variant)


def check_aligned(one: Lines, other: Lines, error_id: str) -> None:
    """Raises `DataError` when they have different numbers of lines."""
    if len(one.lines) != len(other.lines):
        message = f"{one.name} has {len(one.lines):,} lines and {other.name} has {len(other.lines):,}"
        hint = "line n of one belongs to line n of the other: were both made from the same source?"
        raise DataError(error_id, message, hint)


def baseline_systems(baselines: Sequence[Baseline], source: Lines, refs: Sequence[Lines]) -> list[Lines]:
    """What the baselines make of a source, each once. Raises `DataError` when a reference has another number of lines."""
    for ref in refs:
        check_aligned(source, ref, "evaluate.line-count")
    together = list(zip(source.lines, *(ref.lines for ref in refs), strict=True))
    return [
        Lines(baseline.name, [baseline.output(src, targets) for src, *targets in together])
        for baseline in dict.fromkeys(baselines)
    ]


def score_system(
    system: Lines,
    refs: Sequence[Lines],
    names: Sequence[str],
    *,
    source: Lines | None = None,
    bootstrap: int,
    variant: Variant,
) -> Result:
    """Scores one system. Raises `DataError` when a reference or the source has another number of lines, and what `score_corpus` raises."""
    for other in (*refs, *([source] if source else [])):
        check_aligned(system, other, "evaluate.line-count")
    scores = score_corpus(
        system.lines,
        [ref.lines for ref in refs],
        names,
        sources=source.lines if source else None,
        bootstrap=bootstrap,
        variant=variant,
    )
    return Result(system.name, scores)


def notes(results: Sequence[Result]) -> list[str]:
    """What the metrics say about the texts, each once."""
    found = [f"{result.name}: {score.note}" for result in results for score in result.scores.values() if score.note]
    return list(dict.fromkeys(found))


def thresholds(texts: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    """`bleu=30` and the like, by metric. Raises `UsageError` for anything else and for metrics that are not computed."""
    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise UsageError("evaluate.threshold", f"--fail-under {text}: no METRIC=NUMBER", "for example bleu=30")
        if name not in names:
            hint = f"add {name} to --metrics; computed are {', '.join(names)}"
            raise UsageError("evaluate.threshold", f"--fail-under {text}: {name} is not computed", hint)
        if name not in (*HIGHER_IS_BETTER, *LOWER_IS_BETTER):
            hint = "more of it is neither better nor worse: a threshold is for a score, or for repetition"
            raise UsageError("evaluate.threshold", f"--fail-under {text}: {name} only describes", hint)
        found[name] = value
    return found


def check_thresholds(results: Sequence[Result], limits: Mapping[str, float]) -> None:
    """Raises `ThresholdError` naming every score that is worse than its threshold: below it, or above it where less is better."""
    failed = []
    for result in results:
        for name, limit in limits.items():
            value = result.scores[name].value
            if name in LOWER_IS_BETTER and value > limit:
                failed.append(f"{result.name}: {name} {value:.2f} is above {limit:g}")
            elif name not in LOWER_IS_BETTER and value < limit:
                failed.append(f"{result.name}: {name} {value:.2f} is below {limit:g}")
    if failed:
        raise ThresholdError("evaluate.threshold", "; ".join(failed), "the threshold is what --fail-under says")
