"""What `seqtool check` says, and what it leaves unsaid."""

from __future__ import annotations

from pathlib import Path

from tests.cli.processes import Warm
from tests.cli.test_check import DATA, checked, found, healthy, the, write


def test_an_end_that_belongs_to_nothing_is_no_slip_beyond_the_end_of_the_file(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    for side in ("de", "en"):
        lines[f"valid.{side}"] = (DATA / f"de-en/valid.{side}").read_text("utf-8").split("\n")[:100]
    lines["valid.de"][-20:] = ["Kein Kommentar."] * 20
    _, report = checked(warm, write(tmp_path, lines))
    assert found(report, "error") == {("valid", "alignment.mismatched")}
    assert the(report, "valid", "alignment.mismatched")["numbers"] == {"line": 81, "lines": 20}


def test_quietly_only_what_is_not_well_is_said(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    lines["test.de"][3] = "Sch\ufffdn."
    done = warm.seqtool("check", "recipe.yaml", "-q", cwd=write(tmp_path, lines))
    assert "⚠ encoding.replacement" in done.out
    assert "✔ data.pairs" not in done.out
    assert "█" not in done.out
    assert done.out.splitlines()[-1].startswith("✔ ")


def test_the_same_file_on_both_sides_is_nothing_to_train_on(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    lines["train.en"] = lines["train.de"]
    code, report = checked(warm, write(tmp_path, lines))
    assert code == 3
    assert ("train", "pairs.identical") in found(report, "error")
