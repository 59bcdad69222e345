"""Attention: each score by its formula, padding out of reach, long inputs in pieces."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from seqtool.models.attention import Attention, AttentionKind, build_attention
from seqtool.models.memory import EncoderOutput

KINDS: tuple[AttentionKind, ...] = ("additive", "dot", "general", "scaled_dot")
HIDDEN, MEMORY, SIZE = 6, 4, 3


def build(kind: AttentionKind) -> Attention:
    torch.manual_seed(0)
    return build_attention(kind, HIDDEN, HIDDEN if kind == "dot" else MEMORY, SIZE)


def source(kind: AttentionKind) -> EncoderOutput:
    torch.manual_seed(1)
    memory = torch.randn(2, 5, HIDDEN if kind == "dot" else MEMORY)
    mask = torch.tensor([[True, True, True, True, True], [True, True, False, False, False]])
    return EncoderOutput(memory, mask, memory[:, 0], memory)


@torch.no_grad()
def score_by_hand(attention: Attention, kind: AttentionKind, query: Tensor, memory: Tensor) -> float:
    """The score of one query vector and one memory vector, as the papers write it."""
    weights = dict(attention.named_parameters())
    if kind == "dot":
        return float(query @ memory)
    if kind == "general":
        return float(query @ (weights["key.weight"] @ memory))
    if kind == "scaled_dot":
        return float((weights["query.weight"] @ query) @ (weights["key.weight"] @ memory)) / math.sqrt(SIZE)
    inner = weights["query.weight"] @ query + weights["key.weight"] @ memory + weights["key.bias"]
    return float(weights["energy.weight"][0] @ torch.tanh(inner))


@pytest.mark.parametrize("kind", KINDS)
def test_weights_and_contexts_by_hand(kind: AttentionKind) -> None:
    attention, encoded = build(kind), source(kind)
    query = torch.randn(2, 3, HIDDEN)
    contexts, weights = attention(query, attention.remember(encoded))
    assert weights is not None
    for sentence, length in ((0, 5), (1, 2)):
        memory = encoded.memory[sentence]
        for position in range(3):
            scores = [score_by_hand(attention, kind, query[sentence, position], memory[s]) for s in range(length)]
            expected = torch.softmax(torch.tensor(scores), 0)
            torch.testing.assert_close(weights[sentence, position, :length], expected)
            assert not weights[sentence, position, length:].any()
            torch.testing.assert_close(contexts[sentence, position], expected @ memory[:length])


@pytest.mark.parametrize("kind", KINDS)
def test_padding_is_out_of_reach(kind: AttentionKind) -> None:
    """Not even a memory that scores best of all may be read where there is no token, and no gradient goes there."""
    attention, encoded = build(kind), source(kind)
    query = torch.randn(2, 3, HIDDEN)
    plain, _ = attention(query, attention.remember(encoded))
    memory = torch.where(encoded.mask.unsqueeze(-1), encoded.memory, 1e4).requires_grad_()
    loud, weights = attention(query, attention.remember(EncoderOutput(memory, encoded.mask, memory[:, 0], memory)))
    torch.testing.assert_close(loud, plain)
    (loud.sum() + weights.square().sum()).backward()
    assert memory.grad is not None
    assert not memory.grad[~encoded.mask].any()
    assert memory.grad[encoded.mask].any(-1).all()


def test_no_attention_is_the_summary_everywhere() -> None:
    attention = build("none")
    encoded = source("none")
    contexts, weights = attention(torch.randn(2, 3, HIDDEN), attention.remember(encoded))
    assert weights is None
    assert torch.equal(contexts, encoded.summary.unsqueeze(1).expand(2, 3, MEMORY))
    assert list(attention.parameters()) == []


def test_no_attention_remembers_one_position() -> None:
    """The state of a search does not grow with the source where nothing will look at it."""
    memory = build("none").remember(source("none"))
    assert memory.keys.shape == memory.values.shape == (2, 1, MEMORY)
    assert memory.mask.tolist() == [[True], [True]]


@pytest.mark.parametrize(
    ("kind", "size", "count"),
    [
        ("none", None, 0),
        ("dot", None, 0),
        ("general", None, HIDDEN * MEMORY),
        ("scaled_dot", SIZE, SIZE * HIDDEN + SIZE * MEMORY),
        ("scaled_dot", None, HIDDEN * HIDDEN + HIDDEN * MEMORY),  # the size of the query unless told
        ("additive", SIZE, SIZE * HIDDEN + SIZE * MEMORY + SIZE + SIZE),  # query, key and its bias, energy
        ("additive", None, HIDDEN * HIDDEN + HIDDEN * MEMORY + HIDDEN + HIDDEN),
    ],
)
def test_parameters_are_what_the_formula_has(kind: AttentionKind, size: int | None, count: int) -> None:
    attention = build_attention(kind, HIDDEN, MEMORY, size)
    assert sum(part.numel() for part in attention.parameters()) == count
    assert attention.context_dim == MEMORY


@pytest.mark.parametrize("kind", KINDS)
def test_sentences_can_leave(kind: AttentionKind) -> None:
    attention, encoded = build(kind), source(kind)
    memory = attention.remember(encoded)
    query = torch.randn(2, 3, HIDDEN)
    whole, _ = attention(query, memory)
    second, _ = attention(query[1:], memory.select(torch.tensor([1])))
    torch.testing.assert_close(second, whole[1:])
