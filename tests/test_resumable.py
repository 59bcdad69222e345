"""Outputs that are gone on with: whatever ends a process, its whole lines stay, and the end is as if nothing had been."""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool import resumable
from seqtool.errors import ResourceError
from seqtool.resumable import Counted, count_lines, resumable_output
from tests.test_fs import names


def write(path: Path, *parts: bytes, resume: bool = True) -> int:
    """Adds these and ends well; returns how many lines there were."""
    with resumable_output(path, resume=resume) as out:
        assert not out.complete
        for part in parts:
            out.write(part)
            out.flush()
        return out.lines_done


def break_off(path: Path, *parts: bytes, resume: bool = True) -> int:
    """Adds these and is interrupted."""
    with suppress(KeyboardInterrupt), resumable_output(path, resume=resume) as out:
        for part in parts:
            out.write(part)
        raise KeyboardInterrupt
    return out.lines_done


@pytest.mark.parametrize(
    ("data", "counted", "all_lines"),
    [
        (b"", Counted(0, 0, 0), 0),
        (b"\n", Counted(1, 1, 0), 1),
        (b"a", Counted(0, 0, 1), 1),
        (b"a\nbc", Counted(1, 2, 2), 2),
        (b"a\r\n\n", Counted(2, 4, 0), 2),
        (b"a\x0c\xe2\x80\xa8\r", Counted(0, 0, 6), 1),  # a newline byte ends a line, and nothing else
    ],
)
def test_lines_are_counted(data: bytes, counted: Counted, all_lines: int) -> None:
    assert count_lines(io.BytesIO(data)) == counted
    assert counted.all_lines == all_lines


@given(st.lists(st.sampled_from([b"\n", b"a", b"bcd\n", b"\n\n"])), st.integers(1, 5))
def test_pieces_make_no_difference(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)

    class Trickle(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            return super().read(size)

    assert count_lines(Trickle(data)) == count_lines(io.BytesIO(data))
    assert sum(count_lines(Trickle(data))[1:]) == len(data)


def test_an_output_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with resumable_output(path, resume=True) as out:
        assert (out.lines_done, out.complete) == (0, False)
        out.write(b"one\ntwo\n")
        assert names(tmp_path) == ["out.partial"]
        assert (tmp_path / "out.partial").read_bytes() == b"one\ntwo\n", "nothing is kept back"
    assert names(tmp_path) == ["out"]
    assert path.read_bytes() == b"one\ntwo\n"


def test_what_was_broken_off_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert break_off(path, b"one\n", b"two\nth") == 0
    assert (tmp_path / "out.partial").read_bytes() == b"one\ntwo\n", "the torn line is cut at once"
    (tmp_path / "out.partial").write_bytes(b"one\ntwo\nthr")  # as a kill leaves it
    assert break_off(path, b"three\n") == 2
    assert write(path, b"four\n") == 3
    assert path.read_bytes() == b"one\ntwo\nthree\nfour\n"
    assert names(tmp_path) == ["out"]


def test_without_a_whole_line_nothing_stays(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old\n")
    break_off(path, b"torn", resume=False)
    assert names(tmp_path) == ["out"]
    assert path.read_bytes() == b"old\n"


@pytest.mark.parametrize(("content", "count"), [(b"", 0), (b"1\n2\n", 2), (b"1\n2", 2)])
def test_a_finished_output_stays_as_it_is(tmp_path: Path, content: bytes, count: int) -> None:
    path = tmp_path / "out"
    path.write_bytes(content)
    with resumable_output(path, resume=True) as out:
        assert (out.lines_done, out.complete) == (count, True)
        with pytest.raises(ValueError, match=r"out is complete: nothing can be added to it$"):
            out.write(b"more\n")
    assert path.read_bytes() == content
    assert names(tmp_path) == ["out"]


def test_without_resume_everything_is_new(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old\n")
    path.chmod(0o640)
    (tmp_path / "out.partial").write_bytes(b"half\nano\nther")
    with resumable_output(path, resume=False) as out:
        assert (out.lines_done, out.complete) == (0, False)
        assert out.lines_dropped == 2, "as many as could have been gone on with"
        out.write(b"new\n")
        assert path.read_bytes() == b"old\n", "the old one stays until the new one is finished"
    assert path.read_bytes() == b"new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize(
    ("content", "first"),
    [
        (b"", None),
        (b"torn", None),
        (b"\n", b""),
        (b"one\ntwo\nth", b"one"),
        (b"x" * 200 + b"\ny\n", None),  # too long to be looked at
    ],
)
@pytest.mark.parametrize("name", ["out", "out.partial"])
def test_the_first_line_that_is_there_is_known(
    name: str, content: bytes, first: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable, "_CHUNK_BYTES", 100)
    (tmp_path / name).write_bytes(content)
    with resumable_output(tmp_path / "out", resume=True) as out:
        assert (out.first_line, out.lines_dropped) == (first, 0)
        assert out.complete == (name == "out")


def test_a_partial_output_beside_a_finished_one_is_the_newer(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old\n")
    break_off(path, b"new 1\n", resume=False)
    assert write(path, b"new 2\n") == 1
    assert path.read_bytes() == b"new 1\nnew 2\n"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/real")
    break_off(tmp_path / "link", b"1\n")
    assert names(tmp_path / "there") == ["real.partial"]
    assert write(tmp_path / "link", b"2\n") == 1
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there/real").read_bytes() == b"1\n2\n"


def test_a_device_is_written_directly() -> None:
    assert write(Path("/dev/null"), b"1\n") == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert not Path("/dev/null.partial").exists()


def test_the_reader_of_a_pipe_may_go_away() -> None:
    """Which is its own business: the command line ends quietly then."""
    source, sink = os.pipe()
    os.close(source)
    with pytest.raises(BrokenPipeError), resumable_output(Path(f"/dev/fd/{sink}"), resume=True) as out:
        out.write(b"1\n")
    os.close(sink)


def test_a_file_finished_while_its_lock_was_waited_for_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the opening of the partial file and its lock another process gives it its name."""
    path, partial = tmp_path / "out", tmp_path / "out.partial"
    partial.write_bytes(b"theirs\n")
    flock = resumable.fcntl.flock

    def finish_first(fd: int, how: int) -> None:
        if not path.exists():
            partial.rename(path)
        flock(fd, how)

    monkeypatch.setattr(resumable.fcntl, "flock", finish_first)
    with resumable_output(path, resume=True) as out:
        out.write(b"mine\n")
        assert path.read_bytes() == b"theirs\n"
    assert path.read_bytes() == b"mine\n"


@pytest.mark.parametrize("trouble", [ValueError("own"), FileNotFoundError(errno.ENOENT, "no such file", "/elsewhere")])
def test_errors_of_the_block_stay_what_they_are(tmp_path: Path, trouble: Exception) -> None:
    def fail() -> None:
        with resumable_output(tmp_path / "out", resume=True) as out:
            out.write(b"1\n")
            raise trouble

    with pytest.raises(type(trouble)):
        fail()
    assert names(tmp_path) == ["out.partial"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "pipe.partial").mkdir()
    (tmp_path / "link.partial").symlink_to("file")
    os.mkfifo(tmp_path / "fifo.partial")
    table = [
        (tmp_path / "no" / "x", "fs.not-found", "No such file or directory"),
        (tmp_path / "file" / "x", "fs.not-a-directory", "Not a directory"),
        (tmp_path, "fs.is-a-directory", "Is a directory"),
        (tmp_path / "pipe", "fs.is-a-directory", "Is a directory"),
        (tmp_path / "link", "fs.write", "Too many levels of symbolic links"),  # it may lead anywhere
        (tmp_path / "fifo", "fs.write", "it is not a regular file"),
        (tmp_path / ("x" * 250), "fs.write", "File name too long"),
    ]
    for path, error_id, message in table:
        with pytest.raises(ResourceError) as caught, resumable_output(path, resume=True):
            pass
        assert caught.value.error_id == error_id
        assert caught.value.message.startswith("cannot write ")
        assert caught.value.message.endswith(f": {message}")
        assert caught.value.hint


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_what_the_last_step_says_becomes_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(resumable.os, "fsync", refuse)
        with pytest.raises(ResourceError, match="cannot write"):
            write(tmp_path / "out", b"1\n")
    assert names(tmp_path) == ["out.partial"]
    assert write(tmp_path / "out") == 1
