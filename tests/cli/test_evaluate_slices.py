"""What `seqtool evaluate` shows of the parts of a test set: slices by length, frequency and fields, and lines to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.processes import Warm
from tests.cli.publication import LINES, NAMES, REF, answer, score_of, write_test_set
from tests.metrics.degraded import references, sources


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_set(tmp_path_factory.mktemp("publication"))


def test_a_caption_promises_intervals_where_there_are_some(folder: Path, warm: Warm) -> None:
    given = ("evaluate", "--jsonl", "set.jsonl", "--src-field", "de", "--ref-field", "en", *NAMES[:2])
    asked = (*given, "--by", "length", "--metrics", "chrf", "--format", "latex")
    little = "import seqtool.metrics.bootstrap as bootstrap; bootstrap._MOST_BYTES = 1"
    for before, bounded in (("", True), (little, False)):
        done = warm.seqtool(*asked, cwd=folder, before=before)
        assert done.code == 0, done.err
        assert "Scores by length (words in the source)" in done.out
        assert ("Scores by length (words in the source), with 95" in done.out) == bounded


def test_slices_are_of_length_frequency_and_fields(folder: Path, warm: Warm) -> None:
    given = ("evaluate", "--jsonl", "set.jsonl", "--src-field", "de", "--ref-field", "en", *NAMES[:2])
    by = ("--by", "length", "--by", "topic", "--by", "year", "--by", "frequency", "--train", "train.en")
    found = answer(warm.seqtool(*given, *by, "--bootstrap", "20", "--metrics", "chrf", "--json", cwd=folder))
    slices = {one["by"]: one for one in found["slices"]}
    assert list(slices) == ["length", "topic", "year", "frequency"]
    assert {one["label"]: one["count"] for one in slices["topic"]["slices"]} == {"home": 30, "work": 30}
    assert [one["label"] for one in slices["year"]["slices"]][::3] == ["1950 to 1964", "1995 to 2009"]
    for one in slices.values():
        counts = [part["count"] for part in one["slices"]]
        assert one["unit"] == ("words" if one["by"] == "frequency" else "lines")
        assert one["unit"] == "words" or sum(counts) == LINES
        for part in one["slices"]:
            assert [system["name"] for system in part["systems"]] == NAMES[:2]
            for system in part["systems"]:
                for score in system["scores"].values():
                    assert 0 <= score["low"] <= score["value"] <= score["high"] <= 100
    labels = [one["label"] for one in slices["frequency"]["slices"]]
    assert labels == [label for label in ("0", "1", "2-5", "6-20", "21-100", "101-1000") if label in labels]
    assert "0" in labels
    assert any("2 of 60 reference lines (3.3%) are in train.en" in one for one in found["warnings"])


def test_lines_to_look_at(folder: Path, warm: Warm) -> None:
    given = (*REF, "--src", "src.de", "good.en", "bad.en", "--worst", "2", "--best", "1", "--diff", "3")
    found = answer(warm.seqtool(*given, "--json", cwd=folder))["lines"]
    kinds = [(one["kind"], one["systems"], one["metric"], len(one["lines"])) for one in found]
    assert kinds[:2] == [("worst", ["good.en"], "chrf", 2), ("best", ["good.en"], "chrf", 1)]
    assert [kind[0] for kind in kinds[2:]] == ["worst", "best", "gains", "losses"]
    assert kinds[-1] == ("losses", ["good.en", "bad.en"], "chrf", 3)
    for listing in found:
        for one in listing["lines"]:
            number = one["line"] - 1
            assert (one["source"], one["references"]) == (sources(LINES)[number], [references(LINES)[number]])
            for output in one["outputs"]:
                assert output["text"] == (folder / output["name"]).read_text("utf-8").splitlines()[number]
    losses = [one["outputs"][0]["score"] - one["outputs"][1]["score"] for one in found[-1]["lines"]]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] > 0
    by_bleu = answer(warm.seqtool(*given, "--line-metric", "bleu", "--json", cwd=folder))["lines"]
    assert {one["metric"] for one in by_bleu} == {"bleu"}
    text = warm.seqtool(*given, cwd=folder).out
    assert "\nworst lines of bad.en:\n" in text
    assert "\ngreatest losses of bad.en against good.en:\nline" in text


def test_a_summary_is_sliced_and_listed_by_what_suits_it(warm: Warm, folder: Path) -> None:
    given = ("evaluate", "--jsonl", "set.jsonl", "--src-field", "en", "--ref-field", "en", "good.en", "--json")
    asked = ("--baseline", "lead-3", "--paired", "bs", "--resamples", "50", "--worst", "1", "--by", "topic")
    found = answer(warm.seqtool(*given, *asked, "--metrics", "rouge1,copy_rate", cwd=folder))
    assert [one["name"] for one in found["systems"]] == ["good.en", "lead-3"]
    assert {one["metric"] for one in found["lines"]} == {"rougeL"}
    assert score_of(found, "lead-3", "copy_rate")["p_value"] < 0.05
    assert set(found["slices"][0]["slices"][0]["systems"][0]["scores"]) == {"rouge1", "copy_rate"}
