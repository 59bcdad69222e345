"""A matplotlib figure as SVG for the middle of a page: it takes the page's colours and font, and names nothing twice.

Figures are drawn in the stand-in colours of `Paint`, which become CSS variables here, so one drawing serves light and dark. The same
figure always becomes the same text: there is no date in it, and identifiers follow from its name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.figure import Figure

from seqtool.text.lines import clean_output

SERIES = 8

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_FAMILY = re.compile("font-family: [^;]*; ")
_NUMBER = re.compile(r"\d+\.\d+")
_UNTURNED = re.compile(r"rotate\(-?0 [^)]*\)")
# What XML cannot hold, escaped or not.
_NO_XML = re.compile("[\ufffe\uffff]|[\\U0001fffe-\\U0001ffff]")
_POINTS = 72  # units of an SVG in an inch of a figure: one is a pixel of the page


class Paint:
    """Colours that stand for those of the page."""

    ink, muted, grid, heat, cold = "#010101", "#010102", "#010103", "#010104", "#010105"

    @staticmethod
    def series(number: int) -> str:
        """That of a line or a run, from 0; they come again after `SERIES`."""
        return f"#0102{number % SERIES:02x}"


_NAMES = {Paint.ink: "ink", Paint.muted: "muted", Paint.grid: "grid", Paint.heat: "heat", Paint.cold: "cold"}
_NAMES.update({Paint.series(number): f"s{number}" for number in range(SERIES)})
_COLOUR = re.compile("|".join(_NAMES))


@contextmanager
def drawing() -> Iterator[None]:
    """Settings under which figures are made and written: text is text, which the browser's fonts can all write, and never mathematics."""
    settings: Any = {  # the names there are differ from release to release
        "svg.fonttype": "none",
        "svg.hashsalt": "seqtool",
        "text.parse_math": False,
        "text.color": Paint.ink,
        "font.size": 11,
        "axes.edgecolor": Paint.grid,
        "axes.labelcolor": Paint.muted,
        "axes.labelsize": 11,
        "xtick.color": Paint.muted,
        "ytick.color": Paint.muted,
        "xtick.labelsize": 11,
        "ytick.labelsize": 11,
        "axes.linewidth": 1,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "grid.color": Paint.grid,
        "grid.linewidth": 1,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
        "lines.linewidth": 1.8,
        "path.simplify": True,
    }
    with mpl.rc_context(settings):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many pixels, without a background."""
    return Figure(figsize=(width / _POINTS, height / _POINTS), dpi=_POINTS, facecolor="none")


def label(text: str, most: int = 24) -> str:
    """Text of a stranger's for a figure: one line, inert, and not too long."""
    inert = _NO_XML.sub("\ufffd", clean_output(text))
    return inert if len(inert) <= most else inert[: most - 1] + "…"


def as_svg(figure: Figure, name: str, description: str) -> str:
    """The SVG element; `name`, of letters and digits, is that of no other figure on the page."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    root = ElementTree.fromstring(written.getvalue())
    _drop(root, {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"})
    used = set(re.findall(r"#([\w-]+)", " ".join(value for one in root.iter() for value in one.attrib.values())))
    for one in root.iter():
        _tidy(one, name, used)
    width, height = (value.removesuffix("pt") for value in (root.attrib["width"], root.attrib["height"]))
    root.attrib.update({"width": width, "height": height, "role": "img", "aria-label": label(description, 200)})
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _drop(element: ElementTree.Element, tags: set[str]) -> None:
    """Takes away what would speak to the whole page, and what draws nothing."""
    for child in list(element):
        _drop(child, tags)
        if child.tag in tags or child.attrib.get("style") == "fill: none" or _is_empty(child):
            element.remove(child)


def _is_empty(element: ElementTree.Element) -> bool:
    return element.tag in (f"{{{_SVG}}}g", f"{{{_SVG}}}defs") and not len(element)


def _tidy(one: ElementTree.Element, name: str, used: set[str]) -> None:
    if one.attrib.get("id") in used:
        one.attrib["id"] = f"{name}-{one.attrib['id']}"
    else:
        one.attrib.pop("id", None)
    if f"{{{_XLINK}}}href" in one.attrib:
        one.attrib["href"] = f"#{name}-{one.attrib.pop(f'{{{_XLINK}}}href')[1:]}"
    if "clip-path" in one.attrib:
        one.attrib["clip-path"] = one.attrib["clip-path"].replace("(#", f"(#{name}-")
    if "style" in one.attrib:
        coloured = _COLOUR.sub(lambda found: f"var(--{_NAMES[found[0]]})", one.attrib["style"])
        one.attrib["style"] = _FAMILY.sub("", coloured)
    if _UNTURNED.fullmatch(one.attrib.get("transform", "")):
        del one.attrib["transform"]
    for key in ("d", "x", "y", "transform", "width", "height", "viewBox"):
        if key in one.attrib:
            one.attrib[key] = _NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), one.attrib[key])
    if one.text is not None and not one.text.strip():
        one.text = None
    if one.tail is not None and not one.tail.strip():
        one.tail = None
