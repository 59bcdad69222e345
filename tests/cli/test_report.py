"""`seqtool report`: what is on the page of a finished run, of several, of an unfinished one; and what is none."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.processes import Warm
from tests.cli.report_pages import HOSTILE, HOSTILE_NAME, Page, copied, hostile
from tests.cli.training_runs import STEPS, Trained


@pytest.fixture(scope="module")
def page(trained: Trained, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> str:
    """That of the undisturbed run."""
    path = tmp_path_factory.mktemp("report") / "page.html"
    done = warm.seqtool("report", "runs/numbers", "-o", path, "--lines", "2,5-6", cwd=trained.folder)
    assert done.code == 0, done.err
    assert done.out == ""
    assert str(path) in done.err
    return path.read_text("utf-8")


def test_the_page_has_all_that_is_known_of_a_run(page: str, trained: Trained) -> None:
    text = Page(page).text
    for title in (
        "Loss, nats a token",
        "Perplexity",
        "BLEU, validation",
        "Learning rate",
        "Gradient norm by layer",
        "Target tokens a second",
        "Lengths of the training pairs",
        "BLEU by source length",
    ):
        assert title in text, title
    lines = map(json.loads, (trained.run_dir / "metrics.jsonl").read_text("utf-8").splitlines())
    kept = [line for line in lines if line.get("best")][-1]
    assert f"BLEU, validation {kept['bleu']:.2f}" in text
    assert "finished: max_steps 300 reached" in text
    assert "read 600 kept 600 for validation 40" in text
    assert f"best at step {kept['step']}" in text
    assert "encoder.forward_layers.0" in text
    assert "training.seed 1" in text
    assert re.search(r"data, limits and tokenizer \(SHA-256\) [0-9a-f]{64}", text)
    assert re.search(r"weights \(SHA-256\) [0-9a-f]{64}", text)


def test_scores_are_those_of_evaluate(page: str, trained: Trained, warm: Warm, tmp_path: Path) -> None:
    run = copied(trained, tmp_path)
    done = warm.seqtool("evaluate", "-m", run, "--json", cwd=tmp_path)
    scores = json.loads(done.out)["systems"][0]["scores"]
    text = Page(page).text
    assert f"BLEU {scores['bleu']['value']:.2f} {scores['bleu']['signature']}" in text
    assert f"chrF {scores['chrf']['value']:.2f} {scores['chrf']['signature']}" in text
    assert "Noted by seqtool evaluate" not in text
    warm.seqtool("report", run, "-o", "page.html", "--lines", "1", "--max-lines", "4", cwd=tmp_path)
    noted = Page((tmp_path / "page.html").read_text("utf-8")).text.partition("Noted by seqtool evaluate")[2]
    assert noted.startswith(" on the test set: 40 lines, beam 3, torch fp32, 20")
    assert f"BLEU {scores['bleu']['value']:.2f} {scores['bleu']['signature']}" in noted


def test_worst_lines_are_in_order_and_samples_are_those_of_the_run(page: str, trained: Trained) -> None:
    text = Page(page).text
    found = [float(one) for one in re.findall(r"line \d+ · chrF ([\d.]+) ·", text)]
    assert len(found) == 10
    assert found == sorted(found)
    told = (trained.run_dir / "samples.txt").read_text("utf-8")
    for line in re.findall(r"  hyp  (.+)", told)[-3:]:
        assert line in text


def test_the_lines_asked_for_are_looked_at_with_their_references(page: str) -> None:
    found = Page(page)
    assert [int(one) for one in re.findall(r"Line (\d+) of test", found.text)] == [2, 5, 6]
    maps = [value for name, value in found.attributes if name == "aria-label" and value]
    attention = [one for one in maps if one.startswith("Attention of")]
    saliency = [one for one in maps if one.startswith("Saliency of")]
    assert len(attention) == len(saliency) >= 3
    assert found.text.count("Made to write the reference") == len(attention) - 3


def test_every_setting_has_a_meaning(page: str, trained: Trained) -> None:
    from seqtool.analysis.settings import settings

    found = settings((trained.run_dir / "recipe.yaml").read_text("utf-8"))
    assert len(found) > 80
    text = Page(page).text
    for one in found:
        assert one.meaning, one.key
        assert one.key in text


def test_nothing_on_the_page_can_act_or_ask(page: str) -> None:
    found = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base", "image"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    targets = [value for name, value in found.attributes if name in ("href", "src", "xlink:href", "action")]
    assert all(value is not None and value.startswith("#") for value in targets)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", page)
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_same_run_is_the_same_page(page: str, trained: Trained, warm: Warm, tmp_path: Path) -> None:
    path = tmp_path / "again.html"
    done = warm.seqtool("report", "runs/numbers", "-q", "-o", path, "--lines", "2,5-6", cwd=trained.folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert path.read_text("utf-8") == page


def test_the_page_on_standard_output(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    options = ("--lines", "1", "--max-lines", "4")
    piped = warm.seqtool("report", trained.run_dir, "-o", "-", *options, cwd=tmp_path)
    assert piped.code == 0, piped.err
    assert not list(tmp_path.iterdir()), "no file of that name"
    assert piped.err.startswith("standard output: ")
    warm.seqtool("report", trained.run_dir, "-q", "-o", "page.html", *options, cwd=tmp_path)
    assert piped.out == (tmp_path / "page.html").read_text("utf-8")


def test_two_runs_are_side_by_side(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    """Scores in columns, settings that differ, curves over each other; here the second run is unfinished and has no model."""
    first = copied(trained, tmp_path)
    second = Path(
        shutil.copytree(first, first.with_name("second"), ignore=shutil.ignore_patterns("model", "result.json"))
    )
    recipe = second / "recipe.yaml"
    recipe.write_text(recipe.read_text("utf-8").replace("label_smoothing: 0.1", "label_smoothing: 0.25"), "utf-8")
    done = warm.seqtool("report", "runs/numbers", "runs/second", "--lines", "1", "--max-lines", "8", cwd=tmp_path)
    assert done.code == 0, done.err
    text = Page((tmp_path / "report.html").read_text("utf-8")).text
    assert "training.label_smoothing 0.1 0.25" in text
    assert f"steps {STEPS} {STEPS}" in text
    assert re.search(r"BLEU, 8 of 40 lines of test [\d.]+ –", text)
    assert "8 of 40 lines" in text
    assert "second: There is no model yet" in text


@pytest.mark.parametrize(
    "kept",
    [("metrics.jsonl", "recipe.yaml", "train.log", "samples.txt"), ("train.log",), ("metrics.jsonl",)],
)
def test_a_run_that_crashed_has_a_page_of_what_is_there(
    kept: tuple[str, ...], trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    run = tmp_path / "crashed"
    run.mkdir()
    for name in kept:
        shutil.copyfile(trained.run_dir / name, run / name)
    with (run / kept[0]).open("r+b") as torn:
        torn.truncate((run / kept[0]).stat().st_size * 2 // 3)
    done = warm.seqtool("report", run, cwd=tmp_path)
    assert done.code == 0, done.err
    page = (run / "report.html").read_text("utf-8")
    text = Page(page).text
    assert "not finished" in text
    assert "There is no model yet" in text
    assert ("Learning rate over " in page) == ("metrics.jsonl" in kept)
    warnings = [line for line in done.err.splitlines() if line.startswith("warning: crashed: ")]
    assert (
        "warning: crashed: There is no model yet: it is written at the first validation. Scores, worst lines"
        in done.err
    )
    missing = {"metrics.jsonl", "recipe.yaml", "train.log"} - set(kept)
    assert {
        name for name in missing if any(f"There is no {name} in the run directory." in one for one in warnings)
    } == missing
    if kept == ("train.log",):
        assert "read 600 kept 600" in text, "the log tells, where the prepared data cannot be found"


def test_text_of_strangers_is_shown_and_does_nothing(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    run = hostile(trained, tmp_path)
    done = warm.seqtool("report", run, "-o", "page.html", "--lines", "1-6,99", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "\x1b" not in done.err
    text = (tmp_path / "page.html").read_text("utf-8")
    found = Page(text)
    assert not {"script", "img", "iframe"} & set(found.tags)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert HOSTILE_NAME in found.text
    for line in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[4], HOSTILE[5]):
        assert found.text.count(line) >= 3, line
    assert "There is no line 99 in the test set of 6 lines." in found.text
    assert "1 lines of metrics.jsonl are no metrics" in found.text
    assert done.err.count("warning: ") == 2, "that line of metrics, and line 99"


# What is written over which file of a run, what is said of it, and the section in which it is said.
DAMAGED = [
    ("metrics.jsonl", b"{torn\n", "1 lines of metrics.jsonl are no metrics and were left out.", "curves"),
    ("samples.txt", b"what?\n", "1 lines of samples.txt are no samples and were left out.", "samples"),
    ("recipe.yaml", b"task: [", "The recipe cannot be read: ", "settings"),
    ("result.json", b"[]", "result.json cannot be understood: it is no JSON object.", "run"),
    ("train.log", None, "train.log cannot be read: Is a directory.", "run"),
    ("scores.json", b"{", "The noted scores cannot be read: ", "scores"),
    ("model/weights.safetensors", b"no", "The model could not be asked: ", "scores"),
    ("model/training.json", b"{", "model/training.json cannot be understood: it is no JSON object.", "reproduce"),
]


@pytest.mark.parametrize(("name", "data", "said", "section"), DAMAGED, ids=[one[0] for one in DAMAGED])
def test_what_cannot_be_read_is_a_warning_and_is_said_in_its_section(
    name: str, data: bytes | None, said: str, section: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    run = copied(trained, tmp_path)
    if data is None:
        (run / name).unlink()
        (run / name).mkdir()
    else:
        (run / name).write_bytes(data)
    done = warm.seqtool("report", run, "-q", "-o", "page.html", "--lines", "1", "--max-lines", "4", cwd=tmp_path)
    assert done.code == 0, done.err
    lines = done.err.splitlines()
    assert [line for line in lines if line.startswith(f"warning: numbers: {said}")], lines
    assert all(line.startswith("warning: numbers: ") for line in lines)
    page = (tmp_path / "page.html").read_text("utf-8")
    begin = page.index("<main>") if section == "run" else page.index(f'<h2 id="{section}">')
    part = page[begin : page.find("<h2", begin + 4)]
    assert f'<p class="warn">{said}' in part


@pytest.mark.parametrize(
    ("arguments", "code", "error_id"),
    [
        (["nowhere"], 4, "run.not-found"),
        (["."], 4, "run.foreign"),
        (["runs/numbers", "nowhere"], 4, "run.not-found"),
        (["runs/numbers", "--lines", "0"], 2, "usage.lines"),
        (["runs/numbers", "--lines", "3-x"], 2, "usage.lines"),
        (["runs/numbers", "--lines", "1-99999"], 2, "usage.lines"),
        ([], 2, "usage"),
    ],
)
def test_what_cannot_be_is_told(arguments: list[str], code: int, error_id: str, trained: Trained, warm: Warm) -> None:
    done = warm.seqtool("report", *arguments, cwd=trained.folder)
    assert (done.code, done.out) == (code, "")
    assert f"error[{error_id}" in done.err
    assert "hint: " in done.err
