"""A set of pairs translated and scored: as a whole, by the length of the source, and line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqtool.evaluation import metric_names, recipe_set
from seqtool.metrics import Score, Variant, score_corpus
from seqtool.metrics.score import HIGHER_IS_BETTER, ROUGE_METRICS
from seqtool.metrics.translation import without_spaces
from seqtool.translator import Translator

Split = Literal["test", "valid"]

# Buckets of sources by length; fewer where they would be too small to say anything.
_BUCKETS, _LEAST = 6, 20


@dataclass(frozen=True)
class JudgedLine:
    """A line, numbered from 1 in its set: texts, the length of its source in tokens, and the score of the line alone, 0 to 100."""

    number: int
    src: str
    ref: str
    hyp: str
    src_tokens: int
    score: float


@dataclass(frozen=True)
class Bucket:
    """Lines whose sources have from `shortest` to `longest` tokens, and their scores, by name."""

    shortest: int
    longest: int
    lines: int
    scores: dict[str, float]


@dataclass(frozen=True)
class Judged:
    """What a model makes of a set of `total` lines, of which `lines` were translated. `line_metric` is that of single lines;
    `variant` says how text was taken apart for the scores, and `remarks` what to know of them."""

    split: Split
    where: str
    total: int
    lines: tuple[JudgedLine, ...]
    scores: dict[str, Score]
    line_metric: str
    buckets: tuple[Bucket, ...]
    variant: Variant
    remarks: tuple[str, ...]

    @property
    def worst(self) -> list[JudgedLine]:
        """All lines, the worst first; of equals the first in the set."""
        return sorted(self.lines, key=lambda line: (line.score, line.number))

    def line(self, number: int) -> JudgedLine | None:
        """The line of this number, None where it was not translated."""
        return next((line for line in self.lines if line.number == number), None)


def judge_run(
    path: Path,
    split: Split,
    *,
    max_lines: int,
    wanted: Sequence[int] = (),
    threads: int | None = None,
    progress: Callable[[int, int], None],
) -> Judged:
    """Translates a set of a run's recipe, or `max_lines` of it, spread evenly, and those `wanted` by number, and scores it. `progress` is
    told lines done and in all. Raises `UsageError` without such a set, `DataError`, and `ModelError` without a model."""
    source, ref = recipe_set(path, split)
    translator = Translator.load(path, threads=threads).with_search(scored=False)
    numbers = _numbers(len(source.lines), max_lines, wanted)
    texts = [source.lines[number - 1] for number in numbers]
    hyps = []
    for found in translator.translate(texts):
        hyps.append(found.text)
        progress(len(hyps), len(texts))
    refs = [ref.lines[number - 1] for number in numbers]
    sizes = [len(ids) for ids in translator.tokenizers.src.encode_batch(texts)]
    chosen = _choose(translator.task, hyps, refs)
    metric = chosen.line_metric
    alone = [score_corpus([hyp], [[one]], [metric])[metric].value for hyp, one in zip(hyps, refs, strict=True)]
    lines = tuple(map(JudgedLine, numbers, texts, refs, hyps, sizes, alone))
    buckets = _buckets(lines, list(chosen.scores), chosen.variant)
    total = len(source.lines)
    return Judged(split, source.name, total, lines, chosen.scores, metric, buckets, chosen.variant, chosen.remarks)


@dataclass(frozen=True)
class _Chosen:
    scores: dict[str, Score]
    line_metric: str
    variant: Variant
    remarks: tuple[str, ...]


def _choose(task: str, hyps: Sequence[str], refs: Sequence[str]) -> _Chosen:
    """The usual scores of a task, or those that say more of this text: BLEU of characters where there are no spaces between words, and
    where ROUGE sees little of it, chrF before it."""
    names = [name for name in metric_names(None, task) if name in HIGHER_IS_BETTER]
    variant = Variant()
    remarks: list[str] = []
    if "bleu" in names and without_spaces(refs):
        variant = Variant(tokenize="char")
        remarks.append("The references have no spaces between words: BLEU is of characters (its tokenizer is char).")
    scores = score_corpus(hyps, [refs], names, variant=variant)
    noted = [score.note for score in scores.values() if score.note]
    blind = any(scores[name].note for name in ROUGE_METRICS if name in scores)
    if blind:
        scores = {**score_corpus(hyps, [refs], ["chrf"]), **scores}
    remarks += [f"{note[:1].upper()}{note[1:]}." for note in dict.fromkeys(noted)]
    return _Chosen(scores, "rougeL" if task == "summarization" and not blind else "chrf", variant, tuple(remarks))


def _numbers(total: int, most: int, wanted: Sequence[int]) -> list[int]:
    spread = range(1, total + 1) if total <= most else {1 + place * total // most for place in range(most)}
    return sorted({*spread, *(number for number in wanted if 1 <= number <= total)})


def _buckets(lines: Sequence[JudgedLine], names: Sequence[str], variant: Variant) -> tuple[Bucket, ...]:
    """Of about equally many lines; all lines of one length are in one of them."""
    ordered = sorted(lines, key=lambda line: line.src_tokens)
    count = max(1, min(_BUCKETS, len(ordered) // _LEAST))
    groups: list[list[JudgedLine]] = []
    for place, line in enumerate(ordered):
        full = groups and place >= len(groups) * len(ordered) / count
        if not groups or (full and line.src_tokens > groups[-1][-1].src_tokens):
            groups.append([])
        groups[-1].append(line)
    return tuple(_bucket(group, names, variant) for group in groups)


def _bucket(group: Sequence[JudgedLine], names: Sequence[str], variant: Variant) -> Bucket:
    scores = score_corpus([line.hyp for line in group], [[line.ref for line in group]], names, variant=variant)
    sizes = [line.src_tokens for line in group]
    return Bucket(min(sizes), max(sizes), len(group), {name: score.value for name, score in scores.items()})
