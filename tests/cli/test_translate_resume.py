"""`seqtool translate --resume` looks whether what is there is of the same input and format, and without it says what it drops."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.cli.lines_out import form_of
from tests.cli.processes import Warm
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines

LINES = [src for src, _ in number_pairs(5, 12)]
# Whoever translates in spite of all ends with a bug.
IDLE = "import seqtool.translator; del seqtool.translator.Translator.translate_window"
RESUME = ("in.txt", "-o", "out", "--resume")


@pytest.mark.parametrize(
    ("there", "more", "code", "said"),
    [
        (["x"] * 5, [], 0, "out is complete: 5 lines of an earlier command; nothing was done\n"),
        (["x"] * 5, ["--shard", "1/1"], 0, "out is complete: 5 lines of an earlier command; nothing was done\n"),
        (
            ["x"] * 3,
            [],
            2,
            "error[usage.resume]: out is there, with 3 lines, and the input has 5 or more: "
            "it is of another input, or that has grown since\nhint: remove out, or leave out --resume, to begin anew\n",
        ),
        (["x"], ["--shard", "2/2"], 2, "error[usage.resume]: out is there, with 1 line, and the input has 3: it is "),
        ([], [], 2, "error[usage.resume]: out is there, with 0 lines, and the input has 5 or more: it is "),  # mktemp
        (["x"] * 6, [], 2, "error[usage.resume]: what is there to go on with has 1 line more than the input: it is "),
    ],
)
def test_a_finished_output_has_as_many_lines_as_the_input(
    there: list[str], more: list[str], code: int, said: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    """Which is found out without a translation."""
    write_lines(tmp_path / "in.txt", LINES)
    before = write_lines(tmp_path / "out", there).read_bytes()
    done = warm.seqtool("translate", "-m", trained.run_dir, *RESUME, *more, cwd=tmp_path, before=IDLE)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said)
    assert (tmp_path / "out").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out"]


def test_an_output_of_no_input_is_complete(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    for name in ("in.txt", "out"):
        write_lines(tmp_path / name, [])
    done = warm.seqtool("translate", "-m", trained.run_dir, *RESUME, cwd=tmp_path, before=IDLE)
    assert (done.code, done.err) == (0, "out is complete: 0 lines of an earlier command; nothing was done\n")


@pytest.mark.parametrize(
    ("line", "form"),
    [
        (b"", "text"),  # a blank line
        (b"one two .", "text"),
        (b"{one} two .", "text"),
        (b'{"a": 1}', "text"),  # a model may have learnt to write such things
        (b"\t0.000000", "tsv"),  # of a blank line
        (b"one two .\t-0.310000\t0-0 1-1", "tsv"),
        (b'{"line": 1, "src": "", "text": "", "score": 0.0, "hypotheses": [{"text": ""}]}', "jsonl"),
        (b'{"hypotheses": [{"text": ""}], "id": {}}', "jsonl"),  # as the input had them
    ],
)
def test_the_format_of_a_line(line: bytes, form: str) -> None:
    assert form_of(line) == form


def test_an_output_is_not_gone_on_with_in_another_format(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    write_lines(tmp_path / "in.txt", LINES)
    forms = ("text", "tsv", "jsonl")
    model = ("translate", "-m", trained.run_dir, "in.txt", "-o")
    for form in forms:
        assert warm.seqtool(*model, form, "--format", form, cwd=tmp_path).code == 0
    for there in forms:
        whole = (tmp_path / there).read_bytes()
        kept = b"".join(whole.splitlines(keepends=True)[:2])
        for asked in forms:
            (tmp_path / "out.partial").write_bytes(kept)
            done = warm.seqtool(*model, "out", "--resume", "--format", asked, cwd=tmp_path)
            if asked == there:
                assert (done.code, done.err) == (0, "")
                assert (tmp_path / "out").read_bytes().count(b"\n") == len(LINES)
                (tmp_path / "out").unlink()
                continue
            assert done.code == 2
            assert done.err == (
                f"error[usage.resume]: out.partial was written with --format {there}, not {asked}\n"
                "hint: give the same --format as before, or leave out --resume to begin anew\n"
            )
            assert (tmp_path / "out.partial").read_bytes() == kept
            assert not (tmp_path / "out").exists()
    finished = warm.seqtool(*model, "tsv", "--resume", cwd=tmp_path)
    assert finished.code == 2
    assert finished.err.startswith("error[usage.resume]: tsv was written with --format tsv, not text\n")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (
            b"a\nb\nto",
            "warning: out.partial had 2 lines of an earlier run: begun anew, where --resume would have gone on\n",
        ),
        (b"a\n", "warning: out.partial had 1 line of an earlier run: begun anew, where --resume would have gone on\n"),
        (b"torn", ""),
        (b"", ""),
    ],
)
def test_without_it_what_an_earlier_run_left_does_not_go_silently(
    left: bytes, said: str, trained: Trained, warm: Warm, tmp_path: Path
) -> None:
    (tmp_path / "out.partial").write_bytes(left)
    done = warm.seqtool("translate", "-q", "-m", trained.run_dir, "-o", "out", cwd=tmp_path, stdin=b"eins .\n")
    assert (done.code, done.err) == (0, said)
    assert (tmp_path / "out").read_bytes() == b"one .\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
