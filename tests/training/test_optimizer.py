"""One update: every option of the optimizer does what it says, and its state survives a round trip."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from seqtool.errors import ModelError
from seqtool.recipe.training_schema import OptimizerSection
from seqtool.training.optimizer import Updater

KINDS = [{"kind": "adam"}, {"kind": "adamw", "weight_decay": 0.1}, {"kind": "sgd", "momentum": 0.9}, {"kind": "sgd"}]


def linear() -> nn.Linear:
    torch.manual_seed(3)
    return nn.Linear(4, 3)


def updater(model: nn.Module, clip_norm: float = 0.0, **settings: Any) -> Updater:
    return Updater(model, OptimizerSection.model_validate(settings), clip_norm=clip_norm)


def step(model: nn.Linear, changer: Updater, *, rate: float = 0.1, size: float = 1.0) -> tuple[float, bool]:
    changer.scaled((model(torch.full((2, 4), size)) ** 2).sum()).backward()  # type: ignore[no-untyped-call]
    return changer.update(rate)[:2]


@pytest.mark.parametrize("settings", KINDS)
def test_it_learns_and_clears_the_gradients(settings: dict[str, Any]) -> None:
    model = linear()
    changer = updater(model, **settings)
    losses = []
    for _ in range(20):
        losses.append(float((model(torch.ones(2, 4)) ** 2).sum().detach()))
        step(model, changer, rate=0.02)
        assert all(not parameter.grad.any() for parameter in model.parameters() if parameter.grad is not None)
    assert losses[-1] < 0.5 * losses[0]


def test_sgd_without_momentum_is_the_textbook_step() -> None:
    model = linear()
    before = model.weight.detach().clone()
    (model(torch.ones(2, 4)) ** 2).sum().backward()  # type: ignore[no-untyped-call]
    gradient = model.weight.grad
    assert gradient is not None
    expected = before - 0.1 * gradient
    updater(model, kind="sgd").update(0.1)
    torch.testing.assert_close(model.weight, expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"kind": "sgd"}, {"kind": "sgd", "momentum": 0.9}),
        ({"kind": "sgd"}, {"kind": "sgd", "weight_decay": 0.5}),
        ({"kind": "adam"}, {"kind": "adam", "beta1": 0.5}),
        ({"kind": "adam"}, {"kind": "adam", "beta2": 0.5}),
        ({"kind": "adam"}, {"kind": "adam", "eps": 0.5}),
        ({"kind": "adam", "weight_decay": 0.5}, {"kind": "adamw", "weight_decay": 0.5}),
        ({"kind": "adamw"}, {"kind": "adamw", "weight_decay": 0.5}),
    ],
)
def test_no_option_is_ignored(one: dict[str, Any], other: dict[str, Any]) -> None:
    weights = []
    for settings in (one, other):
        model = linear()
        changer = updater(model, **settings)
        for size in (1.0, 3.0, 0.5):
            step(model, changer, size=size)
        weights.append(model.weight.detach().clone())
    assert not torch.equal(weights[0], weights[1])


class Parts(nn.Module):
    """One parameter of each kind that decays by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(2, 2)
        self.layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
        for parameter in self.parameters():
            nn.init.ones_(parameter)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"weight_decay": 0.5}, {"embedding.weight": 0.95, "layers.0.weight": 0.95, "layers.0.bias": 1.0}),
        (
            {"weight_decay": 0.5, "embedding_decay": 0.0, "vector_decay": 1.0},
            {"embedding.weight": 1.0, "layers.0.weight": 0.95, "layers.0.bias": 0.9},
        ),
    ],
    ids=["biases do not decay", "each group by itself"],
)
def test_each_group_decays_by_its_own_share(settings: dict[str, float], expected: dict[str, float]) -> None:
    model = Parts()
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    updater(model, kind="adamw", **settings).update(0.1)
    named = dict(model.named_parameters())
    assert {name: float(named[name].detach().mean()) for name in expected} == pytest.approx(expected)


def test_norms_by_layer_are_told_when_they_are_asked_for() -> None:
    model = Parts()
    for number, parameter in enumerate(model.parameters()):
        parameter.grad = torch.full_like(parameter, float(number))
    changer = updater(model, kind="sgd")
    norm, _, norms = changer.update(0.0, norms=True)
    assert norms == pytest.approx(
        {"embedding": 0.0, "layers.0": math.sqrt(4 * 1 + 2 * 4), "layers.1": math.sqrt(4 * 9 + 2 * 16)}
    )
    assert norm == pytest.approx(math.sqrt(sum(one * one for one in norms.values())))
    assert changer.update(0.0)[2] is None


def test_clipping_bounds_the_norm_and_the_norm_before_it_is_returned() -> None:
    model = linear()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    norm, finite = step(model, updater(model, clip_norm=0.5, kind="sgd"), rate=1.0)
    change = math.sqrt(
        sum(float(((new.detach() - old) ** 2).sum()) for new, old in zip(model.parameters(), before, strict=True))
    )
    assert finite
    assert norm > 0.5
    assert change == pytest.approx(0.5, rel=1e-3)


def test_a_norm_that_is_no_number_changes_nothing() -> None:
    model = linear()
    changer = updater(model, clip_norm=1.0, kind="adam")
    step(model, changer)
    before = {name: one.clone() for name, one in {**model.state_dict(), **changer.tensors()}.items()}
    norm, finite = step(model, changer, size=math.inf)
    assert not finite
    assert not math.isfinite(norm)
    after = {**model.state_dict(), **changer.tensors()}
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert step(model, changer)[1], "and the next step is made as if nothing had been"


@pytest.mark.parametrize("settings", KINDS)
def test_state_survives_a_round_trip(settings: dict[str, Any]) -> None:
    model = linear()
    changer = updater(model, **settings)
    for _ in range(3):
        step(model, changer)
    saved = {name: one.clone() for name, one in changer.tensors().items()}
    twin = linear()
    twin.load_state_dict(model.state_dict())
    other = updater(twin, **settings)
    other.load_tensors(saved, where="here")
    step(model, changer)
    step(twin, other)
    assert torch.equal(model.weight, twin.weight)


@pytest.mark.parametrize("settings", KINDS)
def test_what_is_taken_back_is_where_the_parameters_are(settings: dict[str, Any]) -> None:
    """Also the number of steps, which has no dimension: on a GPU a fused optimizer reads it there."""
    model = linear()
    changer = updater(model, **settings)
    step(model, changer)
    saved = {name: one.clone() for name, one in changer.tensors().items()}
    elsewhere = nn.Linear(model.in_features, model.out_features, bias=model.bias is not None, device="meta")
    other = updater(elsewhere, **settings)
    other.load_tensors(saved, where="here")
    assert {one.device.type for one in other.tensors().values()} <= {"meta"}


def test_loss_scaling_goes_on_growing_where_it_was() -> None:
    def scaling(model: nn.Module) -> Updater:
        changer = updater(model)
        changer._scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=3)
        return changer

    def scales(changer: Updater, model: nn.Linear, count: int) -> list[float]:
        found = []
        for _ in range(count):
            changer.scaled(model(torch.ones(1, model.in_features)).sum()).backward()  # type: ignore[no-untyped-call]
            changer.update(0.1)
            found.append(changer._scaler.get_scale())
        return found

    model = linear()
    whole = scaling(model)
    assert scales(whole, model, 2) == [8.0, 8.0]
    saved = {name: one.clone() for name, one in whole.tensors().items()}
    twin = linear()
    twin.load_state_dict(model.state_dict())
    other = scaling(twin)
    other.load_tensors(saved, where="here")
    assert scales(whole, model, 4) == scales(other, twin, 4) == [16.0, 16.0, 16.0, 32.0]


def test_state_of_another_model_is_refused() -> None:
    model = linear()
    changer = updater(model, kind="adam")
    step(model, changer)
    for stranger in (nn.Linear(5, 3), nn.Sequential(nn.Linear(4, 3))):
        with pytest.raises(ModelError, match=r"here: \S+ fits no parameter"):
            updater(stranger, kind="adam").load_tensors(changer.tensors(), where="here")
