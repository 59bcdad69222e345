"""German number words and their English: a language pair small enough to learn in seconds."""

from __future__ import annotations

import random
from pathlib import Path

NUMBERS = {
    "eins": "one",
    "zwei": "two",
    "drei": "three",
    "vier": "four",
    "fünf": "five",
    "sechs": "six",
    "sieben": "seven",
    "acht": "eight",
    "neun": "nine",
    "zehn": "ten",
}


def number_pairs(count: int, seed: int, longest: int = 6) -> list[tuple[str, str]]:
    """Rows of German number words, and the same in English."""
    rng = random.Random(seed)
    pairs = []
    for _ in range(count):
        words = rng.choices(sorted(NUMBERS), k=rng.randint(1, longest))
        pairs.append((" ".join(words) + " .", " ".join(NUMBERS[word] for word in words) + " ."))
    return pairs


def write_lines(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def small_recipe(folder: Path, **changes: object) -> dict[str, object]:
    """A recipe on the number corpus that trains in seconds, as plain values."""

    def section(name: str) -> dict[str, str]:
        return {"src": str(folder / f"{name}.de"), "tgt": str(folder / f"{name}.en")}

    return {
        "run_dir": "runs/numbers",
        "data": {name: section(name) for name in ("train", "valid", "test")},
        "tokenizer": {"kind": "unigram", "vocab_size": 60, "shared": True},
        "model": {
            "embedding": 24,
            "encoder": {"kind": "lstm", "hidden": 16},
            "decoder": {"kind": "lstm", "hidden": 24},
            "attention": {"kind": "scaled_dot"},
        },
        "training": {
            "batch_tokens": 256,
            "max_steps": 60,
            "max_epochs": None,
            "validate_every": 20,
            "checkpoint_every": 20,
            "log_every": 5,
            "optimizer": {"kind": "adam", "lr": 0.01},
            "export": False,
        },
        "decoding": {"beam_size": 3},
        **changes,
    }
