"""How much memory a model needs for sources of 1,000, 2,000 and 4,000 tokens. `python -m tests.models.long_sources KIND train|decode`
prints the greatest size of the process, in bytes, after each: it is one of its own, because no one gives back what others have taken."""

from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqtool.decoding.plan import Scoring, SearchPlan
from seqtool.decoding.rules import LengthLimit
from seqtool.decoding.search import search
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.runtime.torch_stepper import TorchStepper

LENGTHS = (1000, 2000, 4000)
VOCAB, BATCH, WRITTEN, BEAM = 300, 8, 16, 4
WIDTH = {"hidden": 64, "layers": 2}
KINDS: dict[str, dict[str, Any]] = {
    "gru": {
        "encoder": {"kind": "gru", "hidden": 32},
        "decoder": {"kind": "gru", "hidden": 64, "input_feeding": True},
        "hierarchy": {"hidden": 32, "max_sentences": 32},
    },
    "chunks": {
        "encoder": {"kind": "transformer", **WIDTH, "chunk": 100},
        "decoder": {"kind": "transformer", **WIDTH},
        "hierarchy": {"hidden": 32, "max_sentences": 32},
    },
}


def train(model: Seq2Seq, length: int) -> None:
    """One update's worth of gradients."""
    src, tgt = torch.randint(4, VOCAB, (BATCH, length)), torch.randint(4, VOCAB, (BATCH, WRITTEN))
    real = torch.ones_like(tgt, dtype=torch.bool)
    model.train().losses(src, torch.ones_like(src, dtype=torch.bool), tgt, tgt, real, smoothing=0.1).loss.backward()
    model.zero_grad()


def decode(model: Seq2Seq, length: int) -> None:
    """A beam search."""
    src = np.random.default_rng(1).integers(4, VOCAB, (BATCH, length))
    plan = SearchPlan(BEAM, 1, Scoring(1.0), LengthLimit(0.0, WRITTEN))
    search(TorchStepper(model), src, np.full(BATCH, length), plan)


def greatest_size() -> int:
    """The most memory this program has had, in bytes. What getrusage says may be that of the process it was started by."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    assert found
    return int(found[1]) * 1024


def main(kind: str, way: str) -> None:
    torch.set_num_threads(1)
    ctypes.CDLL(None).mallopt(-3, 1 << 16)  # what is freed is given back at once: M_MMAP_THRESHOLD
    torch.manual_seed(1)
    section = ModelSection.model_validate({"embedding": 64, **KINDS[kind]})
    model = build_model(section, VOCAB, VOCAB, sentence_ends=range(4, VOCAB, 25))
    run = {"train": train, "decode": decode}[way]
    run(model, 50)
    for length in LENGTHS:
        run(model, length)
        print(greatest_size())


if __name__ == "__main__":
    main(*sys.argv[1:])
