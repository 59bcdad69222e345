"""What is known of the text that systems were trained on: which test lines it has, and how often it has each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from seqtool.errors import SeqtoolError, UsageError
from seqtool.evaluation.sets import Gold, Lines, has_local_training_set, recipe_pairs
from seqtool.metrics.frequency import count_words
from seqtool.text.formats import text_lines


def training_words(models: Sequence[Path], train: Sequence[Path]) -> Counter[str]:
    """How often each word is on the target side of training: in the files `train`, or else in the recipe of the first model.

    Raises `UsageError` where there is neither, and what reading them raises.
    """
    if train:
        return count_words(line for path in train for line in text_lines(path))
    if not models:
        hint = "add --train FILE, training text in the language of the references"
        raise UsageError("evaluate.by", "--by frequency: the training text is not known", hint)
    return count_words(tgt for _, tgt in recipe_pairs(models[0], "train"))


def seen_in_training(gold: Gold, models: Sequence[Path], train: Sequence[Path]) -> list[str]:
    """How many test lines the training text of the models' recipes, or of the files `train` in the language of the references, has.

    Lines are equal when they are but for their spaces. A recipe whose training files are gone cannot be looked at, and nothing is said of
    it; a data set of the hub is not asked for. Raises `DataError` for a file of `train` that cannot be read.
    """
    found = []
    for path in dict.fromkeys(models):
        with suppress(SeqtoolError):
            if gold.source and has_local_training_set(path):
                sources = (src for src, _ in recipe_pairs(path, "train"))
                found.append(_seen(gold.source, sources, "source lines", f"the training data of {path}"))
    for path in train:
        found.append(_seen(gold.refs[0], text_lines(path), "reference lines", str(path)))
    return [text for text in found if text]


def _seen(lines: Lines, training: Iterable[str], what: str, where: str) -> str:
    wanted = {plain for line in lines.lines if (plain := " ".join(line.split()))}
    common = wanted.intersection(" ".join(line.split()) for line in training)
    count = sum(" ".join(line.split()) in common for line in lines.lines)
    if not count:
        return ""
    share = count / len(lines.lines)
    return f"{count:,} of {len(lines.lines):,} {what} ({share:.1%}) are in {where}: there a model may only remember"
