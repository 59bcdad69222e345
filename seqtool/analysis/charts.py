"""Curves, histograms and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from seqtool.analysis.run_record import Points
from seqtool.analysis.svg import SERIES, Paint, as_svg, drawing, label, new_figure

# As wide as a telephone, so that text has its own size there.
WIDTH, HEIGHT = 340, 200
_MOST_POINTS = 300
_STEPS = [1, 2, 2.5, 5, 10]
# Lines of so few points show each of them.
_FEW = 15
_DASHES: list[Any] = ["-", (0, (4, 2)), (0, (1.5, 1.5))]
# A logarithmic axis where the largest number is so many times the smallest.
_LOG_RATIO = 30
_LONGEST_SHOWN = 99.5  # percent of the lengths that a histogram shows


@dataclass(frozen=True)
class Curve:
    """A line of a chart; `number` chooses its colour and dashes, `pale` draws it faint, behind others; `marked` steps get
    a dot."""

    label: str
    points: Points
    number: int
    pale: bool = False
    marked: tuple[int, ...] = ()
    thin: bool = False


class Chart(NamedTuple):
    """A drawing and what stands above it; `legend` are the labels of its lines with their numbers, where they need any."""

    title: str
    svg: str
    legend: list[tuple[str, int]]
    note: str = ""


def curves(
    name: str, title: str, lines: Sequence[Curve], *, note: str = "", legend: bool = True, from_zero: bool = False
) -> Chart | None:
    """Lines over optimizer steps; None where no line has a point. The axis begins at zero where it is to (`from_zero`)."""
    lines = [line for line in lines if line.points]
    if not lines:
        return None
    with drawing():
        figure, axes = _axes()
        for line in lines:
            _draw(axes, line)
        values = [value for line in lines for _, value in line.points]
        _scale(axes, values, from_zero=from_zero)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=_STEPS))
        axes.xaxis.set_major_formatter(FuncFormatter(_short))
        axes.margins(x=0.02)
        steps = max(step for line in lines for step, _ in line.points)
        svg = as_svg(figure, name, f"{title} over {steps:,} steps")
    shown = list({line.label: line.number for line in lines if line.label}.items()) if legend else []
    return Chart(title, svg, shown, note)


def _axes() -> tuple[Figure, Axes]:
    figure = new_figure(WIDTH, HEIGHT)
    left, bottom, top, right = 48, 26, 8, 10
    size = ((WIDTH - left - right) / WIDTH, (HEIGHT - bottom - top) / HEIGHT)
    return figure, figure.add_axes((left / WIDTH, bottom / HEIGHT, *size))


def _draw(axes: Axes, line: Curve) -> None:
    points = thinned(line.points)
    steps, values = [step for step, _ in points], [value for _, value in points]
    colour, dash = Paint.series(line.number), _DASHES[line.number // SERIES % len(_DASHES)]
    width = 1.1 if line.pale else 1.2 if line.thin else 1.9
    axes.plot(steps, values, color=colour, linestyle=dash, linewidth=width, alpha=0.55 if line.pale else 1.0)
    dots = [(step, value) for step, value in line.points if step in line.marked]
    if len(points) <= _FEW and not line.pale:
        axes.plot(steps, values, linestyle="none", marker="o", markersize=3, color=colour)
    if dots:
        where = [step for step, _ in dots], [value for _, value in dots]
        axes.plot(*where, linestyle="none", marker="o", markersize=7, color=colour, clip_on=False)


def thinned(points: Points, most: int = _MOST_POINTS) -> Points:
    """At most so many points: means of neighbours, each at the last of their steps."""
    if len(points) <= most:
        return points
    groups = np.array_split(np.array(points, np.float64), most)
    return [(int(group[-1, 0]), float(group[:, 1].mean())) for group in groups]


def _scale(axes: Axes, values: Sequence[float], *, from_zero: bool) -> None:
    low, high = min(values), max(values)
    if from_zero and low >= 0:
        axes.set_ylim(0, high * 1.08 or 1.0)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=_STEPS))
    elif low > 0 and high / low > _LOG_RATIO:
        axes.set_yscale("log")
        decades = np.log10(high / low)
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0,) if decades > 2.5 else (1.0, 3.0), numticks=7))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=_STEPS))
        axes.margins(y=0.08)
    axes.yaxis.set_major_formatter(FuncFormatter(_short))


def _short(value: float, _place: object = None) -> str:
    """A number for an axis: 12000 is 12k."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}" if abs(value) < 1e12 else f"{value:.0e}"
    return (
        f"{value:.3g}" if abs(value) >= 1e-3 or not value else f"{value:.1e}".replace("e-0", "e-").replace(".0e", "e")
    )


def histogram(name: str, title: str, lengths: Mapping[str, Sequence[int]]) -> Chart:
    """How many lines have how many tokens, a step line for each side."""
    every = np.concatenate([np.asarray(one, np.int64) for one in lengths.values()])
    most = max(1, int(np.percentile(every, _LONGEST_SHOWN)))
    width = max(1, -(-most // 40))
    edges = np.arange(0, most + width + 1, width)
    with drawing():
        figure, axes = _axes()
        for number, one in enumerate(lengths.values()):
            counts, _ = np.histogram(np.asarray(one, np.int64), edges)
            colour = Paint.series(number)
            axes.stairs(counts, edges, fill=True, color=colour, alpha=0.18)
            axes.stairs(counts, edges, color=colour, linewidth=1.6)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(_short))
        axes.margins(x=0.0)
        svg = as_svg(figure, name, f"{title}: {' and '.join(lengths)}")
    longer = int((every > edges[-1]).sum())
    note = "tokens a line" + (f"; {longer:,} lines are longer than shown" if longer else "")
    return Chart(title, svg, [(side, number) for number, side in enumerate(lengths)], note)


def bars(name: str, title: str, groups: Sequence[str], series: Mapping[str, Sequence[float]], note: str = "") -> Chart:
    """Values by group, a bar for each of the series beside each other, numbers above where there is one series."""
    with drawing():
        figure, axes = _axes()
        width = 0.78 / max(1, len(series))
        for number, values in enumerate(series.values()):
            places = np.arange(len(values)) + (number - (len(series) - 1) / 2) * width
            axes.bar(places, values, width * 0.94, color=Paint.series(number), alpha=0.85)
            if len(series) == 1:
                for place, value in zip(places, values, strict=True):
                    axes.text(place, value, f"{value:.1f}", ha="center", va="bottom", fontsize=11, color=Paint.ink)
        axes.xaxis.set_major_locator(FixedLocator(list(range(len(groups)))))
        axes.set_xticklabels([label(group) for group in groups])
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(_short))
        axes.margins(y=0.14)
        axes.set_ylim(bottom=0)
        svg = as_svg(figure, name, f"{title}, {len(groups)} groups")
    return Chart(title, svg, [(side, number) for number, side in enumerate(series)] if len(series) > 1 else [], note)
