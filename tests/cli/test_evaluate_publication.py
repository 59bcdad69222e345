"""`seqtool evaluate` of several systems: paired tests, tables for papers, warnings."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from seqtool.metrics import Variant
from seqtool.metrics.paired import Kind, PairedTest, compare
from tests.cli.processes import Warm
from tests.cli.publication import LINES, NAMES, REF, answer, score_of, write_test_set
from tests.cli.training_runs import Trained
from tests.metrics.degraded import references
from tests.number_words import write_lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_set(tmp_path_factory.mktemp("publication"))


@pytest.mark.parametrize(("kind", "options"), [("bs", []), ("ar", ["--resamples", "300", "--seed", "7"])])
def test_systems_are_compared_with_the_first(kind: Kind, options: list[str], folder: Path, warm: Warm) -> None:
    """A row of the test's own numbers, which are sacrebleu's, for metrics of sacrebleu and of rouge-score."""
    metrics = ["bleu", "rouge1"]
    asked = ("--paired", kind, *options, "--metrics", ",".join(metrics), "--json")
    found = answer(warm.seqtool(*REF, *NAMES, *asked, cwd=folder))
    resamples, seed = (300, 7) if options else (1000, 12345)
    assert found["intervals"] == {"percent": 95, "bootstrap": 1000, "seed": seed}
    test = {"test": kind, "resamples": resamples, "seed": seed, "against": "good.en"}
    assert found["paired"] == test
    systems = [(folder / name).read_text("utf-8").splitlines() for name in NAMES]
    expected = compare(systems, [references(LINES)], metrics, PairedTest(kind, resamples, seed), variant=Variant())
    assert "p_value" not in score_of(found, "good.en", "bleu")
    for name, row in zip(NAMES[1:], expected, strict=True):
        for metric in metrics:
            score = score_of(found, name, metric)
            assert score["p_value"] == row[metric].p_value
            assert score["difference"] == pytest.approx(row[metric].difference)
            assert f"{kind}:{resamples}|seed:{seed}|" in score["signature"]
            assert 0 <= score["low"] <= score["value"] <= score["high"] <= 100, "a bootstrap brings intervals along"
            assert "bs:1000|" in score["signature"]
    assert score_of(found, "bad.en", "bleu")["p_value"] < 0.01
    (warning,) = [one for one in found["warnings"] if "not shown to differ" in one]
    assert warning.startswith("near.en is not shown to differ from good.en in bleu (p = 0.")


def test_order_changes_no_value(folder: Path, warm: Warm) -> None:
    asked = ("--bootstrap", "50", "--json")
    there = answer(warm.seqtool(*REF, *NAMES, *asked, cwd=folder))["systems"]
    back = answer(warm.seqtool(*REF, *NAMES[::-1], *asked, cwd=folder))["systems"]
    assert there == back[::-1]


def test_the_table_has_p_values_and_says_of_what(folder: Path, warm: Warm) -> None:
    done = warm.seqtool(*REF, *NAMES, "--paired", "bs", "--resamples", "50", cwd=folder)
    head, good, near, bad, _, *notes = done.out.splitlines()
    assert head.split() == ["bleu", "p", "chrf", "p"]
    assert len(re.findall(r"\d\.\d{4}\b", good)) == 0
    assert len(re.findall(r"\b\d\.\d{4}\b", near)) == len(re.findall(r"\b0\.0196\b", bad)) == 2
    assert notes[2] == "p     paired bootstrap against good.en, 50 resamples, seed 12345"
    assert "warning: near.en is not shown to differ from good.en in " in done.err
    assert "bad.en" not in done.err


def test_the_lines_of_the_set_and_of_the_files_are_the_same(folder: Path, warm: Warm) -> None:
    fields = warm.seqtool("evaluate", "--jsonl", "set.jsonl", "--ref-field", "en", "good.en", "--json", cwd=folder)
    files = warm.seqtool(*REF, "good.en", "--json", cwd=folder)
    assert answer(fields) == answer(files)


def test_text_that_looks_tokenised_is_warned_of(folder: Path, warm: Warm) -> None:
    done = warm.seqtool(*REF, "tokenized.en", "--json", cwd=folder)
    assert done.err.startswith("warning: tokenized.en looks tokenised: ")
    assert answer(done)["warnings"] == [done.err.removeprefix("warning: ").rstrip("\n")]
    assert not warm.seqtool(*REF, "tokenized.en", "--tokenize", "none", cwd=folder).err


@pytest.mark.parametrize("form", [["--json"], ["--format", "latex"], ["--format", "markdown"], []])
def test_a_threshold_counts_for_every_system_in_every_form(form: list[str], folder: Path, warm: Warm) -> None:
    """The output comes first."""
    done = warm.seqtool(*REF, *NAMES, *form, "--fail-under", "bleu=60", cwd=folder)
    assert done.code == 7
    assert done.err.startswith("error[evaluate.threshold]: bad.en: bleu ")
    assert "good.en" not in done.err
    plain = warm.seqtool(*REF, *NAMES, *form, cwd=folder)
    assert (plain.code, plain.out) == (0, done.out)
    assert done.out.count("bad") == 1


def test_papers_get_tables_that_hold_what_the_terminal_shows(folder: Path, warm: Warm) -> None:
    asked = (*REF, *NAMES, "--paired", "ar", "--resamples", "20", "--worst", "1")
    text, markdown, latex = (
        warm.seqtool(*asked, *form, cwd=folder).out for form in ([], ["--format", "markdown"], ["--format", "latex"])
    )
    numbers = re.findall(r"\d+\.\d{2,4}", text)
    assert len(numbers) > 10
    for other in (markdown, latex):
        assert re.findall(r"\d+\.\d{2,4}", other.replace("{}", "")) == numbers or sorted(
            re.findall(r"\d+\.\d{2,4}", other)
        ) == sorted([*numbers, *re.findall(r"p = (\d\.\d{3})", other)])
    assert markdown.startswith("| System | BLEU | p | chrF | p |\n| :-- | --: | --: | --: | --: |\n| good.en | ")
    assert "- Warning: near.en is not shown to differ from good.en in " in markdown
    assert r"System & BLEU & p & chrF & p \\" in latex
    assert latex.startswith("% \\usepackage{booktabs}\n% warning: near.en is not shown to differ")


def test_what_is_in_a_file_or_its_name_does_nothing(folder: Path, warm: Warm, tmp_path: Path) -> None:
    nasty = "a\x1b[31m|b & [bold] \u202e<script> \\end"
    for name in ("ref", nasty):
        write_lines(tmp_path / name, ["\x1b]0;x\x07 \u2066 \x9b2J $x_1$ | & [/bold] \\\\[1cm]"] * 20)
    asked = ("evaluate", "--ref", "ref", nasty, "--worst", "1")
    for form in ([], ["--format", "markdown"], ["--format", "latex"], ["--json"]):
        done = warm.seqtool(*asked, *form, cwd=tmp_path)
        assert done.code == 0
        for stream in (done.out, done.err):
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", stream)
    found = answer(done)
    assert found["systems"][0]["name"] == nasty, "JSON has it all, escaped"
    assert found["lines"][0]["lines"][0]["outputs"][0]["text"].startswith("\x1b]0;x\x07 \u2066")


def test_models_and_files_are_systems_side_by_side(
    trained: Trained, random_model: Path, warm: Warm, number_corpus: Path, tmp_path: Path
) -> None:
    """On the test set of the first model's recipe; of its training text a few test lines are known, and how often each word is there."""
    copied = Path(shutil.copytree(trained.run_dir / "model", tmp_path / "copied"))
    shutil.copy(number_corpus / "test.en", tmp_path / "out.en")
    models = ("-m", trained.run_dir, "-m", copied, "-m", random_model)
    asked = ("--paired", "ar", "--resamples", "200", "--by", "frequency", "--diff", "2", "--json")
    found = answer(warm.seqtool("evaluate", "out.en", *models, *asked, cwd=tmp_path))
    names = ["out.en", str(trained.run_dir), str(copied), str(random_model)]
    assert [one["name"] for one in found["systems"]] == names
    assert score_of(found, "out.en", "bleu")["value"] == pytest.approx(100)
    run, copy = (score_of(found, name, "bleu") for name in names[1:3])
    assert run == copy
    assert score_of(found, names[3], "bleu")["p_value"] == pytest.approx(1 / 201)
    alone = answer(warm.seqtool("evaluate", *models[:4], "--paired", "bs", "--resamples", "20", "--json", cwd=tmp_path))
    assert score_of(alone, str(copied), "chrf")["p_value"] == 1.0, "the same model is the same system"
    assert score_of(alone, str(trained.run_dir), "bleu")["value"] == run["value"]
    assert any(
        "source lines" in one and f"are in the training data of {trained.run_dir}" in one for one in found["warnings"]
    )
    (by,) = found["slices"]
    assert {one["label"] for one in by["slices"]} <= {"21-100", "101-1000"}, "ten words, many times each"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["good.en", "--paired", "bs"], 2, "usage.evaluate]: --paired bs: a single system has none to differ from"),
        (["good.en", "--diff", "2"], 2, "usage.evaluate]: --diff 2: a single system"),
        (["good.en", "bad.en", "--paired", "t-test"], 2, "usage]: --paired t-test: it must be one of bs, ar"),
        (["good.en", "bad.en", "--resamples", "100"], 2, "usage.evaluate]: --resamples 100 of what?"),
        (["good.en", "bad.en", "--paired", "bs", "--resamples", "1"], 2, "usage]: "),
        (
            ["good.en", "bad.en", "--paired", "bs", "--bootstrap", "7"],
            2,
            "usage.evaluate]: --bootstrap 7 and --paired bs",
        ),
        (["good.en", "bad.en", "--seed", "3"], 2, "usage.evaluate]: --seed 3 of what?"),
        (["good.en", "bad.en", "--paired", "ar", "--seed", "0"], 2, "usage]: "),
        (["good.en", "--format", "html"], 2, "usage]: --format html: it must be one of text, markdown, latex"),
        (["good.en", "--format", "latex", "--json"], 2, "usage.evaluate]: both --json and --format latex"),
        (["good.en", "--by", "length"], 2, "evaluate.by]: --by length is by the length of the source"),
        (["good.en", "--by", "topic"], 2, "evaluate.by]: --by topic: the test set has no fields"),
        (["good.en", "--by", "frequency"], 2, "evaluate.by]: --by frequency: the training text is not known"),
        (["good.en", "--by", "frequency", "--train", "tran.en"], 3, "data.not-found]: tran.en does not exist"),
        (["good.en", "--worst", "0"], 2, "usage]: "),
        (["good.en", "--line-metric", "length"], 2, "usage]: "),
        (["good.en", "--jsonl", "set.jsonl"], 2, "usage.evaluate]: both --jsonl and --src or --ref"),
        (["good.en", "--ref-field", "en"], 2, "usage.evaluate]: a field of which file?"),
        (["good.en", "bad.en", "--paired", "bs", "--resamples", "100000", "--train", "x"], 3, "data.not-found]: x"),
        (["good.en", "-m", "nowhere", "--src", "src.de"], 4, "nowhere"),
    ],
)
def test_bad_usage_is_named(arguments: list[str], code: int, said: str, folder: Path, warm: Warm) -> None:
    done = warm.seqtool(*REF, *arguments, cwd=folder)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error[")
    assert said in done.err
    assert "\nhint: " in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--ref-field", "fr"], 3, "data.field]: set.jsonl:1: no field 'fr': there are de, en, topic, year"),
        (["--ref-field", "year"], 3, "data.field]: set.jsonl:1: 'year' is a number, not text"),
        ([], 3, "data.field]: set.jsonl:1: no field 'tgt'"),
        (["--ref-field", "en", "--by", "topics"], 3, "no line of the test set has a field 'topics'"),
        (["--ref-field", "en", "--by", "length"], 2, "evaluate.by]: --by length"),
        (["--ref-field", "en", "--baseline", "lead-3"], 2, "usage.evaluate]: --baseline lead-3: there is no source"),
    ],
)
def test_bad_fields_are_named(arguments: list[str], code: int, said: str, folder: Path, warm: Warm) -> None:
    done = warm.seqtool("evaluate", "--jsonl", "set.jsonl", "good.en", *arguments, cwd=folder)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "\nhint: " in done.err
