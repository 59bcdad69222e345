"""A sentence in one vector: blocks without attention choose what it says, and only those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqtool.models.blocks import masked_mean
from seqtool.models.pooling import Pooling
from seqtool.models.seq2seq import Seq2Seq

MakeModel = Callable[..., Seq2Seq]


@pytest.mark.parametrize(("dim", "heads"), [(64, 8), (12, 4), (6, 2), (5, 1)])
def test_heads_divide_the_size(dim: int, heads: int) -> None:
    pooling = Pooling(dim)
    assert pooling.heads == heads
    assert pooling(torch.randn(3, 4, dim), torch.ones(3, 4, dtype=torch.bool)).shape == (3, dim)


def test_padding_is_not_looked_at() -> None:
    pooling, memory = Pooling(8), torch.randn(2, 5, 8)
    mask = torch.arange(5) < torch.tensor([[2], [5]])
    alone = pooling(memory[:1, :2], mask[:1, :2])
    torch.testing.assert_close(pooling(memory, mask)[:1], alone)


def test_a_head_that_knows_a_position_says_what_is_there() -> None:
    """What a mean cannot do: with one score far above the others, the vector is one position's."""
    pooling, memory = Pooling(8), torch.randn(1, 5, 8)
    with torch.no_grad():
        pooling.score.weight.copy_(1000 * memory[0, 3].expand(8, 8))
        pooling.value.weight.copy_(torch.eye(8))
        scores = memory[0] @ memory[0, 3]
        found = pooling(memory, torch.ones(1, 5, dtype=torch.bool))
    torch.testing.assert_close(found[0], memory[0, int(scores.argmax())])


def test_heads_look_for_themselves() -> None:
    pooling, memory = Pooling(8), torch.randn(1, 5, 8)
    mask = torch.ones(1, 5, dtype=torch.bool)
    before = pooling(memory, mask)
    with torch.no_grad():
        pooling.score.weight[3] += 1.0
    assert ((pooling(memory, mask) != before)[0].nonzero().squeeze(1)).tolist() == [3]


@pytest.mark.parametrize("kind", ["transformer", "conv", "ssru"])
def test_only_models_without_attention_have_it(make_model: MakeModel, sample: Any, kind: str) -> None:
    """A model with attention keeps its parameters, and the mean."""
    sizes = {"both__kind": kind, "both__hidden": 8}
    plain, pooled = make_model(**sizes).eval(), make_model(attention__kind="none", **sizes).eval()
    assert not any("pooling" in name for name, _ in plain.named_parameters())
    memory, mask, summary, *_ = plain.encoder(sample.src, sample.src_mask)
    assert torch.equal(summary, masked_mean(memory, mask))
    memory, mask, summary, *_ = pooled.encoder(sample.src, sample.src_mask)
    assert torch.equal(summary, pooled.encoder.pooling(memory, mask))
