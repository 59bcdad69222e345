"""Options that would do nothing are said to, before any work is done: nobody concludes from them that they make no difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.processes import Warm
from tests.cli.training_runs import Trained, write_recipe
from tests.number_words import number_pairs, write_lines

REFS = [tgt for _, tgt in number_pairs(10, 3)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lines(tmp_path / "ref.en", REFS)
    write_lines(tmp_path / "out.en", REFS)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--metrics", "rouge", "--tokenize", "char"], "--tokenize char: only bleu looks at it"),
        (["--metrics", "chrf", "--tokenize", "klingon"], "--tokenize klingon: only bleu looks at it"),
        (["--metrics", "ter", "--lowercase"], "--lowercase: only bleu or chrf looks at it"),
        (["--stem"], "--stem: only rouge looks at it"),
        (["--line-metric", "ter"], "--line-metric ter of what?"),
        (["--beam-size", "10"], "--beam-size 10: files are scored as they are"),
        (["--batch-size", "1"], "--batch-size 1: files are scored as they are"),
        (["--runtime", "torch"], "--runtime torch: files are scored as they are"),
        (["--precision", "int8"], "--precision int8: files are scored as they are"),
        (["--device", "cuda"], "--device cuda: files are scored as they are"),
        (["--threads", "1"], "--threads 1: files are scored as they are"),
    ],
)
def test_evaluate_refuses_what_it_would_not_look_at(options: list[str], said: str, folder: Path, warm: Warm) -> None:
    done = warm.seqtool("evaluate", "--ref", "ref.en", "out.en", *options, cwd=folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[usage.evaluate]: {said}")
    assert "\nhint: " in done.err


@pytest.mark.parametrize(
    "options",
    [
        ["--metrics", "bleu", "--tokenize", "char"],
        ["--metrics", "chrf", "--lowercase"],
        ["--metrics", "rouge", "--stem"],
        ["--metrics", "ter", "--line-metric", "bleu", "--worst", "1", "--tokenize", "char"],
        ["--precision", "fp32", "--device", "cpu"],
    ],
)
def test_and_takes_what_it_looks_at(options: list[str], folder: Path, warm: Warm) -> None:
    assert warm.seqtool("evaluate", "--ref", "ref.en", "out.en", *options, cwd=folder).code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sample", "--beam-size", "5"], "usage.sample]: --sample and --beam-size: draws have no beam"),
        (["--beam-size", "1", "--length-penalty", "2"], "usage.range]: --length-penalty 2 with a beam of 1: "),
        (["--sample", "--coverage-penalty", "0.1"], "usage.range]: --coverage-penalty 0.1 with a draw: "),
        (["--sample", "--length-penalty", "1"], "usage.range]: --length-penalty 1 with a draw: "),
        (["--min-length", "9", "--max-length", "8"], "usage.range]: --min-length: at least 9 tokens and at most 8"),
        (["--min-length-ratio", "9"], "usage.range]: --min-length-ratio: a source of "),
    ],
)
def test_translate_refuses_what_would_change_nothing(
    options: list[str], said: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    done = warm.seqtool("translate", "-m", trained.run_dir, *options, cwd=tmp_path, stdin=b"eins zwei .\n")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[{said}")
    assert "\nhint: " in done.err
    assert ("larger --beam-size" in done.err) == ("beam of 1" in said), "draws refuse a beam"


@pytest.mark.parametrize(
    "options",
    [
        ["--beam-size", "1", "--length-penalty", "2", "--format", "tsv"],
        ["--beam-size", "2", "--length-penalty", "2"],
        ["--sample", "--n-best", "2", "--length-penalty", "2", "--format", "jsonl"],
        ["--min-length-ratio", "3", "--max-length-ratio", "3"],
    ],
)
def test_and_takes_what_changes_scores_or_lengths(
    options: list[str], trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    done = warm.seqtool("translate", "-m", trained.run_dir, *options, cwd=tmp_path, stdin=b"eins zwei .\n")
    assert done.code == 0
    assert "error" not in done.err


@pytest.mark.parametrize(
    ("terms", "stdin", "warned"),
    [
        (["zwei\tsix"], b"eins zwei .\n", ""),
        (["Zwei\tsix", "six\tzwei"], b"eins zwei .\n", "warning: --glossary: none of the 2 terms is in the input; "),
        (["Zwei\tsix"], b"eins zwei .\n", "warning: --glossary: the one term is not in the input; "),
        (["Zwei\tsix"], b"\n", ""),
        (["Zwei\tsix"], b"", ""),
    ],
)
def test_a_glossary_of_which_nothing_is_in_the_text_is_told(
    terms: list[str], stdin: bytes, warned: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    """Columns the other way round, or another case; where there is no text, there is nothing to find them in."""
    write_lines(tmp_path / "terms.tsv", terms)
    done = warm.seqtool("translate", "-m", trained.run_dir, "--glossary", "terms.tsv", cwd=tmp_path, stdin=stdin)
    assert done.code == 0
    assert done.err.startswith(warned) if warned else done.err == ""


@pytest.mark.parametrize(
    "options", [["--dry-run", "--find-lr"], ["--finish", "--restart"], ["--finish", "--dry-run"]], ids=" ".join
)
def test_train_does_one_thing_at_a_time(options: list[str], number_corpus: Path, tmp_path: Path, warm: Warm) -> None:
    write_recipe(tmp_path, number_corpus)
    done = warm.seqtool("train", "recipe.yaml", *options, cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith("error[usage.train]: --")
    assert not (tmp_path / "runs").exists()


def test_finish_says_what_it_is_for_where_nothing_was_begun(number_corpus: Path, tmp_path: Path, warm: Warm) -> None:
    write_recipe(tmp_path, number_corpus)
    done = warm.seqtool("train", "recipe.yaml", "--finish", cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith("error[train.finish]: nothing was trained in runs/numbers yet\nhint: ")


def test_train_says_that_it_does_not_distill(trained: Trained, number_corpus: Path, tmp_path: Path, warm: Warm) -> None:
    write_recipe(tmp_path, number_corpus, distill={"teacher": str(trained.run_dir)})
    done = warm.seqtool("train", "recipe.yaml", "--dry-run", cwd=tmp_path)
    assert done.code == 0
    assert done.err == (
        "warning: distill in the recipe: train does not make text with another model; `seqtool distill recipe.yaml` does\n"
    )


def test_a_dry_run_counts_the_pieces_of_a_tokenizer_that_is_taken(
    trained: Trained, number_corpus: Path, tmp_path: Path, warm: Warm
) -> None:
    write_recipe(tmp_path, number_corpus)
    dry = ("train", "recipe.yaml", "--dry-run", "tokenizer.vocab_size=900")
    own = warm.seqtool(*dry, cwd=tmp_path)
    taken = warm.seqtool(*dry, f"tokenizer.model={trained.run_dir}", cwd=tmp_path)
    gone = warm.seqtool(*dry, "tokenizer.model=nowhere", cwd=tmp_path)
    nothing = warm.seqtool(*dry, "training.init_from.model=nowhere", cwd=tmp_path)
    assert "with 900 pieces" in own.out
    assert "with 40 pieces" in taken.out
    assert (gone.code, nothing.code) == (4, 4)
    assert gone.err.startswith(f"error[model.tokenizer]: tokenizer.model: {tmp_path}/nowhere does not exist")
    assert nothing.err.startswith(f"error[model.not-found]: no model directory at {tmp_path}/nowhere")
