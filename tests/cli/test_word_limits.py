"""`--min-words` and `--max-words`, and the same of a recipe: words of the text that comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqtool.model_dir import WEIGHTS, open_model_dir, write_model_dir
from tests.cli.processes import Done, Warm
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines

STDIN = "".join(f"{src}\n" for src, _ in number_pairs(24, 8)).encode()
LIMITS = ("--min-words", "5", "--max-words", "6")

Ask = Callable[..., Done]


@pytest.fixture
def ask(trained: Trained, warm: Warm, tmp_path: Path) -> Ask:
    """Runs a command that reads `STDIN`."""

    def run(*options: str | Path, command: str = "translate", model: Path = trained.run_dir) -> Done:
        return warm.seqtool(command, "-m", model, *options, cwd=tmp_path, stdin=STDIN)

    return run


def texts(done: Done) -> list[list[str]]:
    """The outputs of each line."""
    assert done.code == 0, done.err
    objects: list[dict[str, Any]] = [json.loads(line) for line in done.out.splitlines()]
    return [[each["text"] for each in one["hypotheses"]] for one in objects]


def test_without_limits_outputs_are_shorter_and_longer(ask: Ask) -> None:
    free = [len(one[0].split()) for one in texts(ask("--format", "jsonl"))]
    assert min(free) < 5
    assert max(free) > 6


@pytest.mark.parametrize(
    "options",
    [
        ["--beam-size", "1"],
        ["--n-best", "2"],
        ["--beam-size", "4", "--n-best", "2", "--groups", "2"],
        ["--sample", "--n-best", "3"],
        ["--prefix", "six"],
        ["--glossary", "few.tsv"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("command", ["translate", "summarize"])
def test_they_hold_in_every_search_and_batch(command: str, options: list[str], ask: Ask, tmp_path: Path) -> None:
    write_lines(tmp_path / "few.tsv", ["zwei drei\tsix six"])
    ways = (*LIMITS, "--format", "jsonl", *options, "--batch-size")
    found = texts(ask(*ways, "7", command=command))
    assert texts(ask(*ways, "1", command=command)) == found
    for text in (text for one in found for text in one):
        assert 5 <= len(text.split()) <= 6


def test_a_recipe_limits_them_and_an_option_goes_first(ask: Ask, trained: Trained, tmp_path: Path) -> None:
    opened = open_model_dir(trained.run_dir)
    decoding = opened.config.decoding.model_copy(update={"max_words": 3})
    config = opened.config.model_copy(update={"decoding": decoding})
    few = tmp_path / "model"
    write_model_dir(few, opened.read(WEIGHTS), opened.tokenizers, config)
    assert max(len(text.split()) for (text,) in texts(ask("--format", "jsonl", model=few))) == 3
    typed = texts(ask("--format", "jsonl", "--max-words", "5", model=few))
    assert max(len(text.split()) for (text,) in typed) == 5
    refused = ask("--min-words", "4", model=few)
    assert refused.code == 2
    assert refused.err == (
        "error[usage.range]: --min-words: at least 4 words and at most 3\n"
        "hint: give both --min-words and --max-words, the first not above the second\n"
    )
