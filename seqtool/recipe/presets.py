"""Models under one name: kinds and sizes that fit together, from a laptop's lunch break to a day."""

from __future__ import annotations

from typing import Any

# By size: width, layers of a recurrent encoder, and layers of the encoder and of the decoder of the others.
_SIZES = {"tiny": (128, 1, 2, 2), "small": (256, 2, 3, 3), "base": (512, 2, 6, 6)}


def _rnn(width: int, layers: int) -> dict[str, Any]:
    return {
        "embedding": width,
        "encoder": {"kind": "lstm", "layers": layers, "hidden": width // 2 * 3 // 2, "bidirectional": True},
        "decoder": {"kind": "lstm", "layers": 1, "hidden": width * 3 // 2},
        "attention": {"kind": "scaled_dot"},
    }


def _blocks(width: int, layers: tuple[int, int], encoder: dict[str, Any], decoder: dict[str, Any]) -> dict[str, Any]:
    return {
        "embedding": width,
        "encoder": {"layers": layers[0], "hidden": width, **encoder},
        "decoder": {"layers": layers[1], "hidden": width, **decoder},
        "attention": {"kind": "multi_head", "heads": max(4, width // 64)},
    }


def _family() -> dict[str, dict[str, Any]]:
    presets: dict[str, dict[str, Any]] = {}
    for size, (width, recurrent, source, target) in _SIZES.items():
        heads, inner = max(4, width // 64), 4 * width
        transformer = {"kind": "transformer", "heads": heads, "feed_forward": inner, "positions": "sinusoidal"}
        conv = {"kind": "conv", "kernel": 3, "positions": "sinusoidal"}
        ssru = {"kind": "ssru", "feed_forward": inner, "positions": "none"}
        presets[f"rnn-{size}"] = _rnn(width, recurrent)
        presets[f"conv-{size}"] = _blocks(width, (source, target), conv, conv)
        presets[f"transformer-{size}"] = _blocks(width, (source, target), transformer, transformer)
        # the decoder runs once a token, the encoder once a sentence: depth is cheap in the latter (Kim et al. 2019)
        presets[f"hybrid-{size}"] = _blocks(width, (source, max(1, target // 2)), transformer, ssru)
    return presets


PRESETS = _family()
