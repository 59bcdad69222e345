"""ROUGE (Lin 2004): the numbers of the rouge-score package, as mean F1 over lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqtool.metrics.bootstrap import interval, ratio, resampling
from seqtool.metrics.score import Score
from seqtool.metrics.sentences import sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# With more of the letters dropped, what is left is no longer the text. German and French lose less than a tenth.
_MUCH_DROPPED = 0.2


def rouge_of_lines(
    hyps: Sequence[str], refs: Sequence[Sequence[str]], names: Sequence[str], *, stem: bool
) -> dict[str, NDArray[np.float64]]:
    """F1 of each line, 0 to 100, `(lines,)` by name. With several references the best one of each line counts, as rouge-score does it.

    rougeLsum compares sentences, which rouge-score finds only at newlines: outputs and references are first split into sentences by the
    rules of `seqtool.metrics.sentences`, and the signature says so. To the others a newline is like any space.
    """
    import numpy as np
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(list(names), use_stemmer=stem)
    split = _split if "rougeLsum" in names else str
    per_line = [
        scorer.score_multi([split(target) for target in targets], split(hyp))
        for hyp, *targets in zip(hyps, *refs, strict=True)
    ]
    return {name: 100 * np.array([line[name].fmeasure for line in per_line], np.float64) for name in names}


def score_with_rouge(
    hyps: Sequence[str], refs: Sequence[Sequence[str]], names: Sequence[str], *, bootstrap: int, seed: int, stem: bool
) -> list[Score]:
    """The ROUGE metrics in `names`, each the mean of `rouge_of_lines`."""
    import numpy as np

    note = _note([*hyps, *(line for reference in refs for line in reference)])
    scores = []
    for name, values in rouge_of_lines(hyps, refs, names, stem=stem).items():
        ones = np.ones_like(values)
        low, high = interval(values, ones, bootstrap, seed) if bootstrap > 1 else (None, None)
        signature = _signature(name, len(refs), resampling(bootstrap, seed), stem)
        scores.append(Score(name, ratio(values, ones), signature, low, high, note))
    return scores


def _split(text: str) -> str:
    return "\n".join(sentences(text))


def _signature(name: str, references: int, resampled: str, stem: bool) -> str:
    """In the manner of sacrebleu's."""
    from importlib.metadata import version

    stemming = "yes" if stem else "no"
    split = "|sent:seqtool-rules" if name == "rougeLsum" else ""
    head = f"nrefs:{references}|{resampled}type:{name}|stem:{stemming}"
    return f"{head}|case:lc|tok:rouge-score-default{split}|version:{version('rouge-score')}"


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
