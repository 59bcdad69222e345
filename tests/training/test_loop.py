"""The loop: what an update is, and that it depends on nothing but (seed, epoch, step)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.training_schema import OptimizerSection
from seqtool.text.prepared import PreparedSplit
from seqtool.training.events import StepInfo
from seqtool.training.loop import BatchPlan, Pace, Position, TrainingLoop
from seqtool.training.objective import Objective
from seqtool.training.optimizer import Updater

VOCAB = 23
SECTION = ModelSection.model_validate(
    {
        "embedding": 8,
        "encoder": {"hidden": 6},
        "decoder": {"hidden": 10},
        "dropout": {"embedding": 0.3, "layer": 0.3, "output": 0.3},
    }
)


@pytest.fixture
def split(tmp_path: Path) -> PreparedSplit:
    """Forty pairs of random ids."""
    rng = np.random.default_rng(5)
    for side in ("src", "tgt"):
        lengths = rng.integers(1, 9, 40).astype(np.int32)
        rng.integers(4, VOCAB, int(lengths.sum())).astype(np.uint16).tofile(tmp_path / f"x.{side}.ids")
        lengths.tofile(tmp_path / f"x.{side}.lengths")
        (np.cumsum(lengths, dtype=np.int64) - lengths).tofile(tmp_path / f"x.{side}.offsets")
    return PreparedSplit(tmp_path, "x", np.uint16, np.uint16)


def make_loop(split: PreparedSplit, *, accumulate: int = 1, seed: int = 1, smoothing: float = 0.1) -> TrainingLoop:
    torch.manual_seed(1)
    model = build_model(SECTION, VOCAB, VOCAB)
    updater = Updater(model, OptimizerSection(kind="adam"), clip_norm=1.0)
    return TrainingLoop(model, updater, BatchPlan(lambda _: split, 40, accumulate, seed), Objective(smoothing))


def steps(loop: TrainingLoop, count: int, start: Position | None = None) -> list[StepInfo]:
    made: Iterator[StepInfo] = loop.steps(start or Position(), lambda _: Pace(0.01))
    return list(islice(made, count))


def weights(model: Seq2Seq) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_an_epoch_takes_every_pair_once(split: PreparedSplit) -> None:
    for epoch in (0, 1):
        updates = BatchPlan(lambda _: split, 40, 3, 1).updates(epoch)
        assert sorted(int(index) for update in updates for batch in update for index in batch) == list(range(40))
        assert max(len(update) for update in updates) == 3


def test_epochs_and_seeds_have_orders_of_their_own(split: PreparedSplit) -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return [int(index) for update in BatchPlan(lambda _: split, 40, 1, seed).updates(epoch) for index in update[0]]

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)


def test_step_epoch_and_end_of_epoch_are_counted(split: PreparedSplit) -> None:
    each = len(BatchPlan(lambda _: split, 40, 1, 1).updates(0))
    infos = steps(make_loop(split), each + 2)
    assert [info.step for info in infos] == list(range(1, each + 3))
    assert [info.epoch for info in infos] == [1] * each + [2, 2]
    assert [info.last_of_epoch for info in infos] == [False] * (each - 1) + [True, False, False]
    assert sum(info.tokens for info in infos[:each]) == int(split.tgt_lengths.sum()) + 40, "with an eos each"


def test_a_loop_that_starts_in_the_middle_does_what_the_whole_one_did(split: PreparedSplit) -> None:
    whole = make_loop(split)
    each = len(whole.plan.updates(0))
    middle = each + 2
    first = steps(whole, middle)
    model = {name: one.clone() for name, one in whole.model.state_dict().items()}
    state = {name: one.clone() for name, one in whole.updater.tensors().items()}
    rest = steps(whole, 4, Position(middle, 1, 2))

    twin = make_loop(split)
    twin.model.load_state_dict(model)
    twin.updater.load_tensors(state, where="here")
    torch.manual_seed(999)  # whatever the generator's state was
    assert steps(twin, 4, Position(middle, 1, 2)) == rest
    assert torch.equal(weights(whole.model), weights(twin.model))
    assert first[-1].step + 1 == rest[0].step


def test_accumulated_batches_make_one_update_normalised_by_all_their_tokens(split: PreparedSplit) -> None:
    """Three batches in one update give the gradient of the three as one batch: the mean over all tokens, not a mean of means."""
    section = SECTION.model_copy(
        update={"dropout": SECTION.dropout.model_validate({"embedding": 0.0, "layer": 0.0, "output": 0.0})}
    )
    norms = []
    for batch_tokens, accumulate in ((40, 10_000), (100_000, 1)):
        torch.manual_seed(1)
        model = build_model(section, VOCAB, VOCAB)
        updater = Updater(model, OptimizerSection(kind="sgd"), clip_norm=0.0)
        loop = TrainingLoop(model, updater, BatchPlan(lambda _: split, batch_tokens, accumulate, 1), Objective(0.1))
        info = steps(loop, 1)[0]
        norms.append((info.grad_norm, info.loss, info.nll, info.tokens))
    assert norms[0] == pytest.approx(norms[1], rel=1e-4)


def test_label_smoothing_changes_the_loss_and_not_the_likelihood(split: PreparedSplit) -> None:
    plain, smooth = (steps(make_loop(split, smoothing=share), 1)[0] for share in (0.0, 0.3))
    assert plain.loss == pytest.approx(plain.nll)
    assert smooth.nll == pytest.approx(plain.nll)
    assert smooth.loss != pytest.approx(smooth.nll)


def test_dropout_differs_between_steps_and_seeds(split: PreparedSplit) -> None:
    """The same batch at another step, or with another seed, meets other masks."""
    loop = make_loop(split)
    batch = loop.plan.updates(0)[0]
    same, again, other_step = (loop.gradients(split, batch, step)[1] for step in (1, 1, 2))
    assert same == again
    assert same != other_step
    other_seed = replace(loop, plan=replace(loop.plan, seed=2))
    assert other_seed.gradients(split, batch, 1)[1] != same
