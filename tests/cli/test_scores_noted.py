"""`seqtool evaluate -m RUN` notes what the run's model scored on its own test set; nothing that goes wrong with that is a failure."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from seqtool import locks
from tests.cli.processes import Done, Warm
from tests.cli.report_pages import copied
from tests.cli.test_trouble import mounted
from tests.cli.training_runs import Trained


@pytest.fixture
def run(trained: Trained, tmp_path: Path) -> Path:
    """A copy of the run: something is written into it."""
    return copied(trained, tmp_path)


def noted(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "scores.json").read_text("utf-8"))
    return found


def scores(done: Done) -> dict[str, Any]:
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)["systems"][0]["scores"]
    return found


def unnoted(done: Done) -> list[str]:
    """What was said of it."""
    return [line for line in done.err.splitlines() if "noted" in line]


def test_the_scores_are_noted_beside_the_model_and_info_has_them(run: Path, warm: Warm, tmp_path: Path) -> None:
    before = (run / "model/manifest.json").read_bytes()
    done = warm.seqtool("evaluate", "-m", run, "--json", cwd=tmp_path)
    told = scores(done)
    assert f"noted in {run}/scores.json\n" in done.err
    found = noted(run)
    assert found["scores"] == {
        name: {key: told[name][key] for key in ("value", "signature")} for name in ("bleu", "chrf")
    }
    assert (found["beam_size"], found["runtime"], found["precision"], found["lines"]) == (3, "torch", "fp32", 40)
    assert found["date"][:2] == "20"
    assert (run / "model/manifest.json").read_bytes() == before
    facts = json.loads(warm.seqtool("info", "-m", run, "--json", cwd=tmp_path).out)["test_scores"]
    assert facts["scores"] == found["scores"]
    assert facts["of_this_model"] is True
    text = warm.seqtool("info", "-m", run, cwd=tmp_path).out
    assert "\ntest scores:\n" in text
    assert found["scores"]["bleu"]["signature"] in text


def test_other_metrics_join_and_another_search_replaces(run: Path, warm: Warm, tmp_path: Path) -> None:
    for options in ([], ["--metrics", "ter"], ["--beam-size", "1", "--metrics", "chrf"]):
        assert warm.seqtool("evaluate", "-m", run / "model", "-q", *options, cwd=tmp_path).code == 0
        found = noted(run)
        if options == ["--metrics", "ter"]:
            assert set(found["scores"]) == {"bleu", "chrf", "ter"}
    assert (set(found["scores"]), found["beam_size"]) == ({"chrf"}, 1)


def test_what_is_not_the_runs_own_test_set_is_not_noted(
    run: Path, warm: Warm, number_corpus: Path, tmp_path: Path
) -> None:
    src, ref = (str(number_corpus / f"test.{side}") for side in ("de", "en"))
    for asked in (["-m", run, "--src", src, "--ref", ref], ["-m", run, "-m", run], ["-m", run, ref]):
        assert warm.seqtool("evaluate", *asked, cwd=tmp_path).code == 0
    assert not (run / "scores.json").exists()


def test_a_threshold_that_is_not_met_is_noted_too(run: Path, warm: Warm, tmp_path: Path) -> None:
    assert warm.seqtool("evaluate", "-m", run, "--fail-under", "bleu=101", cwd=tmp_path).code == 7
    assert "bleu" in noted(run)["scores"]


def test_where_nothing_can_be_written_a_line_says_so_and_that_is_all(
    trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk", "64m") as disk:
        run = copied(trained, disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = warm.seqtool("evaluate", "-m", run, "--json", cwd=tmp_path)
        assert {"bleu", "chrf"} <= scores(done).keys()
        (line,) = unnoted(done)
        assert line.startswith("warning: the scores were not noted beside the run: cannot write ")


def test_a_run_at_work_and_a_place_that_is_taken_are_no_failures(run: Path, warm: Warm, tmp_path: Path) -> None:
    with locks.lock(run / ".lock"):
        done = warm.seqtool("evaluate", "-m", run, "-q", "--json", cwd=tmp_path)
    assert scores(done)
    (line,) = unnoted(done)
    assert line.startswith(f"warning: the scores were not noted beside the run: {run}/.lock is held by process ")
    (run / "scores.json").mkdir()
    done = warm.seqtool("evaluate", "-m", run, "-q", "--json", cwd=tmp_path)
    assert scores(done)
    assert len(unnoted(done)) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', "[" * 10_000, "\x1b[2J"])
def test_notes_that_are_none_are_told_and_written_anew(text: str, run: Path, warm: Warm, tmp_path: Path) -> None:
    (run / "scores.json").write_text(text, "utf-8")
    facts = warm.seqtool("info", "-m", run, cwd=tmp_path)
    assert facts.code == 0, facts.err
    assert f"test scores:\n  trouble: {run}/scores.json: " in facts.out
    assert warm.seqtool("evaluate", "-m", run, cwd=tmp_path).code == 0
    assert noted(run)["lines"] == 40


def test_scores_of_an_earlier_model_are_said_to_be_that(run: Path, warm: Warm, tmp_path: Path) -> None:
    assert warm.seqtool("evaluate", "-m", run, cwd=tmp_path).code == 0
    (run / "scores.json").write_text(json.dumps({**noted(run), "weights": "0" * 64}), "utf-8")
    assert (
        json.loads(warm.seqtool("info", "-m", run, "--json", cwd=tmp_path).out)["test_scores"]["of_this_model"] is False
    )
    page = warm.seqtool("report", run, "-o", "-", "--lines", "1", "--max-lines", "4", cwd=tmp_path).out
    assert "Noted by" not in page


def test_a_model_that_is_not_there_is_said_to_be_that(run: Path, warm: Warm, tmp_path: Path) -> None:
    done = warm.seqtool("evaluate", "-m", run / "modle", cwd=tmp_path)
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith(f"error[model.not-found]: no model directory at {run}/modle")
