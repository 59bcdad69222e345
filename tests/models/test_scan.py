"""A linear recurrence: by its definition, whichever way it is computed, and its gradient."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from seqtool.models.scan import in_order, in_parallel, linear_scan


def terms(length: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(length)
    decay, added = (torch.randn(3, length, 2, generator=generator, dtype=dtype) for _ in range(2))
    return decay.sigmoid(), added


def by_definition(decay: Tensor, added: Tensor) -> Tensor:
    state, states = torch.zeros_like(added[:, 0]), []
    for position in range(added.shape[1]):
        state = decay[:, position] * state + added[:, position]
        states.append(state)
    return torch.stack(states, 1)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 13, 33])
def test_both_ways_are_the_definition(length: int) -> None:
    decay, added = terms(length)
    expected = by_definition(decay, added)
    for way in (in_order, in_parallel, lambda one, two: linear_scan(one, two)):
        torch.testing.assert_close(way(decay, added), expected)
    backwards = by_definition(decay.flip(1), added.flip(1)).flip(1)
    for way in (in_order, in_parallel):
        torch.testing.assert_close(way(decay, added, backwards=True), backwards)


@pytest.mark.parametrize("length", [1, 2, 7])
def test_gradients_are_those_of_small_differences(length: int) -> None:
    decay, added = (one.requires_grad_() for one in terms(length))
    assert torch.autograd.gradcheck(linear_scan, (decay, added))


def test_a_long_sequence_neither_vanishes_nor_bursts() -> None:
    """Sums of 4,000 terms: the parallel way keeps products of decays, which become 0, and is as exact."""
    decay, added = terms(4000, torch.float32)
    exact = in_order(decay.double(), added.double()).float()
    for way in (in_order, in_parallel):
        torch.testing.assert_close(way(decay, added), exact, rtol=1e-4, atol=1e-5)
