"""Names and numbers that nobody saw in training: a model that points copies them, one that only generates cannot."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.processes import Done, Warm

pytestmark = pytest.mark.slow

SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "ra", "se", "ti", "vo", "zu", "fa", "gi", "ho", "ju")
NEWS = [
    "{a} told {b} that the price was {n} euros yesterday",
    "yesterday {b} heard from {a} that it costs {n} euros",
    "the shop of {a} sells it to {b} for {n} euros",
]


def names(count: int, syllables: int, rng: random.Random) -> list[str]:
    return ["".join(rng.choice(SYLLABLES) for _ in range(syllables)).capitalize() for _ in range(count)]


def pairs(count: int, people: Sequence[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Who, to whom, how much: in another order, with words between."""
    for _ in range(count):
        a, b = rng.sample(people, 2)
        number = rng.randint(100, 99_999)
        yield rng.choice(NEWS).format(a=a, b=b, n=number), f"{a} : {number} ( {b} )"


def write(folder: Path, **changes: Any) -> Path:
    """A recipe with its corpus; words are tokens, and few of them are in the vocabulary."""
    rng = random.Random(1)
    known, new = names(60, 3, rng), names(200, 4, rng)
    for name, people, count in (("train", known, 2000), ("valid", known, 40), ("test", new, 150)):
        made = list(pairs(count, people, rng))
        for side, place in (("src", 0), ("tgt", 1)):
            (folder / f"{name}.{side}").write_text("".join(f"{pair[place]}\n" for pair in made), "utf-8")
    values = {
        "task": "summarization",
        "data": {one: {"src": f"{one}.src", "tgt": f"{one}.tgt"} for one in ("train", "valid", "test")},
        "tokenizer": {"kind": "word", "vocab_size": 120},
        "model": {
            "embedding": 48,
            "encoder": {"kind": "gru", "hidden": 32},
            "decoder": {"kind": "gru", "hidden": 64},
            "attention": {"kind": "additive"},
            **changes,
        },
        "training": {
            "batch_tokens": 512,
            "optimizer": {"lr": 0.005},
            "max_steps": 500,
            "max_epochs": None,
            "validate_every": 250,
            "metrics": [],
            "threads": 1,
        },
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(values), "utf-8")
    return path


@dataclass(frozen=True)
class Place:
    """Where two models were trained, `points` and `plain`, and what runs commands there."""

    path: Path
    warm: Warm

    def seqtool(self, *arguments: str) -> Done:
        return self.warm.seqtool(*arguments, cwd=self.path)


@pytest.fixture(scope="module")
def folder(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("pointer")
    for name, pointer in (("points", True), ("plain", False)):
        write(folder, pointer=pointer)
        assert warm.seqtool("train", "recipe.yaml", f"run_dir=runs/{name}", cwd=folder).code == 0
    return Place(folder, warm)


def said(folder: Place, *options: str) -> list[str]:
    done = folder.seqtool("translate", *options, "test.src")
    assert done.code == 0, done.err
    return done.out.splitlines()


def right(folder: Place, *options: str) -> float:
    expected = (folder.path / "test.tgt").read_text("utf-8").splitlines()
    return sum(map(str.__eq__, said(folder, *options), expected)) / len(expected)


@pytest.mark.parametrize("options", [["--beam-size", "1"], ["--precision", "int8"], ["--runtime", "torch"]])
def test_what_was_never_seen_is_copied(folder: Place, options: list[str]) -> None:
    assert right(folder, "-m", "runs/points", *options) >= 0.9


def test_without_pointing_nothing_of_it_is_right(folder: Place) -> None:
    assert right(folder, "-m", "runs/plain") <= 0.02


def test_an_ensemble_copies_too(folder: Place) -> None:
    assert right(folder, "-m", "runs/points", "-m", "runs/plain") >= 0.5


def test_a_line_does_not_depend_on_its_neighbours(folder: Place) -> None:
    together = said(folder, "-m", "runs/points", "--batch-size", "50")
    assert said(folder, "-m", "runs/points", "--batch-size", "1") == together


def test_scores_are_those_of_the_search(folder: Place) -> None:
    """`score` reads what `translate` wrote, names and all; pieces are shown as they stand in the source."""
    lines = [json.loads(line) for line in said(folder, "-m", "runs/points", "--format", "jsonl", "--details")]
    (folder.path / "said.txt").write_text("".join(f"{line['text']}\n" for line in lines), "utf-8")
    scored = folder.seqtool("score", "-m", "runs/points", "--format", "jsonl", "test.src", "said.txt").out
    for line, found in zip(lines, map(json.loads, scored.splitlines()), strict=True):
        best = line["hypotheses"][0]
        assert found["log_prob"] == pytest.approx(best["log_prob"], abs=1e-3)
        assert [piece for piece, _ in found["tokens"]] == [piece for piece, _ in best["tokens"]]
    name = lines[0]["text"].split()[0]
    assert any(name in piece for piece, _ in lines[0]["hypotheses"][0]["tokens"])
