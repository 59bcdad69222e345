"""What a score is, which there are, and how their variants are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from seqtool.errors import UsageError

SACREBLEU_METRICS = ("bleu", "chrf", "ter")
ROUGE_METRICS = ("rouge1", "rouge2", "rougeL", "rougeLsum")
METRIC_NAMES = (*SACREBLEU_METRICS, *ROUGE_METRICS)

# What one writes for several at once.
GROUPS = {"rouge": ("rouge1", "rouge2", "rougeL")}

# sacrebleu's default seed, for ROUGE too: the same corpus always has the same interval.
BOOTSTRAP_SEED = 12345


@dataclass(frozen=True)
class Score:
    """One metric of one system, 0 to 100 (TER may exceed 100, and is better when lower).

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
    """Names of single metrics, each once, in the order asked for; `rouge` means three. Raises `UsageError` for an unknown name."""
    names: list[str] = []
    for asked in metrics:
        if asked not in METRIC_NAMES and asked not in GROUPS:
            known = (*METRIC_NAMES, *GROUPS)
            near = get_close_matches(asked.lower(), [name.lower() for name in known], n=1)
            meant = [name for name in known if near and name.lower() == near[0]]
            hint = f"did you mean {meant[0]}?" if meant else f"metrics are {', '.join(known)}"
            raise UsageError("metrics.unknown", f"no metric is called {asked!r}", hint)
        names.extend(GROUPS.get(asked, (asked,)))
    return list(dict.fromkeys(names))
