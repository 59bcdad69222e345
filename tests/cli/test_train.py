"""`seqtool train` from the outside: what it writes, says, refuses, and how the recipe and its overrides reach it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.cli.processes import Done, Warm, running, seqtool, wait_until
from tests.cli.training_runs import STEPS, Trained, last_step, metrics, write_recipe
from tests.number_words import number_pairs, write_lines


def test_a_run_writes_its_directory_and_tells_what_it_does(trained: Trained) -> None:
    assert {path.name for path in trained.run_dir.iterdir()} == {
        *(".lock", "checkpoints", "metrics.jsonl", "model", "recipe.yaml", "result.json", "samples.txt", "train.log")
    }
    assert trained.done.out == "", "standard output is for results"
    said = trained.done.err
    assert said.startswith("training pairs: 600 read, 600 kept\nvalidation pairs: 40\n")
    assert re.search(r"\n[\d,]+ parameters on (cpu|cuda)\n", said)
    assert re.search(r"\n +step +epoch +loss +ppl +bleu +chrf +seconds\n", said)
    assert len(re.findall(r"^    src ", said, re.MULTILINE)) == 3 * STEPS // 60, "three samples a validation"
    assert said.endswith("\nmodel: runs/numbers/model\nnext: seqtool translate -m runs/numbers < in.txt\n")
    assert "\x1b" not in said
    assert "\r" not in said
    assert "warning" not in said


def test_the_ledger_is_saved_with_the_run_and_with_its_data(trained: Trained) -> None:
    assert "training pairs: 600 read, 600 kept" in (trained.run_dir / "train.log").read_text("utf-8")
    facts = json.loads(next((trained.folder / "runs/prepared").glob("*/facts.json")).read_text("utf-8"))
    assert facts["ledger"] == {"read": 600, "kept": 600, "dropped": {}, "cut": 0}


def test_the_saved_recipe_continues_the_same_run(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    """Resolved: every default is in it, and its corpora are found from anywhere."""
    saved = trained.run_dir / "recipe.yaml"
    values = yaml.safe_load(saved.read_text("utf-8"))
    assert values["run_dir"] == "runs/numbers"
    assert values["training"]["clip_norm"] == 1.0
    assert Path(values["data"]["train"]["src"]).is_absolute()
    folder = Path(shutil.copytree(trained.folder, tmp_path / "copy"))
    before = (folder / "runs/numbers/metrics.jsonl").read_bytes()
    saved_again = ("train", "runs/numbers/recipe.yaml")
    again = warm.seqtool(*saved_again, cwd=folder)
    elsewhere = warm.seqtool(*saved_again, "run_dir=runs/short", "training.max_steps=6", cwd=folder)
    assert (again.code, elsewhere.code) == (0, 0)
    assert f"already trained: max_steps {STEPS} reached; raise that limit" in again.err
    assert (folder / "runs/numbers/metrics.jsonl").read_bytes() == before
    assert metrics(folder / "runs/short")[0] == metrics(trained.run_dir)[0]


@pytest.fixture
def folder(number_corpus: Path, tmp_path: Path) -> Path:
    write_recipe(tmp_path, number_corpus)
    return tmp_path


def test_a_dry_run_counts_and_leaves_nothing(folder: Path, number_corpus: Path, warm: Warm) -> None:
    pairs = number_pairs(7, 3)
    write_lines(folder / "pairs.tsv", ["\t".join(pair) for pair in pairs])
    write_lines(folder / "short.en", ["one ."] * 599)
    dry_run = ("train", "recipe.yaml", "--dry-run")
    other = ("data.train={tsv: pairs.tsv, src: 1, tgt: 2}", "run_dir=runs/other", "model.encoder.hidden=8")
    plain = warm.seqtool(*dry_run, cwd=folder)
    tsv = warm.seqtool(*dry_run, *other, cwd=folder)
    bad = warm.seqtool(*dry_run, "data.train.tgt=short.en", cwd=folder)
    for done, pairs_read, run_dir in ((plain, 600, "runs/numbers"), (tsv, 7, "runs/other")):
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"train: {pairs_read} pairs\nvalid: 40 pairs\ntest: 40 pairs\nmodel: ")
        assert done.out.endswith(f"\nrun directory: {run_dir}\n")
    counts = [int(found.replace(",", "")) for found in re.findall(r"model: ([\d,]+) parameters", plain.out + tsv.out)]
    assert counts[0] > counts[1] > 1000
    assert bad.code == 3
    assert bad.err.startswith(
        f"error[data.line-count]: {number_corpus}/train.de has 600 lines and {folder}/short.en has 599: line n"
    )
    assert not (folder / "runs").exists()


def test_rates_are_tried_drawn_and_one_is_proposed_as_an_override(folder: Path, warm: Warm) -> None:
    done = warm.seqtool("train", "recipe.yaml", "--find-lr", "run_dir=runs/rates", cwd=folder)
    assert done.code == 0, done.err
    assert re.fullmatch(r"training\.optimizer\.lr=[\d.e-]+\n", done.out), "to be put behind the recipe as it is"
    drawn = [line for line in done.err.splitlines() if "*" in line]
    assert len(drawn) > 5
    assert any("|" in line for line in drawn), "the proposed rate is marked"
    assert re.search(r"^ +loss 1e-05 +learning rate ", done.err, re.MULTILINE)
    assert not (folder / "runs/rates").exists()


def test_restart_moves_an_old_run_aside_and_deletes_nothing(folder: Path, warm: Warm) -> None:
    short = ("train", "recipe.yaml", "training.max_steps=6", "--restart")
    first = warm.seqtool(*short, cwd=folder)
    second = warm.seqtool(*short, "training.seed=2", cwd=folder)
    third = warm.seqtool(*short, cwd=folder)
    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert "the old run" not in first.err, "there was none"
    assert "the old run is now runs/numbers.old-1\n" in second.err
    assert "the old run is now runs/numbers.old-2\n" in third.err
    assert {path.name for path in (folder / "runs").iterdir()} == {
        *("numbers", "numbers.old-1", "numbers.old-2", "prepared")
    }
    assert metrics(folder / "runs/numbers.old-1") == metrics(folder / "runs/numbers")
    assert metrics(folder / "runs/numbers.old-2") != metrics(folder / "runs/numbers"), "of another seed"


@pytest.mark.slow
def test_a_second_run_in_the_same_directory_is_refused(folder: Path, warm: Warm) -> None:
    with running("train", "recipe.yaml", "training.max_steps=1000000", cwd=folder) as first:
        wait_until(lambda: last_step(folder / "runs/numbers") > 0, first)
        for restart in ([], ["--restart"]):
            done = warm.seqtool("train", "recipe.yaml", *restart, cwd=folder)
            assert done.code == 5
            assert done.err == (
                f"error[fs.locked]: runs/numbers/.lock is held by process {first.pid}, which is at work here\n"
                "hint: wait for it to end, or stop it\n"
            )
        assert first.poll() is None
        first.terminate()
        first.communicate(timeout=60)
        assert first.returncode == 143
    assert [path.name for path in (folder / "runs").glob("*.old-*")] == []


def said_about(recipe: str, folder: Path, *overrides: str) -> Done:
    (folder / "bad.yaml").write_text(recipe, "utf-8")
    done = seqtool("train", "bad.yaml", *overrides, cwd=folder)
    assert done.code == 2
    assert not done.out
    assert not (folder / "runs").exists()
    return done


DATA = "data:\n  train: {src: a.de, tgt: a.en}\n  valid: {src: b.de, tgt: b.en}\n"


def test_two_mistakes_are_reported_at_once_with_line_caret_and_nearest_name(tmp_path: Path) -> None:
    said = said_about(f"{DATA}training:\n  batch_token: 100\n  patience: many\n", tmp_path).err
    assert "bad.yaml:5" in said
    assert "  batch_token: 100\n" in said
    assert "batch_tokens" in said
    assert "bad.yaml:6" in said
    assert "  patience: many\n" in said
    carets = [line for line in said.splitlines() if line.strip(" |0123456789^~") == "" and "^" in line]
    assert len(carets) == 2


@pytest.mark.parametrize(
    ("recipe", "override", "words"),
    [
        (DATA, "training.sede=2", ["training.sede=2", "^", "seed"]),  # a wrong name on the command line
        (DATA, "training.seed=two", ["training.seed=two", "^"]),  # the value is not a number
        (DATA, "training.seed", ["training.seed", "^", "KEY=VALUE"]),  # no value at all
        (f"{DATA}task: translation\ntask: summarization\n", "training.seed=1", ["bad.yaml:5", "^"]),  # twice
        (f"{DATA}model: {{embedding: 16\n", "training.seed=1", ["bad.yaml", "^"]),  # no YAML
        (DATA, "model.tie=target_output", ["^"]),  # fits alone, not with the sizes around it
        ("data: {}\n", "training.seed=1", ["bad.yaml:1", "train", "valid"]),  # what has no default
    ],
)
def test_a_mistake_in_recipe_or_override_is_exit_code_2(
    recipe: str, override: str, words: list[str], tmp_path: Path
) -> None:
    said = said_about(recipe, tmp_path, override, "model.decoder.readout=7").err
    assert said.startswith("error[recipe.")
    assert "Traceback" not in said
    for word in words:
        assert word in said


def test_a_recipe_that_is_not_there_is_exit_code_2_and_names_one_that_is(folder: Path) -> None:
    done = seqtool("train", "recip.yaml", cwd=folder)
    assert done.code == 2
    assert done.err == "error[recipe.not-found]: no recipe at recip.yaml\nhint: did you mean recipe.yaml?\n"


def test_a_mismatch_of_lines_is_exit_code_3_and_nothing_is_trained(folder: Path, number_corpus: Path) -> None:
    lines = (number_corpus / "train.en").read_text("utf-8").splitlines()
    write_lines(folder / "more.en", [*lines, "one ."])
    (folder / "latin.de").write_bytes((number_corpus / "train.de").read_bytes().replace("fünf".encode(), b"f\xfcnf", 1))
    first_bad = 1 + next(number for number, line in enumerate(lines) if "five" in line)
    for override, said in (
        ("data.train.tgt=more.en", f"{number_corpus}/train.de has 600 lines and {folder}/more.en has 601"),
        ("data.train.src=latin.de", f"{folder}/latin.de:{first_bad}: not UTF-8"),
        ("data.train.src=trian.de", f"{folder}/trian.de does not exist"),
    ):
        done = seqtool("preprocess", "recipe.yaml", override, cwd=folder)
        assert done.code == 3
        assert said in done.err
        assert "\nhint: " in done.err
    assert not list((folder / "runs").glob("prepared/*/facts.json"))


def test_many_dropped_pairs_are_a_warning_one_cannot_overlook(folder: Path, number_corpus: Path, warm: Warm) -> None:
    """At 20% nothing is said: the limit is what is above."""
    for dropped in (120, 121):
        for side in ("de", "en"):
            lines = (number_corpus / f"train.{side}").read_text("utf-8").splitlines()
            write_lines(folder / f"some.{side}", [*[""] * dropped, *lines[dropped:]])
        quiet = seqtool(*("preprocess", "recipe.yaml", "-q", "data.train={src: some.de, tgt: some.en}"), cwd=folder)
        assert quiet.code == 0
        assert quiet.err.startswith("warning: 20% of the training pairs were dropped") == (dropped == 121)
    told = warm.seqtool("preprocess", "recipe.yaml", "data.train={src: some.de, tgt: some.en}", cwd=folder)
    assert "next: seqtool train recipe.yaml 'data.train={src: some.de, tgt: some.en}'\n" in told.err, "to be pasted"
    done = warm.seqtool(
        *("train", "recipe.yaml", "training.max_steps=1", "data.train={src: some.de, tgt: some.en}"), cwd=folder
    )
    assert done.code == 0
    assert done.err.startswith(
        "training pairs: 600 read, 479 kept: 121 empty\nwarning: 20% of the training pairs were dropped. Are the sides"
    )
