"""Energies of additive attention, in blocks: values, gradients and memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from seqtool.models import additive_energies as module
from seqtool.models.additive_energies import additive_energies
from tests.cli.processes import python

BATCH, TGT, SRC, SIZE = 5, 7, 4, 6


def inputs(dtype: torch.dtype = torch.float32) -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    shapes = (BATCH, TGT, SIZE), (BATCH, SRC, SIZE), (SIZE,)
    return [torch.randn(shape, generator=generator, dtype=dtype).requires_grad_() for shape in shapes]


def covered(dtype: torch.dtype = torch.float32) -> list[Tensor]:
    """The same with coverage and its weight."""
    generator = torch.Generator().manual_seed(4)
    coverage = torch.rand(BATCH, TGT, SRC, generator=generator, dtype=dtype).requires_grad_()
    return [*inputs(dtype), coverage, torch.randn(SIZE, generator=generator, dtype=dtype).requires_grad_()]


def plain(
    queries: Tensor, keys: Tensor, energy: Tensor, coverage: Tensor | None = None, weight: Tensor | None = None
) -> Tensor:
    """Bahdanau et al. 2015, appendix A.1.2, and See et al. 2017, equation 11, as they are written."""
    inner = queries.unsqueeze(2) + keys.unsqueeze(1)
    if coverage is not None and weight is not None:
        inner = inner + weight * coverage.unsqueeze(3)
    return torch.tanh(inner) @ energy


@pytest.mark.parametrize("leaves", [inputs, covered])
@pytest.mark.parametrize(
    "numbers",
    [
        1,  # less than one query: one at a time
        3 * SRC * SIZE,  # three queries of the seven of a sentence, and the one that is left
        TGT * SRC * SIZE,  # a sentence
        2 * TGT * SRC * SIZE,  # two of the five
        1 << 19,  # all at once
    ],
)
def test_values_and_gradients_are_the_formulas_in_any_blocks(
    numbers: int, leaves: Callable[[], list[Tensor]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK_NUMBERS", numbers)
    given = leaves()
    ours, theirs = additive_energies(*given), plain(*given)
    torch.testing.assert_close(ours, theirs)
    weights = torch.randn(ours.shape, generator=torch.Generator().manual_seed(5))
    for one, other in zip(
        torch.autograd.grad(ours, given, weights), torch.autograd.grad(theirs, given, weights), strict=True
    ):
        torch.testing.assert_close(one, other)


def test_gradients_are_those_of_small_differences() -> None:
    assert torch.autograd.gradcheck(additive_energies, inputs(torch.float64))
    assert torch.autograd.gradcheck(additive_energies, covered(torch.float64))


@pytest.mark.parametrize(("device", "blocks"), [("cpu", 25), ("meta", 1)])  # meta: a device that is no CPU
def test_small_blocks_are_for_cpus(device: str, blocks: int) -> None:
    queries, keys = (torch.empty(100, 16, 512, device=device) for _ in range(2))
    assert len(list(module._blocks(queries, keys))) == blocks


def test_memory_does_not_grow_with_the_product_of_the_lengths(tmp_path: Path) -> None:
    """1,500 x 1,500 positions of 256: 2.3 GB as one tensor."""
    program = (
        "import resource, torch; from seqtool.models.additive_energies import additive_energies; "
        "torch.set_num_threads(1); leaves = [torch.randn(1, 1500, 256, requires_grad=True) for _ in range(2)]; "
        "energy = torch.randn(256, requires_grad=True); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; "
        "additive_energies(*leaves, energy).sum().backward(); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    assert int(python("-c", program, cwd=tmp_path).out) < 300_000  # KB
