"""Graphs as they are traced: of any length, and without a word of the machine that made them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqtool.decoding.stepper import BOS, Constraints
from seqtool.export.graphs import stepper_of, with_head
from seqtool.export.trace import trace
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.runtime.torch_stepper import TorchStepper
from tests.cli.processes import PACKAGE_ROOT

VOCAB = 13


def model(kind: str, chunk: int | None = None) -> Seq2Seq:
    torch.manual_seed(1)
    encoder = {"kind": kind, "hidden": 8, "chunk": chunk}
    section = ModelSection.model_validate({"embedding": 8, "encoder": encoder, "decoder": {"kind": "gru", "hidden": 8}})
    return build_model(section, VOCAB, VOCAB).eval()


@pytest.mark.parametrize("kind", ["gru", "transformer"])
@pytest.mark.parametrize("length", [3, 8, 20])
def test_a_source_of_several_chunks_is_read_as_torch_reads_it(kind: str, length: int) -> None:
    """Also where a chunk is longer than the shortest example would be."""
    made = model(kind, chunk=8)
    ours, theirs = stepper_of(with_head(trace(made), VOCAB)), TorchStepper(made)
    for sentences in (1, 2):
        src = np.random.default_rng(3).integers(4, 9, (sentences, length))
        sizes = np.array([length, length - 2][:sentences])
        states = ours.start(src, sizes), theirs.start(src, sizes)
        found = [
            stepper.step(np.full(sentences, BOS), state, Constraints(), 4)[0]  # type: ignore[attr-defined]
            for stepper, state in zip((ours, theirs), states, strict=True)
        ]
        np.testing.assert_allclose(found[0].log_probs, found[1].log_probs, atol=1e-5)


@pytest.mark.parametrize("kind", ["gru", "mingru", "transformer"])
def test_a_graph_says_nothing_of_the_folders_it_was_made_in(kind: str) -> None:
    for graph in trace(model(kind)):
        data = graph.SerializeToString()
        for place in (PACKAGE_ROOT, torch.__path__[0]):
            assert str(place).encode() not in data
        assert b"stack_trace" not in data
