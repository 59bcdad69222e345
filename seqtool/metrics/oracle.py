"""The extractive oracle: the sentences of a source that a perfect chooser of sentences would take."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Sequence

from seqtool.metrics.sentences import joined, sentences
from seqtool.metrics.words import ngrams, words

Gram = tuple[str, ...]


class _Target:
    """N-grams of one reference, and how many of them the chosen sentences have: kept up to date, never counted anew."""

    def __init__(self, reference: str, n: int) -> None:
        self.n = n
        self.wanted = Counter(ngrams(words(reference), n))
        self._size = self.wanted.total()
        self._have: Counter[Gram] = Counter()
        self._hits = 0

    def f1(self, change: Iterable[tuple[Gram, int]], chosen_words: int) -> float:
        """F1 of the chosen sentences with so many words, when these counts of n-grams of the reference are added to theirs.

        2 hits / (their n-grams + the reference's), which is the harmonic mean of precision and recall.
        """
        hits = self._hits
        for gram, count in change:
            have, most = self._have[gram], self.wanted[gram]
            hits += min(have + count, most) - min(have, most)
        size = max(0, chosen_words - self.n + 1) + self._size
        return 2 * hits / size if size else 0.0

    def add(self, change: Iterable[tuple[Gram, int]]) -> None:
        """The counts belong to a sentence that is chosen."""
        for gram, count in change:
            have, most = self._have[gram], self.wanted[gram]
            self._hits += min(have + count, most) - min(have, most)
            self._have[gram] = have + count


class _Choice:
    """Sentences of a source by number, chosen one after the other."""

    def __init__(self, parts: Sequence[list[str]], references: Sequence[str]) -> None:
        self._parts = parts
        self._targets = [[_Target(reference, n) for reference in references] for n in (1, 2)]
        wanted = [{gram for target in targets for gram in target.wanted} for targets in self._targets]
        # What no reference has cannot be a hit, and need not be looked at again.
        self._grams = [
            [Counter(gram for gram in ngrams(part, n) if gram in wanted[n - 1]) for part in parts] for n in (1, 2)
        ]
        self._wanted_pairs = wanted[1]
        self.numbers: list[int] = []
        self._words = 0

    def score(self, number: int) -> float:
        """ROUGE-1 + ROUGE-2 F1 of the chosen sentences and this one in the order of the source, each of its best reference."""
        size = self._words + len(self._parts[number])
        return sum(
            max(target.f1(change, size) for target in targets)
            for targets, change in zip(self._targets, self._changes(number), strict=True)
        )

    def take(self, number: int) -> None:
        """Choose it."""
        for targets, change in zip(self._targets, self._changes(number), strict=True):
            for target in targets:
                target.add(change)
        self.numbers.insert(bisect(self.numbers, number), number)
        self._words += len(self._parts[number])

    def _changes(self, number: int) -> list[list[tuple[Gram, int]]]:
        """Counts of unigrams and bigrams that come and go with a sentence."""
        return [list(self._grams[0][number].items()), self._pairs(number)]

    def _pairs(self, number: int) -> list[tuple[Gram, int]]:
        """Also the bigrams over its two ends, and the one over the gap that it fills."""
        place = bisect(self.numbers, number)
        before = self._parts[self.numbers[place - 1]][-1:] if place else []
        after = self._parts[self.numbers[place]][:1] if place < len(self.numbers) else []
        part, change = self._parts[number], self._grams[1][number].copy()
        for ends, count in ((before + part[:1], 1), (part[-1:] + after, 1), (before + after, -1)):
            if len(ends) == 2 and tuple(ends) in self._wanted_pairs:
                change[tuple(ends)] += count
        return list(change.items())


def oracle(source: str, references: Sequence[str], most: int) -> str:
    """At most `most` sentences of the source, chosen greedily for the sum of ROUGE-1 and ROUGE-2 F1, in the order of the source.

    A sentence is added while one improves the sum, the earliest of equals (Nallapati, Zhai and Zhou 2017, on extractive training; so too
    Liu and Lapata 2019). Words are those of `words`, so the sum is rouge-score's on ASCII text without stemming. With several references
    the best one counts for each of the two. Where no sentence has a word of a reference, and where there is only one, the first is taken:
    only a blank source has a blank oracle. Greedy is not optimal: another choice of sentences may score higher.
    """
    whole = sentences(source)
    if len(whole) <= 1:
        return joined(whole)
    parts = [words(sentence) for sentence in whole]
    choice, best = _Choice(parts, references), 0.0
    left = [number for number, part in enumerate(parts) if part]
    for _ in range(min(most, len(left))):
        scores = {number: choice.score(number) for number in left}
        number = max(left, key=lambda one: scores[one])  # the first of equals
        if scores[number] <= best:
            break
        best = scores[number]
        choice.take(number)
        left.remove(number)
    return joined([whole[number] for number in choice.numbers or [0]])
