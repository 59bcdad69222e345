"""A model that works learns: strings of digits come back as they went in, or from their end.

Each takes seconds; all are to be learnt in less than a minute on one core (`make thorough` shows how long with `--durations`).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from seqtool.batching import Batch, collate
from seqtool.decoding.rules import LengthLimit
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.resolve import BLOCKS, RECURRENT
from seqtool.runtime.torch_stepper import TorchStepper
from tests.decoding.searching import greedy_search

VOCAB = 14  # pad, unk, bos, eos and ten digits
WIDTH, ROWS, STEPS, RATE = 64, 64, 1500, 0.003
KINDS = (*RECURRENT, *BLOCKS)
# For every change, each with one of the tasks; the others are thorough.
QUICK = {("lstm", "lstm"): "reverse", ("conv", "mingru"): "copy"}

MakeModel = Callable[..., Seq2Seq]
Ids = np.ndarray[Any, np.dtype[np.int64]]


def strings(count: int, seed: int, longest: int) -> list[Ids]:
    """Strings of one to `longest` digits, as ids."""
    rng = np.random.default_rng(seed)
    return [rng.integers(4, VOCAB, rng.integers(1, longest + 1)) for _ in range(count)]


def copied(row: Ids) -> Ids:
    return row


def reversed_(row: Ids) -> Ids:
    return row[::-1].copy()


TASKS = {"copy": copied, "reverse": reversed_}


def loss(model: Seq2Seq, batch: Batch) -> torch.Tensor:
    """Per token."""
    src, tgt_in, tgt_out = (torch.from_numpy(part) for part in (batch.src, batch.tgt_in, batch.tgt_out))
    src_mask, tgt_mask = src != 0, tgt_out != 0
    return model.losses(src, src_mask, tgt_in, tgt_out, tgt_mask, smoothing=0.0).loss / tgt_mask.sum()


def learn(model: Seq2Seq, task: Callable[[Ids], Ids], longest: int) -> None:
    """Until the loss of the last steps is about nothing, and strings kept for that come out right."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.9, 0.98))
    recent, little = 1.0, 0.004
    for step in range(1, STEPS + 1):
        optimizer.param_groups[0]["lr"] = RATE * min(1.0, step / 50)
        rows = strings(ROWS, step, longest)
        value = loss(model, collate(rows, [task(row) for row in rows]))
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        recent = 0.9 * recent + 0.1 * value.item()
        if recent < little:
            if share_right(model, task, longest, seed=2_000_000) > 0.99:
                return
            little /= 2
            model.train()


def share_right(model: Seq2Seq, task: Callable[[Ids], Ids], longest: int, seed: int = 1_000_000) -> float:
    """Of strings it did not see, searched greedily."""
    unseen = strings(300, seed, longest)
    batch = collate(unseen, unseen)
    limit = LengthLimit(2.0, 10)
    found = greedy_search(TorchStepper(model), batch.src, batch.src_lengths, limit=limit, length_penalty=1.0)
    right = sum(one[0].tokens == tuple(task(row).tolist()) for one, row in zip(found, unseen, strict=True))
    return right / len(unseen)


def section(kind: str, *, encoder: bool) -> dict[str, Any]:
    if kind in RECURRENT:
        return {"kind": kind, "hidden": WIDTH // 2 if encoder else WIDTH}
    # a recurrence can count, but on strings of random digits it is quicker to be told
    return {"kind": kind, "layers": 2, "hidden": WIDTH, "positions": "sinusoidal"}


def pairs() -> list[Any]:
    """Each kind on either side beside an LSTM, and on both."""
    found = {pair: None for kind in KINDS for pair in ((kind, "lstm"), ("lstm", kind), (kind, kind))} | {
        ("conv", "mingru"): None
    }
    return [
        pytest.param(*pair, task, id=f"{'-'.join(pair)}-{name}", marks=_mark(QUICK.get(pair) == name))
        for pair, (name, task) in product(found, TASKS.items())
    ]


def _mark(quick: bool) -> pytest.MarkDecorator:
    return pytest.mark.slow if quick else pytest.mark.thorough


def trained(make_model: MakeModel, task: Callable[[Ids], Ids], longest: int, **changes: Any) -> float:
    model = make_model(src_vocab=VOCAB, tgt_vocab=VOCAB, embedding=WIDTH, **changes)
    learn(model.train(), task, longest)
    return share_right(model, task, longest)


@pytest.mark.parametrize(("encoder", "decoder", "task"), pairs())
def test_strings_of_up_to_eight_digits(
    make_model: MakeModel, encoder: str, decoder: str, task: Callable[[Ids], Ids]
) -> None:
    attention = "multi_head" if decoder in BLOCKS else "scaled_dot"
    sides = {"encoder": section(encoder, encoder=True), "decoder": section(decoder, encoder=False)}
    assert trained(make_model, task, 8, attention__kind=attention, **sides) >= 0.98


@pytest.mark.parametrize("task", [copied, reversed_], ids=["copy", "reverse"])
@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.thorough) for kind in KINDS])
def test_without_attention_strings_of_up_to_three(make_model: MakeModel, kind: str, task: Callable[[Ids], Ids]) -> None:
    """All of the source goes through one vector."""
    sides = {"encoder": section(kind, encoder=True), "decoder": section(kind, encoder=False)}
    assert trained(make_model, task, 3, attention__kind="none", **sides) >= 0.98


@pytest.mark.parametrize(
    ("attention", "changes"),
    [
        ("additive", {"attention__size": 32}),
        ("additive", {"attention__size": 32, "decoder__input_feeding": True}),
        pytest.param("dot", {}, marks=pytest.mark.thorough),
        pytest.param("general", {"decoder__input_feeding": True}, marks=pytest.mark.thorough),
        pytest.param(
            "multi_head",
            {"both__layer_norm": True, "both__residual": True, "both__layers": 2},
            marks=pytest.mark.thorough,
        ),
        pytest.param("scaled_dot", {"both__kind": "gru", "both__transitions": 2}, marks=pytest.mark.thorough),
    ],
)
def test_recurrent_models_copy_with_any_attention(
    make_model: MakeModel, attention: str, changes: dict[str, Any]
) -> None:
    sides = {"encoder__hidden": WIDTH // 2, "decoder__hidden": WIDTH}
    assert trained(make_model, copied, 6, attention__kind=attention, **sides, **changes) >= 0.98
