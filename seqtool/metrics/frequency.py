"""How well a system says words that its training text had often, seldom or never.

The comparison of word accuracy by frequency of Neubig et al. 2019 (section 2.2, "word accuracy analysis").
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seqtool import __version__
from seqtool.metrics.bootstrap import interval, ratio, resampling
from seqtool.metrics.score import BOOTSTRAP_SEED, Score
from seqtool.metrics.words import words

# The least frequency of each bucket.
_STARTS = (0, 1, 2, 6, 21, 101, 1001)
FREQUENCIES = ("0", "1", "2-5", "6-20", "21-100", "101-1000", "1001+")
WORD_F1 = "wordF1"


@dataclass(frozen=True)
class Bucket:
    """Words of one range of frequencies: how many of them are in the (first) reference, and the F1 with which they are said."""

    label: str
    words: int
    score: Score


def count_words(lines: Iterable[str]) -> Counter[str]:
    """How often each word of `seqtool.metrics.words` is in a text."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(words(line))
    return counts


def score_by_frequency(
    hyps: Sequence[str],
    refs: Sequence[Sequence[str]],
    counts: Mapping[str, int],
    *,
    bootstrap: int,
    seed: int = BOOTSTRAP_SEED,
) -> list[Bucket]:
    """Word F1, 0 to 100, by how often a word is in the training text, for every bucket in `FREQUENCIES`.

    Of each line the words are counted as bags: what output and reference share, a word at most as often as either has it; F1 is twice
    that, summed over lines, divided by the words of both. Of several references the one of the line that shares most counts.
    """
    import numpy as np

    parts = np.zeros((2, len(FREQUENCIES), len(hyps)), np.float64)  # twice the shared words, and the words of both
    wanted = [0] * len(FREQUENCIES)
    for number, (hyp, *targets) in enumerate(zip(hyps, *refs, strict=True)):
        said = Counter(words(hyp))
        bags = [Counter(words(target)) for target in targets]
        nearest = max(bags, key=lambda bag: _f1(said, bag))  # the first of equals
        for word in said.keys() | nearest.keys():
            bucket = bisect_right(_STARTS, counts.get(word, 0)) - 1
            parts[0, bucket, number] += 200 * min(said[word], nearest[word])
            parts[1, bucket, number] += said[word] + nearest[word]
        for word, count in bags[0].items():
            wanted[bisect_right(_STARTS, counts.get(word, 0)) - 1] += count
    signature = (
        f"nrefs:{len(refs)}|{resampling(bootstrap, seed)}type:{WORD_F1}|case:lc|tok:seqtool-words|version:{__version__}"
    )
    found = []
    for label, count, part, whole in zip(FREQUENCIES, wanted, *parts, strict=True):
        low, high = interval(part, whole, bootstrap, seed) if bootstrap > 1 else (None, None)
        found.append(Bucket(label, count, Score(WORD_F1, ratio(part, whole), signature, low, high)))
    return found


def _f1(said: Counter[str], wanted: Counter[str]) -> float:
    both = said.total() + wanted.total()
    return 2 * (said & wanted).total() / both if both else 0.0
