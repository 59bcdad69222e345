"""`seqtool translate`: what scripts rely on in its output."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.processes import Done, Warm, seqtool
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines

LONG = " . ".join(["eins zwei drei vier fünf"] * 12) + " ."

# Files, why they are here, and the lines that they have.
FILES = [
    ("plain lines", b"eins .\nzwei drei .\n", ["eins .", "zwei drei ."]),
    ("a last line without an end counts", b"vier .\nacht .", ["vier .", "acht ."]),
    ("U+2028 is no end", "eins\u2028zwei .\n".encode(), ["eins\u2028zwei ."]),
    ("U+2029 and U+0085 are none", "eins\u2029zwei\x85drei .\n".encode(), ["eins\u2029zwei\x85drei ."]),
    ("a form feed is none", b"eins\x0czwei\x0bdrei\x1c.\n", ["eins\x0czwei\x0bdrei\x1c."]),
    ("a lone carriage return is none", b"eins\rzwei .\n", ["eins\rzwei ."]),
    ("one carriage return at the end goes", b"eins .\r\nzwei .\r\r\n", ["eins .", "zwei .\r"]),
    ("at the end of the file too", b"eins .\r", ["eins ."]),
    ("a BOM at the beginning goes", b"\xef\xbb\xbfsechs .\n", ["sechs ."]),
    ("elsewhere it stays", b"eins\xef\xbb\xbf .\n", ["eins\ufeff ."]),
    ("blank lines are lines", b"\n \n\t\r\neins .\n\n", ["", " ", "\t", "eins .", ""]),
    ("a NUL is a character", b"eins \x00 zwei .\n", ["eins \x00 zwei ."]),
    ("an escape is one", b"\x1b[31meins .\n", ["\x1b[31meins ."]),
    ("invalid UTF-8 becomes U+FFFD", b"neun \xff .\nneun \xc3 .\nneun \xed\xa0\x80 .\n",
     ["neun \ufffd .", "neun \ufffd .", "neun \ufffd\ufffd\ufffd ."]),
    ("a line too long is one line", f"{LONG}\neins .\n".encode(), [LONG, "eins ."]),
    ("a word too long is one line", b"ein" * 200 + b"\n", ["ein" * 200]),
    ("an empty file has none", b"", []),
    ("foreign text is text", "数字 ١٢٣ 🤖 .\n".encode(), ["数字 ١٢٣ 🤖 ."]),
]  # fmt: skip


# Counts the workers of a search and the sessions that were opened for it.
COUNTING = """
import seqtool.runtime.onnx_session, seqtool.searching
opened, open_session, together = [], seqtool.runtime.onnx_session.open_session, seqtool.searching.together
def counted(graph, **more):
    opened.append(graph)
    return open_session(graph, **more)
def told(work, workers, **more):
    sys.stderr.write(f"{workers} workers, {len(opened)} sessions\\n")
    together(work, workers, **more)
seqtool.runtime.onnx_session.open_session = counted
seqtool.searching.together = told
"""


@dataclass(frozen=True)
class Answers:
    """One line for each line of `FILES`, three ways, and how that went."""

    text: Done
    tsv: Done
    jsonl: Done

    def objects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.jsonl.out.split("\n")[:-1]]


@pytest.fixture(scope="module")
def answers(trained: Trained, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tmp_path_factory.mktemp("lines")
    paths = [folder / f"{number}.txt" for number in range(len(FILES))]
    for path, (_, data, _) in zip(paths, FILES, strict=True):
        path.write_bytes(data)
    model = ("translate", "-m", trained.run_dir)
    return Answers(
        warm.seqtool(*model, *paths, cwd=folder),
        warm.seqtool(*model, *paths, "--format", "tsv", "--n-best", "2", cwd=folder),
        warm.seqtool(*model, *paths, "--format", "jsonl", "--n-best", "3", cwd=folder),
    )


def test_lines_are_what_the_contract_says(answers: Answers) -> None:
    assert answers.jsonl.code == 0
    read = [one["src"] for one in answers.objects()]
    for why, _, lines in FILES:
        assert read[: len(lines)] == lines, why
        read = read[len(lines) :]
    assert read == []


def test_one_line_out_for_one_line_in_in_order(answers: Answers) -> None:
    assert answers.text.code == 0
    assert answers.text.out.endswith("\n")
    texts = answers.text.out[:-1].split("\n")
    assert texts == [one["text"] for one in answers.objects()]
    assert texts[:2] == ["one .", "two three ."]
    for one, text in zip(answers.objects(), texts, strict=True):
        assert bool(text) == bool(str(one["src"]).strip()), "blank in, blank out"
        assert text.isprintable(), "no controls come out"


def test_trouble_is_told_once_for_all_lines(answers: Answers, trained: Trained) -> None:
    for done in (answers.text, answers.tsv, answers.jsonl):
        invalid, parts = done.err.splitlines()
        assert invalid == "warning: 3 lines with invalid UTF-8, read as U+FFFD (--strict stops there)"
        assert parts.startswith("warning: 2 lines longer than the ")
        assert parts.endswith(" tokens the model knows: translated in parts")


def test_a_line_in_parts_is_translated_throughout(answers: Answers) -> None:
    found = next(str(one["text"]) for one in answers.objects() if one["src"] == LONG)
    assert found.count("five") >= 10
    assert found.count(".") >= 10


def test_tsv_is_text_and_score(answers: Answers) -> None:
    rows = [line.split("\t") for line in answers.tsv.out.split("\n")[:-1]]
    for row, one in zip(rows, answers.objects(), strict=True):
        hypotheses = one["hypotheses"]
        assert isinstance(hypotheses, list)
        assert row[0] == one["text"]
        assert len(row) == (4 if one["text"] else 2), "twice these two columns for --n-best 2"
        for text, score, expected in zip(row[::2], row[1::2], hypotheses, strict=False):
            assert text == expected["text"]
            assert float(score) == pytest.approx(expected["score"], abs=1e-5)


def test_jsonl_is_an_object_a_line(answers: Answers) -> None:
    for number, one in enumerate(answers.objects(), 1):
        assert list(one) == ["line", "src", "text", "score", "hypotheses"]
        assert one["line"] == number
        hypotheses = one["hypotheses"]
        assert isinstance(hypotheses, list)
        assert len(hypotheses) == (3 if one["text"] else 1)
        assert (hypotheses[0]["text"], hypotheses[0]["score"]) == (one["text"], one["score"])
        for hypothesis in hypotheses:
            assert list(hypothesis) == ["text", "score", "log_prob"]
            assert hypothesis["log_prob"] <= hypothesis["score"] <= 0.0, "the score is normalised by length"
        scores = [hypothesis["score"] for hypothesis in hypotheses]
        assert scores == sorted(scores, reverse=True)


def test_neither_batch_size_nor_neighbours_change_a_translation(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    lines = [src for src, _ in number_pairs(150, 5, longest=9)]
    order = random.Random(6).sample(range(150), 150)
    write_lines(tmp_path / "in.txt", lines)
    write_lines(tmp_path / "shuffled.txt", [lines[index] for index in order])
    model = ("translate", "-m", trained.run_dir)
    one, *others = (warm.seqtool(*model, "in.txt", "--batch-size", size, cwd=tmp_path) for size in ("1", "7", "64"))
    shuffled = warm.seqtool(*model, "shuffled.txt", "--batch-size", "7", cwd=tmp_path)
    alone = warm.seqtool(*model, cwd=tmp_path, stdin=f"{lines[3]}\n".encode())
    expected = one.out.split("\n")[:-1]
    assert len(set(expected)) > 50
    assert [done.out for done in others] == [one.out, one.out]
    assert shuffled.out.split("\n")[:-1] == [expected[index] for index in order]
    assert alone.out == expected[3] + "\n"


def test_options_of_the_search_are_taken(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    lines = "".join(f"{src}\n" for src, _ in number_pairs(40, 8, longest=12)).encode()
    model = ("translate", "-m", trained.run_dir, "--format", "jsonl", "--beam-size")
    greedy = warm.seqtool(*model, "1", cwd=tmp_path, stdin=lines)
    wide = warm.seqtool(*model, "12", cwd=tmp_path, stdin=lines)
    short = warm.seqtool(*model, "12", "--length-penalty", "0", cwd=tmp_path, stdin=lines)

    def scores(done: Done) -> list[float]:
        return [json.loads(line)["score"] for line in done.out.split("\n")[:-1]]

    assert sum(scores(wide)) > sum(scores(greedy))
    assert len(short.out) < len(wide.out)
    refused = seqtool("translate", "--n-best", "2", cwd=tmp_path)
    assert refused.code == 2
    assert refused.err.startswith("error[usage.n-best]: --n-best 2 with text")


@pytest.mark.parametrize(("threads", "workers"), [("1", 1), ("3", 3), ("9", 6)])
def test_so_many_threads_work_together(threads: str, workers: int, exported: Trained, warm: Warm) -> None:
    """Six batches; all workers have one session, so one copy of the weights."""
    lines = "".join(f"{src}\n" for src, _ in number_pairs(12, 5)).encode()
    options = ("--batch-size", "2", "--threads", threads, "-q")
    done = warm.seqtool(
        "translate", "-m", exported.run_dir, *options, cwd=exported.folder, stdin=lines, before=COUNTING
    )
    assert done.code == 0, done.err
    assert done.err == f"{workers} workers, 2 sessions\n"
