"""`seqtool summarize`: the engine and the contract of `seqtool translate`, in a summarizer's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqtool.model_dir import WEIGHTS, open_model_dir, write_model_dir
from tests.cli.processes import Warm, seqtool
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs

LINES = [src for src, _ in number_pairs(12, 31)]
LONG = " . ".join(["eins zwei drei vier fünf"] * 12) + " ."
STDIN = "".join(f"{line}\n" for line in [*LINES, "", LONG]).encode()


@pytest.mark.parametrize("options", [[], ["--format", "tsv"], ["--format", "jsonl", "--details"], ["--n-best", "3"]])
def test_both_names_write_the_same_with_either_model(
    options: list[str], trained: Trained, summarizer: Path, warm: Warm, tmp_path: Path
) -> None:
    """Also where the options cannot be."""
    for model in (trained.run_dir, summarizer):
        one, other = (
            warm.seqtool(name, "-m", model, *options, cwd=tmp_path, stdin=STDIN) for name in ("translate", "summarize")
        )
        assert (one.code, one.out) == (other.code, other.out)
        assert one.out.count("\n") == (0 if options == ["--n-best", "3"] else 14)


def test_a_body_in_a_field_comes_back_with_its_summary(summarizer: Path, warm: Warm, tmp_path: Path) -> None:
    records = [{"id": number, "body": line} for number, line in enumerate(LINES)]
    stdin = "".join(f"{json.dumps(one)}\n" for one in records).encode()
    ask = ("summarize", "-m", summarizer)
    done = warm.seqtool(*ask, "--format", "jsonl", "--field", "body", cwd=tmp_path, stdin=stdin)
    plain = warm.seqtool(*ask, cwd=tmp_path, stdin="".join(f"{line}\n" for line in LINES).encode())
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [{"id": one["id"], "body": one["body"]} for one in found] == records
    assert [one["text"] for one in found] == plain.out.splitlines()


def test_messages_speak_of_summaries(trained: Trained, summarizer: Path, warm: Warm, tmp_path: Path) -> None:
    ask = ("summarize", "--beam-size", "1", "-m")
    parts = warm.seqtool(*ask, trained.run_dir, cwd=tmp_path, stdin=STDIN)
    cut = warm.seqtool(*ask, summarizer, cwd=tmp_path, stdin=STDIN)
    assert parts.err.endswith(" tokens the model knows: summarized in parts\n")
    assert cut.err.endswith(" tokens the model knows: cut\n")
    loops = warm.seqtool(*ask, summarizer, "--min-length", "30", cwd=tmp_path, stdin=STDIN)
    assert "ran in circles: summarized again without repeated n-grams\n" in loops.err
    for done in (parts, cut, loops):
        assert "transla" not in done.err


def test_help_begins_with_an_example_for_summaries(tmp_path: Path) -> None:
    done, other = (seqtool(name, "--help", cwd=tmp_path) for name in ("summarize", "translate"))
    example, usage, about = done.out.split("\n\n")[:3]
    assert example == "Example: seqtool summarize -m runs/news < articles.txt > summaries.txt"
    assert usage.startswith("Usage: seqtool summarize ")
    assert about.startswith("Summarizes text: one document a line in, one summary a line out, in order.")
    options = [text.partition("\nOptions:\n")[2] for text in (done.out, other.out)]
    assert options[0] == options[1] != ""


def test_a_model_keeps_of_a_long_document_what_it_learnt_from(summarizer: Path, warm: Warm, tmp_path: Path) -> None:
    """The rule is in the model directory, also where that was moved."""
    opened = open_model_dir(summarizer)
    most, encode = opened.config.max_src_tokens, opened.tokenizers.src.encode
    sentences = [" ".join(src.split()[:2]) + " ." for src in LINES]
    fitting = [end for end in range(1, 12) if len(encode(" ".join(sentences[:end]))) <= most]
    stdin = f"{' '.join(sentences)}\n{' '.join(sentences[: fitting[-1]])}\n".encode()
    found = {}
    for rule in ("head", "head_tail", "sentences"):
        config = opened.config.model_copy(update={"truncate": rule})
        write_model_dir(tmp_path / rule, opened.read(WEIGHTS), opened.tokenizers, config)
        (tmp_path / rule).rename(tmp_path / "moved")
        ask = ("summarize", "-m", "moved", "--format", "jsonl", "--details")
        done = warm.seqtool(*ask, cwd=tmp_path, stdin=stdin)
        assert done.err == f"warning: 1 line longer than the {most} tokens the model knows: cut\n"
        (tmp_path / "moved").rename(tmp_path / f"{rule}.done")
        found[rule] = [json.loads(line)["hypotheses"] for line in done.out.splitlines()]
    assert found["sentences"][0] == found["sentences"][1]
    assert len({json.dumps(one[0]) for one in found.values()}) == 3
