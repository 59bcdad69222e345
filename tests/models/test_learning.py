"""A model that works learns: strings of digits come back as they went in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from seqtool.batching import Batch, collate
from seqtool.decoding.rules import LengthLimit
from seqtool.models.seq2seq import Seq2Seq
from seqtool.runtime.torch_stepper import TorchStepper
from tests.decoding.searching import greedy_search

VOCAB = 14  # pad, unk, bos, eos and ten digits
STEPS, ROWS = 220, 64

MakeModel = Callable[..., Seq2Seq]


def strings(count: int, seed: int) -> list[np.ndarray]:
    """Strings of one to six digits, as ids."""
    rng = np.random.default_rng(seed)
    return [rng.integers(4, VOCAB, rng.integers(1, 7)) for _ in range(count)]


def loss(model: Seq2Seq, batch: Batch) -> torch.Tensor:
    """Per token."""
    src, tgt_in, tgt_out = (torch.from_numpy(part) for part in (batch.src, batch.tgt_in, batch.tgt_out))
    src_mask, tgt_mask = src != 0, tgt_out != 0
    return model.losses(src, src_mask, tgt_in, tgt_out, tgt_mask, smoothing=0.0).loss / tgt_mask.sum()


@pytest.mark.parametrize("feeding", [False, True])
def test_copying_is_learned(make_model: MakeModel, feeding: bool) -> None:
    model = make_model(
        src_vocab=VOCAB,
        tgt_vocab=VOCAB,
        embedding=32,
        encoder__hidden=32,
        decoder__hidden=64,
        decoder__input_feeding=feeding,
        attention__kind="additive",
        attention__size=32,
        dropout__layer=0.1,
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(STEPS):
        rows = strings(ROWS, step)
        optimizer.zero_grad()
        loss(model, collate(rows, rows)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    unseen = strings(200, 1_000_000)
    batch = collate(unseen, unseen)
    found = greedy_search(
        TorchStepper(model), batch.src, batch.src_lengths, limit=LengthLimit(2.0, 10), length_penalty=1.0
    )
    right = sum(one[0].tokens == tuple(row.tolist()) for one, row in zip(found, unseen, strict=True))
    assert right >= 190
