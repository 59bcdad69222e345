"""The fused last layer: cross entropy's numbers and gradients, however many blocks it takes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from seqtool.models import linear_cross_entropy as module
from seqtool.models.linear_cross_entropy import linear_cross_entropy

VOCAB, DIM = 7, 4


def inputs(positions: int, *, scale: float = 1.0, dtype: torch.dtype = torch.float64) -> tuple[Tensor, ...]:
    """Features, weight, bias (leaves with gradients) and targets."""
    generator = torch.Generator().manual_seed(3)
    shapes = (positions, DIM), (VOCAB, DIM), (VOCAB,)
    leaves = [(torch.randn(shape, generator=generator, dtype=dtype) * scale).requires_grad_() for shape in shapes]
    return (*leaves, torch.randint(VOCAB, (positions,), generator=generator))


def plain(features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """The textbook's chain."""
    return F.cross_entropy(F.linear(features, weight, bias), targets, reduction="sum", label_smoothing=smoothing)


@pytest.fixture(
    params=[("_BLOCK_ROWS", 1), ("_BLOCK_ROWS", 2), ("_BLOCK_NUMBERS", 3 * VOCAB), ("_BLOCK_ROWS", 100)],
    ids=["1-row-a-block", "2-rows-a-block", "numbers-of-3-rows-a-block", "one-block"],
)
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, *request.param)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("positions", [1, 5, 6])
def test_values_and_gradients_are_cross_entropys(positions: int, smoothing: float) -> None:
    *leaves, targets = inputs(positions)
    loss, nll = linear_cross_entropy(*leaves, targets, smoothing)
    expected = plain(*leaves, targets, smoothing)
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(nll, plain(*leaves, targets, 0.0))
    assert not nll.requires_grad
    # a factor that is not 1 shows whether the incoming gradient is used
    for ours, theirs in zip(
        torch.autograd.grad(loss * 0.3, leaves), torch.autograd.grad(expected * 0.3, leaves), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def test_a_graph_is_walked_once() -> None:
    """Gradients are scaled in place, so a second walk must be refused instead of scaling them again."""
    *leaves, targets = inputs(5)
    loss, _ = linear_cross_entropy(*leaves, targets, 0.1)
    (loss * 2).backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="inplace"):
        (loss * 2).backward()


@pytest.mark.usefixtures("_blocks")
def test_a_target_that_single_precision_takes_for_impossible() -> None:
    """exp(-200) is 0 in float32; its logarithm is -200 all the same, beside rows that are likely."""
    features = torch.tensor([[200.0], [1.0], [-200.0], [0.0]], requires_grad=True)
    weight, bias = torch.tensor([[1.0], [0.0], [0.5]]).requires_grad_(), torch.zeros(3, requires_grad=True)
    targets = torch.tensor([1, 1, 0, 2])
    loss, nll = linear_cross_entropy(features, weight, bias, targets, 0.1)
    assert nll.item() == pytest.approx(plain(features, weight, bias, targets, 0.0).item(), rel=1e-6)
    expected = plain(features, weight, bias, targets, 0.1)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    leaves = (features, weight, bias)
    for ours, theirs in zip(torch.autograd.grad(loss, leaves), torch.autograd.grad(expected, leaves), strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_by_hand(smoothing: float) -> None:
    features, weight, bias, targets = inputs(5)
    logits = features.detach().numpy() @ weight.detach().numpy().T + bias.detach().numpy()
    log_probs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    wanted = np.full((5, VOCAB), smoothing / VOCAB)
    wanted[np.arange(5), targets.numpy()] += 1 - smoothing
    loss, nll = linear_cross_entropy(features, weight, bias, targets, smoothing)
    assert loss.item() == pytest.approx(-(wanted * log_probs).sum(), rel=1e-12)
    assert nll.item() == pytest.approx(-log_probs[np.arange(5), targets.numpy()].sum(), rel=1e-12)


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_single_precision_is_as_good_as_the_chain(scale: float) -> None:
    """Large logits are where shortcuts lose digits."""
    *leaves, targets = inputs(300, scale=scale, dtype=torch.float32)
    exact = plain(*(leaf.double() for leaf in leaves), targets, 0.1)
    ours, _ = linear_cross_entropy(*leaves, targets, 0.1)
    assert ours.item() == pytest.approx(exact.item(), rel=2e-6)
    for mine, theirs in zip(torch.autograd.grad(ours, leaves), torch.autograd.grad(exact, leaves), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4 * float(theirs.abs().max()))


def test_the_whole_vocabulary_is_never_kept() -> None:
    """What waits for the backward pass has the size of the parameters and the features, not of the logits."""
    *leaves, targets = inputs(500)
    loss, _ = linear_cross_entropy(*leaves, targets, 0.1)
    assert sum(part.numel() for part in loss.grad_fn.saved_tensors) == sum(leaf.numel() for leaf in leaves)


def test_a_frozen_model_costs_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    def accumulate(*_: object) -> None:
        raise AssertionError("a gradient that nobody will ask for")

    monkeypatch.setattr(module, "accumulate", accumulate)
    *leaves, targets = inputs(5)
    with torch.no_grad():
        loss, _ = linear_cross_entropy(*leaves, targets, 0.1)
    assert not loss.requires_grad
    torch.testing.assert_close(loss, plain(*leaves, targets, 0.1).detach())


def test_no_positions_no_loss() -> None:
    *leaves, targets = inputs(0)
    loss, nll = linear_cross_entropy(*leaves, targets, 0.1)
    assert (loss.item(), nll.item()) == (0.0, 0.0)
    assert not any(grad.any() for grad in torch.autograd.grad(loss, leaves))


@pytest.mark.usefixtures("_blocks")
def test_mixed_precision_multiplies_in_bfloat16_and_sums_in_single_precision() -> None:
    """Under autocast features may come in bfloat16."""
    *leaves, targets = inputs(300, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        loss, nll = linear_cross_entropy(leaves[0].bfloat16(), *leaves[1:], targets, 0.1)
    assert loss.dtype == nll.dtype == torch.float32
    assert not nll.requires_grad
    assert loss.item() == pytest.approx(plain(*leaves, targets, 0.1).item(), rel=0.02)
    assert loss.item() != plain(*leaves, targets, 0.1).item(), "it is in use"
    exact = torch.autograd.grad(plain(*leaves, targets, 0.1), leaves)
    for mine, theirs in zip(torch.autograd.grad(loss, leaves), exact, strict=True):
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine, theirs, rtol=0.05, atol=0.02 * float(theirs.abs().max()))
