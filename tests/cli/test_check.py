"""`seqtool check` as a person and a script meet it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import PACKAGE_ROOT, Warm, python, seqtool
from tests.number_words import write_lines

DATA = PACKAGE_ROOT / "data"
Lines = dict[str, list[str]]
Spoil = Callable[[Lines], None]

_RECIPE = """\
data:
  train: {src: train.de, tgt: train.en}
  valid: {src: valid.de, tgt: valid.en}
  test: {src: test.de, tgt: test.en}
tokenizer: {vocab_size: 500}
"""


def healthy() -> Lines:
    """The beginning of the shipped corpus: 800, 60 and 60 lines."""
    counts = {"train": 800, "valid": 60, "test": 60}
    return {
        f"{name}.{side}": (DATA / f"de-en/{name}.{side}").read_text("utf-8").split("\n")[:count]
        for name, count in counts.items()
        for side in ("de", "en")
    }


def write(folder: Path, lines: Lines, recipe: str = _RECIPE) -> Path:
    for name, some in lines.items():
        write_lines(folder / name, some)
    (folder / "recipe.yaml").write_text(recipe, "utf-8")
    return folder


def checked(warm: Warm, folder: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """Exit code and what `--json` prints."""
    done = warm.seqtool("check", "recipe.yaml", "--json", *more, cwd=folder)
    assert "Traceback" not in done.err
    return done.code, json.loads(done.out)


def found(report: dict[str, Any], *levels: str) -> set[tuple[str, str]]:
    """Split and id of the findings of these levels."""
    return {(one["split"], one["id"]) for one in report["findings"] if one["level"] in levels}


def the(report: dict[str, Any], split: str, name: str) -> dict[str, Any]:
    (one,) = [one for one in report["findings"] if (one["split"], one["id"]) == (split, name)]
    return dict(one)


def test_a_healthy_corpus_ends_with_0_and_says_what_it_is(warm: Warm, tmp_path: Path) -> None:
    done = warm.seqtool("check", "recipe.yaml", cwd=write(tmp_path, healthy()))
    assert (done.code, done.err) == (0, "")
    assert "✔ data.pairs: 800 pairs in data.train" in done.out
    assert "✔ alignment: line n of one side goes with line n of the other" in done.out
    assert "✔ data.ledger: training keeps 100.0% of the pairs (800 read, 800 kept)" in done.out
    assert "train src, tokens" in done.out
    assert "████" in done.out
    assert "✘ 0" in done.out.splitlines()[-1]


def _shift(lines: Lines) -> None:
    lines["train.en"].insert(300, "A line that belongs to nothing.")
    lines["train.en"].pop()


def _shift_unevenly(lines: Lines) -> None:
    del lines["train.en"][500:503]


def _shuffle_valid(lines: Lines) -> None:
    lines["valid.en"].sort()


def _swap_test(lines: Lines) -> None:
    lines["test.de"], lines["test.en"] = lines["test.en"], lines["test.de"]


def _leak(lines: Lines) -> None:
    lines["test.de"][7] = lines["train.de"][70]


def _double(lines: Lines) -> None:
    for side in ("de", "en"):
        lines[f"train.{side}"] += lines[f"train.{side}"][:40]


def _empty(lines: Lines) -> None:
    lines["train.en"][4] = " "


def _copy(lines: Lines) -> None:
    lines["train.en"][10:30] = lines["train.de"][10:30]


def _run_on(lines: Lines) -> None:
    for place in range(0, 800, 100):
        lines["train.en"][place] = " ".join(lines["train.en"][place : place + 9])


def _cyrillic(lines: Lines) -> None:
    lines["train.de"][5:9] = ["Это не по-немецки."] * 4


def _mojibake(lines: Lines) -> None:
    lines["train.de"] = [line.encode().decode("cp1252", "replace") for line in lines["train.de"]]


def _controls(lines: Lines) -> None:
    lines["train.de"][3] += "\x1b[31m"
    lines["train.de"][4] += "\u2028"
    lines["valid.de"][5] = lines["valid.de"][5].replace("e", "e\u0301", 1)
    lines["test.en"][6] += "\ufffd"


def _new_characters(lines: Lines) -> None:
    lines["test.en"] = [line.replace(".", "。") for line in lines["test.en"]]


@pytest.mark.parametrize(
    ("spoil", "code", "expected"),
    [
        (_shift, 3, {("train", "alignment.shifted")}),
        (_shift_unevenly, 3, {("train", "alignment.shifted"), ("train", "data.line-count")}),
        (_shuffle_valid, 3, {("valid", "alignment.mismatched")}),
        (_swap_test, 3, {("test", "sides.swapped")}),
        (_leak, 3, {("test", "overlap.sources")}),
        (_double, 0, {("train", "pairs.duplicates")}),
        (_empty, 0, {("train", "pairs.empty")}),
        (_copy, 0, {("train", "pairs.identical"), ("train", "language.mixed")}),
        (_run_on, 0, {("train", "lengths.ratio")}),
        (_cyrillic, 0, {("train", "script.src")}),
        (_mojibake, 0, {("train", "encoding.mojibake")}),
        (
            _controls,
            0,
            {
                ("train", "encoding.control"),
                ("train", "encoding.separator"),
                ("valid", "encoding.unnormalized"),
                ("test", "encoding.replacement"),
            },
        ),
        (_new_characters, 0, {("test", "unknown.tgt")}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_trouble_is_found(
    spoil: Spoil, code: int, expected: set[tuple[str, str]], warm: Warm, tmp_path: Path
) -> None:
    lines = healthy()
    spoil(lines)
    ended, report = checked(warm, write(tmp_path, lines))
    assert expected <= found(report, "warning", "error")
    assert ended == code
    assert bool(found(report, "error")) == (code == 3)
    assert report["level"] == ("error" if code else "warning")


def test_a_slip_is_named_by_file_and_line(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    _shift(lines)
    folder = write(tmp_path, lines)
    done = warm.seqtool("check", "recipe.yaml", cwd=folder)
    (line,) = [line for line in done.out.splitlines() if line.startswith("✘")][:1]
    assert "shifted by +1 from line 301 to the end" in line
    assert f'{folder}/train.de:301 "{lines["train.de"][300][:50]}' in line
    assert f'{folder}/train.en:302 "{lines["train.en"][301][:50]}' in line
    assert "1 line too many on the target side" in line
    assert done.err.startswith(
        "error[check.failed]: this data is not fit to train on (train: alignment.shifted)\nhint: "
    )


def test_what_stands_in_the_data_does_nothing_to_a_terminal(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    evil = "\x1b]0;owned\x07 \u202eabc\x9b31m <script>[/bold]\x7f\r"
    lines["test.de"][0] = lines["train.de"][0] = evil
    lines["train.en"][1] = evil
    folder = write(tmp_path, lines)
    for more in ([], ["--json"]):
        done = warm.seqtool("check", "recipe.yaml", *more, cwd=folder)
        assert "owned" in done.out
        shown = done.out.replace("\n", "")
        assert not [char for char in shown if not char.isprintable()]
    assert done.out.count("\n") == 1


def test_places_in_other_formats(warm: Warm, tmp_path: Path) -> None:
    """An empty target at the third pair of each, behind a title, a blank line, or a field of two lines."""
    lines = healthy()
    pairs = list(zip(lines["train.de"], lines["train.en"], strict=True))[:150]
    pairs[2] = (pairs[2][0], "")
    as_json = [json.dumps({"de": one, "en": other}) for one, other in pairs]
    write_lines(tmp_path / "x.jsonl", ["", *as_json])
    write_lines(tmp_path / "x.tsv", ["de\ten", *(f"{one}\t{other}" for one, other in pairs)])
    quoted = [f'"{one}","{other}"' for one, other in pairs]
    write_lines(tmp_path / "x.csv", ["de,en", quoted[0].replace(" ", "\n", 1), *quoted[1:]])
    folder = write(tmp_path, lines)
    for name, place in (("jsonl", 4), ("tsv", 4), ("csv", 5)):
        _, report = checked(warm, folder, f"data.train={{{name}: x.{name}, src: de, tgt: en}}")
        (example,) = the(report, "train", "pairs.empty")["examples"]
        assert example["place"].endswith(f"/x.{name}:{place}") or example["place"] == f"x.{name}:{place}"
        assert example["pair"] == 3


def test_marks_are_ascii_where_nothing_else_can_be_shown(tmp_path: Path) -> None:
    done = seqtool("check", "recipe.yaml", cwd=write(tmp_path, healthy()), PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert done.out.startswith("train\nok data.pairs: ")
    assert "####" in done.out
    assert "✔" not in done.out
    assert "█" not in done.out


def test_a_text_that_is_restored_has_one_side(warm: Warm, tmp_path: Path) -> None:
    folder = write(tmp_path, healthy())
    more = ["training.objective=denoise", "data.train={src: train.de}", "data.valid={src: valid.de}"]
    code, report = checked(warm, folder, *more)
    assert code == 0
    assert not [one for one in report["findings"] if one["split"] == "train" and "src" in one["id"]]
    assert ("train", "alignment") not in found(report, "ok", "warning", "error")
    assert ("test", "alignment") in found(report, "untold")


def test_summaries_belong_to_their_texts_by_the_words_they_share(warm: Warm, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (DATA / "reports/train.jsonl").read_text("utf-8").splitlines()[:1200]]
    fields = "src: report, tgt: headline"
    recipe = (
        f"task: summarization\ndata:\n  train: {{jsonl: t.jsonl, {fields}}}\n  valid: {{jsonl: v.jsonl, {fields}}}\n"
    )
    write_lines(tmp_path / "v.jsonl", [json.dumps(row) for row in rows[1000:]])
    write_lines(tmp_path / "t.jsonl", [json.dumps(row) for row in rows[:1000]])
    code, report = checked(warm, write(tmp_path, {}, recipe))
    assert (code, found(report, "error")) == (0, set())
    headlines = sorted(row["headline"] for row in rows[:1000])
    wrong = [{**row, "headline": headline} for row, headline in zip(rows, headlines, strict=False)]
    write_lines(tmp_path / "t.jsonl", [json.dumps(row) for row in wrong])
    code, report = checked(warm, tmp_path)
    assert code == 3
    assert ("train", "alignment.mismatched") in found(report, "error")


def test_the_ledger_is_that_of_preprocess(warm: Warm, tmp_path: Path) -> None:
    folder = write(tmp_path, healthy())
    limits = ("data.max_src_tokens=14", "data.max_length_ratio=1.5")
    done = warm.seqtool("preprocess", "recipe.yaml", *limits, cwd=folder)
    assert done.code == 0
    (said,) = [line for line in done.err.splitlines() if line.startswith("training pairs: ")]
    _, report = checked(warm, folder, *limits)
    ledger = the(report, "train", "data.ledger")
    assert said.removeprefix("training pairs: ") in ledger["message"]
    assert ledger["level"] == "warning"
    assert ledger["numbers"]["exact"] == 1


def test_little_data_is_no_reason_to_complain(warm: Warm, tmp_path: Path) -> None:
    lines = {name: some[:3] for name, some in healthy().items()}
    code, report = checked(warm, write(tmp_path, lines))
    assert (code, found(report, "error")) == (0, set())
    assert "too few" in the(report, "train", "alignment")["message"]
    assert ("train", "alignment") in found(report, "untold")


def test_json_has_every_finding_with_its_numbers(warm: Warm, tmp_path: Path) -> None:
    code, report = checked(warm, write(tmp_path, healthy()))
    assert code == 0
    assert report["pairs"] == {"train": 800, "valid": 60, "test": 60}
    assert {"id", "level", "split", "message", "advice", "numbers", "words", "examples"} == set(report["findings"][0])
    words = [one for one in report["lengths"] if (one["split"], one["side"], one["unit"]) == ("train", "src", "words")]
    assert words[0]["percentiles"]["50"] in (8, 9)
    assert sum(words[0]["histogram"]["counts"]) == 800


def test_checking_needs_no_torch(tmp_path: Path) -> None:
    write(tmp_path, {name: some[:20] for name, some in healthy().items()})
    code = "import sys; from seqtool.cli.app import app; from seqtool.cli.errors import run; run(app, ['check', 'recipe.yaml']); "
    done = python("-c", code + "print('torch' in sys.modules)", cwd=tmp_path)
    assert done.out.endswith("False\n")
