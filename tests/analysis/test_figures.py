"""Figures as text: inert, reproducible, in the page's own colours, and true to their numbers."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from seqtool.analysis.charts import Curve, bars, curves, histogram, thinned
from seqtool.analysis.heat import heat_map
from seqtool.analysis.judged import JudgedLine, _buckets, _numbers
from seqtool.analysis.looks import map_figure
from seqtool.analysis.maps import PairMap
from seqtool.analysis.settings import differences, settings
from seqtool.metrics import Variant

HOSTILE = [
    "<script>alert(1)</script>",
    "--!><img src=x onerror=alert(1)>",
    "]]>&lt;",
    "$\\frac{1}{2}$",
    "a\u202eb\u2066c",
    "\x1b[31m\x07",
    "\ufffe\uffff\ud800",
    "日本語 ไทย العربية",
    "_begins with an underscore",
    "id=\"x\" url(#x) style='y'",
]


def texts(svg: str) -> list[str]:
    """What the text elements of an SVG say; the SVG has to be well-formed."""
    return [one.text or "" for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.filterwarnings("error")
def test_labels_of_a_stranger_are_text_and_nothing_else() -> None:
    svg = heat_map("m", HOSTILE[0], HOSTILE, HOSTILE, np.eye(len(HOSTILE)))
    elements = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(svg).iter()}
    assert elements == {"svg", "g", "path", "text"}
    assert "<script" not in svg
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]", svg)
    said = texts(svg)
    assert len(said) == 2 * len(HOSTILE)
    assert {"$\\frac{1}{2}$", "abc", "<script>alert(1…", "日本語 ไทย العربية"} <= set(said)


def test_a_map_is_as_strong_as_its_numbers() -> None:
    """One square of each shade, in the colour of its sign, where its row and column are."""
    svg = heat_map("m", "", ["a", "b"], ["c", "d", "e"], np.array([[1.0, 0.5, 0.0], [-0.25, 0.0, 0.01]]))
    root = ElementTree.fromstring(svg)
    found = {}
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        style = dict(part.split(": ") for part in path.attrib["style"].split("; "))
        squares = path.attrib["d"].count("M")
        corner = [float(number) for number in re.findall(r"[\d.]+", path.attrib["d"])[:2]]
        found[style["fill"], float(style.get("opacity", 1))] = (squares, corner)
    assert {key: squares for key, (squares, _) in found.items()} == {
        ("var(--grid)", 0.45): 6,
        ("var(--heat)", 1.0): 1,
        ("var(--heat)", 0.5): 1,
        ("var(--cold)", 0.25): 1,
    }
    by_key = {key: corner for key, (_, corner) in found.items()}
    full, half, against = (by_key[key] for key in (("var(--heat)", 1.0), ("var(--heat)", 0.5), ("var(--cold)", 0.25)))
    assert half[0] - full[0] == pytest.approx(20, abs=0.2)
    assert against[1] - full[1] == pytest.approx(20, abs=0.2)


def test_attention_to_a_long_source_is_drawn_by_the_largest_weight_of_each_row() -> None:
    weights = np.full((2, 40), 0.02, np.float32)
    weights[0, 3], weights[1, 30] = 0.05, 0.08
    columns = tuple(f"w{place}" for place in range(40))
    found = map_figure(PairMap(columns, ("a", "b"), "a b", (-1.0, -2.0), weights, np.zeros((2, 40))), "", "m")
    assert found.attention is not None
    full = [
        style for style in re.findall(r'style="(fill: var\(--heat\)[^"]*)"', found.attention) if "opacity" not in style
    ]
    assert len(full) == 1, "the path of the strongest squares"
    assert found.scale == "0.05 to 0.08"


def test_the_same_figure_is_the_same_text_and_shares_no_name_with_another() -> None:
    line = [Curve("run", [(step, 1 / step) for step in range(1, 50)], 0, marked=(9,))]
    first, again, other = (curves(name, "Loss", line) for name in ("one", "one", "two"))
    assert first is not None
    assert other is not None
    assert first == again
    names = [set(re.findall(r'id="([^"]+)"', chart.svg)) for chart in (first, other)]
    assert names[0]
    assert not names[0] & names[1]
    used = set(re.findall(r"#([\w-]+)", first.svg))
    assert used == names[0], "a reference to nothing"
    assert "<style" not in first.svg
    assert "metadata" not in first.svg


def test_colours_are_the_pages() -> None:
    chart = histogram("h", "Lengths", {"source": [1, 2, 3, 3], "target": [2, 2, 9, 4]})
    assert not re.search("#[0-9a-f]{6}", chart.svg)
    assert {"var(--s0)", "var(--s1)", "var(--muted)"} <= set(re.findall(r"var\(--\w+\)", chart.svg))


def test_no_points_no_chart() -> None:
    assert curves("c", "Loss", [Curve("run", [], 0)]) is None


@pytest.mark.parametrize("values", [[3.0], [0.0, 0.0], [5.0, 5.0, 5.0], [1e-7, 1e9], [-1.0, 1.0], [1e299, -1e299]])
@pytest.mark.parametrize("from_zero", [False, True])
@pytest.mark.filterwarnings("error")
def test_any_numbers_can_be_drawn(values: list[float], from_zero: bool) -> None:
    chart = curves("c", "x", [Curve("run", list(enumerate(values, 1)), 0)], from_zero=from_zero)
    assert chart is not None
    assert "nan" not in chart.svg


def test_many_points_become_means() -> None:
    points = [(step, float(step)) for step in range(1, 1001)]
    few = thinned(points, 10)
    assert few == [(100 * group, 100 * group - 49.5) for group in range(1, 11)]
    assert thinned(points[:10], 10) == points[:10]


def test_bars_say_their_numbers() -> None:
    chart = bars("b", "BLEU", ["1–5", "6"], {"bleu": [12.34, 56.0]})
    assert {"1–5", "6", "12.3", "56.0"} <= set(texts(chart.svg))


def test_settings_have_values_reasons_and_meanings() -> None:
    text = "task: translation\nrun_dir: runs/a\nmodel:\n  encoder:\n    hidden: 64  # few pairs\n"
    text += "training:\n  metrics:\n  - bleu\n  - chrf\n"
    found = {one.key: one for one in settings(text)}
    sections = ["model", "model.encoder", "training"]
    assert [key for key, one in found.items() if not one.value] == sections
    assert [key for key in found if key not in sections] == [
        "task",
        "run_dir",
        "model.encoder.hidden",
        "training.metrics",
    ]
    assert (found["model.encoder.hidden"].value, found["model.encoder.hidden"].reason) == ("64", "few pairs")
    assert found["training.metrics"].value == "bleu, chrf"
    assert all(one.meaning for one in found.values())


def test_differences_are_those_of_values() -> None:
    one = "run_dir: runs/a\ntraining:\n  seed: 1\n  max_steps: 10\n"
    other = "run_dir: runs/b\ntraining:\n  seed: 1\n  max_steps: 20\n  max_minutes: 3.0\n"
    found = [(each.key, each.values) for each in differences([one, other])]
    assert found == [("training.max_steps", ("10", "20")), ("training.max_minutes", ("", "3.0"))]


def test_a_part_of_a_set_is_spread_over_it_and_has_the_lines_asked_for() -> None:
    assert _numbers(10, 20, []) == list(range(1, 11))
    assert _numbers(100, 4, [7, 100, 101]) == [1, 7, 26, 51, 76, 100]


def test_buckets_are_about_equal_and_hold_each_length_together() -> None:
    lengths = [1] * 60 + [2] * 10 + [3] * 30 + [9] * 20
    lines = [JudgedLine(number, "a", "b c", "b c", size, 100.0) for number, size in enumerate(lengths, 1)]
    found = _buckets(lines, ["chrf"], Variant())
    assert sum(one.lines for one in found) == len(lines)
    ranges = [(one.shortest, one.longest) for one in found]
    assert all(before[1] < after[0] for before, after in pairwise(ranges))
    assert all(one.scores["chrf"] == pytest.approx(100.0) for one in found)
    assert len(_buckets(lines[:5], ["chrf"], Variant())) == 1
