"""The trainings that `benchmarks.train_peers` runs: commands, settings that do not depend on the model, and what the logs say.

About 1,740 real target tokens an update: JoeyNMT, which sorts nothing by length, needs a larger budget of padded tokens for that. The
models are in `benchmarks.peer_models`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import yaml

from benchmarks.peer_models import Settings
from seqtool.recipe.schema import CorpusSection, DataSection, TokenizerSection
from seqtool.text.prepared import prepare

VOCAB_SIZE = 8000
SPECIALS = 4
SORTED_BATCH = 2048
UNSORTED_BATCH = 4096


@dataclass(frozen=True)
class Window:
    """What a log says of the updates since its line before: real target tokens, and seconds."""

    tokens: float
    seconds: float


@dataclass(frozen=True)
class Plan:
    """A round. `root` is for files, and holds `pieces.model` and `pieces.txt`; `seed` differs between rounds, so that batches do; `windows`
    of updates are logged, the first of them to warm up."""

    data: Path
    root: Path
    seed: int
    threads: int
    windows: int


@dataclass(frozen=True)
class Contestant:
    """A training to be run: `every` updates are a window, and `read` finds all windows but the first, given what the process printed. What
    it writes is under `folder`."""

    name: str
    command: Sequence[str]
    folder: Path
    every: int
    read: Callable[[Path], list[Window]]


def prepare_text(plan: Plan) -> None:
    """seqtool's store of this round, and its pieces for the others."""

    def section(name: str) -> CorpusSection:
        return CorpusSection(src=str(plan.data / f"{name}.de"), tgt=str(plan.data / f"{name}.en"))

    data = DataSection(train=section("train"), valid=section("val"))
    tok = TokenizerSection(vocab_size=VOCAB_SIZE)
    store = prepare(data, tok, root=plan.root, seed=plan.seed, task="translation", threads=plan.threads)
    tokenizer = store.tokenizers.src
    (plan.root / "pieces.model").write_bytes(tokenizer.model_bytes)
    pieces = tokenizer.pieces(range(SPECIALS, tokenizer.vocab_size))  # the peers add special ones of their own
    (plan.root / "pieces.txt").write_text("".join(f"{piece}\n" for piece in pieces), "utf-8")


def write_yaml(path: Path, settings: Mapping[str, object]) -> str:
    """Writes settings; the path as a string."""
    path.write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
    return str(path)


def seqtool(plan: Plan, name: str, settings: Settings) -> Contestant:
    """seqtool under this name: the rows of its models are told apart by it."""
    folder = plan.root / name.replace(", ", "-").replace(" ", "-")
    corpora = {
        role: {"src": str(plan.data / f"{corpus}.de"), "tgt": str(plan.data / f"{corpus}.en")}
        for role, corpus in (("train", "train"), ("valid", "val"))
    }
    tok = {"vocab_size": VOCAB_SIZE}
    training = {**seqtool_training(plan, settings.every), **settings.training}
    recipe = {
        "run_dir": str(folder),
        "data": corpora,
        "tokenizer": tok,
        "model": dict(settings.model),
        "training": training,
    }
    command = [sys.executable, "-m", "seqtool", "train", write_yaml(plan.root / f"{folder.name}.yaml", recipe)]
    return Contestant(name, command, folder, settings.every, lambda _: read_seqtool(folder / "metrics.jsonl"))


def seqtool_training(plan: Plan, every: int) -> dict[str, object]:
    """The recipe's last section, but for what the model asks for."""
    updates = every * plan.windows
    return {
        "seed": plan.seed,
        "batch_tokens": SORTED_BATCH,
        "clip_norm": 1.0,
        "max_steps": updates,
        "max_epochs": None,
        "validate_every": updates,
        "checkpoint_every": updates,
        "metrics": [],
        "log_every": every,
        "device": "cpu",
        "precision": "fp32",
        "threads": plan.threads,
        "export": False,
    }


def read_seqtool(metrics: Path) -> list[Window]:
    """The tokens are speed times time."""
    lines = [json.loads(line) for line in metrics.read_text("utf-8").splitlines()]
    lines = [line for line in lines if line["kind"] == "train"]
    seconds = [after["seconds"] - before["seconds"] for before, after in pairwise(lines)]
    return [Window(line["tokens_per_second"] * spent, spent) for line, spent in zip(lines[1:], seconds, strict=True)]


def joey(plan: Plan, settings: Settings, python: str) -> Contestant:
    """JoeyNMT."""
    folder = plan.root / "joey"
    texts = {"train": str(plan.data / "train"), "dev": str(plan.data / "val"), "dataset_type": "plain"}
    config = {
        "name": "peer",
        "joeynmt_version": "2.3.0",
        "model_dir": str(folder),
        "use_cuda": False,
        "fp16": False,
        "random_seed": plan.seed,
        "data": {**texts, "src": joey_side(plan, "de"), "trg": joey_side(plan, "en")},
        "testing": {"beam_size": 1, "batch_size": 64, "batch_type": "sentence", "eval_metrics": ["bleu"]},
        "training": {
            "optimizer": "adam",
            "clip_grad_norm": 1.0,
            "normalization": "tokens",
            "batch_size": UNSORTED_BATCH,
            "batch_type": "token",
            "updates": settings.every * plan.windows,
            "epochs": 1000,
            "logging_freq": settings.every,
            "validation_freq": 1_000_000,
            **settings.training,
        },
        "model": dict(settings.model),
    }
    command = [python, "-m", "joeynmt", "train", write_yaml(plan.root / "joey.yaml", config), "--skip-test"]
    return Contestant("JoeyNMT", command, folder, settings.every, read_joey)


def joey_side(plan: Plan, lang: str) -> dict[str, object]:
    """The text of one side."""
    return {
        "lang": lang,
        "max_length": 100,
        "level": "bpe",
        "voc_limit": VOCAB_SIZE,
        "voc_min_freq": 1,
        "voc_file": str(plan.root / "pieces.txt"),
        "tokenizer_type": "sentencepiece",
        "tokenizer_cfg": {"model_file": str(plan.root / "pieces.model"), "pretokenizer": "none"},
    }


def read_joey(output: Path) -> list[Window]:
    """The tokens are speed times the time between two lines."""
    line = re.compile(r"^(\S+ \S+) - INFO .* Step: .* Tokens per Sec: +(\d+),", re.MULTILINE)
    found = line.findall(output.read_text("utf-8"))
    moments = [datetime.strptime(moment, "%Y-%m-%d %H:%M:%S,%f") for moment, _ in found]
    seconds = [(after - before).total_seconds() for before, after in pairwise(moments)]
    return [Window(float(speed) * spent, spent) for (_, speed), spent in zip(found[1:], seconds, strict=True)]


OPENNMT_ALWAYS: dict[str, object] = {
    "share_vocab": True,
    "src_subword_type": "sentencepiece",
    "tgt_subword_type": "sentencepiece",
    "skip_empty_level": "silent",
    "bucket_size": 29_000,  # all of Multi30k is sorted by length at once
    "num_workers": 0,
    "batch_type": "tokens",
    "batch_size": SORTED_BATCH,
    "normalization": "tokens",
    "max_grad_norm": 1,
    "model_dtype": "fp32",
    "optim": "adam",
}


def opennmt(plan: Plan, settings: Settings, program: str) -> Contestant:
    """OpenNMT-py."""
    folder, every = plan.root / "opennmt", settings.every
    texts = {"path_src": str(plan.data / "train.de"), "path_tgt": str(plan.data / "train.en")}
    config = {
        **OPENNMT_ALWAYS,
        **settings.model,
        **settings.training,
        "data": {"train": {**texts, "transforms": ["sentencepiece"], "weight": 1}},
        "src_vocab": str(plan.root / "pieces.txt"),
        "tgt_vocab": str(plan.root / "pieces.txt"),
        "src_subword_model": str(plan.root / "pieces.model"),
        "tgt_subword_model": str(plan.root / "pieces.model"),
        "seed": plan.seed,
        "save_model": str(folder / "model"),
        "train_steps": every * plan.windows,
        "report_every": every,
    }
    command = [program, "-config", write_yaml(plan.root / "opennmt.yaml", config)]
    return Contestant("OpenNMT-py", command, folder, every, lambda output: read_opennmt(output, every))


def read_opennmt(output: Path, every: int) -> list[Window]:
    """Tokens a batch (`bsz`) and a second (`tok/s`), of source and target: the second is meant."""
    line = re.compile(r"Step +\d+/.* bsz: +\d+/ *(\d+)/.*; +\d+/ *(\d+) tok/s")
    found = [(int(size) * every, int(speed)) for size, speed in line.findall(output.read_text("utf-8"))]
    return [Window(tokens, tokens / speed) for tokens, speed in found[1:]]
