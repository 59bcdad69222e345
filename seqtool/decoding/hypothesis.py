"""A finished output."""

from __future__ import annotations

from dataclasses import dataclass, field

from seqtool.decoding.stepper import Floats32


@dataclass(frozen=True)
class Hypothesis:
    """`tokens` without bos and eos; `log_prob` of the tokens and the eos, in nats; `score` is `log_prob` normalised by length, higher is
    better.

    `token_log_probs` has one number a token and one for the eos; they sum to `log_prob`. `attention` `(tokens + 1, src_len)` says where
    the model looked for each of them, None where it was not kept or the model has none; it takes no part in comparisons.
    """

    tokens: tuple[int, ...]
    log_prob: float
    score: float
    token_log_probs: tuple[float, ...] = ()
    attention: Floats32 | None = field(default=None, compare=False)


def normalised(log_prob: float, tokens: int, length_penalty: float) -> float:
    """`log_prob / tokens ** length_penalty`, where `tokens` counts the eos; a penalty of 0 compares raw log-probabilities, which favours
    short output, and 1 compares averages."""
    return float(log_prob / tokens**length_penalty)
