"""ROUGE (Lin 2004): the numbers of the rouge-score package, as mean F1 over lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqtool.metrics.score import BOOTSTRAP_SEED, Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# With more of the letters dropped, what is left is no longer the text. German and French lose less than a tenth.
_MUCH_DROPPED = 0.2

# Resampled indices held at once: 8 MB.
_INDICES_AT_ONCE = 1 << 20


def score_with_rouge(
    hyps: Sequence[str], refs: Sequence[Sequence[str]], names: Sequence[str], *, bootstrap: int, stem: bool
) -> list[Score]:
    """The ROUGE metrics in `names`. With several references the best one of each line counts, as rouge-score does it.

    A line is one sentence to rougeLsum unless it contains newlines, so on lines it equals rougeL but for repeated words.
    """
    import numpy as np
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(list(names), use_stemmer=stem)
    per_line = [scorer.score_multi(list(targets), hyp) for hyp, *targets in zip(hyps, *refs, strict=True)]
    note = _note([*hyps, *(line for reference in refs for line in reference)])
    scores = []
    for name in names:
        values = 100 * np.array([line[name].fmeasure for line in per_line], np.float64)  # (lines,)
        low, high = _interval(values, bootstrap) if bootstrap > 1 else (None, None)
        scores.append(Score(name, float(values.mean()), _signature(name, len(refs), bootstrap, stem), low, high, note))
    return scores


def _signature(name: str, references: int, bootstrap: int, stem: bool) -> str:
    """In the manner of sacrebleu's."""
    from importlib.metadata import version

    resampled = f"bs:{bootstrap}|seed:{BOOTSTRAP_SEED}|" if bootstrap > 1 else ""
    stemming = "yes" if stem else "no"
    head = f"nrefs:{references}|{resampled}type:{name}|stem:{stemming}"
    return f"{head}|case:lc|tok:rouge-score-default|version:{version('rouge-score')}"


def _interval(values: NDArray[np.float64], samples: int) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the mean over lines drawn with replacement; the value itself is always inside."""
    import numpy as np

    generator = np.random.default_rng(BOOTSTRAP_SEED)
    at_once = max(1, _INDICES_AT_ONCE // len(values))
    means: list[float] = []
    while len(means) < samples:
        rows = min(at_once, samples - len(means))
        drawn = generator.integers(0, len(values), size=(rows, len(values)))  # (rows, lines)
        means.extend(values[drawn].mean(1).tolist())
    low, high = np.percentile(means, [2.5, 97.5])
    middle = float(values.mean())
    return min(float(low), middle), max(float(high), middle)


def _note(texts: Sequence[str]) -> str:
    """A warning when rouge-score's tokenizer, which keeps a to z and 0 to 9 and splits at everything else, would leave little."""
    letters = dropped = 0
    for text in texts:
        if text.isascii():
            letters += len(text)
            continue
        foreign = [character for character in text.lower() if character.isalnum()]
        letters += len(foreign)
        dropped += sum(not character.isascii() for character in foreign)
    share = dropped / letters if letters else 0.0
    if share <= _MUCH_DROPPED:
        return ""
    return f"rouge-score keeps only a-z and 0-9, and {share:.0%} of the letters here are others: ROUGE says little about this text"
