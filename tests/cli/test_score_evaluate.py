"""`seqtool score` and `seqtool evaluate`: one number a line, one object, the same numbers everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import Done, Warm, python
from tests.cli.report_pages import copied
from tests.cli.training_runs import Trained, metrics
from tests.number_words import number_pairs, write_lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """References, and two systems: one that is nearly right, one that is not."""
    refs = [tgt.replace(" .", ".") for _, tgt in number_pairs(30, 11)]
    write_lines(tmp_path / "ref.en", refs)
    write_lines(tmp_path / "other.en", [ref.replace("one", "1") for ref in refs])
    write_lines(tmp_path / "good.en", [ref.replace("seven", "Seven").replace("ten", "tin") for ref in refs])
    write_lines(tmp_path / "bad.en", ["five.", *refs[:-1]])
    write_lines(tmp_path / "short.en", refs[:-1])
    return tmp_path


def scores(done: Done, system: int = 0) -> dict[str, Any]:
    """The scores of a system in what `--json` printed."""
    found: dict[str, Any] = json.loads(done.out)["systems"][system]["scores"]
    return found


def test_score_says_what_the_search_said_of_the_same_translation(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    lines = [src for src, _ in number_pairs(60, 12)]
    write_lines(tmp_path / "src.de", lines)
    model = ("-m", trained.run_dir)
    found = warm.seqtool("translate", *model, "src.de", "--format", "jsonl", cwd=tmp_path).out.split("\n")[:-1]
    best = [json.loads(line)["hypotheses"][0] for line in found]
    write_lines(tmp_path / "hyp.en", [one["text"] for one in best])
    done = warm.seqtool("score", *model, "src.de", "hyp.en", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    numbers = done.out.split("\n")
    assert numbers.pop() == ""
    assert [float(number) for number in numbers] == pytest.approx([one["log_prob"] for one in best], abs=1e-4)
    one_by_one = warm.seqtool("score", *model, "src.de", "hyp.en", "--batch-size", "1", cwd=tmp_path)
    assert [float(each) for each in one_by_one.out.split()] == pytest.approx(
        [float(each) for each in numbers], abs=1e-5
    )


def test_score_takes_any_pairs_and_refuses_what_is_not_aligned(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    model = ("-m", trained.run_dir)
    write_lines(tmp_path / "src.de", ["eins zwei .", "eins zwei .", "", "数字", "eins zwei . " * 50])
    write_lines(tmp_path / "tgt.en", ["one two .", "nine nine .", "", "", "one two . " * 50])
    write_lines(tmp_path / "short.en", ["one two ."])
    done = warm.seqtool("score", *model, "src.de", "tgt.en", cwd=tmp_path)
    assert done.code == 0
    right, wrong, *rest = [float(number) for number in done.out.split("\n")[:-1]]
    assert 0.0 > right > wrong + 5
    assert len(rest) == 3
    assert all(number < 0.0 for number in rest)
    refused = warm.seqtool("score", *model, "src.de", "short.en", cwd=tmp_path)
    assert refused.code == 3
    assert refused.err.startswith("error[data.line-count]: src.de has 5 lines and short.en has 1: line n of one")
    missing = warm.seqtool("score", *model, "src.de", "tgt.em", cwd=tmp_path)
    assert missing.code == 3
    assert missing.err == "error[data.not-found]: tgt.em does not exist\nhint: did you mean tgt.en?\n"


def test_json_is_one_object_with_a_value_and_a_signature_for_each_metric(folder: Path, warm: Warm) -> None:
    metric_list = "bleu,chrf,ter,rouge"
    done = warm.seqtool(
        *("evaluate", "--ref", "ref.en", "good.en", "bad.en", "--metrics", metric_list, "--json"), cwd=folder
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\n") == 1
    found = json.loads(done.out)
    assert list(found) == ["systems"]
    assert [one["name"] for one in found["systems"]] == ["good.en", "bad.en"]
    for one in found["systems"]:
        assert list(one) == ["name", "scores"]
        assert {"bleu", "chrf", "ter", "rouge1", "rougeL"} <= set(one["scores"])
        for name, score in one["scores"].items():
            assert list(score) == ["value", "signature"]
            assert 0.0 <= score["value"] <= (200.0 if name == "ter" else 100.0)
            assert score["signature"]
    good, bad = scores(done, 0), scores(done, 1)
    assert good["bleu"]["value"] > bad["bleu"]["value"]
    assert good["ter"]["value"] < bad["ter"]["value"]


@pytest.mark.parametrize("refs", [["ref.en"], ["ref.en", "other.en"]])
@pytest.mark.parametrize(
    ("options", "theirs"),
    [
        ([], []),
        (["--lowercase"], ["--lowercase", "--chrf-lowercase"]),
        (["--tokenize", "char"], ["--tokenize", "char"]),
    ],
)
def test_the_numbers_are_those_of_the_sacrebleu_command(
    refs: list[str], options: list[str], theirs: list[str], folder: Path, warm: Warm
) -> None:
    ours = scores(
        warm.seqtool(
            *("evaluate", "good.en", "--json", "--metrics", "bleu,chrf", *options),
            *(argument for ref in refs for argument in ("--ref", ref)),
            cwd=folder,
        )
    )
    done = python(
        *("-m", "sacrebleu", *refs, "-i", "good.en", "-m", "bleu", "chrf", "--width", "9", *theirs), cwd=folder
    )
    for found in json.loads(done.out):
        score = ours["chrf" if found["name"].startswith("chrF") else "bleu"]
        assert score["value"] == pytest.approx(found["score"], abs=1e-8)
        assert score["signature"] == found["signature"]


def test_the_table_has_a_row_for_each_system_and_the_signatures(folder: Path, warm: Warm) -> None:
    done = warm.seqtool("evaluate", "--ref", "ref.en", "good.en", "ref.en", cwd=folder)
    lines = done.out.splitlines()
    assert lines[0].split() == ["bleu", "chrf"]
    assert [line.split()[0] for line in lines[1:3]] == ["good.en", "ref.en"]
    assert lines[2].split()[1:] == ["100.00", "100.00"]
    assert [line.split()[0] for line in lines[4:]] == ["bleu", "chrf"]
    assert "|tok:13a|" in lines[4]


def test_standard_input_is_a_dash(folder: Path, warm: Warm) -> None:
    text = (folder / "good.en").read_bytes()
    named = warm.seqtool("evaluate", "--ref", "ref.en", "good.en", "--json", cwd=folder)
    dash = warm.seqtool("evaluate", "--ref", "ref.en", "-", "--json", cwd=folder, stdin=text)
    assert scores(dash) == scores(named)
    assert json.loads(dash.out)["systems"][0]["name"] == "standard input"
    ref = warm.seqtool(
        "evaluate", "--ref", "-", "good.en", "--json", cwd=folder, stdin=(folder / "ref.en").read_bytes()
    )
    assert scores(ref) == scores(named)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--ref", "ref.en", "short.en"], 3, "short.en has 29 lines and ref.en has 30"),
        (["--ref", "ref.en", "good.en", "short.en"], 3, "short.en has 29 lines"),  # nothing is printed of the first
        (["--ref", "ref.en", "godo.en"], 3, "did you mean good.en?"),
        (["--ref", "ref.en", "-"], 3, "standard input is empty"),
        (["--ref", "-", "-"], 2, "standard input can be read once"),
        (["good.en"], 2, "nothing to compare the files with"),
        (["--src", "ref.en"], 2, "--src without --ref"),
        (["--ref", "ref.en", "-m", "x", "good.en"], 2, "--ref without --src"),
        (["--ref", "ref.en", "good.en", "--metrics", "bleu,meteor"], 2, "meteor"),
        (["--ref", "ref.en", "good.en", "--tokenize", "klingon"], 2, "klingon"),
        (["--ref", "ref.en", "good.en", "--fail-under", "bleu"], 2, "no METRIC=NUMBER"),
        (["--ref", "ref.en", "good.en", "--fail-under", "ter=9"], 2, "ter is not computed"),
        (["--ref", "ref.en", "good.en", "--fail-under", "BLUE=9"], 2, "did you mean bleu?"),
        (["--ref", "ref.en", "good.en", "--src", "ref.en", "--by", "lenght"], 2, "did you mean --by length?"),
    ],
)
def test_what_cannot_be_scored_is_said(arguments: list[str], code: int, said: str, folder: Path, warm: Warm) -> None:
    done = warm.seqtool("evaluate", *arguments, cwd=folder)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error[")
    assert said in done.err
    assert "\nhint: " in done.err


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (["bleu=100"], 7),
        (["bleu=20"], 0),
        (["bleu=20", "chrf=101"], 7),
        (["ter=0.01"], 7),  # lower is better
        (["ter=99"], 0),
    ],
)
def test_a_threshold_that_is_not_met_is_exit_code_7_after_the_scores(
    limits: list[str], code: int, folder: Path, warm: Warm
) -> None:
    done = warm.seqtool(
        *("evaluate", "--ref", "ref.en", "good.en", "--json", "--metrics", "bleu,chrf,ter"),
        *(argument for limit in limits for argument in ("--fail-under", limit)),
        cwd=folder,
    )
    assert done.code == code
    assert scores(done)["bleu"]["value"] > 20, "the scores are printed all the same"
    assert done.err.startswith("error[evaluate.threshold]: good.en: ") == (code == 7)


def test_validation_and_evaluate_and_sacrebleu_give_one_number(
    trained: Trained, warm: Warm, number_corpus: Path, tmp_path: Path
) -> None:
    """The model that was kept is the one of the best validation."""
    best = [one for one in metrics(trained.run_dir) if one["kind"] == "valid" and one["best"]][-1]
    valid = [f"{number_corpus}/valid.{side}" for side in ("de", "en")]
    done = warm.seqtool(
        *("evaluate", "-m", trained.run_dir, "--src", valid[0], "--ref", valid[1], "--json"), cwd=tmp_path
    )
    assert done.code == 0
    assert [line.split()[0] for line in done.err.splitlines()] == ["warning:"] * 3, (
        "a small corpus, with spaces before full stops"
    )
    found = scores(done)
    assert found["bleu"]["value"] == pytest.approx(best["bleu"], abs=1e-9)
    assert found["chrf"]["value"] == pytest.approx(best["chrf"], abs=1e-9)
    assert f" {best['bleu']:.2f} " in trained.done.err, "as it was printed while training"
    translated = warm.seqtool("translate", "-m", trained.run_dir, valid[0], "-o", "out.en", cwd=tmp_path)
    assert translated.code == 0
    theirs = python("-m", "sacrebleu", valid[1], "-i", "out.en", "-m", "bleu", "--width", "9", cwd=tmp_path)
    assert json.loads(theirs.out)["score"] == pytest.approx(best["bleu"], abs=1e-8)
    assert json.loads(theirs.out)["signature"] == found["bleu"]["signature"]


def test_a_run_is_evaluated_on_the_test_set_of_its_recipe(
    trained: Trained, warm: Warm, number_corpus: Path, tmp_path: Path
) -> None:
    test = [f"{number_corpus}/test.{side}" for side in ("de", "en")]
    run = copied(trained, tmp_path)  # it is noted there
    own = warm.seqtool("evaluate", "-m", run, "--json", cwd=tmp_path)
    given = warm.seqtool(
        *("evaluate", "-m", trained.run_dir / "model", "--src", test[0], "--ref", test[1], "--json"), cwd=tmp_path
    )
    assert (own.code, given.code) == (0, 0)
    assert scores(own) == scores(given)
    summary = warm.seqtool("evaluate", "-m", run, "--json", "--metrics", "rouge", cwd=tmp_path)
    assert {"rouge1", "rouge2", "rougeL"} <= set(scores(summary))


def test_score_shows_every_token(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    write_lines(tmp_path / "src.de", ["eins zwei .", "drei ."])
    write_lines(tmp_path / "tgt.en", ["one two .", "three ."])
    whole = ("score", "-m", trained.run_dir, "src.de", "tgt.en")
    sums = [float(line) for line in warm.seqtool(*whole, cwd=tmp_path).out.split()]
    objects = [
        json.loads(line) for line in warm.seqtool(*whole, "--format", "jsonl", cwd=tmp_path).out.split("\n")[:-1]
    ]
    assert [one["log_prob"] for one in objects] == pytest.approx(sums, abs=1e-5)
    for one, text in zip(objects, ["one two .", "three ."], strict=True):
        pieces, log_probs = zip(*one["tokens"], strict=True)
        assert "".join(pieces[:-1]).replace("▁", " ").strip() == text
        assert pieces[-1] == "</s>"
        assert sum(log_probs) == pytest.approx(one["log_prob"], abs=1e-4)


def test_hypotheses_are_rescored_and_sorted(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    """The right translation comes last with the best score, and is first afterwards, with what `score` says of it."""
    lists = [
        {"id": 7, "src": "eins zwei .", "hypotheses": [{"text": "nine .", "score": -0.1}, {"text": "one two ."}]},
        {"src": "drei .", "hypotheses": []},
        {"src": None, "hypotheses": [{"text": ""}]},
    ]
    write_lines(tmp_path / "nbest.jsonl", [json.dumps(one) for one in lists])
    write_lines(tmp_path / "src.de", ["eins zwei ."])
    write_lines(tmp_path / "tgt.en", ["one two ."])
    model = ("-m", trained.run_dir)
    done = warm.seqtool("score", *model, "--rescore", "nbest.jsonl", cwd=tmp_path)
    assert done.code == 0, done.err
    first, second, third = [json.loads(line) for line in done.out.split("\n")[:-1]]
    assert [one["text"] for one in first["hypotheses"]] == ["one two .", "nine ."]
    assert [one["old_score"] for one in first["hypotheses"]] == [None, -0.1]
    assert (first["id"], first["text"], first["score"]) == (7, "one two .", first["hypotheses"][0]["score"])
    alone = float(warm.seqtool("score", *model, "src.de", "tgt.en", cwd=tmp_path).out)
    assert first["hypotheses"][0]["log_prob"] == pytest.approx(alone, abs=1e-4)
    assert second == lists[1]
    assert (third["src"], len(third["hypotheses"])) == (None, 1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"hypotheses": []}', "src"),
        ('{"src": "eins .", "hypotheses": 3}', "is no list of objects"),
        ('{"src": "eins .", "hypotheses": [{"text": 3}]}', "is no list of objects"),
        ('{"src": "eins .", "hypotheses": ["one ."]}', "is no list of objects"),
        ("eins .", "not JSON"),
    ],
)
def test_what_is_no_list_of_hypotheses_is_named(
    trained: Trained, warm: Warm, tmp_path: Path, line: str, message: str
) -> None:
    write_lines(tmp_path / "nbest.jsonl", ['{"src": "eins .", "hypotheses": []}', line])
    done = warm.seqtool("score", "-m", trained.run_dir, "--rescore", "nbest.jsonl", cwd=tmp_path)
    assert done.code == 3
    assert message in done.err
    assert "nbest.jsonl:2" in done.err


@pytest.mark.parametrize("files", [[], ["src.de"], ["src.de", "tgt.en", "--rescore", "nbest.jsonl"]])
def test_score_wants_two_files_or_a_list(trained: Trained, warm: Warm, tmp_path: Path, files: list[str]) -> None:
    done = warm.seqtool("score", "-m", trained.run_dir, *files, cwd=tmp_path)
    assert done.code == 2
    assert "--rescore" in done.err
