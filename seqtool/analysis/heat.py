"""Heat maps: rows are output tokens, columns source tokens."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from seqtool.analysis.svg import Paint, as_svg, drawing, label, new_figure
from seqtool.decoding.stepper import Floats
from seqtool.text.alignment import SPACE

_CELL = 20
_FONT = 11
_SLANT = 55  # degrees, of the source tokens
# Shades that there are of a colour: an eye tells no more apart, and cells of one shade are one path.
_SHADES = 16
_CORNERS = np.array([(0.04, 0.04), (0.96, 0.04), (0.96, 0.96), (0.04, 0.96), (0.04, 0.04)])
_CODES = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]


def heat_map(name: str, description: str, rows: Sequence[str], columns: Sequence[str], values: Floats) -> str:
    """SVG of `values` `(rows, columns)` from -1 to 1: the larger, the stronger, and below zero in another colour."""
    shown_rows, shown_columns = ([label(text, 16) for text in texts] for texts in (rows, columns))
    left = 10 + max(map(text_width, shown_rows), default=0)
    slanted = max(map(text_width, shown_columns), default=0)
    top = 14 + slanted * np.sin(np.radians(_SLANT))
    right = 10 + slanted * np.cos(np.radians(_SLANT))
    inside = len(columns) * _CELL, len(rows) * _CELL
    width, height = left + inside[0] + right, top + inside[1] + 4
    with drawing(), warnings.catch_warnings():
        # the browser draws the text, in whatever font has its letters; matplotlib's own need not
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = new_figure(width, height)
        axes = figure.add_axes((left / width, 4 / height, inside[0] / width, inside[1] / height))
        axes.set_axis_off()
        axes.set_xlim(0, len(columns))
        axes.set_ylim(len(rows), 0)
        _ground(axes, len(rows), len(columns))
        for sign, colour in ((1, Paint.heat), (-1, Paint.cold)):
            _cells(axes, np.clip(sign * values, 0.0, 1.0), colour)
        for place, text in enumerate(shown_rows):
            axes.text(-0.35, place + 0.5, text, ha="right", va="center_baseline", fontsize=_FONT)
        for place, text in enumerate(shown_columns):
            slant: dict[str, Any] = {"rotation": _SLANT, "rotation_mode": "anchor", "ha": "left", "va": "baseline"}
            axes.text(place + 0.55, -0.25, text, fontsize=_FONT, **slant)
        return as_svg(figure, name, description)


def text_width(text: str) -> float:
    """About how many pixels a text takes in the page's font."""
    return sum(_FONT * (1.05 if one == SPACE or unicodedata.east_asian_width(one) in "WF" else 0.62) for one in text)


def _ground(axes: Axes, rows: int, columns: int) -> None:
    every = [(row, column) for row in range(rows) for column in range(columns)]
    axes.add_patch(PathPatch(_squares(every), facecolor=Paint.grid, alpha=0.45, linewidth=0, clip_on=False))


def _cells(axes: Axes, strengths: Floats, colour: str) -> None:
    shades = np.rint(strengths * _SHADES).astype(int)
    for shade in range(1, _SHADES + 1):
        where = np.argwhere(shades == shade)
        if len(where):
            squares = _squares([(int(row), int(column)) for row, column in where])
            axes.add_patch(PathPatch(squares, facecolor=colour, alpha=shade / _SHADES, linewidth=0, clip_on=False))


def _squares(where: Sequence[tuple[int, int]]) -> Path:
    corners = (
        np.concatenate([_CORNERS + np.array((column, row)) for row, column in where]) if where else np.empty((0, 2))
    )
    return Path(corners, _CODES * len(where))
