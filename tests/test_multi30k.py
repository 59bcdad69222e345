"""Real text, where it is there: a line's translation does not depend on what else is in the batch, and scores agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.cli.processes import PACKAGE_ROOT, python, seqtool

MULTI30K = PACKAGE_ROOT.parent / "shared" / "data" / "multi30k"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not MULTI30K.is_dir(), reason="Multi30k is not there"),
]

_RECIPE = """
data:
  train: {{src: {0}/train.de, tgt: {0}/train.en}}
  valid: {{src: {0}/val.de, tgt: {0}/val.en}}
  test: {{src: {0}/test.de, tgt: {0}/test.en}}
tokenizer: {{vocab_size: 2000}}
model:
  embedding: 96
  tie: all
  encoder: {{hidden: 64}}
  decoder: {{hidden: 128}}
  attention: {{kind: scaled_dot}}
training:
  batch_tokens: 1024
  optimizer: {{lr: 0.004}}
  max_steps: 500
  validate_every: 500
  metrics: [bleu, chrf]
  threads: 1
"""


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that has seen less than an epoch: unsure of itself, so ties are close."""
    folder = tmp_path_factory.mktemp("multi30k")
    (folder / "small.yaml").write_text(_RECIPE.format(MULTI30K), "utf-8")
    done = seqtool("train", "small.yaml", cwd=folder)
    assert done.code == 0, done.err
    return folder / "runs" / "small"


RUNTIMES = {
    "torch": ("--runtime", "torch"),
    "onnx-fp32": ("--runtime", "onnx"),
    "onnx-int8": ("--runtime", "onnx", "--precision", "int8"),
}


def translated(run_dir: Path, runtime: str, lines: Sequence[str], *options: str) -> list[str]:
    text = "".join(f"{line}\n" for line in lines).encode()
    whole = ("translate", "-m", run_dir, *RUNTIMES[runtime], *options, "-q")
    done = seqtool(*whole, cwd=run_dir, stdin=text)
    assert done.code == 0, done.err
    return done.out.splitlines()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_any_batch_size_and_any_neighbours_give_the_same_text(run_dir: Path, runtime: str) -> None:
    source = (MULTI30K / "test.de").read_text("utf-8").splitlines()
    expected = translated(run_dir, runtime, source, "--batch-size", "64")
    assert len(expected) == 1000
    assert len(set(expected)) > 500, "a model that always says the same would pass"
    order = np.random.default_rng(1).permutation(len(source))
    shuffled = translated(run_dir, runtime, [source[place] for place in order], "--batch-size", "64")
    assert shuffled == [expected[place] for place in order]
    assert translated(run_dir, runtime, source, "--batch-size", "7", "--threads", "1") == expected
    assert translated(run_dir, runtime, source, "--batch-size", "1", "--threads", "1") == expected


def test_onnx_says_what_torch_says(run_dir: Path) -> None:
    """The few lines that may differ are ties: both outputs have the same score."""
    source = (MULTI30K / "test.de").read_text("utf-8").splitlines()
    one, other = (
        [line.split("\t") for line in translated(run_dir, runtime, source, "--format", "tsv")]
        for runtime in ("torch", "onnx-fp32")
    )
    differing = [(mine, theirs) for mine, theirs in zip(one, other, strict=True) if mine[0] != theirs[0]]
    assert len(differing) <= 5
    assert all(abs(float(mine[1]) - float(theirs[1])) < 1e-4 for mine, theirs in differing)
    assert max(abs(float(mine[1]) - float(theirs[1])) for mine, theirs in zip(one, other, strict=True)) < 1e-4


def test_validation_evaluate_and_sacrebleu_give_the_same_number(run_dir: Path, tmp_path: Path) -> None:
    records = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text("utf-8").splitlines()]
    at_validation = next(one["bleu"] for one in records if one["kind"] == "valid")
    src, ref = MULTI30K / "val.de", MULTI30K / "val.en"
    by_model = seqtool("evaluate", "-m", run_dir, "--src", src, "--ref", ref, "--json", cwd=tmp_path)
    assert by_model.code == 0, by_model.err
    score = json.loads(by_model.out)["systems"][0]["scores"]["bleu"]
    assert score["value"] == at_validation
    seqtool("translate", "-m", run_dir, "-o", "out.en", src, cwd=tmp_path)
    command = python("-m", "sacrebleu", ref, "-i", "out.en", "-w", "10", cwd=tmp_path)
    found = json.loads(command.out)
    assert found["score"] == pytest.approx(at_validation, abs=1e-9)
    assert score["signature"] in found["signature"] or found["signature"] in score["signature"]
