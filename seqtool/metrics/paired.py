"""Whether two systems differ by more than the choice of test lines explains: sacrebleu's paired tests, for every metric.

Paired bootstrap (Koehn 2004) and paired approximate randomization (Riezler and Maxwell 2005), as `sacrebleu --paired-bs` and `--paired-ar`
run them, with its resampled lines and its seed. ROUGE and the measures of summaries are handed to the same test as sums over lines, so they
see the same lines as BLEU does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from seqtool.metrics.bootstrap import check_drawn, ratio, sacrebleu_seed
from seqtool.metrics.rouge import rouge_of_lines
from seqtool.metrics.score import BOOTSTRAP_SEED, ROUGE_METRICS, SACREBLEU_METRICS, Variant
from seqtool.metrics.summary import summary_of_lines
from seqtool.metrics.translation import sacrebleu_metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sacrebleu.metrics.base import Metric

Kind = Literal["bs", "ar"]
Extract = Callable[[Sequence[str]], "NDArray[np.float64]"]

# sacrebleu's own numbers of resamples.
RESAMPLES: dict[Kind, int] = {"bs": 1000, "ar": 10_000}

# Below this, a difference is one that the choice of lines hardly explains.
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class PairedTest:
    """Which test: `bs` draws lines with replacement, `ar` swaps the outputs of lines at random; how often, and from which seed (from 1)."""

    kind: Kind
    resamples: int
    seed: int = BOOTSTRAP_SEED

    def signature(self, own: str) -> str:
        """A metric's signature, with what a bootstrap said of itself where there was one, in sacrebleu's order."""
        if self.kind == "bs":
            return own
        before = re.match(r"(?:nrefs:[^|]*\|)?(?:bs:\d+\|)?", own)
        head = before[0] if before else ""
        rest = own[len(head) :].removeprefix(f"seed:{self.seed}|")
        return f"{head}ar:{self.resamples}|seed:{self.seed}|{rest}"


@dataclass(frozen=True)
class Comparison:
    """One metric of a system beside the first system's: how much more it is, and the two-sided p-value, 0 to 1."""

    difference: float
    p_value: float


@dataclass(frozen=True)
class _Value:
    name: str
    score: float


class _Signature(dict[str, object]):
    """Where the test notes what it did. What is printed comes from `PairedTest.signature`."""

    def update(self, key: str, value: object) -> None:  # type: ignore[override]
        self[key] = value


class _Ratio:
    """What the test asks of a metric, for one that is a sum over lines divided by another."""

    def __init__(self, name: str, extract: Extract) -> None:
        self._name, self._extract = name, extract

    def _extract_corpus_statistics(self, hyps: Sequence[str], _refs: object) -> NDArray[np.float64]:
        return self._extract(hyps)  # (lines, 2)

    def _aggregate_and_compute(self, rows: NDArray[np.float64]) -> _Value:
        return self._compute_score_from_stats(rows.sum(0))

    def _compute_score_from_stats(self, sums: NDArray[np.float64]) -> _Value:
        return _Value(self._name, ratio(sums[:1], sums[1:]))

    def get_signature(self) -> _Signature:
        return _Signature()


class _Recorded:
    """A metric that keeps what it found in the lines of each system, in the order in which the test asks."""

    def __init__(self, metric: Metric | _Ratio) -> None:
        self._metric = metric
        self.rows: list[NDArray[np.float64]] = []

    def _extract_corpus_statistics(self, hyps: Sequence[str], refs: Sequence[Sequence[str]]) -> object:
        import numpy as np

        found = self._metric._extract_corpus_statistics(hyps, refs)
        self.rows.append(np.asarray(found))
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._metric, name)

    def least_p(self, system: int) -> float:
        """The smallest p-value that as many lines can show as those in which a system differs from the first: 1 where it never does.

        There are 2^k ways to swap k lines, of which two have the whole difference (Fisher 1935, on the exact test). sacrebleu counts the
        differences that are larger than the observed one, not those that equal it, and so calls a system different from itself (p =
        1 / (n + 1)). With more than a dozen different lines, as in any real comparison, its number stands.
        """
        different = int((self.rows[0] != self.rows[system]).any(axis=1).sum())
        return min(1.0, 2.0 ** (1 - different))


def compare(
    systems: Sequence[Sequence[str]],
    refs: Sequence[Sequence[str]],
    names: Sequence[str],
    test: PairedTest,
    *,
    sources: Sequence[str] | None = None,
    variant: Variant,
) -> list[dict[str, Comparison]]:
    """Each system after the first beside the first, by metric; the lines are as for `score_corpus`, and were checked there.

    Raises `ResourceError` for more resampled lines than there should be memory for.
    """
    found: list[dict[str, Comparison]] = [{} for _ in systems[1:]]
    for name in names:
        metric = _Recorded(_measure(name, refs, sources, variant))
        for row, comparison in zip(found, _run(metric, systems, refs, test), strict=True):
            row[name] = comparison
    return found


def _measure(
    name: str, refs: Sequence[Sequence[str]], sources: Sequence[str] | None, variant: Variant
) -> Metric | _Ratio:
    import numpy as np

    if name in SACREBLEU_METRICS:
        return sacrebleu_metric(name, variant)

    def rouge(hyps: Sequence[str]) -> NDArray[np.float64]:
        values = rouge_of_lines(hyps, refs, [name], stem=variant.stem)[name]
        return np.stack([values, np.ones_like(values)], axis=1)

    def summary(hyps: Sequence[str]) -> NDArray[np.float64]:
        return summary_of_lines(hyps, refs, sources, [name])[name].T

    return _Ratio(name, rouge if name in ROUGE_METRICS else summary)


def _run(
    metric: _Recorded, systems: Sequence[Sequence[str]], refs: Sequence[Sequence[str]], test: PairedTest
) -> list[Comparison]:
    from sacrebleu.significance import PairedTest as Theirs

    check_drawn(test.resamples, len(systems[0]), test.kind)
    named = [(str(number), hyps) for number, hyps in enumerate(systems)]
    with sacrebleu_seed(test.seed):
        paired = Theirs(named, {"one": cast("Metric", metric)}, refs, test_type=test.kind, n_samples=test.resamples)
        _, columns = paired()
    first, *others = (one for name, column in columns.items() if name != "System" for one in column)
    found = []
    for number, other in enumerate(others, 1):
        assert not isinstance(first, str)
        assert not isinstance(other, str)
        p_value = max(float(other.p_value or 0.0), metric.least_p(number))
        found.append(Comparison(float(other.score - first.score), p_value))
    return found
