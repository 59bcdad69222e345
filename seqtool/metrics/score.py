"""What a score is, which there are, and how their variants are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from seqtool.errors import UsageError

SACREBLEU_METRICS = ("bleu", "chrf", "ter")
ROUGE_METRICS = ("rouge1", "rouge2", "rougeL", "rougeLsum")
METRIC_NAMES = (*SACREBLEU_METRICS, *ROUGE_METRICS)

# What describes an output without judging it, and which of that needs the source.
SUMMARY_METRICS = ("copy_rate", "novel1", "novel2", "novel3", "repetition", "length_ratio", "length")
SOURCE_METRICS = frozenset(SUMMARY_METRICS[:4])

# What one writes for several at once.
GROUPS = {"rouge": ("rouge1", "rouge2", "rougeL"), "summary": SUMMARY_METRICS}

# Of the rest of SUMMARY_METRICS, neither more nor less is better.
LOWER_IS_BETTER = ("ter", "repetition")
HIGHER_IS_BETTER = ("bleu", "chrf", *ROUGE_METRICS)

# sacrebleu's default seed, for ROUGE too: the same corpus always has the same interval.
BOOTSTRAP_SEED = 12345


@dataclass(frozen=True)
class Score:
    """One metric of one system, 0 to 100 (TER may exceed 100, and is better when lower; a length is in words, a ratio of lengths a number).

    `signature` says how it was computed, so that another person can compare; `low` and `high` bound the 95% bootstrap interval where one
    was asked for; `note` is a warning about this text and this metric, mostly empty.
    """

    name: str
    value: float
    signature: str
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Variant:
    """How text is taken apart before it is compared.

    `tokenize` is BLEU's tokenizer under sacrebleu's name; `lowercase` is for BLEU and chrF (TER and ROUGE ignore case anyway); `stem` is
    Porter's stemmer for ROUGE, which knows English only.
    """

    tokenize: str = "13a"
    lowercase: bool = False
    stem: bool = False


def expand_names(metrics: Sequence[str]) -> list[str]:
    """Names of single metrics, each once, in the order asked for; `rouge` means three, `summary` seven.

    Raises `UsageError` for an unknown name.
    """
    names: list[str] = []
    for asked in metrics:
        known = (*METRIC_NAMES, *SUMMARY_METRICS, *GROUPS)
        if asked not in known:
            near = get_close_matches(asked.lower(), [name.lower() for name in known], n=1)
            meant = [name for name in known if near and name.lower() == near[0]]
            hint = f"did you mean {meant[0]}?" if meant else f"metrics are {', '.join(known)}"
            raise UsageError("metrics.unknown", f"no metric is called {asked!r}", hint)
        names.extend(GROUPS.get(asked, (asked,)))
    return list(dict.fromkeys(names))
