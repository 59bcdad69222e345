"""Lines that a model could not take as they are: whichever command reads them says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.processes import Warm
from tests.cli.training_runs import Trained
from tests.number_words import write_lines

LONG = " . ".join(["eins zwei drei vier fünf"] * 8) + " ."


@pytest.mark.parametrize("task", ["translation", "summarization"])
def test_evaluate_says_of_each_model_what_translate_says(
    task: str, trained: Trained, summarizer: Path, warm: Warm, tmp_path: Path
) -> None:
    write_lines(tmp_path / "src", ["eins .", LONG, "zwei .", LONG])
    write_lines(tmp_path / "ref", ["one .", "one two .", "two .", "one two ."])
    translates = task == "translation"
    model, command = (trained.run_dir, "translate") if translates else (summarizer, "summarize")
    told = warm.seqtool(command, "-m", model, "src", cwd=tmp_path).err.splitlines()
    assert any("2 lines longer than the " in line for line in told)
    sets = ("--src", "src", "--ref", "ref")
    other = ("-m", summarizer) if translates else ()
    done = warm.seqtool("evaluate", "-q", "-m", model, *other, *sets, cwd=tmp_path)
    assert done.code == 0, done.err
    said = done.err.splitlines()
    for line in told:
        assert line.replace("warning: ", f"warning: {model}: ") in said
    assert sum(line.startswith(f"warning: {summarizer}: 2 lines longer than the ") for line in said) == 1


def test_attend_says_what_was_not_utf8(trained: Trained, warm: Warm) -> None:
    run = ("attend", "--json", "-m", "runs/numbers")
    done = warm.seqtool(*run, cwd=trained.folder, stdin=b"eins .\n\xff .\n\xfe .\n")
    assert (done.code, done.out.count("\n")) == (0, 3)
    assert done.err == "warning: 2 lines with invalid UTF-8, read as U+FFFD\n"
    typed = warm.seqtool(*run, "eins .", cwd=trained.folder, stdin=b"\xff\n")
    assert (typed.code, typed.err) == (0, "")
