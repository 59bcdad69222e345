"""A line chart as SVG, readable on light and on dark pages: lines differ in colour and in dashes, and their names stand at their ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

# Each has a contrast of 3 at least to white and to GitHub's dark page, INK of 4: Okabe and Ito's colours for all kinds of sight, those
# that are too light replaced by an ochre and a violet.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#A87B00", "#7B6FD6")
INK = "#767676"
# Five and six have no common divisor: thirty lines before two look the same.
DASHES = ("none", "8 4", "2 3", "9 3 2 3", "14 4")

LEFT, TOP, BOTTOM, PLOT_WIDTH, LABEL_GAP, LETTER = 56, 40, 64, 460, 15, 6.6


@dataclass(frozen=True)
class Line:
    """A name, and a value for each category."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class Axes:
    """Where values are on the picture: `top` is the value at the upper end of the axis, which begins at 0."""

    categories: int
    top: float
    height: float

    def x(self, index: int) -> float:
        """The middle of a category."""
        return LEFT + PLOT_WIDTH * (index + 0.5) / self.categories

    def y(self, value: float) -> float:
        """The height of a value."""
        return TOP + self.height * (1 - value / self.top)


def tick_step(largest: float) -> int:
    """The distance between ticks, 1, 2 or 5 times a power of ten, that reaches the largest value in eight at most."""
    power = 1
    while largest > 8 * 5 * power:
        power *= 10
    return next(factor * power for factor in (1, 2, 5) if largest <= 8 * factor * power)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near the wanted ones, in their order, at least `gap` apart and between `low` and `high`, where there is room for that."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    floor = low
    for index in order:
        placed[index] = max(wanted[index], floor)
        floor = placed[index] + gap
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed


def chart(title: str, axis_names: tuple[str, str], categories: Sequence[tuple[str, str]], lines: Sequence[Line]) -> str:
    """The picture; a category has two lines of text. One path is drawn for each line."""
    largest = max(value for line in lines for value in line.values)
    step = tick_step(largest)
    height = max(300.0, LABEL_GAP * len(lines))
    axes = Axes(len(categories), step * max(1, math.ceil(largest / step)), height)
    width = LEFT + PLOT_WIDTH + 30 + LETTER * max(len(line.name) for line in lines)
    total = TOP + height + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {total:.0f}" width="{width:.0f}" height="{total:.0f}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
        *_value_axis(axes, step, axis_names[1]),
        *_category_axis(axes, categories, axis_names[0]),
        *_lines(axes, lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _value_axis(axes: Axes, step: int, name: str) -> list[str]:
    parts = []
    for value in range(0, int(axes.top) + 1, step):
        y = axes.y(value)
        faint = "" if value == 0 else ' stroke-opacity="0.3"'
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + PLOT_WIDTH}" y2="{y:.1f}" stroke="{INK}"{faint}/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    middle = TOP + axes.height / 2
    place = f'x="16" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 16 {middle:.1f})"'
    return [*parts, f"<text {place}>{escape(name)}</text>"]


def _category_axis(axes: Axes, categories: Sequence[tuple[str, str]], name: str) -> list[str]:
    bottom = TOP + axes.height
    parts = []
    for index, (upper, lower) in enumerate(categories):
        x = axes.x(index)
        parts.append(f'<line x1="{x:.1f}" y1="{bottom:.1f}" x2="{x:.1f}" y2="{bottom + 5:.1f}" stroke="{INK}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 19:.1f}" text-anchor="middle">{escape(upper)}</text>')
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 33:.1f}" text-anchor="middle" font-size="10">{escape(lower)}</text>'
        )
    place = f'x="{LEFT + PLOT_WIDTH / 2:.1f}" y="{bottom + 54:.1f}" text-anchor="middle"'
    return [*parts, f"<text {place}>{escape(name)}</text>"]


def _lines(axes: Axes, lines: Sequence[Line]) -> list[str]:
    ends = [axes.y(line.values[-1]) for line in lines]
    heights = spread(ends, LABEL_GAP, TOP, TOP + axes.height)
    last, label_x = axes.x(axes.categories - 1), LEFT + PLOT_WIDTH + 10
    parts = []
    for index, (line, end, height) in enumerate(zip(lines, ends, heights, strict=True)):
        colour, dashes = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
        points = [(axes.x(place), axes.y(value)) for place, value in enumerate(line.values)]
        path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>')
        parts.extend(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
        where = f'x1="{last + 5:.1f}" y1="{end:.1f}" x2="{label_x - 3:.1f}" y2="{height:.1f}"'
        parts.append(f'<line {where} stroke="{colour}" stroke-opacity="0.6"/>')
        parts.append(f'<text x="{label_x}" y="{height + 4:.1f}">{escape(line.name)}</text>')
    return parts
