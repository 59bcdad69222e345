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


def test_data_that_cannot_be_read_is_a_mark_among_others(warm: Warm, tmp_path: Path) -> None:
    folder = write(tmp_path, healthy())
    code, report = checked(warm, folder, "data.valid.src=missing.de")
    assert (code, found(report, "error")) == (3, {("valid", "data.not-found")})
    assert ("train", "alignment") in found(report, "ok")
    assert ("test", "overlap.sources") in found(report, "ok")
    code, report = checked(warm, folder, "data.train.tgt=missing.en")
    assert (code, found(report, "error")) == (3, {("train", "data.not-found")})
    assert ("valid", "pairs.empty") in found(report, "ok")


def test_what_stands_before_a_line_that_is_no_utf_8_is_looked_at(warm: Warm, tmp_path: Path) -> None:
    folder = write(tmp_path, healthy())
    path = folder / "train.de"
    lines = path.read_bytes().split(b"\n")
    lines[600] = b"Gr\xfc\xdfe"
    path.write_bytes(b"\n".join(lines))
    code, report = checked(warm, folder)
    assert (code, found(report, "error")) == (3, {("train", "data.utf-8")})
    broken = the(report, "train", "data.utf-8")
    assert "train.de:601" in broken["message"]
    read = broken["numbers"]["pairs"]
    assert 0 < read <= 600
    assert broken["advice"].endswith(f"what follows is about the first {read} pairs")
    assert ("train", "pairs.empty") in found(report, "ok")


def test_training_without_a_pair_is_a_mark(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    folder = write(tmp_path, lines)
    for side in ("de", "en"):
        (folder / f"train.{side}").write_bytes(b"")
    done = warm.seqtool("check", "recipe.yaml", cwd=folder)
    assert done.code == 3
    assert done.out.startswith("train\n✘ data.empty: data.train ")
    assert "\nvalid\n✔ data.pairs: 60 pairs" in done.out


def test_a_test_line_is_known_in_other_letters_too(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    lines["test.de"][7] = lines["train.de"][70].upper().replace(".", " !")
    lines["test.de"][8] = lines["train.de"][80]
    _, report = checked(warm, write(tmp_path, lines))
    seen = the(report, "test", "overlap.sources")
    assert seen["level"] == "error"
    assert seen["numbers"]["in_train"] == 2
    assert seen["numbers"]["letter_by_letter"] == 1
    assert "2 (3.3%) sources are in training too, 1 of them but for case and punctuation" in seen["message"]
    assert [one["place"].rpartition("/")[2] for one in seen["examples"]] == ["test.de:8", "train.de:71", "test.de:9"]


def test_a_slip_from_the_first_line_is_named_by_lines_that_exist(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    del lines["train.en"][:3]
    lines["train.en"] += lines["valid.en"][:3]
    code, report = checked(warm, write(tmp_path, lines))
    assert code == 3
    one = the(report, "train", "alignment.shifted")
    assert "shifted by -3 from line 4 to the end: source line 4 belongs to target line 1" in one["message"]
    assert [example["place"] for example in one["examples"]] == [f"{tmp_path}/train.de:4", f"{tmp_path}/train.en:1"]


def test_blank_lines_between_documents_repeat_nothing(warm: Warm, tmp_path: Path) -> None:
    lines = healthy()
    for side in ("de", "en"):
        given = lines[f"train.{side}"]
        lines[f"train.{side}"] = [line for place in range(0, 800, 20) for line in ("", *given[place : place + 20])]
    lines["test.en"][5] = ""
    report = checked(warm, write(tmp_path, lines))[1]
    again = the(report, "train", "pairs.duplicates")
    assert again["level"] == "ok"
    assert again["numbers"]["repeated_pairs"] == 0
    assert ("train", "pairs.empty") in found(report, "warning")
    assert the(report, "test", "overlap.sources")["numbers"]["targets_in_train"] == 0
