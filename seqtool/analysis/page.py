"""One HTML page about one run or several: everything is in it, and nothing on it can act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from seqtool import __version__
from seqtool.analysis.beside import alone, samples_beside, worst_beside
from seqtool.analysis.charts import Chart, Curve, curves
from seqtool.analysis.judged import Split, judge_run
from seqtool.analysis.looks import chosen_lines, look_at
from seqtool.analysis.maps import Mapper
from seqtool.analysis.run_files import Trouble
from seqtool.analysis.run_record import RunRecord
from seqtool.analysis.settings import differences
from seqtool.analysis.svg import SERIES
from seqtool.analysis.views import RunView, length_chart, metric_name, run_names, score_name, view_of
from seqtool.errors import SeqtoolError
from seqtool.text.lines import clean_output

_TEMPLATES = Path(__file__).with_name("templates")

Say = Callable[[str], None]


def build_page(
    records: Sequence[RunRecord],
    *,
    split: Split | None = None,
    lines: Sequence[int] = (),
    max_lines: int = 1000,
    threads: int | None = None,
    say: Say,
    warn: Say,
) -> str:
    """The page as text. A set of each run's recipe (`split`; None: test, else validation) is translated, at most `max_lines` lines of it,
    and the `lines` with these numbers are looked at; without numbers some are chosen. What cannot be shown is said on the page, in its
    section, and to `warn`; `say` is told what is done. The same runs always give the same text."""
    views = [view_of(*one) for one in zip(range(len(records)), run_names(records), records, strict=True)]
    for view in views:
        if view.record.has_model:
            _ask_model(view, split, lines, max_lines, threads, say)
    say("")
    for view in views:
        for note in view.notes:
            warn(f"{view.name}: {note.text}")
    several = len(views) > 1
    samples, worst = (samples_beside(views), worst_beside(views)) if several else ([], [])
    return (
        _environment()
        .get_template("report.html")
        .render(
            runs=views,
            several=several,
            samples=samples,
            worst=worst,
            alone=[alone(view, worst) for view in views],
            charts=_charts(views),
            differences=differences([view.record.recipe_text for view in views]) if several else [],
            scores=_scores(views),
            version=__version__,
            series=SERIES,
        )
    )


def _ask_model(
    view: RunView, split: Split | None, lines: Sequence[int], max_lines: int, threads: int | None, say: Say
) -> None:
    """Adds what only the model knows, or why it does not say."""
    path, recipe = view.record.path, view.record.recipe
    chosen: Split = split or ("test" if recipe is not None and recipe.data.test is not None else "valid")

    def progress(done: int, total: int) -> None:
        if done == total or done % 50 == 0:
            say(f"{view.name}: {done:,} of {total:,} lines translated")

    try:
        judged = judge_run(path, chosen, max_lines=max_lines, wanted=lines, threads=threads, progress=progress)
        view.judged, view.by_length = judged, length_chart(view.number, judged)
        count = len(judged.lines)
        where = chosen if count == judged.total else f"{count:,} of {judged.total:,} lines of {chosen}"
        view.facts[:0] = [
            (f"{score_name(judged, name)}, {where}", f"{score.value:.2f}") for name, score in judged.scores.items()
        ]
        mapper = Mapper.open(path, threads=threads)
        for place, number in enumerate(lines or chosen_lines(judged)):
            line = judged.line(number)
            if line is None:
                text = f"There is no line {number:,} in the {chosen} set of {judged.total:,} lines."
                view.notes.append(Trouble("maps", text))
                continue
            say(f"{view.name}: looking at line {number:,}")
            view.maps.append(look_at(mapper, line, judged, f"m{view.number}x{place}"))
    except SeqtoolError as error:  # the rest of the page is worth having
        section = "maps" if view.judged else "scores"
        view.notes.append(Trouble(section, f"The model could not be asked: {error.message}"))


def _charts(views: Sequence[RunView]) -> list[Chart]:
    """Curves of all runs, over each other."""
    several = len(views) > 1
    note = "strong: validation, faint: training" if several else "the dot is the best, which was kept"
    speeds = _lines(views, "train", "tokens_per_second")
    found = [
        curves("c0", "Loss, nats a token", _pairs(views, "nll", "loss"), note=note),
        curves("c1", "Perplexity", _pairs(views, "perplexity", "perplexity"), note=note),
        *(
            curves(f"c2{place}", f"{metric_name(name)}, validation", _lines(views, "valid", name), legend=several)
            for place, name in enumerate(dict.fromkeys(name for view in views for name in view.record.score_names()))
        ),
        curves("c3", "Learning rate", _lines(views, "train", "learning_rate"), legend=several, from_zero=True),
        curves("c4", "Gradient norm, before clipping", _lines(views, "train", "grad_norm"), legend=several),
        curves("c5", "Target tokens a second", speeds, legend=several, from_zero=True),
        *(None if several else view.norms for view in views),
    ]
    return [chart for chart in found if chart is not None]


def _pairs(views: Sequence[RunView], train: str, valid: str) -> list[Curve]:
    """Training and validation of each run, which with several runs share its colour."""
    found = []
    for view in views:
        best = view.record.best
        marked = (best["step"],) if best is not None else ()
        names = (view.name, view.name) if len(views) > 1 else ("training", "validation")
        numbers = (view.number, view.number) if len(views) > 1 else (1, 0)
        found.append(Curve(names[0], view.record.series("train", train), numbers[0], pale=True))
        found.append(Curve(names[1], view.record.series("valid", valid), numbers[1], marked=marked))
    return found


def _lines(views: Sequence[RunView], kind: str, key: str) -> list[Curve]:
    return [Curve(view.name, view.record.series(kind, key), view.number) for view in views]


def _scores(views: Sequence[RunView]) -> list[tuple[str, list[str]]]:
    """Facts of all runs side by side: the name of each, and its values."""
    tables = [dict(view.facts) for view in views]
    names = dict.fromkeys(name for table in tables for name in table)
    return [(name, [table.get(name, "–") for table in tables]) for name in names]


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )
    made.filters["drawing"] = Markup  # what svg.py wrote: its texts are escaped
    made.filters["keep_lines"] = _keep_lines
    made.filters["code"] = _code
    made.filters["metric"] = metric_name
    return made


def _inert(value: Any) -> Any:
    """All text that comes onto the page: what would reorder it or is no character has no place there. It is escaped afterwards."""
    return clean_output(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _keep_lines(text: str) -> Markup:
    """Text of several lines, for a `pre` element."""
    return Markup("\n").join(
        " " * (len(line) - len(line.lstrip(" "))) + escape(clean_output(line)) for line in text.split("\n")
    )


def _code(text: str) -> Markup:
    """Text in which `this` is code."""
    parts = [escape(clean_part(part)) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in enumerate(parts)
    )


def clean_part(text: str) -> str:
    """A part of a line, whose outer spaces belong to the line."""
    return clean_output(f"|{text}|")[1:-1]
