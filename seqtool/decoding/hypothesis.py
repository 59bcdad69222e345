"""A finished output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """`tokens` without bos and eos; `log_prob` of the tokens and the eos, in nats; `score` is `log_prob` normalised by length, higher is
    better."""

    tokens: tuple[int, ...]
    log_prob: float
    score: float


def normalised(log_prob: float, tokens: int, length_penalty: float) -> float:
    """`log_prob / tokens ** length_penalty`, where `tokens` counts the eos; a penalty of 0 compares raw log-probabilities, which favours
    short output, and 1 compares averages."""
    return float(log_prob / tokens**length_penalty)
