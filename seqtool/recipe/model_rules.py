"""What cannot be combined in a model: keys that a kind of layer does not know, sizes that do not fit, presets that are contradicted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqtool.recipe.model_schema import AttentionSection, DecoderSection, EncoderSection, LayersSection, ModelSection
from seqtool.recipe.problem import Problem
from seqtool.recipe.resolve import FORGETTING, KEYS, NEUTRAL, RECURRENT, preset_conflicts, resolved_model, with_preset


def model_problems(model: ModelSection) -> Iterator[Problem]:
    """Everything in this section that cannot work together; what is left out counts as its default."""
    conflicts = preset_conflicts(model)
    for key, given, preset in conflicts:
        yield Problem(
            (f"model.{key}", "model.preset"),
            f"{_shown(given)} contradicts preset {model.preset}, which has {_shown(preset)}",
            f"remove model.{key}, or write the preset's keys out without it (seqtool train --dry-run -v shows them)",
        )
    if conflicts:
        return
    written = with_preset(model)
    unknown = [*_unknown_keys("encoder", written.encoder), *_unknown_keys("decoder", written.decoder)]
    yield from unknown
    whole = resolved_model(model)
    yield from _attention_problems(whole.attention, whole.encoder, whole.decoder)
    if unknown:
        return
    yield from _direction_problems(whole.encoder)
    yield from _idle_problems(whole)
    for name, part in (("encoder", whole.encoder), ("decoder", whole.decoder)):
        yield from _layer_problems(f"model.{name}", part)


def memory_dim(encoder: EncoderSection) -> int:
    """Size of what an encoder says of a position."""
    return encoder.hidden * (2 if encoder.kind in RECURRENT and encoder.bidirectional else 1)


def _unknown_keys(name: str, part: EncoderSection | DecoderSection) -> Iterator[Problem]:
    for key, kinds in KEYS.items():
        value = getattr(part, key, None)
        if value is None or part.kind in kinds or value == NEUTRAL.get(key):
            continue
        yield Problem(
            (f"model.{name}.{key}", f"model.{name}.kind"),
            f"{_shown(value)} with {part.kind} layers, which have no {key}",
            f"remove {key}, or use kind: {' or '.join(kinds)}",
        )


def _direction_problems(encoder: EncoderSection) -> Iterator[Problem]:
    if encoder.bidirectional and encoder.reversed:
        yield Problem(
            ("model.encoder.reversed", "model.encoder.bidirectional"),
            "two directions read the source both ways, reversed or not",
            "remove reversed, or bidirectional (a preset's: write its other keys out instead)",
        )


def _idle_problems(model: ModelSection) -> Iterator[Problem]:
    """Options that would do nothing."""
    if model.lexical and model.attention.kind == "none":
        yield Problem(
            ("model.lexical", "model.attention.kind"),
            "true with attention none, which looks at no source words that could say something",
            "choose an attention, or lexical: false",
        )
    if model.pointer and model.attention.kind == "none":
        yield Problem(
            ("model.pointer", "model.attention.kind"),
            "true with attention none, which looks at no source tokens that could be copied",
            "choose an attention, or pointer: false",
        )
    if model.hierarchy is not None and model.attention.kind == "none":
        yield Problem(
            ("model.hierarchy", "model.attention.kind"),
            "a decoder of attention none looks at no sentences, and at no words in them",
            "choose an attention, or remove hierarchy",
        )
    kinds = model.encoder.kind, model.decoder.kind
    # what reads a document once more is recurrent
    if model.dropout.recurrent > 0 and not set(kinds) & set(RECURRENT) and model.hierarchy is None:
        yield Problem(
            ("model.dropout.recurrent", "model.encoder.kind", "model.decoder.kind"),
            f"{model.dropout.recurrent} with {' and '.join(dict.fromkeys(kinds))} layers, which have no hidden-to-hidden weights",
            f"remove it, or use kind: {' or '.join(RECURRENT)}",
        )
    for name, part, size in (
        ("encoder", model.encoder, memory_dim(model.encoder)),
        ("decoder", model.decoder, model.decoder.hidden),
    ):
        if part.residual and part.layers == 1 and model.embedding != size:
            yield Problem(
                (f"model.{name}.residual", f"model.{name}.layers", "model.embedding"),
                f"one layer of {size} cannot be joined to vectors of {model.embedding}",
                "remove residual, or add layers",
            )


def initial_problems(model: ModelSection) -> Iterator[Problem]:
    """What weights are to begin with that are not there; the model has its defaults written out. It is nothing to one that is
    trained."""
    kinds, default = (model.encoder.kind, model.decoder.kind), ModelSection()
    layers = f"{' and '.join(dict.fromkeys(kinds))} layers"
    if model.orthogonal != default.orthogonal and not set(kinds) & set(RECURRENT):
        yield Problem(
            ("model.orthogonal", "model.encoder.kind", "model.decoder.kind"),
            f"{_shown(model.orthogonal)} with {layers}, which have no hidden-to-hidden weights",
            f"remove it, or use kind: {' or '.join(RECURRENT)}",
        )
    if model.forget_bias != default.forget_bias and not set(kinds) & set(FORGETTING):
        yield Problem(
            ("model.forget_bias", "model.encoder.kind", "model.decoder.kind"),
            f"{model.forget_bias:g} with {layers}, which have no forget gates",
            f"remove it, or use kind: {' or '.join(FORGETTING)}",
        )


def _layer_problems(where: str, part: LayersSection) -> Iterator[Problem]:
    if part.heads is not None and part.hidden % part.heads:
        yield Problem(
            (f"{where}.heads", f"{where}.hidden"),
            f"{part.heads} heads do not divide {part.hidden} hidden units",
            f"set {where}.heads to {_divisors(part.hidden)}",
        )
    elif part.positions == "rotary" and part.heads is not None and part.hidden // part.heads % 2:
        yield Problem(
            (f"{where}.positions", f"{where}.heads", f"{where}.hidden"),
            f"rotary positions turn pairs of units, and {part.heads} heads of {part.hidden} units have {part.hidden // part.heads} each",
            "choose heads of even size, or positions: sinusoidal",
        )
    if part.positions == "rotary" and part.kind != "transformer":
        yield Problem(
            (f"{where}.positions", f"{where}.kind"),
            f"rotary positions turn the queries and keys of self-attention, which {part.kind} layers have not",
            "use sinusoidal, learned or none",
        )
    if part.max_positions is not None and part.positions != "learned":
        yield Problem(
            (f"{where}.max_positions", f"{where}.positions"),
            f"{part.positions} positions have no end",
            "remove max_positions, or use positions: learned",
        )
    if where.endswith("encoder") and part.kernel is not None and part.kernel % 2 == 0:
        yield Problem(
            (f"{where}.kernel",),
            f"a kernel of {part.kernel} has no middle, and an encoder's convolution sees as far to both sides",
            "use " + " or ".join(str(size) for size in (part.kernel - 1, part.kernel + 1) if 2 < size < 1024),
        )


def _attention_problems(
    attention: AttentionSection, encoder: EncoderSection, decoder: DecoderSection
) -> Iterator[Problem]:
    memory = memory_dim(encoder)
    if attention.kind == "dot" and memory != decoder.hidden:
        yield Problem(
            ("model.attention.kind", "model.decoder.hidden", "model.encoder.hidden", "model.encoder.bidirectional"),
            f"dot attention compares decoder states of {decoder.hidden} with encoder outputs of {memory}",
            f"set model.decoder.hidden: {memory}, or use general or scaled_dot, which project",
        )
    if attention.kind == "none" and decoder.input_feeding:
        yield Problem(
            ("model.decoder.input_feeding", "model.attention.kind"),
            "input feeding feeds the attention's result back, and there is no attention",
            "choose an attention, or input_feeding: false",
        )
    if attention.coverage and (attention.kind == "none" or decoder.kind not in RECURRENT):
        what = "attention none" if attention.kind == "none" else f"{decoder.kind} layers"
        yield Problem(
            ("model.attention.coverage", "model.attention.kind", "model.decoder.kind"),
            f"true with {what}: it adds up where a decoder has looked, position after position",
            f"remove it, or use an attention and model.decoder.kind: {' or '.join(RECURRENT)}",
        )
    if attention.size is not None and attention.kind not in ("additive", "scaled_dot", "multi_head"):
        yield Problem(
            ("model.attention.size", "model.attention.kind"),
            f"{attention.kind} attention has no inner size",
            "remove size",
        )
    if attention.heads is None:
        return
    size = attention.size or decoder.hidden
    if attention.kind != "multi_head":
        yield Problem(
            ("model.attention.heads", "model.attention.kind"),
            f"{attention.kind} attention has no heads",
            "remove heads, or use kind: multi_head",
        )
    elif size % attention.heads:
        yield Problem(
            ("model.attention.heads", "model.attention.size", "model.decoder.hidden"),
            f"{attention.heads} heads do not divide an inner size of {size}",
            f"set model.attention.heads to {_divisors(size)}, or model.attention.size",
        )


def _divisors(size: int) -> str:
    """Divisors one would choose heads among, in words."""
    found = [number for number in range(1, min(size, 64) + 1) if size % number == 0][-4:]
    return " or ".join(map(str, found))


def _shown(value: Any) -> str:
    """A value as a recipe has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
