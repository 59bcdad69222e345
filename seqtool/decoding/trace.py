"""What a search did, step by step, and the hypotheses read off it at the end.

Each step keeps a few small arrays: which row each new row continues, its token and its sum. Outputs are put together only for hypotheses
that are handed out, by following the rows backwards for all of them at once; the steps of the search itself copy no histories.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.plan import Scoring
from seqtool.decoding.stepper import Floats, Floats32, Ints

# A softmax may round to 0, whose logarithm would make a score of -inf.
_LEAST_COVERAGE = 1e-6


class _Ended(NamedTuple):
    """Hypotheses that ended after `step` tokens: the sentence, the row and the sum with eos of each."""

    step: int
    sentences: Ints
    rows: Ints
    log_probs: Floats


class _Paths(NamedTuple):
    """Finished hypotheses in the order they ended: the sentence `(N,)` of each, its number of tokens and its sum with eos, and the row it
    had at each step `(N, T + 1)`; entries after its last step mean nothing."""

    sentences: Ints
    lengths: Ints
    log_probs: Floats
    rows: Ints

    def of(self, those: Ints) -> _Paths:
        """Those hypotheses."""
        return _Paths(self.sentences[those], self.lengths[those], self.log_probs[those], self.rows[those])


class Trace:
    """Grows with a search over `count` sentences; before the first step each has one row."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._parents: list[Ints] = []
        self._tokens: list[Ints] = []
        self._sums: list[Floats] = [np.zeros(count)]
        self._attention: list[Floats32] = []
        self._ended: list[_Ended] = []

    def look(self, attention: Floats32 | None) -> None:
        """Keeps where the rows of this step looked, `(R, S)`."""
        if attention is not None:
            self._attention.append(attention)

    def end(self, sentences: Ints, rows: Ints, log_probs: Floats) -> None:
        """The hypotheses in these rows `(n,)` of this step ended with these sums; those of one sentence are next to each other."""
        if len(rows):
            self._ended.append(_Ended(len(self._tokens), sentences, rows, log_probs))

    def grow(self, rows: Ints, tokens: Ints, log_probs: Floats) -> None:
        """The rows of the next step: the row each continues, its token and its sum, all `(R',)`."""
        self._parents.append(rows)
        self._tokens.append(tokens)
        self._sums.append(log_probs)

    def hypotheses(
        self, scoring: Scoring, src_lengths: Ints, *, n_best: int | None, keep_attention: bool = False
    ) -> list[list[Hypothesis]]:
        """The best `n_best` hypotheses of each sentence (None: all), best first, those of equal score in the order they ended;
        `src_lengths` `(count,)` with eos."""
        results: list[list[Hypothesis]] = [[] for _ in range(self._count)]
        if not self._ended:
            return results
        paths = self._paths()
        scores = self._scores(paths, scoring, src_lengths)
        best = _best(paths.sentences, scores, n_best)
        paths = paths.of(best)
        looked = self._looks(paths, src_lengths) if keep_attention and self._attention else [None] * len(best)
        words, sums = self._words(paths)
        for sentence, score, length, tokens, steps, attention in zip(
            paths.sentences.tolist(), scores[best].tolist(), paths.lengths.tolist(), words, sums, looked, strict=True
        ):
            each = tuple(steps[: length + 1])
            results[sentence].append(Hypothesis(tuple(tokens[:length]), steps[-1], score, each, attention))
        return results

    def _paths(self) -> _Paths:
        counts = [len(one.rows) for one in self._ended]
        steps = np.array([one.step for one in self._ended])
        lengths = np.repeat(steps, counts)
        rows: Ints = np.zeros((len(lengths), int(lengths[-1]) + 1), np.int64)
        rows[np.arange(len(lengths)), lengths] = np.concatenate([one.rows for one in self._ended])
        first = np.searchsorted(lengths, np.arange(rows.shape[1]), side="right")  # those from here on are longer
        for step in range(rows.shape[1] - 2, -1, -1):
            longer = slice(first[step], None)
            rows[longer, step] = self._parents[step][rows[longer, step + 1]]
        sentences = np.concatenate([one.sentences for one in self._ended])
        return _Paths(sentences, lengths, np.concatenate([one.log_probs for one in self._ended]), rows)

    def _scores(self, paths: _Paths, scoring: Scoring, src_lengths: Ints) -> Floats:
        pairs = zip(paths.log_probs.tolist(), (paths.lengths + 1).tolist(), strict=True)
        scores = np.array([normalised(log_prob, tokens, scoring.length_penalty) for log_prob, tokens in pairs])
        if scoring.coverage_penalty and self._attention:
            received = self._received(paths)
            for index, length in enumerate(src_lengths[paths.sentences].tolist()):
                covered = np.clip(received[index, :length], _LEAST_COVERAGE, 1.0)
                scores[index] += scoring.coverage_penalty * float(np.log(covered).sum())
        return scores

    def _received(self, paths: _Paths) -> Floats:
        """The attention each source token received from all tokens of an output, `(N, S)`."""
        received = np.zeros((len(paths.lengths), self._attention[0].shape[1]))
        for step in range(int(paths.lengths.max()) + 1):
            those = np.flatnonzero(paths.lengths >= step)
            received[those] += self._attention[step][paths.rows[those, step]]
        return received

    def _looks(self, paths: _Paths, src_lengths: Ints) -> list[Floats32]:
        looks = []
        for sentence, length, rows in zip(paths.sentences, paths.lengths.tolist(), paths.rows, strict=True):
            real = int(src_lengths[sentence])  # without the padding, which depends on the batch
            looks.append(np.stack([self._attention[step][rows[step], :real] for step in range(length + 1)]))
        return looks

    def _words(self, paths: _Paths) -> tuple[list[list[int]], list[list[float]]]:
        """Tokens `(N, T)` and log-probabilities `(N, T + 1)` of each step, then the sum; entries after the end of an output mean
        nothing."""
        count, steps = paths.rows.shape
        tokens: Ints = np.zeros((count, steps), np.int64)
        sums: Floats = np.zeros((count, steps + 1))
        for step in range(steps):
            those = np.flatnonzero(paths.lengths >= step)
            rows = paths.rows[those, step]
            sums[those, step] = self._sums[step][rows]
            if step:
                tokens[those, step - 1] = self._tokens[step - 1][rows]
        sums[np.arange(count), paths.lengths + 1] = paths.log_probs
        each = np.concatenate([np.diff(sums, axis=1), paths.log_probs[:, None]], axis=1)
        return tokens.tolist(), each.tolist()


def _best(sentences: Ints, scores: Floats, n_best: int | None) -> Ints:
    """The indices of the best of each sentence, sentences in order, best first."""
    order = np.lexsort((-scores, sentences))  # stable
    if n_best is None:
        return order
    grouped = sentences[order]
    starts = np.searchsorted(grouped, grouped)
    best: Ints = order[np.arange(len(order)) - starts < n_best]
    return best
