"""`seqtool attend`: numbers as JSON, and maps for a terminal and for a pipe."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.processes import Warm
from tests.cli.training_runs import Trained

LINE = "eins zwei drei ."
RUN = ("attend", "-m", "runs/numbers")


def test_the_numbers_are_those_of_translate_with_details(trained: Trained, warm: Warm) -> None:
    lines = f"{LINE}\n\nneun acht\n".encode()
    done = warm.seqtool(*RUN, "--json", cwd=trained.folder, stdin=lines)
    assert done.code == 0, done.err
    found = [json.loads(line) for line in done.out.splitlines()]
    details = ("--format", "jsonl", "--details")
    other = warm.seqtool("translate", "-q", "-m", "runs/numbers", *details, cwd=trained.folder, stdin=lines)
    for mine, line in zip(found, map(json.loads, other.out.splitlines()), strict=True):
        assert (mine["line"], mine["src"], mine["text"]) == (line["line"], line["src"], line["text"])
        if not line["src"]:
            assert mine["parts"] == []
            continue
        (part,), best = mine["parts"], line["hypotheses"][0]
        assert part["alignment"] == best["alignment"]
        assert [piece for piece, _ in part["tokens"]] == [piece for piece, _ in best["tokens"]]
        assert part["log_prob"] == pytest.approx(best["log_prob"], abs=1e-4)
        assert all(sum(row) == pytest.approx(1.0, abs=1e-4) for row in part["attention"])
        for row, same in zip(part["attention"], best["attention"], strict=True):
            assert row == pytest.approx(same, abs=1e-4)
        assert len(part["saliency"]) == len(part["tokens"])
        assert {len(row) for row in part["saliency"]} == {len(part["src_tokens"])}


def test_a_given_output_and_another_of_the_beam(trained: Trained, warm: Warm) -> None:
    forced = warm.seqtool(*RUN, "--json", "--src", LINE, "--tgt", "ten ten", cwd=trained.folder)
    assert json.loads(forced.out)["text"] == "ten ten"
    texts = [
        json.loads(warm.seqtool(*RUN, "--json", LINE, "--rank", rank, cwd=trained.folder).out)["text"]
        for rank in ("1", "2")
    ]
    assert texts[0] != texts[1]
    nbest = warm.seqtool(
        *("translate", "-q", "-m", "runs/numbers", "--n-best", "2", "--format", "jsonl"),
        cwd=trained.folder,
        stdin=f"{LINE}\n".encode(),
    )
    assert [one["text"] for one in json.loads(nbest.out)["hypotheses"]] == texts


def test_a_pipe_gets_shades_and_no_colour_and_nothing_wider_than_asked(trained: Trained, warm: Warm) -> None:
    done = warm.seqtool(*RUN, LINE, "--show", "both", cwd=trained.folder, COLUMNS="40")
    assert done.code == 0, done.err
    assert "\x1b" not in done.out
    lines = done.out.splitlines()
    assert set("░▒▓█") & set("".join(line for line in lines if ": " not in line))
    assert max(len(line) for line in lines if ": " not in line) <= 40
    assert [line.partition(":")[0] for line in lines if ":" in line] == ["attention", "saliency"]
    rows = [line for line in lines if line.startswith("</s>")]
    assert len(rows) >= 4, "a wide map is cut into panels, each with all rows"
    wide = warm.seqtool(*RUN, LINE, cwd=trained.folder, COLUMNS="300")
    assert sum(line.startswith("</s>") for line in wide.out.splitlines()) == 1


def test_the_strongest_cell_is_where_the_number_is_largest(trained: Trained, warm: Warm) -> None:
    numbers = json.loads(warm.seqtool(*RUN, "--json", LINE, cwd=trained.folder).out)["parts"][0]
    drawn = warm.seqtool(*RUN, LINE, cwd=trained.folder, COLUMNS="300").out.splitlines()
    header, rows = drawn[1], drawn[2 : 2 + len(numbers["tokens"])]
    starts = [found.start() for found in re.finditer(r"\S+", header)]
    for row, weights in zip(rows, numbers["attention"], strict=True):
        shades = [" ░▒▓█".index((row + " " * 300)[start]) for start in starts]
        assert shades[weights.index(max(weights))] == max(shades) == 4
    most = sorted(max(row) for row in numbers["attention"])
    assert drawn[0].startswith("attention: █ is the largest weight of its row, here ")
    assert re.findall(r"\d\.\d+", drawn[0]) == [f"{most[0]:.2g}", f"{most[-1]:.2g}"]


@pytest.mark.parametrize("colour", [False, True])
def test_attention_that_is_spread_over_a_long_line_is_not_blank(colour: bool) -> None:
    """No weight of such a row comes near to one: what is shown is where it is larger than elsewhere in the row."""
    import io

    import numpy as np

    from seqtool.analysis.maps import PairMap
    from seqtool.cli.heat import Heat

    weights = np.full((2, 50), 0.01, np.float32)
    weights[0, 7], weights[1, 40] = 0.04, 0.06
    source = tuple(f"w{place:02}" for place in range(50))
    stream = io.StringIO()
    found = PairMap(source, ("a", "b"), "a b", (-1.0, -1.0), weights, np.zeros((2, 50)))
    Heat(stream, 400, colour=colour).show(found, "attention")
    title, head, *rows = stream.getvalue().splitlines()
    assert "here 0.04 to 0.06" in title
    if colour:
        assert all("\x1b[48;5;45m" in row for row in rows[:2])
    else:
        assert [row.index("███") for row in rows[:2]] == [head.index("w07"), head.index("w40")]


def test_text_of_strangers_does_nothing_to_a_terminal(trained: Trained, warm: Warm) -> None:
    hostile = "\x1b[31m<script>\u202e[/bold]\x07"
    done = warm.seqtool(*RUN, "--src", hostile, "--tgt", hostile, cwd=trained.folder)
    assert done.code == 0, done.err
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", done.out + done.err)


@pytest.mark.parametrize(
    ("arguments", "code", "error_id"),
    [
        ([*RUN, LINE, "--src", LINE], 2, "usage.attend"),
        ([*RUN, "--tgt", "one"], 2, "usage.attend"),
        ([*RUN, LINE, "--rank", "0"], 2, "usage"),
        (["attend", "-m", "nowhere", LINE], 4, "model.not-found"),
    ],
)
def test_what_cannot_be_is_told(arguments: list[str], code: int, error_id: str, trained: Trained, warm: Warm) -> None:
    done = warm.seqtool(*arguments, cwd=trained.folder)
    assert (done.code, done.out) == (code, "")
    assert f"error[{error_id}]" in done.err


def test_colour_is_for_terminals(trained: Trained) -> None:
    """In this process, on a stream that says it is one."""
    import io

    from seqtool.analysis.maps import Mapper
    from seqtool.cli.heat import Heat

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    (found,) = Mapper.open(Path(trained.run_dir)).of_output(LINE)
    stream = Terminal()
    Heat(stream, 80, colour=True).show(found, "both")
    assert "\x1b[48;5;" in stream.getvalue()
    assert not set("░▒▓█") & set(stream.getvalue())
