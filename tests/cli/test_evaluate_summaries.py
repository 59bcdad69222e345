"""`seqtool evaluate` of summaries: baselines beside the systems, and what an output does with its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqtool.metrics import SUMMARY_METRICS
from tests.cli.processes import Done, Warm
from tests.cli.report_pages import copied
from tests.cli.training_runs import Trained, metrics
from tests.metrics.reports import headlines, reports, summarizer_recipe
from tests.number_words import write_lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Reports, their headlines, and what two systems might have made of them."""
    write_lines(tmp_path / "src.txt", reports(40))
    write_lines(tmp_path / "ref.txt", headlines(40))
    write_lines(tmp_path / "other.txt", [line.lower() for line in headlines(40)])
    write_lines(tmp_path / "out.txt", [line.replace(" in ", " near ") for line in headlines(40)])
    write_lines(tmp_path / "blank.txt", ["one line", *[""] * 39])
    write_lines(tmp_path / "short.txt", reports(39))
    return tmp_path


def systems(done: Done) -> dict[str, dict[str, Any]]:
    """Scores by system in what `--json` printed."""
    assert done.code == 0, done.err
    return {one["name"]: one["scores"] for one in json.loads(done.out)["systems"]}


def test_baselines_are_systems_like_others(folder: Path, warm: Warm) -> None:
    """A baseline has the scores of a file with its lines."""
    leads = {"lead-3": [" ".join(line.split()[:3]) for line in reports(40)], "lead-9s": reports(40)}
    for name, lines in leads.items():
        write_lines(folder / name, lines)
    given = ("--src", "src.txt", "--ref", "ref.txt", "out.txt", "--json")
    asked = warm.seqtool("evaluate", *given, "--baseline", "lead-3", "--baseline", "lead-9s", cwd=folder)
    files = warm.seqtool("evaluate", *given, "lead-3", "lead-9s", "--metrics", "rouge,summary", cwd=folder)
    assert (asked.err, list(systems(asked))) == ("", ["out.txt", "lead-3", "lead-9s"])
    assert systems(asked) == systems(files)
    assert list(systems(asked)["lead-3"]) == ["rouge1", "rouge2", "rougeL", *SUMMARY_METRICS]


def test_the_oracle_is_better_than_any_lead(folder: Path, warm: Warm) -> None:
    names = ["lead-1s", "lead-3s", "oracle-1", "oracle", "oracle-3"]
    arguments = [argument for name in [*names, "oracle"] for argument in ("--baseline", name)]
    done = warm.seqtool("evaluate", "--src", "src.txt", "--ref", "ref.txt", "out.txt", *arguments, "--json", cwd=folder)
    found = systems(done)
    assert list(found) == ["out.txt", *names], "what is named twice is there once"
    both = {name: found[name]["rouge1"]["value"] + found[name]["rouge2"]["value"] for name in names}
    assert both["oracle"] >= both["oracle-1"] > max(both["lead-1s"], both["lead-3s"])
    assert found["oracle"] == found["oracle-3"]
    assert both["oracle"] > both["lead-3s"]


def test_the_oracle_looks_at_all_references(folder: Path, warm: Warm) -> None:
    given = ("evaluate", "--src", "src.txt", "out.txt", "--baseline", "oracle-1", "--json", "--metrics", "rouge1")
    write_lines(folder / "first.txt", [line.split(". ")[0] for line in reports(40)])
    one = warm.seqtool(*given, "--ref", "ref.txt", cwd=folder)
    two = warm.seqtool(*given, "--ref", "ref.txt", "--ref", "first.txt", cwd=folder)
    assert systems(one)["oracle-1"]["rouge1"]["value"] < 60
    assert systems(two)["oracle-1"]["rouge1"]["value"] == pytest.approx(100)


def test_the_table_has_rows_for_baselines_and_columns_for_the_measures(folder: Path, warm: Warm) -> None:
    done = warm.seqtool(
        *("evaluate", "--src", "src.txt", "--ref", "ref.txt", "blank.txt"), "--baseline", "lead-12", cwd=folder
    )
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["rouge1", "rouge2", "rougeL", *SUMMARY_METRICS]
    assert [line[0] for line in lines[1:3]] == ["blank.txt", "lead-12"]
    lead = dict(zip(lines[0], lines[2][1:], strict=True))
    assert (lead["copy_rate"], lead["novel1"], lead["novel3"]) == ("100.00", "0.00", "0.00")
    assert 12 <= float(lead["length"]) < 13
    assert [line[0] for line in lines[4:]] == lines[0], "a signature for each"
    assert done.err == ""


def test_the_measures_may_be_asked_for_without_baselines(folder: Path, warm: Warm) -> None:
    given = ("evaluate", "--ref", "ref.txt", "out.txt", "--json", "--metrics")
    done = warm.seqtool(*given, "bleu,summary", "--src", "src.txt", "--bootstrap", "50", cwd=folder)
    scores = systems(done)["out.txt"]
    assert list(scores) == ["bleu", *SUMMARY_METRICS]
    for score in scores.values():
        assert list(score) == ["value", "signature", "low", "high"]
        assert score["low"] <= score["value"] <= score["high"]
    alone = warm.seqtool(*given, "length,length_ratio,repetition", cwd=folder)
    assert list(systems(alone)["out.txt"]) == ["length", "length_ratio", "repetition"]


def test_the_length_is_relative_to_every_reference(folder: Path, warm: Warm) -> None:
    given = ("evaluate", "out.txt", "--json", "--metrics", "length_ratio", "--ref", "ref.txt")
    one = systems(warm.seqtool(*given, cwd=folder))["out.txt"]["length_ratio"]
    two = systems(warm.seqtool(*given, "--ref", "src.txt", cwd=folder))["out.txt"]["length_ratio"]
    assert one["value"] > two["value"]
    assert (one["signature"][:8], two["signature"][:8]) == ("nrefs:1|", "nrefs:2|")


SRC = ("--src", "src.txt")
REF = ("--ref", "ref.txt", "out.txt")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([*SRC, *REF, "--baseline", "lead-0"], 2, "no baseline is called 'lead-0'"),
        ([*SRC, *REF, "--baseline", "oracle", "--baseline", "led-3"], 2, "no baseline is called 'led-3'"),
        (["--baseline", "lead-x"], 2, "lead-N (the first N words"),  # before any model is looked for
        ([*REF, "--baseline", "lead-3"], 2, "add --src SRC"),
        ([*REF, "--baseline", "lead-3"], 2, "--baseline lead-3: there is no source"),
        ([*SRC, *REF], 2, "at which nothing looks"),
        ([*SRC, *REF, "--metrics", "rouge,length"], 2, "at which nothing looks"),
        ([*REF, "--metrics", "rouge,summary"], 2, "copy_rate compares with the source"),
        ([*REF, "--metrics", "novel2"], 2, "novel2 compares with the source"),
        (["--src", "short.txt", *REF, "--baseline", "lead-3"], 3, "short.txt has 39 lines and ref.txt has 40"),
        (["--src", "short.txt", *REF, "--metrics", "summary"], 3, "short.txt has 39 lines and ref.txt has 40"),
        (["--src", "-", "--ref", "-", "out.txt", "--baseline", "oracle"], 2, "standard input can be read once"),
        ([*SRC, *REF, "--metrics", "summary", "--fail-under", "novel1=1"], 2, "novel1 only describes"),
        ([*SRC, *REF, "-m", "x", "--baseline", "lead-3"], 4, "x"),  # a file and a model are two systems
    ],
)
def test_what_cannot_be_taken_is_said(arguments: list[str], code: int, said: str, folder: Path, warm: Warm) -> None:
    done = warm.seqtool("evaluate", *arguments, cwd=folder)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error[")
    assert said in done.err
    assert "\nhint: " in done.err


@pytest.mark.parametrize(
    ("limit", "code"), [("rouge1=70", 0), ("rouge1=99.9", 7), ("repetition=0", 0), ("repetition=-1", 7)]
)
def test_a_threshold_is_for_systems_and_not_for_baselines(limit: str, code: int, folder: Path, warm: Warm) -> None:
    """Also where more is worse."""
    given = ("--baseline", "lead-1", "--json", "--fail-under", limit)
    done = warm.seqtool("evaluate", *SRC, *REF, *given, cwd=folder)
    assert done.code == code
    assert "lead-1" not in done.err


def test_outputs_and_references_may_be_blank(folder: Path, warm: Warm) -> None:
    given = ("--baseline", "oracle", "--baseline", "lead-3", "--bootstrap", "20", "--json")
    done = warm.seqtool("evaluate", *SRC, "--ref", "blank.txt", "blank.txt", *given, cwd=folder)
    assert done.err == ""
    found = systems(done)
    assert found["blank.txt"]["rouge1"]["value"] == pytest.approx(100 / 40), "two blank lines have nothing in common"
    assert found["blank.txt"]["length"]["value"] == pytest.approx(2 / 40)
    assert found["blank.txt"]["length_ratio"]["value"] == 1


@pytest.fixture(scope="module")
def summarizer(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A summarizer trained for seconds by the command line, its best model chosen by ROUGE-2."""
    folder = tmp_path_factory.mktemp("summarizer")
    chosen = {"metrics": ["rouge1", "rouge2", "rougeL"], "best_metric": "rouge2", "validate_every": 40}
    recipe = summarizer_recipe(folder, optimizer={"kind": "adam", "lr": 0.02}, max_steps=120, **chosen)
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), "utf-8")
    done = warm.seqtool("train", "recipe.yaml", cwd=folder)
    assert done.code == 0, done.err
    return Trained(folder, done)


def test_validation_chooses_by_rouge_and_evaluate_says_the_same(summarizer: Trained, warm: Warm) -> None:
    validations = [one for one in metrics(summarizer.run_dir) if one["kind"] == "valid"]
    best = max(validations, key=lambda one: one["rouge2"])
    assert [one for one in validations if one["best"]][-1] == best
    assert best["rouge2"] > 0
    assert "best rouge2" in summarizer.done.err
    rows = [json.loads(line) for line in (summarizer.folder / "valid.jsonl").read_text("utf-8").splitlines()]
    write_lines(summarizer.folder / "valid.src", [row["text"] for row in rows])
    write_lines(summarizer.folder / "valid.ref", [row["summary"] for row in rows])
    done = warm.seqtool(
        *("evaluate", "-m", "runs/numbers", "--src", "valid.src", "--ref", "valid.ref", "--json"), cwd=summarizer.folder
    )
    scores = systems(done)["runs/numbers"]
    assert list(scores) == ["rouge1", "rouge2", "rougeL", *SUMMARY_METRICS], "a summarizer's own metrics"
    for name in ("rouge1", "rouge2", "rougeL"):
        assert scores[name]["value"] == pytest.approx(best[name], abs=1e-9)


def test_baselines_of_a_run_are_taken_from_its_test_set(summarizer: Trained, warm: Warm) -> None:
    own = warm.seqtool(
        "evaluate",
        "-m",
        "runs/numbers",
        "--baseline",
        "lead-12",
        "--baseline",
        "oracle",
        "--json",
        cwd=summarizer.folder,
    )
    rows = [json.loads(line) for line in (summarizer.folder / "test.jsonl").read_text("utf-8").splitlines()]
    write_lines(summarizer.folder / "test.src", [row["text"] for row in rows])
    write_lines(summarizer.folder / "test.ref", [row["summary"] for row in rows])
    given = ("--src", "test.src", "--ref", "test.ref", "--baseline", "lead-12", "--baseline", "oracle", "--json")
    same = warm.seqtool("evaluate", "-m", "runs/numbers", *given, cwd=summarizer.folder)
    files = warm.seqtool("evaluate", *given, "test.ref", cwd=summarizer.folder)
    assert list(systems(own)) == ["runs/numbers", "lead-12", "oracle"]
    assert systems(own) == systems(same)
    for name in ("lead-12", "oracle"):
        assert systems(own)[name] == systems(files)[name]


def test_fields_of_a_runs_own_test_set_are_slices(summarizer: Trained, warm: Warm) -> None:
    """Its recipe names the file and the fields of the texts."""
    given = ("evaluate", "-m", "runs/numbers", "--by", "summary", "--metrics", "rouge1", "--bootstrap", "20")
    done = warm.seqtool(*given, "--json", cwd=summarizer.folder)
    assert done.code == 0, done.err
    (by,) = json.loads(done.out)["slices"]
    rows = [json.loads(line) for line in (summarizer.folder / "test.jsonl").read_text("utf-8").splitlines()]
    common = by["slices"][0]
    assert common["count"] == sum(row["summary"] == common["label"] for row in rows)
    assert sum(one["count"] for one in by["slices"]) == len(rows)
    assert by["slices"][-1]["label"].startswith("other (")
    refused = warm.seqtool("evaluate", "-m", "runs/numbers", "--by", "summry", cwd=summarizer.folder)
    assert (refused.code, refused.out) == (3, "")
    assert "did you mean 'summary'?" in refused.err


def test_a_translator_may_have_baselines_too(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    """With the metrics of translation."""
    copied(trained, tmp_path)
    done = warm.seqtool("evaluate", "-m", "runs/numbers", "--baseline", "lead-99", "--json", cwd=tmp_path)
    found = systems(done)
    assert list(found["lead-99"]) == ["bleu", "chrf"]
    assert found["runs/numbers"]["bleu"]["value"] > found["lead-99"]["bleu"]["value"]
    refused = warm.seqtool("evaluate", "-m", "runs/numbers", "--baseline", "oracle-0", cwd=tmp_path)
    assert refused.code == 2
