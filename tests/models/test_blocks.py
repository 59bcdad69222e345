"""What stands around the parts of a block, and that a recipe decides it."""

from __future__ import annotations

import pytest
import torch

from seqtool.models.blocks import Residual
from seqtool.models.mixers.self_attention import SelfAttention
from seqtool.models.positions import LearnedPositions, SinusoidalPositions
from tests.models.conftest import MakeModel


def normalised(values: torch.Tensor) -> torch.Tensor:
    centred = values - values.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()


def test_normalisation_before_and_after_by_hand() -> None:
    """Vaswani et al. 2017, section 3.1, have it after the sum; Xiong et al. 2020, figure 1 (b), before the part."""
    inputs = 3 * torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(1)) + 1
    before, after = (Residual(6, norm=norm, dropout=0.0) for norm in ("pre", "post"))
    torch.testing.assert_close(before.enter(inputs), normalised(inputs))
    torch.testing.assert_close(before.leave(inputs, 2 * inputs), 3 * inputs)
    torch.testing.assert_close(after.enter(inputs), inputs)
    torch.testing.assert_close(after.leave(inputs, 2 * inputs), normalised(3 * inputs))


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_recipe_says_where(norm: str, make_model: MakeModel) -> None:
    model = make_model(both__kind="transformer", both__norm=norm, both__hidden=8, attention__kind="multi_head")
    found = [part for part in model.modules() if isinstance(part, Residual)]
    assert len(found) >= 4
    inputs = torch.randn(1, 2, 8, generator=torch.Generator().manual_seed(2))
    for part in found:
        entered = part.enter(inputs)
        torch.testing.assert_close(entered, normalised(inputs) if norm == "pre" else inputs)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
def test_the_recipe_says_which_positions(positions: str, make_model: MakeModel) -> None:
    settings = {"kind": "transformer", "hidden": 8, "positions": positions}
    if positions == "learned":
        settings["max_positions"] = 9
    model = make_model(encoder=settings, decoder=dict(settings), attention__kind="multi_head")
    kinds = {"sinusoidal": SinusoidalPositions, "learned": LearnedPositions}
    for side in (model.encoder, model.decoder):
        for name, kind in kinds.items():
            assert any(isinstance(part, kind) for part in side.modules()) == (name == positions)
    turned = [part for part in model.modules() if isinstance(part, SelfAttention)]
    assert turned
    src, mask = torch.tensor([[5, 6, 7, 3]]), torch.ones(1, 4, dtype=torch.bool)
    one, other = (
        model.log_probs(order, mask, torch.tensor([[2]]), torch.tensor([[5]])) for order in (src, src[:, [2, 1, 0, 3]])
    )
    assert not torch.allclose(one, other), "order matters"
