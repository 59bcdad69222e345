"""`seqtool translate` with details, JSON lines, shards and an output that is gone on with."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import Done, Warm, running, wait_until
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines

LINES = [src for src, _ in number_pairs(30, 12)]
LONG = " . ".join(["eins zwei drei vier fünf"] * 8) + " ."


class Folder:
    """A working directory in which the trained model translates."""

    def __init__(self, path: Path, warm: Warm, run_dir: Path) -> None:
        self.path = path
        self._run = partial(warm.seqtool, "translate", "-m", run_dir, cwd=path)

    def run(self, *options: str | Path, stdin: str = "") -> Done:
        return self._run(*options, stdin=stdin.encode())

    def lines(self, *options: str | Path, stdin: str = "") -> list[str]:
        done = self.run(*options, stdin=stdin)
        assert done.code == 0, done.err
        return done.out.split("\n")[:-1]

    def objects(self, *options: str | Path, stdin: str = "") -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines("--format", "jsonl", *options, stdin=stdin)]


@pytest.fixture
def folder(trained: Trained, warm: Warm, tmp_path: Path) -> Folder:
    return Folder(tmp_path, warm, trained.run_dir)


def links(text: str) -> list[tuple[int, int]]:
    """`0-0 1-2` as pairs."""
    return [(int(src), int(tgt)) for src, tgt in (link.split("-") for link in text.split())]


def test_details_are_alignment_attention_and_tokens(folder: Folder) -> None:
    write_lines(folder.path / "in.txt", [*LINES, "", LONG, "fremd 数字 ١٢٣ eins ."])
    objects = folder.objects("--details", "--n-best", "2", "in.txt")
    rows = [line.split("\t") for line in folder.lines("--details", "--n-best", "2", "--format", "tsv", "in.txt")]
    assert "tokens" not in objects[30]["hypotheses"][0], "a blank line has none"
    for one, row in zip(objects[:30] + objects[31:], rows[:30] + rows[31:], strict=True):
        assert len(row) == 6
        for found, columns in zip(one["hypotheses"], (row[:3], row[3:]), strict=True):
            assert columns == [found["text"], f"{found['score']:.6f}", found["alignment"]]
            assert sum(log_prob for _, log_prob in found["tokens"]) == pytest.approx(found["log_prob"], abs=1e-4)
            assert found["tokens"][-1][0] == "</s>"
            said = "".join(piece for piece, _ in found["tokens"] if piece != "</s>").replace("\u2581", " ")
            assert said.split() == found["text"].split()
            for src, tgt in links(found["alignment"]):
                assert src < len(one["src"].split())
                assert tgt < len(found["text"].split())
            if one["src"] != LONG:  # its parts have each their own
                assert len(found["attention"]) == len(found["tokens"])
                assert all(sum(looked) == pytest.approx(1, abs=0.01) for looked in found["attention"])
    whole = next(one for one in objects if one["src"] == LONG)["hypotheses"][0]
    assert max(src for src, _ in links(whole["alignment"])) > 20, "words are counted through all parts"
    assert "attention" not in whole
    assert set(links(folder.objects("--details", stdin="eins .\n")[0]["hypotheses"][0]["alignment"])) == {
        (0, 0),
        (1, 1),
    }


RECORDS = [
    {"id": 7, "de": "eins .", "text": "ours wins", "more": {"x": [1, None, "ü"]}},
    {"de": "zwei drei .", "score": "too"},
    {"line": "also", "de": ""},
    {"odd": "\ud800", "de": "acht\nneun .\u2028"},
]


def test_field_takes_one_and_passes_the_others_through(folder: Folder) -> None:
    stdin = "".join(f"{json.dumps(one)}\n" for one in RECORDS[:2]) + "\n"
    stdin += "".join(f"{json.dumps(one)}\n" for one in RECORDS[2:])
    found = folder.objects("--field", "de", stdin=stdin)
    assert [list(one)[:4] for one in found] == [
        ["id", "de", "text", "more"],  # their order is kept, also where the value is ours
        ["de", "score", "line", "src"],
        ["line", "src", "text", "score"],  # of a blank line
        ["line", "de", "src", "text"],
        ["odd", "de", "line", "src"],
    ]
    assert [one["line"] for one in found] == [1, 2, 3, 4, 5]
    assert [one["src"] for one in found] == ["eins .", "zwei drei .", "", "", "acht neun ."]
    assert [one["text"] for one in found] == ["one .", "two three .", "", "", found[4]["text"]]
    assert (found[0]["id"], found[0]["more"], found[4]["odd"]) == (7, {"x": [1, None, "ü"]}, "\ud800")
    assert folder.lines("--field", "de", stdin=stdin) == [one["text"] for one in found]


def test_the_output_of_one_is_the_input_of_another(folder: Folder) -> None:
    first = folder.run("--format", "jsonl", "--n-best", "2", stdin="".join(f"{line}\n" for line in [*LINES, "", LONG]))
    assert first.code == 0
    objects = [json.loads(line) for line in first.out.split("\n")[:-1]]
    assert folder.objects("--n-best", "2", "--field", "src", stdin=first.out) == objects
    there = [f'{{"a": {{"b": {json.dumps(line)}}}}}\n' for line in LINES]
    assert folder.lines("--field", "a.b", stdin="".join(there)) == [one["text"] for one in objects[:30]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("eins .", "standard input:2: not JSON"),
        ('["de"]', "standard input:2: not a JSON object"),
        ('{"en": "one"}', "standard input:2: "),
        ('{"de": 5}', "standard input:2: "),
        ('{"de": "eins", "n": NaN}', "standard input:2: not JSON: NaN"),
    ],
)
def test_a_line_without_the_field_is_exit_code_3(line: str, said: str, folder: Folder) -> None:
    done = folder.run("--field", "de", stdin=f'{{"de": "eins ."}}\n{line}\n')
    assert done.code == 3
    assert done.out in ("", "one .\n")
    assert f"]: {said}" in done.err
    assert "\nhint: " in done.err


def test_shards_one_after_the_other_are_the_whole(folder: Folder) -> None:
    """Of several files, numbered through, with draws that depend on the number."""
    write_lines(folder.path / "a.txt", LINES[:17])
    (folder.path / "b.txt").write_text("")
    (folder.path / "c.txt").write_text("\n".join(["", *LINES[17:]]))
    given = ("a.txt", "b.txt", "c.txt", "--format", "jsonl", "--sample")
    whole = folder.objects(*given)
    parts = [folder.objects(*given, "--shard", f"{part}/3") for part in (1, 2, 3)]
    assert [len(part) for part in parts] == [10, 10, 11]
    for one, other in zip(whole, [one for part in parts for one in part], strict=True):
        assert [one[name] for name in ("line", "src", "text")] == [other[name] for name in ("line", "src", "text")]
        assert one["score"] == pytest.approx(other["score"], abs=1e-4), "sums of other batches, rounded otherwise"
    assert parts[2][0]["line"] == 21
    assert folder.lines("b.txt", "--shard", "2/3") == []
    records = [json.dumps({"id": number, "de": line}) for number, line in enumerate(LINES)]
    write_lines(folder.path / "r.jsonl", records)
    second = folder.objects("r.jsonl", "--field", "de", "--shard", "2/3")
    assert [(one["id"], one["line"]) for one in second] == [(number, number + 1) for number in range(10, 20)]
    write_lines(folder.path / "bad.jsonl", [*records[:15], "{", *records[16:]])
    done = folder.run("bad.jsonl", "--field", "de", "--shard", "2/3")
    assert done.code == 3
    assert "bad.jsonl:16: not JSON" in done.err, "the number in the file, not in the shard"


def test_going_on_with_an_output_gives_the_same_bytes(folder: Folder) -> None:
    write_lines(folder.path / "in.txt", LINES)
    sampled = ("in.txt", "--sample", "--shard", "2/2", "-o")
    assert folder.run(*sampled, "whole").code == 0
    whole = (folder.path / "whole").read_bytes()
    assert whole.count(b"\n") == 15
    for cut in (0, 1, whole.index(b"\n") + 1, len(whole) // 2, len(whole) - 1, len(whole)):
        (folder.path / "out.partial").write_bytes(whole[:cut])
        done = folder.run(*sampled, "out", "--resume")
        assert (done.code, done.err) == (0, "")
        assert (folder.path / "out").read_bytes() == whole
        assert not (folder.path / "out.partial").exists()
        (folder.path / "out").unlink()
    assert folder.run(*sampled, "out", "--resume").code == 0, "there need not be anything"
    again = folder.run(*sampled, "out", "--resume")
    assert (again.code, again.err) == (0, "out is complete: 15 lines of an earlier command; nothing was done\n")
    assert (folder.path / "out").read_bytes() == whole


def test_an_output_of_more_lines_than_the_input_is_of_another_input(folder: Folder) -> None:
    write_lines(folder.path / "in.txt", LINES)
    write_lines(folder.path / "out.partial", ["one ."] * 16)
    done = folder.run("in.txt", "--shard", "2/2", "-o", "out", "--resume")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error[usage.resume]: what is there to go on with has 1 line more than the input")
    assert not (folder.path / "out").exists()
    assert (folder.path / "out.partial").read_text().count("\n") == 16


def whole_lines(path: Path) -> Iterator[bytes]:
    yield from path.read_bytes().splitlines(keepends=True) if path.exists() else ()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_is_gone_on_with(
    number: signal.Signals, folder: Folder, trained: Trained, warm: Warm
) -> None:
    write_lines(folder.path / "in.txt", [src for src, _ in number_pairs(400, 6)])
    given = ("-m", trained.run_dir, "--batch-size", "2", "in.txt", "-o")
    assert warm.seqtool("translate", *given, "whole", cwd=folder.path).code == 0
    expected = (folder.path / "whole").read_bytes()
    partial_file = folder.path / "out.partial"
    for enough in (32, 150):
        with running("translate", *given, "out", "--resume", cwd=folder.path) as process:
            wait_until(lambda enough=enough: len([*whole_lines(partial_file)]) >= enough, process)  # type: ignore[misc]
            process.send_signal(number)
            err = process.communicate(timeout=60)[1]
        assert process.returncode == (130 if number == signal.SIGINT else -number)  # a shell shows 137 and 143
        assert err == b""
        assert expected.startswith(partial_file.read_bytes())
        assert not (folder.path / "out").exists()
    done = warm.seqtool("translate", *given, "out", "--resume", cwd=folder.path)
    assert done.code == 0, done.err
    assert (folder.path / "out").read_bytes() == expected
    assert not partial_file.exists()


def test_greedy_output_has_scores_where_there_is_a_place_for_them(folder: Folder) -> None:
    """Text has none, so there they are left out; what is said is the same."""
    write_lines(folder.path / "in.txt", LINES)
    objects = folder.objects("--beam-size", "1", "in.txt")
    rows = [line.split("\t") for line in folder.lines("--beam-size", "1", "--format", "tsv", "in.txt")]
    assert all(one["score"] < 0 and one["hypotheses"][0]["log_prob"] < 0 for one in objects)
    assert rows == [[one["text"], f"{one['score']:.6f}"] for one in objects]
    assert folder.lines("--beam-size", "1", "in.txt") == [one["text"] for one in objects]
