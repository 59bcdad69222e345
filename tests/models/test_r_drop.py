"""R-Drop's fused last layer: numbers and gradients of the textbook's, however many blocks it takes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from seqtool.models import linear_cross_entropy as module
from seqtool.models.linear_cross_entropy import linear_cross_entropy
from seqtool.models.r_drop import linear_r_drop

VOCAB, DIM = 7, 4


def inputs(positions: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, ...]:
    """Features of two passes, weight, bias (leaves with gradients) and targets."""
    generator = torch.Generator().manual_seed(3)
    shapes = (2 * positions, DIM), (VOCAB, DIM), (VOCAB,)
    leaves = [torch.randn(shape, generator=generator, dtype=dtype).requires_grad_() for shape in shapes]
    return (*leaves, torch.randint(VOCAB, (positions,), generator=generator).repeat(2))


def plain(features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float, r_drop: float) -> Tensor:
    """Wu et al. 2021, equation 4, halved, by autograd."""
    logits = F.linear(features, weight, bias)
    entropy = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    log_p, log_q = torch.log_softmax(logits, 1).chunk(2)
    ahead = F.kl_div(log_q, log_p, reduction="sum", log_target=True)
    back = F.kl_div(log_p, log_q, reduction="sum", log_target=True)
    return entropy / 2 + r_drop / 2 * (ahead + back) / 2


@pytest.fixture(params=[1, 2, 5, 100])
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK_ROWS", request.param)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("r_drop", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("positions", [1, 5])
def test_values_and_gradients_are_the_textbooks(positions: int, r_drop: float, smoothing: float) -> None:
    *leaves, targets = inputs(positions)
    loss, nll = linear_r_drop(*leaves, targets, smoothing, r_drop)
    expected = plain(*leaves, targets, smoothing, r_drop)
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(nll, plain(*leaves, targets, 0.0, 0.0))
    assert not nll.requires_grad
    for ours, theirs in zip(
        torch.autograd.grad(loss * 0.3, leaves), torch.autograd.grad(expected * 0.3, leaves), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def test_by_hand() -> None:
    features, weight, bias, targets = (part.detach().numpy() for part in inputs(1))
    logits = features @ weight.T + bias
    p, q = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    divergence = (p * np.log(p / q)).sum() + (q * np.log(q / p)).sum()
    wanted = -(np.log(p[targets[0]]) + np.log(q[targets[0]])) / 2 + 3.0 / 4 * divergence
    loss, nll = linear_r_drop(*inputs(1), 0.0, 3.0)
    assert loss.item() == pytest.approx(wanted, rel=1e-12)
    assert nll.item() == pytest.approx(-(np.log(p[targets[0]]) + np.log(q[targets[0]])) / 2, rel=1e-12)


def test_two_passes_that_agree_are_one() -> None:
    features, weight, bias, targets = inputs(5)
    same = features[:5].detach().repeat(2, 1)
    loss, nll = linear_r_drop(same, weight, bias, targets, 0.1, 5.0)
    once = linear_cross_entropy(same[:5], weight, bias, targets[:5], 0.1)
    torch.testing.assert_close((loss, nll), once)


def test_the_whole_vocabulary_is_never_kept() -> None:
    *leaves, targets = inputs(500)
    loss, _ = linear_r_drop(*leaves, targets, 0.1, 5.0)
    assert sum(part.numel() for part in loss.grad_fn.saved_tensors) == sum(leaf.numel() for leaf in leaves)


def test_no_positions_no_loss() -> None:
    *leaves, targets = inputs(0)
    loss, nll = linear_r_drop(*leaves, targets, 0.1, 5.0)
    assert (loss.item(), nll.item()) == (0.0, 0.0)
    assert not any(grad.any() for grad in torch.autograd.grad(loss, leaves))


@pytest.mark.usefixtures("_blocks")
def test_mixed_precision_multiplies_in_bfloat16_and_sums_in_single_precision() -> None:
    *leaves, targets = inputs(50, torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        loss, nll = linear_r_drop(leaves[0].bfloat16(), *leaves[1:], targets, 0.1, 2.0)
    assert loss.dtype == nll.dtype == torch.float32
    exact = plain(*leaves, targets, 0.1, 2.0)
    assert loss.item() == pytest.approx(exact.item(), rel=0.02)
    assert loss.item() != exact.item(), "it is in use"
    for mine, theirs in zip(torch.autograd.grad(loss, leaves), torch.autograd.grad(exact, leaves), strict=True):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine, theirs, rtol=0.05, atol=0.03 * float(theirs.abs().max()))
