"""What is known of each recipe for translation of recipes/papers: in which order they come, what was measured, how sentences are sorted by
length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from seqtool import fs
from seqtool.metrics import Score, score_corpus

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "recipes" / "papers"
BOOTSTRAP = 1000

# The fewest words of a source sentence in each group. On Multi30k's test_2016_flickr each has between 149 and 234 of 1,000 lines.
LENGTHS = (1, 8, 10, 12, 15)


class Record(BaseModel):
    """Read from JSON as it was written: no unknown keys, no conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(Record):
    """A time at which training began or went on, with GFLOP/s of a matrix product at that moment."""

    date: str
    commit: str
    gflops: float


class Training(Record):
    """A training that is over: `minutes` are those it counted itself, `best_update` is the one of the model that was kept, of which
    `valid_perplexity` is told; `precision` is that of its products; `slowest_and_fastest` are tokens a second of single entries of the
    journal. None or empty: it has none."""

    reason: str
    minutes: float
    updates: int
    best_update: int
    valid_perplexity: float | None
    parameters: int
    precision: str
    tokens_per_second: float | None
    slowest_and_fastest: list[float]
    gflops_after: float


class Decoding(Record):
    """A translation of the test set, timed: lines a second of each run, GFLOP/s of a matrix product before and after them."""

    date: str
    commit: str
    speeds: list[float]
    gflops: list[float]


class Scored(Record):
    """A score with its 95% interval and its signature."""

    value: float
    low: float
    high: float
    signature: str


class Group(Record):
    """BLEU of the lines whose source has so many words."""

    words: str
    lines: int
    bleu: Scored


class Scores(Record):
    """Scores of the whole test set, and by length."""

    lines: int
    bleu: Scored
    chrf: Scored
    groups: list[Group]


class Result(Record):
    """All of a recipe; what has not been measured yet is None. `recipe` is its text without comments."""

    name: str
    recipe: str
    machine: str
    threads: int
    max_minutes: float
    starts: list[Start] = []
    training: Training | None = None
    decoding: Decoding | None = None
    scores: Scores | None = None


def load_result(path: Path) -> Result | None:
    """The result in a file, None where there is no file. Ends the program when it is something else."""
    if not path.exists():
        return None
    try:
        return Result.model_validate_json(path.read_text("utf-8"))
    except ValidationError as error:
        raise SystemExit(f"{path} is no result of this version; remove it to measure again\n{error}") from None


def save_result(path: Path, result: Result) -> None:
    """Writes it whole or not at all."""
    fs.commit_text(path, result.model_dump_json(indent=1) + "\n")


def in_order(names: Iterable[str]) -> list[str]:
    """By the year in the name, then by name; those without a year first."""

    def key(name: str) -> tuple[int, str]:
        year = re.search(r"(?:19|20)\d\d", name)
        return int(year[0]) if year else 0, name

    return sorted(names, key=key)


def recipe_names(folder: Path = RECIPES) -> list[str]:
    """The recipes for translation there are, in order."""
    return in_order(path.stem for path in folder.glob("*.yaml") if "\ntask: translation\n" in path.read_text("utf-8"))


def recipe_body(name: str) -> str:
    """The text of a recipe without the lines that are comments: what a new header does not change."""
    lines = (RECIPES / f"{name}.yaml").read_text("utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith("#"))


def group_names() -> list[str]:
    """`1-7`, ..., `15+`."""
    closed = [f"{low}-{high - 1}" for low, high in pairwise(LENGTHS)]
    return [*closed, f"{LENGTHS[-1]}+"]


def grouped(sources: Sequence[str]) -> list[list[int]]:
    """The indices of the lines in each group, by words between spaces; a blank line is in none."""
    groups: list[list[int]] = [[] for _ in LENGTHS]
    for index, source in enumerate(sources):
        reached = sum(len(source.split()) >= low for low in LENGTHS)
        if reached:
            groups[reached - 1].append(index)
    return groups


def score(sources: Sequence[str], refs: Sequence[str], hyps: Sequence[str]) -> Scores:
    """BLEU and chrF with intervals, BLEU again for each group that has lines. The three are aligned."""
    whole = score_corpus(hyps, [refs], ["bleu", "chrf"], bootstrap=BOOTSTRAP)
    groups = []
    for words, lines in zip(group_names(), grouped(sources), strict=True):
        if lines:
            own_hyps, own_refs = ([texts[index] for index in lines] for texts in (hyps, refs))
            found = score_corpus(own_hyps, [own_refs], ["bleu"], bootstrap=BOOTSTRAP)["bleu"]
            groups.append(Group(words=words, lines=len(lines), bleu=_scored(found)))
    return Scores(lines=len(hyps), bleu=_scored(whole["bleu"]), chrf=_scored(whole["chrf"]), groups=groups)


def _scored(found: Score) -> Scored:
    assert found.low is not None
    assert found.high is not None
    return Scored(value=found.value, low=found.low, high=found.high, signature=found.signature)
