"""Nothing is left open in a resolved model, and what was open takes the value of its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from seqtool.recipe.load import dump_recipe, load_recipe
from seqtool.recipe.model_rules import model_problems
from seqtool.recipe.model_schema import LayerKind, ModelSection, PresetName
from seqtool.recipe.presets import PRESETS
from seqtool.recipe.resolve import BLOCKS, KEYS, LINEAR, RECURRENT, resolved_model

KINDS = (*RECURRENT, *BLOCKS)


def resolved(**sections: Any) -> ModelSection:
    return resolved_model(ModelSection.model_validate(sections))


def test_every_kind_is_known() -> None:
    assert set(get_args(LayerKind)) == set(KINDS)
    assert {kind for kinds in KEYS.values() for kind in kinds} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_own_keys_and_no_others(kind: str) -> None:
    model = resolved(encoder={"kind": kind}, decoder={"kind": kind})
    for part in (model.encoder, model.decoder):
        for key, kinds in KEYS.items():
            if key in type(part).model_fields and key != "max_positions":
                assert (getattr(part, key) is not None) == (kind in kinds), key
        assert part.max_positions is None
    assert not list(model_problems(model))
    assert resolved_model(model) == model


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ({"kind": "lstm"}, "bidirectional", True),
        ({"kind": "lstm", "reversed": True}, "bidirectional", False),  # backwards is one direction
        ({"kind": "sru", "bidirectional": False}, "reversed", False),
        ({"kind": "transformer", "hidden": 32}, "feed_forward", 128),
        ({"kind": "ssru", "hidden": 32}, "feed_forward", 128),
        ({"kind": "conv", "hidden": 32}, "feed_forward", 0),
        ({"kind": "transformer", "feed_forward": 0}, "feed_forward", 0),
        ({"kind": "transformer"}, "positions", "sinusoidal"),
        ({"kind": "mingru"}, "positions", "none"),
        ({"kind": "conv", "positions": "learned"}, "max_positions", 1024),
    ],
)
def test_defaults_by_kind(section: dict[str, Any], key: str, value: object) -> None:
    assert getattr(resolved(encoder=section).encoder, key) == value


@pytest.mark.parametrize("kind", KINDS)
def test_the_attention_of_a_decoder(kind: str) -> None:
    attention = resolved(decoder={"kind": kind}).attention
    assert (attention.kind, attention.heads) == (("additive", None) if kind in RECURRENT else ("multi_head", 4))
    assert resolved(decoder={"kind": kind}, attention={"kind": "general"}).attention.kind == "general"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_written_out_and_works(name: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    pairs = "{src: a, tgt: b}"
    path.write_text(f"data: {{train: {pairs}, valid: {pairs}}}\nmodel: {{preset: {name}, dropout: {{layer: 0.3}}}}\n")
    recipe = load_recipe(path)
    model = recipe.model
    assert model.preset is None
    assert model.dropout.layer == 0.3
    family, _, size = name.partition("-")
    kinds = {"rnn": ("lstm", "lstm"), "hybrid": ("transformer", "ssru")}.get(family, (family, family))
    assert (model.encoder.kind, model.decoder.kind) == kinds
    assert model.embedding == {"tiny": 128, "small": 256, "base": 512}[size]
    written = tmp_path / "written.yaml"
    written.write_text(dump_recipe(recipe), "utf-8")
    assert "preset:" not in written.read_text("utf-8")
    assert load_recipe(written) == recipe


def test_every_preset_has_a_name_in_the_schema() -> None:
    assert set(get_args(PresetName)) == set(PRESETS)


def test_a_linear_recurrence_is_a_block() -> None:
    assert set(LINEAR) < set(BLOCKS)
