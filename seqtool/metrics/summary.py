"""What a summary does with its source: how much it copies, makes up and repeats, and how long it is.

The quantities of See, Liu and Manning 2017, section 7.2 and figures 4 and 6. They describe; only `repetition` is better when lower.
Words are those of `seqtool.metrics.words`; every quantity is a sum over all lines divided by another, so a blank line takes no part in
a share, and a share of nothing is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqtool import __version__
from seqtool.metrics.bootstrap import interval, ratio, resampling
from seqtool.metrics.score import SOURCE_METRICS, Score
from seqtool.metrics.words import ngrams, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Part = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """The words of one line: of the output, of its source (none where nothing asks for it) and of each reference."""

    output: list[str]
    source: list[str]
    references: list[list[str]]


def copied(line: Line) -> Part:
    """Output words that occur in the source, of all output words. A word said twice counts twice."""
    known = set(line.source)
    return sum(word in known for word in line.output), len(line.output)


def novel(line: Line, n: int) -> Part:
    """Distinct n-grams of the output that are not in the source, of all its distinct n-grams (See et al. 2017, section 7.2, figure 6)."""
    own = set(ngrams(line.output, n))
    return len(own.difference(ngrams(line.source, n))), len(own)


def repeated(line: Line) -> Part:
    """Trigrams of the output that it has said before, of all its trigrams: 1 - distinct / all (See et al. 2017, figure 4; Welleck et al.
    2020, section 6)."""
    own = ngrams(line.output, 3)
    return len(own) - len(set(own)), len(own)


def relative_length(line: Line) -> Part:
    """Output words, of reference words; of several references their mean length."""
    return len(line.output), sum(map(len, line.references)) / len(line.references)


def length(line: Line) -> Part:
    """Output words, of one line."""
    return len(line.output), 1


_MEASURES: dict[str, tuple[Callable[[Line], Part], float]] = {
    "copy_rate": (copied, 100),
    "novel1": (lambda line: novel(line, 1), 100),
    "novel2": (lambda line: novel(line, 2), 100),
    "novel3": (lambda line: novel(line, 3), 100),
    "repetition": (repeated, 100),
    "length_ratio": (relative_length, 1),
    "length": (length, 1),
}


def summary_of_lines(
    hyps: Sequence[str], refs: Sequence[Sequence[str]], sources: Sequence[str] | None, names: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """What each line adds to the two sums of a measure, `(2, lines)` by name, the first on the scale of the score. `sources` may be None
    where none of `SOURCE_METRICS` is among them."""
    import numpy as np

    read = sources if sources is not None and SOURCE_METRICS & set(names) else [""] * len(hyps)
    parts = np.zeros((len(names), 2, len(hyps)), np.float64)
    for number, (hyp, source, *targets) in enumerate(zip(hyps, read, *refs, strict=True)):
        line = Line(words(hyp), words(source), [words(target) for target in targets])
        for row, name in enumerate(names):
            measure, scale = _MEASURES[name]
            part, whole = measure(line)
            parts[row, :, number] = scale * part, whole
    return dict(zip(names, parts, strict=True))


def score_summaries(
    hyps: Sequence[str],
    refs: Sequence[Sequence[str]],
    sources: Sequence[str] | None,
    names: Sequence[str],
    *,
    bootstrap: int,
    seed: int,
) -> list[Score]:
    """The measures in `names`, shares on the 0-100 scale: the two sums of `summary_of_lines`, one divided by the other."""
    scores = []
    for name, (part, whole) in summary_of_lines(hyps, refs, sources, names).items():
        low, high = interval(part, whole, bootstrap, seed) if bootstrap > 1 else (None, None)
        signature = _signature(name, len(refs), resampling(bootstrap, seed))
        scores.append(Score(name, ratio(part, whole), signature, low, high))
    return scores


def _signature(name: str, references: int, resampled: str) -> str:
    """In the manner of sacrebleu's."""
    counted = f"nrefs:{references}|" if name == "length_ratio" else ""
    return f"{counted}{resampled}type:{name}|case:lc|tok:seqtool-words|version:{__version__}"
