"""Compiled stacks say what they said before, under the same names; what cannot gain is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqtool.models.compilation import compile_parts
from seqtool.models.seq2seq import Seq2Seq

MakeModel = Callable[..., Seq2Seq]
# the compiler's own
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*torch.jit.script_method:DeprecationWarning", "ignore:The .grad attribute:UserWarning"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"both__kind": "transformer"}, ("encoder", "decoder")),
        ({"both__kind": "conv", "lexical": True}, ("encoder", "decoder.decoder")),
        ({"encoder__kind": "transformer", "attention__kind": "additive"}, ("encoder",)),
        ({"encoder__kind": "lstm", "decoder__kind": "transformer"}, ("decoder",)),
        ({"encoder__kind": "lstm", "decoder__kind": "conv", "attention__kind": "additive"}, ()),
        ({"both__kind": "mingru"}, ()),
    ],
)
def test_stacks_without_loops_are_compiled(
    make_model: MakeModel, changes: dict[str, Any], expected: tuple[str, ...]
) -> None:
    model = make_model(both__hidden=8, **changes)
    names = list(dict(model.named_parameters()))
    assert compile_parts(model) == expected
    assert list(dict(model.named_parameters())) == names
    assert {name for name, part in model.named_modules() if part._compiled_call_impl is not None} == set(expected)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["transformer", "conv"])
@pytest.mark.parametrize("p", [0.0, 0.2], ids=["", "dropout"])
def test_losses_and_gradients_stay(make_model: MakeModel, sample: Any, kind: str, p: float) -> None:
    """In batches of two sizes, and with the same masks."""
    changes = {"both__kind": kind, "both__hidden": 8, "dropout__layer": p, "dropout__src_word": p}
    plain, compiled = make_model(**changes), make_model(**changes)
    compile_parts(compiled)
    for rows in (slice(0, 4), slice(2, 4)):
        found = []
        for model in (plain, compiled):
            torch.manual_seed(1)
            loss = model.losses(*(part[rows] for part in sample), smoothing=0.1).loss
            found.append((loss, torch.autograd.grad(loss, list(model.parameters()))))
        torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)
