"""Keys that would do nothing: they are found, and one step away from them nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from seqtool.recipe.load import dump_recipe, load_recipe
from seqtool.recipe.rules import problems
from seqtool.recipe.schema import Recipe
from tests.cli.processes import PACKAGE_ROOT

PAIRS = {"src": "a", "tgt": "b"}


def recipe(**sections: Any) -> Recipe:
    data = {"train": PAIRS, "valid": PAIRS, **sections.pop("data", {})}
    return Recipe.model_validate({"data": data, **sections})


def schedule(**section: Any) -> dict[str, Any]:
    return {"training": {"schedule": section}}


def average(**section: Any) -> dict[str, Any]:
    return {"training": {"averaging": section}}


def blocks(kind: str = "transformer", **section: Any) -> dict[str, Any]:
    return {"model": {"encoder": {"kind": kind}, "decoder": {"kind": "conv"}, **section}}


def chunked(chunk: int, **data: Any) -> dict[str, Any]:
    return {"model": {"encoder": {"chunk": chunk}}, "data": data}


def reaching(positions: int, **decoding: Any) -> dict[str, Any]:
    decoder = {"kind": "transformer", "positions": "learned", "max_positions": positions}
    return {"model": {"decoder": decoder}, "decoding": decoding}


# What does nothing, the key to change first, what is said; and the nearest recipe in which it does something.
RULES = [
    (schedule(patience=3), "training.schedule.patience", "has no patience (training.patience ends", schedule(kind="plateau", patience=3)),
    (schedule(kind="linear", factor=0.7), "training.schedule.factor", "0.7 with kind linear", schedule(kind="plateau", factor=0.7)),
    (schedule(min_ratio=0.1), "training.schedule.min_ratio", "0.1 with kind constant", schedule(kind="cosine", min_ratio=0.1)),
    (
        {"training": {"patience": 5, "schedule": {"kind": "plateau", "patience": 4}}},
        "training.schedule.patience",
        "the rate falls after 5 validations that were no better, and training ends after 5",
        {"training": {"patience": 6, "schedule": {"kind": "plateau", "patience": 4}}},
    ),
    (average(decay=0.9999), "training.averaging.decay", "0.9999 with kind none", average(kind="ema", decay=0.9999)),
    (average(count=8), "training.averaging.count", "8 with kind none", average(kind="last", count=8)),
    (average(kind="ema", count=8), "training.averaging.count", "8 with kind ema", average(kind="best", count=8)),
    (average(kind="last", decay=0.9), "training.averaging.decay", "0.9 with kind last", average(kind="ema", decay=0.9)),
    (blocks(orthogonal=False), "model.orthogonal", "which have no hidden-to-hidden weights", blocks("gru", orthogonal=False)),
    (blocks("gru", forget_bias=0.0), "model.forget_bias", "0 with gru and conv layers", blocks("ssru", forget_bias=0.0)),
    (
        {"decoding": {"min_length": 9, "max_length": 8}},
        "decoding.min_length",
        "at least 9 tokens and at most 8",
        {"decoding": {"min_length": 8, "max_length": 8}},
    ),
    (
        {"decoding": {"min_length_ratio": 2.2}},
        "decoding.min_length_ratio",
        "a source of 100 tokens would have at least 220 tokens and at most 210",
        {"decoding": {"min_length_ratio": 2.1}},
    ),
    (chunked(101), "model.encoder.chunk", "a chunk of 101 tokens holds any source: they have at most 100", chunked(100)),
    (chunked(512), "model.encoder.chunk", "holds any source", chunked(512, max_src_tokens=513)),
    (reaching(101, max_length=101), "decoding.max_length", "101 tokens, and the decoder learns 101", reaching(101, max_length=100)),
    (reaching(101, min_length=101), "decoding.min_length", "101 tokens, and the decoder learns 101", reaching(102, min_length=101)),
    (
        {"model": {"attention": {"kind": "none"}}, "decoding": {"coverage_penalty": 0.1}},
        "decoding.coverage_penalty",
        "this model has no attention",
        {"decoding": {"coverage_penalty": 0.1}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("idle", "key", "said", "working"), RULES, ids=[f"{one[1]}-{one[2]}" for one in RULES])
def test_what_does_nothing_is_found_and_one_step_away_it_is_not(
    idle: dict[str, Any], key: str, said: str, working: dict[str, Any]
) -> None:
    found = problems(recipe(**idle))
    assert [problem.keys[0] for problem in found] == [key]
    assert said in found[0].message
    assert problems(recipe(**working)) == []


@pytest.mark.parametrize("path", sorted((PACKAGE_ROOT / "recipes").rglob("*.yaml")), ids=lambda path: path.stem)
def test_defaults_that_are_written_out_are_no_demand(path: Any, tmp_path: Any) -> None:
    """A run's recipe has all keys, those that do nothing as well, and can be read again."""
    whole = load_recipe(path)
    (tmp_path / "recipe.yaml").write_text(dump_recipe(whole, {}), "utf-8")
    assert load_recipe(tmp_path / "recipe.yaml").training == whole.training


def test_null_beside_a_preset_is_what_it_is_elsewhere() -> None:
    """Nothing was said."""
    model = {"preset": "transformer-tiny", "encoder": {"heads": None, "kind": "transformer"}}
    assert problems(recipe(model=model)) == []
    (found,) = problems(recipe(model={"preset": "transformer-tiny", "encoder": {"heads": 2}}))
    assert found.keys == ("model.encoder.heads", "model.preset")
