"""Scores and what else was asked of systems: one JSON object for scripts, tables for people and for papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from seqtool.cli.table_formats import FORMATS, Table
from seqtool.text.lines import json_line

if TYPE_CHECKING:
    from seqtool.evaluation import Report, Result
    from seqtool.evaluation.notable import Listing
    from seqtool.evaluation.slices import Slicing
    from seqtool.metrics import Score
    from seqtool.metrics.paired import Comparison

# As papers write them; the terminal has the names that options take.
_PRINTED = {"bleu": "BLEU", "chrf": "chrF", "ter": "TER", "wordF1": "word F1"} | {
    f"rouge{kind}": f"ROUGE-{kind}" for kind in ("1", "2", "L", "Lsum")
}
_TESTS = {"bs": "paired bootstrap", "ar": "paired approximate randomization"}


def render(report: Report, form: str) -> str:
    """The report as `json`, or in one of `FORMATS`."""
    if form == "json":
        return as_json(report)
    plain = form == "text"
    tables = [_scores(report, plain), *(_slices(report, slicing, plain) for slicing in report.slicings)]
    return FORMATS[form]([*tables, *(_lines(listing, plain) for listing in report.listings)], report.warnings)


def as_json(report: Report) -> str:
    """One object; what was not asked for is not in it. What might act on a terminal is escaped."""
    facts: dict[str, Any] = {"systems": [_system(result) for result in report.results]}
    if report.resampling.test:
        test, seed = report.resampling.test, report.resampling.test.seed
        against = report.results[0].name
        facts["paired"] = {"test": test.kind, "resamples": test.resamples, "seed": seed, "against": against}
    if report.resampling.bootstrap:
        facts["intervals"] = {"percent": 95, "bootstrap": report.resampling.bootstrap, "seed": report.resampling.seed}
    if report.slicings:
        facts["slices"] = [_slicing(report, slicing) for slicing in report.slicings]
    if report.listings:
        facts["lines"] = [_listing(listing) for listing in report.listings]
    if report.warnings:
        facts["warnings"] = report.warnings
    return json_line(facts)


def _system(result: Result) -> dict[str, Any]:
    return {"name": result.name, "scores": _facts(result.scores, result.comparisons)}


def _facts(scores: Mapping[str, Score], comparisons: Mapping[str, Comparison]) -> dict[str, Any]:
    """By metric; `low` and `high` are there when a bootstrap was asked for, the others where a system was compared with the first."""
    found = {}
    for name, score in scores.items():
        facts: dict[str, Any] = {"value": score.value, "signature": score.signature}
        if score.low is not None:
            facts.update(low=score.low, high=score.high)
        if name in comparisons:
            facts.update(difference=comparisons[name].difference, p_value=comparisons[name].p_value)
        found[name] = facts
    return found


def _slicing(report: Report, slicing: Slicing) -> dict[str, Any]:
    names = [result.name for result in report.results]
    slices = [
        {
            "label": one.label,
            "count": one.count,
            "systems": [
                {"name": name, "scores": _facts(scores, {})} for name, scores in zip(names, one.scores, strict=True)
            ],
        }
        for one in slicing.slices
    ]
    return {"by": slicing.by, "unit": slicing.unit, "slices": slices}


def _listing(listing: Listing) -> dict[str, Any]:
    lines = []
    for one in listing.lines:
        outputs = [
            {"name": name, "text": text, "score": score}
            for name, text, score in zip(listing.systems, one.outputs, one.scores, strict=True)
        ]
        lines.append({"line": one.line, "source": one.source, "references": one.refs, "outputs": outputs})
    return {"kind": listing.kind, "systems": listing.systems, "metric": listing.metric, "lines": lines}


def _scores(report: Report, plain: bool) -> Table:
    """A row for each system, then the signature of each metric."""
    first = report.results[0].scores
    p_value = ["p"] if report.resampling.test else []
    head = [column for name in first for column in (_printed(name, plain), *p_value)]
    rows = []
    for result in report.results:
        cells = []
        for name, score in result.scores.items():
            one = result.comparisons.get(name)
            cells += [_cell(score), *([f"{one.p_value:.4f}" if one else ""] if report.resampling.test else [])]
        rows.append([result.name, *cells])
    notes = [(_printed(name, plain), score.signature) for name, score in first.items()]
    notes += _resampled(report)
    caption = "Scores" + (" with 95% bootstrap intervals" if report.resampling.bootstrap else "")
    return Table("", ["" if plain else "System", *head], rows, frozenset({0}), notes, caption)


def _resampled(report: Report) -> Iterator[tuple[str, str]]:
    """Which numbers come from which resampling."""
    asked, test = report.resampling, report.resampling.test
    if test:
        against = f"against {report.results[0].name}, {test.resamples:,} resamples, seed {test.seed}"
        yield "p", f"{_TESTS[test.kind]} {against}"
    if asked.bootstrap:
        drawn = f"{asked.bootstrap:,} resamples, seed {asked.seed}"
        alone = "the same resamples as p" if test and test.kind == "bs" else f"each system alone, {drawn}"
        yield "[ ]", f"95% bootstrap interval: {alone}"


def _printed(name: str, plain: bool) -> str:
    return name if plain else _PRINTED.get(name, name.replace("_", " "))


def _cell(score: Score) -> str:
    interval = "" if score.low is None else f" [{score.low:.2f}, {score.high:.2f}]"
    return f"{score.value:.2f}{interval}"


def _slices(report: Report, slicing: Slicing, plain: bool) -> Table:
    """A row for each system in each slice."""
    scores = slicing.slices[0].scores[0]
    rows = []
    for one in slicing.slices:
        for number, (result, found) in enumerate(zip(report.results, one.scores, strict=True)):
            first = ["", ""] if number else [_short(one.label), f"{one.count:,}"]
            rows.append([*first, result.name, *map(_cell, found.values())])
    head = [slicing.by, slicing.unit, "system", *(_printed(name, plain) for name in scores)]
    notes = [(_printed(name, plain), one.signature) for name, one in scores.items()]
    what = "how often training has a word" if slicing.unit == "words" else "words in the source"
    title = f"by {slicing.by}" + (f" ({what})" if slicing.by in ("length", "frequency") else "")
    bounded = any(score.low is not None for one in slicing.slices for found in one.scores for score in found.values())
    caption = f"Scores {title}" + (", with 95% bootstrap intervals" if bounded else "")
    return Table(title, head, rows, frozenset({0, 2}), notes, caption)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _lines(listing: Listing, plain: bool) -> Table:
    """Source, references and outputs below one another, for each line."""
    rows: list[list[str]] = []
    for one in listing.lines:
        texts = [("source", one.source)] if one.source is not None else []
        texts += [("reference", ref) for ref in one.refs]
        start = len(rows)
        rows += [["", "", what, text or ""] for what, text in texts]
        rows += [
            ["", f"{score:.2f}", name, text]
            for name, text, score in zip(listing.systems, one.outputs, one.scores, strict=True)
        ]
        rows[start][0] = str(one.line)
    first, *others = listing.systems
    title = {
        "worst": f"worst lines of {first}",
        "best": f"best lines of {first}",
        "gains": f"greatest gains of {''.join(others)} over {first}",
        "losses": f"greatest losses of {''.join(others)} against {first}",
    }[listing.kind]
    return Table(title, ["line", _printed(listing.metric, plain), "", "text"], rows, frozenset({2, 3}))


def check_form(form: str, json_asked: bool) -> str:
    """How to print. Raises `UsageError` where two ways are asked for."""
    if not json_asked:
        return form
    if form != "text":
        from seqtool.errors import UsageError

        raise UsageError("usage.evaluate", f"both --json and --format {form}: which is it?", "leave one out")
    return "json"
