"""Scores of systems, and of the first beside the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from seqtool.errors import UsageError
from seqtool.evaluation.sets import Gold, Lines, check_aligned
from seqtool.metrics import Baseline, Score, Variant, expand_names, score_corpus
from seqtool.metrics.bootstrap import check_drawn
from seqtool.metrics.corpus import check_samples
from seqtool.metrics.paired import Comparison, PairedTest, compare
from seqtool.metrics.score import BOOTSTRAP_SEED, ROUGE_METRICS, SACREBLEU_METRICS


@dataclass(frozen=True)
class Resampling:
    """95% intervals from `bootstrap` samples, 0 for none, and a test against the first system; both begin at `seed`, 1 or more."""

    bootstrap: int = 0
    seed: int = BOOTSTRAP_SEED
    test: PairedTest | None = None


@dataclass(frozen=True)
class Result:
    """The scores of one system, by metric, and how they differ from the first system's where that was tested."""

    name: str
    scores: dict[str, Score]
    comparisons: dict[str, Comparison] = field(default_factory=dict)


def metric_names(asked: str | None, task: str) -> list[str]:
    """The metrics of a comma-separated list, or the task's where there is none. Raises `UsageError` for an unknown one."""
    if asked is None:
        return expand_names(["rouge", "summary"] if task == "summarization" else ["bleu", "chrf"])
    names = expand_names([name.strip() for name in asked.split(",") if name.strip()])
    if not names:
        raise UsageError("evaluate.metrics", "--metrics names no metric", "for example --metrics bleu,chrf")
    return names


def check_variant(names: Sequence[str], variant: Variant, line_metric: str | None = None) -> None:
    """Scores one word, so that a tokenizer that cannot be had is found before a long translation and not after it. Raises `UsageError` for
    that, and for what none of the metrics looks at, that of single lines included."""
    computed = {*names, line_metric}
    readers: tuple[tuple[bool, str, str, tuple[str, ...]], ...] = (
        (variant.tokenize != Variant().tokenize, f"--tokenize {variant.tokenize}", "bleu", ("bleu",)),
        (variant.lowercase, "--lowercase", "bleu or chrf", ("bleu", "chrf")),
        (variant.stem, "--stem", "rouge", ROUGE_METRICS),
    )
    for typed, option, which, names_of in readers:
        if typed and not computed.intersection(names_of):
            hint = f"add {which} to --metrics, or leave it out"
            raise UsageError("usage.evaluate", f"{option}: only {which} looks at it, which is not computed", hint)
    score_corpus(["one"], [["one"]], names, sources=["one"], variant=variant)


def check_resampling(resampling: Resampling, names: Sequence[str], lines: int) -> None:
    """Raises `UsageError` and `ResourceError` for what could not be drawn of so many lines: before a long translation, too."""
    check_samples(resampling.bootstrap)
    if set(names).intersection(SACREBLEU_METRICS):
        check_drawn(resampling.bootstrap, lines)
    if resampling.test is not None:
        check_drawn(resampling.test.resamples, lines, resampling.test.kind)


def baseline_systems(baselines: Sequence[Baseline], source: Lines, refs: Sequence[Lines]) -> list[Lines]:
    """What the baselines make of a source, each once. Raises `DataError` when a reference has another number of lines."""
    for ref in refs:
        check_aligned(source, ref, "evaluate.line-count")
    together = list(zip(source.lines, *(ref.lines for ref in refs), strict=True))
    return [
        Lines(baseline.name, [baseline.output(src, targets) for src, *targets in together])
        for baseline in dict.fromkeys(baselines)
    ]


def score_system(
    system: Lines, gold: Gold, names: Sequence[str], *, resampling: Resampling, variant: Variant
) -> Result:
    """Scores one system. Raises `DataError` when a reference or the source has another number of lines, and what `score_corpus` raises."""
    for other in (*gold.refs, *([gold.source] if gold.source else [])):
        check_aligned(system, other, "evaluate.line-count")
    scores = score_corpus(
        system.lines,
        [ref.lines for ref in gold.refs],
        names,
        sources=gold.source.lines if gold.source else None,
        bootstrap=resampling.bootstrap,
        seed=resampling.seed,
        variant=variant,
    )
    return Result(system.name, scores)


def with_comparisons(
    results: Sequence[Result], systems: Sequence[Lines], gold: Gold, test: PairedTest, *, variant: Variant
) -> list[Result]:
    """The results of the systems, those after the first compared with it on the same lines; the signatures say by which test."""
    compared = compare(
        [system.lines for system in systems],
        [ref.lines for ref in gold.refs],
        list(results[0].scores),
        test,
        sources=gold.source.lines if gold.source else None,
        variant=variant,
    )
    found = []
    for result, comparisons in zip(results, [{}, *compared], strict=True):
        scores = {
            name: replace(score, signature=test.signature(score.signature)) for name, score in result.scores.items()
        }
        found.append(Result(result.name, scores, comparisons))
    return found
