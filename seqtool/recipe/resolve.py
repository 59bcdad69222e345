"""The model section with nothing left open: presets written out, and the defaults that depend on a layer's kind."""

from __future__ import annotations

from typing import Any, TypeVar

from seqtool.recipe.model_schema import AttentionSection, LayersSection, ModelSection
from seqtool.recipe.presets import PRESETS

Layers = TypeVar("Layers", bound=LayersSection)

RECURRENT = ("rnn", "lstm", "gru")
LINEAR = ("sru", "ssru", "mingru", "minlstm")
BLOCKS = ("conv", "transformer", *LINEAR)
FORGETTING = ("lstm", *LINEAR)  # what has a gate that keeps the state

# The kinds that know a key, and what the key is worth for them; None: what another key says.
KEYS: dict[str, dict[str, Any]] = {
    "activation": {"rnn": "tanh"},
    "residual": dict.fromkeys(RECURRENT, False),
    "layer_norm": dict.fromkeys(RECURRENT, False),
    "transitions": dict.fromkeys(RECURRENT, 1),
    "input_feeding": dict.fromkeys(RECURRENT, False),
    "bidirectional": dict.fromkeys((*RECURRENT, *LINEAR), True),
    "reversed": dict.fromkeys((*RECURRENT, *LINEAR), False),
    "kernel": {"conv": 3},
    "heads": {"transformer": 4},
    "norm": dict.fromkeys(BLOCKS, "pre"),
    "feed_forward": {"conv": 0, "transformer": None, **dict.fromkeys(LINEAR)},
    "positions": {"conv": "sinusoidal", "transformer": "sinusoidal", **dict.fromkeys(LINEAR, "none")},
    "max_positions": dict.fromkeys(BLOCKS),
}
# What means nothing where a key is not known, and may be written all the same: what older recipes spell out.
NEUTRAL: dict[str, Any] = {"activation": "tanh", "input_feeding": False, "bidirectional": False, "reversed": False}
MAX_POSITIONS, HEADS = 1024, 4


def resolved_model(model: ModelSection) -> ModelSection:
    """The section with its preset and all defaults written out; of one that is resolved already, the same. A preset's keys win: that they
    agree with what is written beside them is a rule of the recipe's."""
    model = with_preset(model)
    encoder, decoder = (_resolved_layers(part) for part in (model.encoder, model.decoder))
    attention = _resolved_attention(model.attention, decoder.kind)
    return model.model_copy(update={"encoder": encoder, "decoder": decoder, "attention": attention})


def with_preset(model: ModelSection) -> ModelSection:
    """The section with its preset's keys written out, and no others; without one, the same."""
    if model.preset is None:
        return model
    expanded: ModelSection = _updated(model, {**PRESETS[model.preset], "preset": None})
    return expanded


def preset_conflicts(model: ModelSection) -> list[tuple[str, Any, Any]]:
    """Keys, dotted and below `model`, that are written beside a preset and say something else: key, its value, the preset's."""
    preset = PRESETS.get(model.preset or "", {})
    return [found for key, value in preset.items() for found in _conflicts(model, key, value)]


def _conflicts(section: Any, key: str, value: Any) -> list[tuple[str, Any, Any]]:
    if key not in section.model_fields_set:
        return []
    given = getattr(section, key)
    if isinstance(value, dict):
        inner = [found for name, each in value.items() for found in _conflicts(given, name, each)]
        return [(f"{key}.{name}", mine, its) for name, mine, its in inner]
    return [] if given is None or given == value else [(key, given, value)]


def _updated(section: Any, values: dict[str, Any]) -> Any:
    """A copy with these values, those of inner sections by name."""
    update = {
        key: _updated(getattr(section, key), value) if isinstance(value, dict) else value
        for key, value in values.items()
    }
    return section.model_copy(update=update)


def _resolved_layers(layers: Layers) -> Layers:
    update: dict[str, Any] = {}
    for key, by_kind in KEYS.items():
        if key in type(layers).model_fields and layers.kind in by_kind and getattr(layers, key) is None:
            update[key] = by_kind[layers.kind]
    if "feed_forward" in update and update["feed_forward"] is None:
        update["feed_forward"] = 4 * layers.hidden
    if update.get("bidirectional") and layers.reversed:  # type: ignore[attr-defined]
        update["bidirectional"] = False  # to read backwards is to read in one direction
    if layers.positions == "learned" and layers.max_positions is None:
        update["max_positions"] = MAX_POSITIONS
    return layers.model_copy(update=update)


def _resolved_attention(attention: AttentionSection, decoder: str) -> AttentionSection:
    kind = attention.kind or ("multi_head" if decoder in BLOCKS else "additive")
    heads = HEADS if kind == "multi_head" and attention.heads is None else attention.heads
    return attention.model_copy(update={"kind": kind, "heads": heads})
