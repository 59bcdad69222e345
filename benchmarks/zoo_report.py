"""The page and the picture made from the results of `benchmarks.zoo`, and the lines for the headers of the recipes."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.zoo_chart import Line, chart
from benchmarks.zoo_results import Result, Scored, Scores, Training

PICTURE = "zoo-length.svg"
NOT_RUN = "not run yet"
UNKNOWN = "-"

HEAD = """# The recipes of the papers, measured

Each recipe for translation of [recipes/papers](../recipes/papers) is a paper's model in the size of two processor cores, the vanilla RNN
what they started from; its header says what was scaled and what differs. All are trained on the same German-English captions of Multi30k,
cut into the same pieces, for the same time, in bf16 as this processor can (`precision: auto`), and scored on test_2016_flickr, which none
of them saw. The model that is kept is the one with the least loss on the validation set.

    python -m benchmarks.zoo --data DIR --work WORK

trains, translates, scores and writes this page, one recipe after the other; `--report-only` writes it again from
[the results](../benchmarks/results/zoo).
"""

HOW_TO_READ = """
Every model was trained once, from one seed: of two models less than about 1 BLEU apart neither can be called the better, and the intervals
(95%, of {bootstrap} bootstrap samples of the test set, rounded outwards) do not hold what another seed would change. What is compared is
what each makes of the same minutes, not what it could reach in the end: a model that computes fast sees more updates. Perplexity is per
piece, on the validation set, of the model that was kept. Minutes are those of training, validations included; a step that is under way
when they are over is finished, and the last validation follows. tokens/s are real target tokens a second of training steps, and the least
and the most of any 50 updates: far apart, where something else used the machine. lines/s is the median of three translations of the test
set after one that does not count, with ONNX Runtime in fp32, beam 5, tokenizing included. GFLOP/s is a 1024^3 matrix product in fp32 with
the same threads, before and after: how fast the machine was at that moment.
"""


def shown(value: float | None, digits: int) -> str:
    """A number with so many decimals; one that is not 0 but would look so, as less than the last of them; None as unknown."""
    if value is None:
        return UNKNOWN
    text = f"{value:,.{digits}f}"
    if value > 0 and float(text.replace(",", "")) == 0:
        return f"<{10**-digits:.{digits}f}"
    return text


def interval(found: Scored) -> str:
    """`12.34 (11.2 to 13.5)`, the interval rounded outwards."""
    low, high = math.floor(found.low * 10) / 10, math.ceil(found.high * 10) / 10
    return f"{shown(found.value, 2)} ({low:.1f} to {high:.1f})"


def rates(found: Iterable[float]) -> str:
    """The least and the most GFLOP/s."""
    ends = [f"{end(found):.0f}" for found in [list(found)] for end in (min, max)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown: the first column to the left, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def finished(results: Mapping[str, Result]) -> dict[str, Scores]:
    """The scores of the recipes that have some. Ends the program when they are of different texts, budgets or precisions."""
    found = {name: result.scores for name, result in results.items() if result.scores is not None}
    texts = {tuple((group.words, group.lines) for group in scores.groups) for scores in found.values()}
    if len(texts) > 1:
        raise SystemExit(
            f"scored on different lines: {sorted(texts)}; remove the results that are to be measured again"
        )
    budgets = {(results[name].max_minutes, results[name].threads) for name in found}
    if len(budgets) > 1:
        raise SystemExit(
            f"trained for different minutes, or with different threads: {sorted(budgets)}; measure the others again"
        )
    if len(trained := precisions(results[name] for name in found)) > 1:
        raise SystemExit(f"trained in different precisions: {' and '.join(sorted(trained))}; measure the others again")
    return found


def precisions(results: Iterable[Result]) -> set[str]:
    """Those of trainings that are over."""
    return {result.training.precision for result in results if result.training is not None}


def page(names: Sequence[str], results: Mapping[str, Result], changed: Iterable[str] = ()) -> str:
    """docs/zoo.md: a row for each of `names`; `changed` are those whose recipe is not the one that was measured."""
    found = finished({name: results[name] for name in names if name in results})
    head = ["recipe", "BLEU", "chrF", "perplexity", "parameters", "updates", "minutes", "tokens/s", "lines/s"]
    head += ["GFLOP/s, training", "GFLOP/s, decoding", "commit", "date"]
    rows = [_row(name, results[name] if name in found else None, len(head), name in changed) for name in names]
    parts = [HEAD, table(head, rows)]
    if any(name in changed for name in found):
        parts.append("\\* The recipe has been changed since.\n")
    if not found:
        return "\n".join(parts)
    parts.append(_signatures(found.values()) + _machines(results[name] for name in found))
    bootstrap = re.search(r"bs:(\d+)", next(iter(found.values())).bleu.signature)
    parts.append(HOW_TO_READ.format(bootstrap=bootstrap[1] if bootstrap else "the").strip() + "\n")
    return "\n".join(parts) + "\n" + _by_length(names, found)


def _row(name: str, result: Result | None, width: int, changed: bool) -> list[str]:
    link = f"[{name}](../recipes/papers/{name}.yaml)"
    if result is None:
        return [link, NOT_RUN, *[""] * (width - 2)]
    training, decoding, scores = result.training, result.decoding, result.scores
    assert training is not None
    assert decoding is not None
    assert scores is not None
    commits = dict.fromkeys([*(start.commit for start in result.starts), decoding.commit])
    return [
        link + (" \\*" if changed else ""),
        interval(scores.bleu),
        interval(scores.chrf),
        shown(training.valid_perplexity, 2),
        shown(training.parameters, 0),
        shown(training.updates, 0),
        shown(training.minutes, 1),
        _speed(training),
        shown(statistics.median(decoding.speeds), 0),
        rates([*(start.gflops for start in result.starts), training.gflops_after]),
        rates(decoding.gflops),
        ", ".join(commits),
        decoding.date[:10],
    ]


def _speed(training: Training) -> str:
    mean = shown(training.tokens_per_second, 0)
    ends = training.slowest_and_fastest
    return f"{mean} ({shown(ends[0], 0)} to {shown(ends[1], 0)})" if ends else mean


def _signatures(found: Iterable[Scores]) -> str:
    """Each signature once; more than one means that versions were mixed, which then shows."""
    pairs = dict.fromkeys((label, getattr(scores, label).signature) for scores in found for label in ("bleu", "chrf"))
    return "".join(f"    {label:<4}  {signature}\n" for label, signature in sorted(pairs))


def _machines(results: Iterable[Result]) -> str:
    known = list(results)
    machines, trained = dict.fromkeys(result.machine for result in known), precisions(known)
    return f"\nThe machine: {'; '.join(machines)}. All were trained in {' and '.join(sorted(trained))}.\n"


def _by_length(names: Sequence[str], found: Mapping[str, Scores]) -> str:
    groups = next(iter(found.values())).groups
    head = ["recipe", *(f"{group.words} words" for group in groups)]
    rows = [["lines", *(f"{group.lines:,}" for group in groups)]]
    for name in names:
        rows.append([name, *(shown(group.bleu.value, 2) for group in found[name].groups)] if name in found else [])
    rows = [
        row or [name, NOT_RUN, *[""] * (len(groups) - 1)] for name, row in zip(["lines", *names], rows, strict=True)
    ]
    widest = max((group.bleu.high - group.bleu.low) / 2 for scores in found.values() for group in scores.groups)
    return (
        "## BLEU by the length of the source\n\n"
        + table(head, rows)
        + f"\nWords are those between spaces. Fewer lines say less: the 95% intervals of these numbers reach up to\n"
        f"{math.ceil(widest * 10) / 10:.1f} to either side.\n\n"
        f"![BLEU by the length of the source, one line for each recipe]({PICTURE})\n\n"
        "The picture is that of Bahdanau et al. 2015, Figure 2, where models without attention fall on long sentences and those with it\n"
        "do less. Captions are short: what that paper calls long begins where this picture ends.\n"
    )


def picture(names: Sequence[str], results: Mapping[str, Result]) -> str | None:
    """docs/zoo-length.svg, None where nothing was measured."""
    found = finished({name: results[name] for name in names if name in results})
    if not found:
        return None
    groups = next(iter(found.values())).groups
    lines = [Line(name, [group.bleu.value for group in scores.groups]) for name, scores in found.items()]
    categories = [(group.words, f"{group.lines:,} lines") for group in groups]
    return chart("BLEU on the test set by the length of the source", ("words of the source", "BLEU"), categories, lines)


def header(result: Result) -> str:
    """What stands in the recipe's header in the place of `# Not measured yet.`, for a result that is complete."""
    assert result.training is not None
    assert result.scores is not None
    scores, training = result.scores, result.training
    processor, _, rest = result.machine.partition(", ")
    torch = re.search(r"torch ([0-9.]+[0-9])", rest)
    gflops = rates([*(start.gflops for start in result.starts), training.gflops_after])
    article = "an" if processor[:1].upper() in "AEIOU" else "a"
    cores = {1: "one core", 2: "two cores"}.get(result.threads, f"{result.threads} cores")
    minutes = shown(training.minutes, 1).removesuffix(".0")
    return (
        f"# Reached with local files, beam 5, on test_2016_flickr (python -m benchmarks.zoo): BLEU {shown(scores.bleu.value, 2)} "
        f"(chrF {shown(scores.chrf.value, 2)}),\n"
        f"#   {scores.bleu.signature}\n"
        f"# after {minutes} minutes of training in {training.precision} on {cores} of {article} {processor} (1024^3 matrix product in\n"
        f"# fp32: {gflops} GFLOP/s), torch {torch[1] if torch else 'unknown'}.\n"
    )
