"""What becomes of a line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Output:
    """One hypothesis as text: `log_prob` in nats with the eos, `score` normalised by length, higher is better.

    With details, `tokens` are its pieces, each with its log-probability, the eos last, and `links` say which source word each target word
    comes from: pairs of word numbers (source, target) from 0; `attention` `(tokens, src_len)` is where the model looked for each, for a
    line that was not split. Both are None where the model has no attention.
    """

    text: str
    log_prob: float
    score: float
    tokens: tuple[tuple[str, float], ...] = ()
    links: tuple[tuple[int, int], ...] | None = None
    attention: NDArray[np.float32] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Translation:
    """What became of one line; `outputs` are best first and never empty."""

    src: str
    outputs: tuple[Output, ...]

    @property
    def text(self) -> str:
        """The best output."""
        return self.outputs[0].text

    @property
    def score(self) -> float:
        """The score of the best output."""
        return self.outputs[0].score


@dataclass
class Counts:
    """What happened to lines so far; `loops` ran in circles and were searched again. `terms` counts the phrases of a glossary in them."""

    lines: int = 0
    blank: int = 0
    split: int = 0
    cut: int = 0
    loops: int = 0
    terms: int = 0


@dataclass(frozen=True)
class PairScore:
    """What a model says of a given pair: `log_prob` in nats with the eos; `tokens` are the target's pieces, each with its log-probability,
    the eos last."""

    log_prob: float
    tokens: tuple[tuple[str, float], ...]
