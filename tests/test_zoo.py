"""What `benchmarks.zoo` makes of its measurements: order, groups by length, page, picture, headers; and how it ends on a signal."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.machine import describe
from benchmarks.zoo import measure
from benchmarks.zoo_chart import COLOURS, DASHES, INK, Line, chart, spread, tick_step
from benchmarks.zoo_children import Children
from benchmarks.zoo_report import NOT_RUN, header, interval, page, picture, rates, shown
from benchmarks.zoo_results import (
    Decoding,
    Group,
    Result,
    Scored,
    Scores,
    Start,
    Training,
    group_names,
    grouped,
    in_order,
    load_result,
    recipe_body,
    recipe_names,
    save_result,
    score,
)
from benchmarks.zoo_stages import HYPOTHESES, Failed, Plan, mean_speed, parameter_count, perplexity_at, train_command
from seqtool.recipe.load import load_recipe
from tests.cli.processes import PACKAGE_ROOT, python

SVG = "{http://www.w3.org/2000/svg}"
SIGNATURE = "nrefs:1|bs:1000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
NAMES = ["vanilla-rnn", "cho2014-rnn-encoder-decoder", "sutskever2014-lstm-reversed"]


def scored(value: float) -> Scored:
    return Scored(value=value, low=value - 1.11, high=value + 1.11, signature=SIGNATURE)


def result(name: str, bleu: float, lines: int = 172) -> Result:
    groups = [
        Group(words=words, lines=lines + place, bleu=scored(bleu + place)) for place, words in enumerate(group_names())
    ]
    return Result(
        name=name,
        recipe="model: {}\n",
        machine="AMD EPYC, 2 threads, torch 2.13.0+cpu, Python 3.11.7",
        threads=2,
        max_minutes=12,
        starts=[Start(date="2026-01-01T10:00:00+0000", commit="abc1234", gflops=137.4)],
        training=Training(
            reason="max_minutes 12 reached",
            minutes=12.01,
            updates=4321,
            best_update=4250,
            valid_perplexity=7.654,
            parameters=2122760,
            precision="bf16",
            tokens_per_second=8765.4,
            slowest_and_fastest=[8100.0, 9000.4],
            gflops_after=188.2,
        ),
        decoding=Decoding(
            date="2026-01-01T10:13:00+0000", commit="abc1234", speeds=[301.0, 99.0, 305.0], gflops=[150.0, 150.2]
        ),
        scores=Scores(lines=1000, bleu=scored(bleu), chrf=scored(bleu + 20), groups=groups),
    )


def test_recipes_come_by_the_year_in_their_names() -> None:
    names = ["luong2015-b", "vaswani2017", "bahdanau2015-a", "sutskever2014", "vanilla-rnn", "cho2014"]
    expected = ["vanilla-rnn", "cho2014", "sutskever2014", "bahdanau2015-a", "luong2015-b", "vaswani2017"]
    assert in_order(names) == expected
    assert recipe_names()[0] == "vanilla-rnn"
    papers = [path.read_text("utf-8") for path in (PACKAGE_ROOT / "recipes" / "papers").iterdir()]
    assert len(recipe_names()) == sum("\ntask: translation\n" in text for text in papers)


def test_a_recipe_is_the_same_under_another_header() -> None:
    body = recipe_body("vanilla-rnn")
    assert body.startswith("task: translation\n")
    assert "#" not in body


def test_lines_are_grouped_by_their_words() -> None:
    sources = [" ".join(["word"] * count) for count in (1, 7, 8, 9, 10, 11, 12, 14, 15, 400)]
    assert group_names() == ["1-7", "8-9", "10-11", "12-14", "15+"]
    assert grouped(sources) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert grouped(["", " \t"]) == [[], [], [], [], []]


def test_a_group_is_scored_by_its_own_lines_only() -> None:
    sources = ["a b c", "a b c d e f g h"]
    refs = ["one two three four five", "six seven eight nine ten"]
    found = score(sources, refs, ["one two three four five", "no word of it is right"])
    assert [(group.words, group.lines) for group in found.groups] == [("1-7", 1), ("8-9", 1)]
    assert found.groups[0].bleu.value == pytest.approx(100)
    assert found.groups[1].bleu.value < found.bleu.value < 100
    assert found.bleu.low <= found.bleu.value <= found.bleu.high
    assert found.bleu.signature == SIGNATURE.replace("2.6.0", found.bleu.signature.rsplit(":")[-1])


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12.345678, 2, "12.35"),
        (2122760.0, 0, "2,122,760"),
        (0.0, 2, "0.00"),
        (0.004, 2, "<0.01"),  # not zero, and not to look it
        (0.4, 0, "<1"),
        (None, 2, "-"),  # unknown is not zero either
    ],
)
def test_numbers_are_shown_as_what_they_are(value: float | None, digits: int, text: str) -> None:
    assert shown(value, digits) == text


def test_an_interval_is_never_shown_narrower_than_it_is() -> None:
    assert interval(Scored(value=12.34, low=11.29, high=13.41, signature="")) == "12.34 (11.2 to 13.5)"


def test_rates_are_one_number_where_they_look_the_same() -> None:
    assert rates([150.1, 149.9]) == "150"
    assert rates([188.2, 137.4, 150.0]) == "137 to 188"


def test_the_page_has_a_row_for_every_recipe_run_or_not() -> None:
    text = page(NAMES, {NAMES[0]: result(NAMES[0], 9.87), NAMES[2]: result(NAMES[2], 20.5)}, [NAMES[2]])
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert [re.search(r"\[(.*?)\]", row)[1] for row in rows] == NAMES  # type: ignore[index]
    assert "9.87 (8.7 to 11.0) | 29.87 (28.7 to 31.0) | 7.65 | 2,122,760 | 4,321 | 12.0 |" in rows[0]
    assert "| 8,765 (8,100 to 9,000) | 301 | 137 to 188 | 150 | abc1234 | 2026-01-01 |" in rows[0]
    assert NOT_RUN in rows[1]
    assert "\\*" in rows[2]
    assert "The recipe has been changed since" in text
    assert len({line.count("|") for line in text.split("##")[0].splitlines() if line.startswith("|")}) == 1
    assert text.count(f"bleu  {SIGNATURE}") == 1
    assert "| lines | 172 | 173 | 174 | 175 | 176 |" in text
    assert f"| {NAMES[1]} | {NOT_RUN} |" in text
    assert "up to\n1.2 to either side" in text  # 1.11, rounded away from certainty


def test_a_page_without_results_says_so_and_has_no_picture() -> None:
    text = page(NAMES, {})
    assert text.count(NOT_RUN) == len(NAMES)
    assert ".svg" not in text
    assert picture(NAMES, {}) is None


def test_results_on_other_lines_are_not_put_side_by_side() -> None:
    with pytest.raises(SystemExit, match="different lines"):
        page(NAMES, {NAMES[0]: result(NAMES[0], 9), NAMES[1]: result(NAMES[1], 9, lines=100)})


def test_results_of_other_budgets_are_not_put_side_by_side() -> None:
    shorter = result(NAMES[1], 9).model_copy(update={"max_minutes": 0.3})
    with pytest.raises(SystemExit, match="different minutes"):
        page(NAMES, {NAMES[0]: result(NAMES[0], 9), NAMES[1]: shorter})


def test_a_header_has_what_the_test_of_recipes_wants() -> None:
    text = header(result(NAMES[0], 9.87))
    assert re.search(r"BLEU \d+\.\d", text)
    assert "nrefs:1|" in text
    assert "after 12 minutes of training in bf16 on two cores of an AMD EPYC" in text
    assert "137 to 188 GFLOP/s), torch 2.13.0.\n" in text
    assert all(line.startswith("#") and len(line) <= 140 for line in text.splitlines())


def test_a_result_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    assert load_result(path) is None
    save_result(path, result(NAMES[0], 0.1 + 0.2))
    assert load_result(path) == result(NAMES[0], 0.1 + 0.2)
    path.write_text('{"name": "of another version"}')
    with pytest.raises(SystemExit, match="is no result of this version"):
        load_result(path)


def test_the_picture_has_a_path_for_each_recipe_and_names_them() -> None:
    drawn = picture(NAMES, {name: result(name, 10.0 + place) for place, name in enumerate(NAMES[:2])})
    assert drawn is not None
    root = ElementTree.fromstring(drawn)
    paths = root.findall(f"{SVG}path")
    texts = [element.text for element in root.findall(f"{SVG}text")]
    assert len(paths) == 2
    assert all(len(path.attrib["d"].split("L")) == len(group_names()) for path in paths)
    assert set(NAMES[:2]) <= set(texts)
    assert {"1-7", "172 lines", "0", "BLEU"} <= set(texts)


def test_a_point_stands_where_its_value_is_and_names_are_escaped() -> None:
    drawn = chart("a < b", ("x", "y"), [("one", ""), ("two", "")], [Line("R&D", [0.0, 10.0])])
    root = ElementTree.fromstring(drawn)
    assert [element.text for element in root.findall(f"{SVG}text")][-1] == "R&D"
    grid = [float(line.attrib["y1"]) for line in root.findall(f"{SVG}line") if line.attrib["x1"] == "56"]
    points = [float(circle.attrib["cy"]) for circle in root.findall(f"{SVG}circle")]
    assert points == [max(grid), min(grid)]  # the axis begins at 0, and 10 is its last tick


def test_labels_do_not_overlap() -> None:
    placed = spread([50, 50, 51, 10, 299, 300], 15, 40, 300)
    assert all(after - before >= 15 for before, after in itertools.pairwise(sorted(placed)))
    assert min(placed) >= 40
    assert max(placed) <= 300
    assert placed[3] == 40
    assert spread([100.0, 200.0], 15, 0, 300) == [100, 200]


@pytest.mark.parametrize(("largest", "step"), [(0.0, 1), (7.5, 1), (8.1, 2), (36.9, 5), (41, 10), (160, 20)])
def test_ticks_are_round_and_few(largest: float, step: int) -> None:
    assert tick_step(largest) == step


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("background", ["#FFFFFF", "#0D1117", "#000000"])
def test_colours_can_be_read_on_light_and_dark_pages(background: str) -> None:
    for colour, least in [(INK, 4.0), *((colour, 3.0) for colour in COLOURS)]:
        low, high = sorted((luminance(colour), luminance(background)))
        assert (high + 0.05) / (low + 0.05) >= least, colour


def test_thirty_lines_differ() -> None:
    looks = {(COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]) for index in range(30)}
    assert len(looks) == 30


def test_speed_is_weighed_with_time_and_leaves_out_validations() -> None:
    journal = [
        {"kind": "train", "step": 50, "tokens_per_second": 1000.0, "seconds": 10.0},
        {"kind": "valid", "step": 50, "perplexity": 9.0, "seconds": 15.0},
        {"kind": "train", "step": 100, "tokens_per_second": 4000.0, "seconds": 20.0},
        {"kind": "valid", "step": 100, "perplexity": 8.0, "seconds": 25.0},
    ]
    assert mean_speed(journal) == pytest.approx((10 * 1000 + 5 * 4000) / 15)
    assert mean_speed([]) is None
    assert perplexity_at(journal, 100) == 8
    assert perplexity_at(journal, 75) is None
    assert parameter_count("2026 2,211,680 parameters on cpu\n") == 2211680


def test_the_command_is_one_that_a_recipe_understands(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "a folder, {with} #odd: names", tmp_path / "work", 0.3, 2)
    command = train_command(plan, "vanilla-rnn")
    recipe = load_recipe(Path(command[4]), command[5:])
    assert recipe.data.valid.src == str(plan.data / "val.de")
    assert recipe.run_dir == str(tmp_path / "work" / "vanilla-rnn")
    assert (recipe.training.max_minutes, recipe.training.threads, recipe.training.device) == (0.3, 2, "cpu")


def test_what_is_measured_is_not_measured_again_and_another_budget_is_refused(tmp_path: Path) -> None:
    """No data is there and no process is allowed: touching either would fail."""
    name, folder = NAMES[0], tmp_path / NAMES[0]
    folder.mkdir()
    here = {"recipe": recipe_body(name), "machine": describe()}
    finished = result(name, 9.87).model_copy(update=here)
    save_result(folder / "zoo.json", finished)
    (folder / HYPOTHESES).touch()
    assert measure(Plan(tmp_path / "no data", tmp_path, 12, 2), name, Children()) == finished
    with pytest.raises(Failed, match=r"zoo\.json was begun with another max_minutes: choose another --work"):
        measure(Plan(tmp_path / "no data", tmp_path, 0.3, 2), name, Children())


def test_a_signal_goes_to_the_child_once_which_is_waited_for(tmp_path: Path) -> None:
    """The child asks for the signal itself when it is ready for it."""
    child = (
        "import os, signal, sys, time\n"
        "def save(*_):\n    time.sleep(0.2); print('saved', flush=True); sys.exit(143)\n"
        "signal.signal(signal.SIGTERM, save); os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"
    )
    parent = (
        "import sys; from benchmarks.zoo_children import Children\n"
        f"with Children() as children:\n    children.run([sys.executable, '-c', {child!r}])\n"
        "print('went on')"
    )
    done = python("-c", parent, cwd=tmp_path)
    assert (done.code, done.out) == (143, "saved\n"), done.err
