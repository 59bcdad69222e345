"""Shards: every line in exactly one of them, in order, and none much larger than another."""

from __future__ import annotations

import gzip
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.errors import DataError, UsageError
from seqtool.text.lines import LineReader, open_binary
from seqtool.text.shard import Shard, parse_shard, shard_lines, split_range

HINT = "write I/N with 1 <= I <= N, for example --shard 2/8: the second of eight parts"


@pytest.mark.parametrize(("text", "shard"), [("1/1", Shard(1, 1)), ("2/8", Shard(2, 8)), (" 08 / 08 ", Shard(8, 8))])
def test_a_shard_is_read(text: str, shard: Shard) -> None:
    assert parse_shard(text) == shard
    assert parse_shard(str(shard)) == shard


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not of the form I/N"),
        ("2", "'2' is not of the form I/N"),
        ("2/", "'2/' is not of the form I/N"),
        ("a/b", "'a/b' is not of the form I/N"),
        ("-1/4", "'-1/4' is not of the form I/N"),
        ("1.5/4", "'1.5/4' is not of the form I/N"),
        ("1/2/3", "'1/2/3' is not of the form I/N"),
        ("\u0661/\u0664", "'\u0661/\u0664' is not of the form I/N"),  # digits, but not those of a script
        ("1/" + "9" * 5000, f"'1/{'9' * 5000}' is not of the form I/N"),
        ("0/4", "0/4: there is no part 0 among 4 parts"),  # they are counted from 1
        ("5/4", "5/4: there is no part 5 among 4 parts"),
        ("1/0", "1/0: there is no part 1 among 0 parts"),
        ("2/1", "2/1: there is no part 2 where all is 1 part"),
    ],
)
def test_what_is_no_shard_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_shard(text)
    assert caught.value.message == f"--shard {message}"
    assert (caught.value.error_id, caught.value.hint, caught.value.exit_code) == ("usage.shard", HINT, 2)


@given(st.integers(0, 10**12), st.integers(1, 300))
def test_shards_cover_every_line_once_and_evenly(total: int, count: int) -> None:
    parts = [Shard(index, count).lines(total) for index in range(1, count + 1)]
    assert parts[0].start == 0
    assert parts[-1].stop == total
    assert all(one.stop == other.start for one, other in pairwise(parts))
    sizes = {len(part) for part in parts}
    assert max(sizes) - min(sizes) <= 1


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 60), st.integers(0, 60))
def test_a_range_through_several_files(counts: list[int], start: int, stop: int) -> None:
    lines = range(start, stop)
    numbered = [(file, line) for file, count in enumerate(counts) for line in range(count)]
    split = split_range(lines, counts)
    assert len(split) == len(counts)
    assert [(file, line) for file, part in enumerate(split) for line in part] == numbered[start:stop]


def test_files_are_one_input(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\n2\n3\n4")  # a last line without its end counts
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"5\n6\n"))
    (tmp_path / "c").write_bytes(b"")
    files = [tmp_path / name for name in ("a", "b.gz", "c")]
    assert shard_lines(Shard(1, 2), files) == [range(3), range(0), range(0)]
    assert shard_lines(Shard(2, 2), files) == [range(3, 4), range(2), range(0)]
    assert shard_lines(Shard(7, 7), files)[1] == range(1, 2)
    assert shard_lines(Shard(1, 7), files) == [range(0)] * 3, "more parts than lines: some are empty"


@given(st.binary(max_size=40).map(lambda data: data.replace(b"7", b"\n").replace(b"8", b"\r\n")))
def test_lines_are_counted_as_they_are_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "counted"
    path.write_bytes(data)
    with open_binary(path) as stream:
        assert shard_lines(Shard(1, 1), [path]) == [range(sum(1 for _ in LineReader(stream, name="x")))]


def test_standard_input_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        shard_lines(Shard(2, 8), [])
    assert caught.value.message == "--shard 2/8 of standard input: its lines cannot be counted first"
    assert caught.value.hint == "name a file; or let `split --number=l/N` cut up what comes through the pipe"
    assert (caught.value.error_id, caught.value.exit_code) == ("usage.shard", 2)


def test_a_pipe_with_a_name_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError) as caught:
        shard_lines(Shard(2, 8), [tmp_path / "pipe"])
    where = tmp_path / "pipe"
    expected = f"--shard 2/8 of {where}, which is a pipe or device: its lines cannot be counted first"
    assert (caught.value.message, caught.value.hint) == (expected, "name a file, which can be read twice")


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.txt does not exist"):
        shard_lines(Shard(1, 2), [tmp_path / "nothing.txt"])
    with pytest.raises(DataError, match="is a folder"):
        shard_lines(Shard(1, 2), [tmp_path])
