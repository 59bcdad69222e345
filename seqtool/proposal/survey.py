"""One pass over all pairs of a source: how many, how long, which characters."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

# Pairs kept to be looked at: a uniform sample, since the beginning of a corpus may be unlike the rest.
_KEPT = 2000
_PROGRESS_PAIRS = 10_000


@dataclass
class Survey:
    """Counts over pairs; lengths are in characters. `sample` are at most 2,000 pairs with text on both sides."""

    pairs: int = 0
    empty: int = 0
    src_lengths: Counter[int] = field(default_factory=Counter)
    tgt_lengths: Counter[int] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    sample: list[tuple[str, str]] = field(default_factory=list)

    def src_length(self, share: float) -> int:
        """The length that this share of sources does not exceed."""
        return _quantile(self.src_lengths, share)

    def tgt_length(self, share: float) -> int:
        """The length that this share of targets does not exceed."""
        return _quantile(self.tgt_lengths, share)

    def kinds_of_characters(self, coverage: float) -> int:
        """How many different characters make up this share of the text."""
        wanted, seen = coverage * self.characters.total(), 0
        for number, (_, count) in enumerate(self.characters.most_common(), 1):
            seen += count
            if seen >= wanted:
                return number
        return len(self.characters)


def surveyed(
    pairs: Iterable[tuple[str, str]], survey: Survey, progress: Callable[[int], None]
) -> Iterator[tuple[str, str]]:
    """Hands the pairs on, and counts them into `survey` on the way."""
    rng = random.Random(0)
    for src, tgt in pairs:
        survey.pairs += 1
        if not (src.strip() and tgt.strip()):
            survey.empty += 1
        elif len(survey.sample) < _KEPT:
            survey.sample.append((src, tgt))
        elif (place := rng.randrange(survey.pairs)) < _KEPT:
            survey.sample[place] = (src, tgt)
        survey.src_lengths[len(src)] += 1
        survey.tgt_lengths[len(tgt)] += 1
        survey.characters.update(src)
        survey.characters.update(tgt)
        if survey.pairs % _PROGRESS_PAIRS == 0:
            progress(survey.pairs)
        yield src, tgt


def _quantile(lengths: Counter[int], share: float) -> int:
    left = share * lengths.total()
    for length in sorted(lengths):
        left -= lengths[length]
        if left <= 0:
            return length
    return 0
