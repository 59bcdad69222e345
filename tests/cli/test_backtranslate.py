"""`seqtool backtranslate`: sources for text that has only a target side."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.cli.processes import Done, Warm
from tests.cli.synthetic import LINES, Pairs, few_pairs, kill_while_writing, write_case, written
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines


@pytest.fixture
def pairs() -> Pairs:
    """English to German: the model at hand, from German to English, is that of the reverse direction."""
    return [(tgt, src) for src, tgt in few_pairs(40)]


@pytest.fixture
def folder(number_corpus: Path, trained: Trained, pairs: Pairs, tmp_path: Path) -> Path:
    """A working directory with a recipe, text of its target language, and the model of the reverse direction where runs are."""
    shutil.copytree(trained.run_dir, tmp_path / "runs/reverse")
    write_lines(tmp_path / "news.de", [src for src, _ in number_pairs(120, 5)] + ["", " "])
    section = {"model": "runs/reverse", "text": "news.de", "beam_size": 2}
    write_case(tmp_path, number_corpus, pairs, backtranslate=section)
    return tmp_path


def backtranslate(folder: Path, warm: Warm, *more: str) -> Done:
    return warm.seqtool("backtranslate", "recipe.yaml", *more, cwd=folder)


def test_a_model_learns_from_translated_text_and_from_its_pairs(folder: Path, warm: Warm, pairs: Pairs) -> None:
    done = backtranslate(folder, warm)
    assert done.code == 0, done.err
    news = (folder / "news.de").read_text("utf-8").splitlines()
    said = warm.seqtool("translate", "-m", "runs/reverse", "--beam-size", "2", "news.de", cwd=folder)
    made = [(f"<BT> {src}" if src else "", tgt) for src, tgt in zip(said.out.splitlines(), news, strict=True)]
    assert written(folder) == made + pairs
    assert f"{LINES}: 162 pairs\ntraining pairs: 162 read, 159 kept: 3 empty\n" in done.err
    assert done.err.endswith("\nmodel: runs/numbers/model\nnext: seqtool translate -m runs/numbers < in.txt\n")
    saved = yaml.safe_load((folder / "runs/numbers/recipe.yaml").read_text("utf-8"))
    assert saved["data"]["train"] == {"jsonl": str(folder / LINES), "src": "src", "tgt": "tgt"}
    assert "backtranslate" not in saved


def test_options_reach_the_file(folder: Path, warm: Warm, pairs: Pairs) -> None:
    write = ("--no-train", "backtranslate.text=news.de", "backtranslate.upsample=3")
    plain = backtranslate(folder, warm, *write, "backtranslate.tag=''", "run_dir=runs/plain")
    other = backtranslate(folder, warm, *write, "backtranslate.tag=made up", "run_dir=runs/other")
    greedy = backtranslate(folder, warm, *write, "backtranslate.beam_size=1", "run_dir=runs/greedy")
    assert (plain.code, other.code, greedy.code) == (0, 0, 0), plain.err
    found, marked, quick = (_pairs(folder / f"runs/{name}/synthetic.jsonl") for name in ("plain", "other", "greedy"))
    assert found[122:] == pairs * 3
    assert not any(src.startswith("<BT>") for src, _ in found)
    assert marked[:120] == [(f"made up {src}", tgt) for src, tgt in found[:120]]
    assert [src.removeprefix("<BT> ") for src, _ in quick] != [src for src, _ in found]
    assert not (folder / "runs/plain/model").exists(), "--no-train"


def _pairs(path: Path) -> Pairs:
    return [tuple(json.loads(line).values()) for line in path.read_text("utf-8").splitlines()]


def test_text_may_be_several_files_and_compressed(folder: Path, warm: Warm) -> None:
    lines = (folder / "news.de").read_bytes().splitlines(keepends=True)
    (folder / "one.de").write_bytes(b"\xef\xbb\xbf" + b"".join(lines[:50]).replace(b"\n", b"\r\n"))
    (folder / "two.de.gz").write_bytes(gzip.compress(b"".join(lines[50:])))
    whole = backtranslate(folder, warm, "--no-train")
    parts = backtranslate(folder, warm, "--no-train", "backtranslate.text=[one.de, two.de.gz]", "run_dir=runs/parts")
    assert (whole.code, parts.code) == (0, 0), parts.err
    assert (folder / "runs/parts/synthetic.jsonl").read_bytes() == (folder / LINES).read_bytes()


@pytest.mark.slow
def test_killed_in_the_middle_it_ends_with_the_same_bytes(folder: Path, warm: Warm) -> None:
    undisturbed = backtranslate(folder, warm, "--no-train", "run_dir=runs/undisturbed")
    assert undisturbed.code == 0, undisturbed.err
    done = kill_while_writing("backtranslate", "recipe.yaml", "--no-train", cwd=folder)
    again = backtranslate(folder, warm, "--no-train")
    assert again.code == 0, again.err
    assert again.err.startswith(f"going on after {done} of 162 pairs\n")
    assert (folder / LINES).read_bytes() == (folder / "runs/undisturbed/synthetic.jsonl").read_bytes()


def test_other_settings_begin_anew_with_restart_only(folder: Path, warm: Warm) -> None:
    assert backtranslate(folder, warm, "--no-train").code == 0
    write_lines(folder / "more.de", ["eins ."])
    refused = {
        "backtranslate.tag: <BT> -> x": "backtranslate.tag=x",
        "backtranslate.upsample: 1 -> 2": "backtranslate.upsample=2",
        "another backtranslate.text": "backtranslate.text=more.de",
    }
    for what, override in refused.items():
        done = backtranslate(folder, warm, "--no-train", override)
        assert done.code == 2
        assert f"was made from something else: {what}\n" in done.err
    anew = backtranslate(folder, warm, "--no-train", "--restart", "backtranslate.text=more.de")
    assert anew.code == 0, anew.err
    assert len(written(folder)) == 41
    assert (folder / "runs/numbers.old-1/synthetic.jsonl").exists()


def test_what_is_missing_is_said_before_anything_is_written(folder: Path, warm: Warm) -> None:
    plain = yaml.safe_load((folder / "recipe.yaml").read_text("utf-8"))
    del plain["backtranslate"]
    (folder / "plain.yaml").write_text(yaml.safe_dump(plain), "utf-8")
    (folder / "empty.de").write_text("", "utf-8")
    section = warm.seqtool("backtranslate", "plain.yaml", cwd=folder)
    model = backtranslate(folder, warm, "backtranslate.model=runs/nobody")
    empty = backtranslate(folder, warm, "backtranslate.text=empty.de")
    gone = backtranslate(folder, warm, "backtranslate.text=gone.de")
    assert [done.code for done in (section, model, empty, gone)] == [2, 4, 3, 3]
    assert "\nbacktranslate:\n  model: runs/REVERSE" in section.err
    assert model.err.startswith(f"error[model.not-found]: no model directory at {folder / 'runs/nobody'}\n")
    assert empty.err.startswith(
        f"error[data.empty]: backtranslate.text ({folder / 'empty.de'}) has no lines with text\n"
    )
    assert gone.err.startswith(f"error[data.not-found]: {folder / 'gone.de'} does not exist\n")
    assert not (folder / "runs/numbers").exists()
