"""What somebody who publishes scores should know before a reviewer finds it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.evaluation.scoring import Result
from seqtool.evaluation.sets import Lines
from seqtool.metrics.paired import SIGNIFICANT

# What tokenizers leave: a space before a comma, full stop or English clitic; marks of subwords; escapes of the Moses scripts. A space
# before ! ? ; : is how French is written.
_TOKENIZED = re.compile(
    r"(?<=\S) (?:[,.]|'(?:s|re|ve|ll|m|d)|n't)(?= |$)|@@(?= |$)|▁| ##\w|@-@|&(?:apos|quot|amp);", re.IGNORECASE
)
# Fewer lines, or a smaller share, may be what somebody wrote.
_FEW_LINES, _FEW_SHARE = 10, 0.2


def looks_tokenized(text: Lines) -> str:
    """A warning where many lines look as a tokenizer leaves them; empty elsewhere."""
    marks = ((number, _TOKENIZED.search(line)) for number, line in enumerate(text.lines, 1))
    found = [(number, mark[0]) for number, mark in marks if mark]
    filled = sum(bool(line.strip()) for line in text.lines)
    if len(found) < _FEW_LINES or len(found) < _FEW_SHARE * filled:
        return ""
    number, mark = found[0]
    return (
        f"{text.name} looks tokenised: {len(found):,} of {len(text.lines):,} lines have marks such as {mark!r} in line {number}; "
        "scores are for text as people write it (for BLEU of tokenised text: --tokenize none)"
    )


def not_shown(results: Sequence[Result]) -> list[str]:
    """A sentence for each system that a paired test does not tell from the first in some metric."""
    found = []
    for result in results[1:]:
        open_cases = [
            f"{name} (p = {one.p_value:.3f})" for name, one in result.comparisons.items() if one.p_value >= SIGNIFICANT
        ]
        if open_cases:
            found.append(f"{result.name} is not shown to differ from {results[0].name} in {', '.join(open_cases)}")
    return found


def notes(results: Sequence[Result]) -> list[str]:
    """What the metrics say about the texts, each once."""
    found = [f"{result.name}: {score.note}" for result in results for score in result.scores.values() if score.note]
    return list(dict.fromkeys(found))
