"""The shipped reports with names and numbers that no training report has: a model that points copies them into its headlines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqtool.text.tokenizer import UNK, Tokenizer
from tests.cli.processes import PACKAGE_ROOT, running, seqtool

pytestmark = pytest.mark.thorough  # ninety seconds of one core; test_pointer.py shows the same on smaller text

REPORTS = PACKAGE_ROOT / "data/reports"
WORD = r"[A-Za-z\d](?:[\w,.'-]*\w)?"


def apart(text: str) -> str:
    """The text with a space before each mark: a tokenizer of words takes `Denby.` for another word than `Denby`."""
    return " ".join(re.findall(rf"{WORD}|\S", text))


def rows(name: str) -> list[dict[str, Any]]:
    """The lines of a file of reports."""
    return [json.loads(line) for line in (REPORTS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def recipe(folder: Path) -> None:
    """`recipe.yaml` with its corpora."""
    for name in ("train", "valid"):
        pairs = [{side: apart(row[side]) for side in ("report", "headline")} for row in rows(name)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs), "utf-8")
    (folder / "unseen.txt").write_text("".join(apart(row["report"]) + "\n" for row in rows("unseen")), "utf-8")
    values = {
        "task": "summarization",
        "data": {name: {"jsonl": f"{name}.jsonl", "src": "report", "tgt": "headline"} for name in ("train", "valid")},
        "tokenizer": {"kind": "word", "vocab_size": 3000},
        "model": {
            "embedding": 96,
            "encoder": {"kind": "gru", "hidden": 96},
            "decoder": {"kind": "gru", "hidden": 192},
            "attention": {"kind": "additive"},
            # a word whose vector is missing can only be pointed at: what all unseen words have in common
            "dropout": {"embedding": 0.0, "layer": 0.0, "output": 0.1, "src_word": 0.2},
        },
        "training": {
            "batch_tokens": 1024,
            "optimizer": {"lr": 0.006},
            "schedule": {"kind": "cosine", "warmup_steps": 50},
            "label_smoothing": 0.0,
            "max_steps": 600,
            "max_epochs": None,
            "validate_every": 300,
            "metrics": [],
            "threads": 1,
        },
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(values), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two models were trained alike: `points`, and `plain`."""
    folder = tmp_path_factory.mktemp("unseen")
    recipe(folder)
    for name, pointer in (("points", "true"), ("plain", "false")):
        # about 40 seconds of one core each: beside other work longer than the limit for ordinary commands
        with running("train", "recipe.yaml", f"run_dir=runs/{name}", f"model.pointer={pointer}", cwd=folder) as process:
            said = process.communicate()[1].decode()
        assert process.returncode == 0, said
    return folder


def right(folder: Path, *options: str) -> float:
    """The share of the headlines' unseen words that a model's headlines have."""
    done = seqtool("summarize", *options, "unseen.txt", cwd=folder)
    assert done.code == 0, done.err
    told = zip(rows("unseen"), done.out.splitlines(), strict=True)
    found = [word in re.findall(WORD, headline) for row, headline in told for word in row["unseen"]]
    return sum(found) / len(found)


def test_unseen_words_are_no_tokens_of_the_models(folder: Path) -> None:
    tokenizer = Tokenizer((folder / "runs/points/model/tokenizer.model").read_bytes())
    assert tokenizer.vocab_size > 1000
    assert all(UNK in tokenizer.encode(word) for row in rows("unseen") for word in row["unseen"])


@pytest.mark.parametrize("beam", ["1", "5"])
def test_a_model_that_points_writes_them(folder: Path, beam: str) -> None:
    assert right(folder, "-m", "runs/points", "--beam-size", beam) >= 0.9


def test_one_that_only_generates_does_not(folder: Path) -> None:
    assert right(folder, "-m", "runs/plain") < 0.05
