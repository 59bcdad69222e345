"""Positions: what makes them positions, not their digits."""

from __future__ import annotations

import math

import pytest
import torch

from seqtool.models.positions import LearnedPositions, SinusoidalPositions, rotate


def test_sinusoids_by_hand() -> None:
    """Vaswani et al. 2017, section 3.5: wavelengths 2 pi times 10,000^(2i/d)."""
    found = SinusoidalPositions(6)(torch.tensor([0, 3]))
    waves = [10_000 ** (-2 * pair / 6) for pair in range(3)]
    expected = [[math.sin(3 * wave) for wave in waves] + [math.cos(3 * wave) for wave in waves]]
    torch.testing.assert_close(found[1:], torch.tensor(expected))
    torch.testing.assert_close(found[0], torch.tensor([0.0, 0, 0, 1, 1, 1]))
    assert SinusoidalPositions(5)(torch.tensor([1])).shape == (1, 5)


def test_learned_positions_end() -> None:
    positions = LearnedPositions(4, count=3)
    found = positions(torch.tensor([0, 2, 3, 99]))
    torch.testing.assert_close(found[0], positions.weight[0])
    torch.testing.assert_close(found[2], positions.weight[2])
    torch.testing.assert_close(found[3], positions.weight[2])


@pytest.mark.parametrize("shift", [1, 5, 40])
def test_a_rotation_knows_distances_only(shift: int) -> None:
    """Su et al. 2021, section 3.1: the product of a turned query and a turned key depends on how far they are apart."""
    generator = torch.Generator().manual_seed(1)
    query, key = torch.randn(2, 8, generator=generator, dtype=torch.float64).unbind(0)

    def product(one: int, other: int) -> float:
        return float(rotate(query, torch.tensor(one)) @ rotate(key, torch.tensor(other)))

    assert product(7, 4) == pytest.approx(product(7 + shift, 4 + shift), rel=1e-5)
    assert product(7, 4) != pytest.approx(product(7 + shift, 4), rel=1e-3)
    assert float(rotate(query, torch.tensor(shift)).norm()) == pytest.approx(float(query.norm()), rel=1e-6)
    torch.testing.assert_close(rotate(query, torch.tensor(0)), query)
