"""What `translate` is given: any number of files, each open only while it is read, and pipes, which can be opened once."""

from __future__ import annotations

import json
import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from seqtool.cli.lines_in import Input, open_inputs
from seqtool.errors import DataError, UsageError
from tests.cli.processes import Warm
from tests.cli.training_runs import Trained
from tests.number_words import write_lines

PLAIN = {"field": None, "shard": None, "strict": False}


def texts(given: Input, skip: int = 0, most: int = 2) -> list[str]:
    return [record.text for window in given.windows(most, skip) for record in window]


def held() -> int:
    """How many descriptors this process has."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 one of them is that of the listing


def test_a_file_is_open_only_while_it_is_read_and_a_pipe_is_opened_once(tmp_path: Path) -> None:
    files = [write_lines(tmp_path / f"{number}.txt", [str(number), "x"]) for number in range(5)]
    os.mkfifo(tmp_path / "pipe")
    files.insert(2, tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("from the pipe\n",))
    before = held()
    writer.start()
    with ExitStack() as stack:
        given = open_inputs(stack, files, **PLAIN)
        writer.join()
        assert held() == before + 1, "the pipe"
        found = []
        for window in given.windows(1):
            found += [record.text for record in window]
            assert held() <= before + 2
    assert found == ["0", "x", "1", "x", "from the pipe", "2", "x", "3", "x", "4", "x"]
    assert held() == before


def test_all_files_must_be_there_before_the_first_is_read(tmp_path: Path) -> None:
    write_lines(tmp_path / "a", ["1"])
    with ExitStack() as stack:
        for path, said in ((tmp_path / "b", "does not exist"), (tmp_path, "is a folder")):
            with pytest.raises(DataError, match=said):
                open_inputs(stack, [tmp_path / "a", path], **PLAIN)


def three_files(folder: Path, field: str | None, bad: str) -> list[Path]:
    """Six lines in three files, or objects with these texts; those of `bad` are neither UTF-8 nor JSON."""
    files = []
    for name, lines in (("a", "01"), ("b", ""), ("c", "2345")):
        path = write_lines(folder / name, [json.dumps({"t": text}) if field else text for text in lines])
        data = path.read_bytes()
        for text in bad:
            data = data.replace(text.encode(), b'\xff"')
        path.write_bytes(data)
        files.append(path)
    return files


@pytest.mark.parametrize(("shard", "wanted"), [(None, "012345"), ("1/1", "012345"), ("2/3", "23")])
@pytest.mark.parametrize("field", [None, "t"])
@pytest.mark.parametrize("skip", range(5))
def test_lines_that_are_there_already_are_passed_over(
    skip: int, field: str | None, shard: str | None, wanted: str, tmp_path: Path
) -> None:
    """Whatever is in them."""
    files = three_files(tmp_path, field, wanted[:skip])
    with ExitStack() as stack:
        given = open_inputs(stack, files, field=field, shard=shard, strict=True)
        if skip > len(wanted):
            with pytest.raises(UsageError, match=f"has {skip - len(wanted)} lines? more than the input"):
                texts(given, skip)
        else:
            assert texts(given, skip) == list(wanted[skip:])
        assert given.invalid == 0


@pytest.mark.parametrize(("shard", "skip"), [(None, 0), (None, 3), ("2/3", 0), ("2/3", 1)])
def test_what_is_wrong_behind_them_is_named_by_its_number_in_the_file(
    skip: int, shard: str | None, tmp_path: Path
) -> None:
    files = three_files(tmp_path, "t", "3")
    files[2].write_bytes(files[2].read_bytes().replace(b"\xff", b""))  # good UTF-8, and still no JSON
    with ExitStack() as stack, pytest.raises(DataError, match="/c:2: not JSON"):
        texts(open_inputs(stack, files, field="t", shard=shard, strict=True), skip)


def test_more_files_than_a_process_may_hold_open(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    files = [write_lines(tmp_path / f"{number:03}.txt", ["eins ."]).name for number in range(150)]
    few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))"
    done = warm.seqtool("translate", "-m", trained.run_dir, *files, cwd=tmp_path, before=few)
    assert (done.code, done.err) == (0, "")
    assert done.out == "one .\n" * 150


def test_of_a_shard_only_its_own_lines_are_judged(trained: Trained, warm: Warm, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"\xff .\n\xff .\neins .\nzwei .\n")
    model = ("translate", "-m", trained.run_dir, "in.txt")
    second = warm.seqtool(*model, "--shard", "2/2", "--strict", cwd=tmp_path)
    assert (second.code, second.out, second.err) == (0, "one .\ntwo .\n", "")
    first = warm.seqtool(*model, "--shard", "1/2", "--strict", cwd=tmp_path)
    assert first.code == 3
    assert first.err.startswith("error[data.utf-8]: in.txt:1: ")
    write_lines(tmp_path / "out.partial", ["x"])
    resumed = warm.seqtool(*model, "--resume", "-o", "out", cwd=tmp_path)
    assert resumed.code == 0
    assert "warning: 1 line with invalid UTF-8, read as U+FFFD (--strict stops there)\n" in resumed.err
