"""Outputs drawn from the model.

Every draw is decided by the seed, the number of the sentence, the sample, the step and the token, never by a generator that others draw
from too: a sentence gets the same outputs alone and in any batch. The token drawn is the one with the greatest log-probability plus Gumbel
noise (Maddison et al. 2014), so candidates that change places by a rounding error change nothing either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.decoding.greedy import follow
from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import Sampling, SearchPlan
from seqtool.decoding.rules import Rules
from seqtool.decoding.stepper import Candidates, Floats, Ints, State, Stepper

_EVERYTHING = 1 << 30  # more than any vocabulary
Words = NDArray[np.uint64]


def search_samples(
    stepper: Stepper[State], src_ids: Ints, src_lengths: Ints, plan: SearchPlan, rules: Rules, numbers: Ints
) -> list[list[Hypothesis]]:
    """`n_best` outputs drawn for each sentence of `src_ids` `(B, S)`, best first, equal ones among them; `numbers` `(B,)` are the
    sentences' own. Their log-probabilities and scores are the model's, whatever the temperature."""
    assert plan.sampling is not None
    each = np.repeat(np.arange(len(src_ids)), plan.n_best)
    picker = Draw(plan.sampling, numbers[each], np.tile(np.arange(plan.n_best), len(src_ids)))
    found = follow(stepper, src_ids[each], src_lengths[each], plan, rules.of(each), picker)
    results: list[list[Hypothesis]] = [[] for _ in range(len(src_ids))]
    for sentence, one in zip(each.tolist(), found, strict=True):
        results[sentence].extend(one)
    return [sorted(drawn, key=lambda one: -one.score) for drawn in results]


@dataclass(frozen=True)
class Draw:
    """Draws the tokens of rows; row i of the whole batch is sample `samples[i]` of the sentence with the number `numbers[i]`."""

    sampling: Sampling
    numbers: Ints
    samples: Ints

    @property
    def wants(self) -> int:
        """The best `top_k`, or all there are."""
        return self.sampling.top_k or _EVERYTHING

    def pick(self, candidates: Candidates, sentences: Ints, so_far: int) -> Ints:
        """See `Picker.pick`."""
        log_probs = nucleus(candidates.log_probs / self.sampling.temperature, self.sampling.top_p)
        reach = int(np.isfinite(log_probs).sum(1).max(initial=1))  # columns behind it are out for all rows
        log_probs, tokens = log_probs[:, :reach], candidates.tokens[:, :reach]
        rows = mixed(self.sampling.seed, self.numbers[sentences], self.samples[sentences], so_far)
        noise = -np.log(-np.log(uniform(mixed(rows[:, None], tokens))))
        columns: Ints = np.argmax(log_probs + noise, axis=1)
        return columns


def nucleus(log_probs: Floats, top_p: float) -> Floats:
    """`log_probs` `(R, C)`, best first and up to a constant, with all outside the nucleus at -inf: the nucleus is the fewest best ones that
    together have at least `top_p` of the probability of all C (Holtzman et al. 2020)."""
    if top_p >= 1:
        return log_probs
    probs = np.exp(log_probs - np.maximum(log_probs[:, :1], np.finfo(float).min))
    before = np.cumsum(probs, axis=1) - probs
    return np.where(before < top_p * probs.sum(1, keepdims=True), log_probs, -np.inf)


def mixed(*parts: Any) -> Words:
    """One well-mixed 64-bit word from whole numbers or arrays of them, broadcast (the finaliser of SplitMix64, Steele et al. 2014)."""
    word: Words = np.zeros((), np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            word = (word ^ np.asarray(part).astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
            word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            word = word ^ (word >> np.uint64(31))
    return word


def uniform(words: Words) -> Floats:
    """Numbers above 0 and below 1, `2 ** -53` apart, half of it away from either end."""
    numbers: Floats = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return numbers
