"""Single files: whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqtool import fs
from seqtool.errors import ResourceError

FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
"""


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    head = "import os, sys, time\nfrom pathlib import Path\nfrom seqtool import fs, locks\nfrom seqtool.errors import ResourceError\n"
    command = [sys.executable, "-c", head + code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def output_of(code: str, *arguments: object) -> str:
    with python(code, *arguments) as process:
        text = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    return text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_is_read(tmp_path: Path) -> None:
    fs.commit_bytes(tmp_path / "a", b"\x00\n")
    fs.commit_text(tmp_path / "b", "ä\n")
    fs.commit_json(tmp_path / "c", {"ä": [1]})
    assert (tmp_path / "a").read_bytes() == b"\x00\n"
    assert (tmp_path / "b").read_bytes() == "ä\n".encode()
    assert json.loads((tmp_path / "c").read_text("utf-8")) == {"ä": [1]}
    assert names(tmp_path) == ["a", "b", "c"]


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    code = """
with fs.output_file(Path(sys.argv[1])) as stream:
    stream.write(b"new" * 100_000)
    stream.flush()
    print("half", flush=True)
    time.sleep(60)
"""
    with python(code, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.kill()
    assert path.read_bytes() == b"old"


def test_at_every_moment_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    code = """
print("begun", flush=True)
while True:
    for letter in (b"a", b"b"):
        fs.commit_bytes(Path(sys.argv[1]), letter * 300_000)
"""
    for moment in range(5):
        with python(code, path) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.03 + 0.013 * moment)
            process.send_signal(signal.SIGKILL)
        if path.exists():
            assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)


def test_a_full_disk_is_an_error_and_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")
    code = f"""{FULL_DISK}
try:
    fs.commit_bytes(Path(sys.argv[1]), bytes(200_000))
except ResourceError as error:
    print(error)
"""
    said = output_of(code, tmp_path / "out")
    assert said.startswith(f"error[fs.no-space]: cannot write {tmp_path / 'out'}: ")
    assert "hint: make room there" in said
    assert (tmp_path / "out").read_bytes() == b"old"
    assert names(tmp_path) == ["out"]


def test_a_line_that_does_not_fit_is_not_there_in_part(tmp_path: Path) -> None:
    code = f"""{FULL_DISK}
fs.append_line(Path(sys.argv[1]), "x" * 60_000)
try:
    fs.append_line(Path(sys.argv[1]), "y" * 60_000)
except ResourceError as error:
    print(error.error_id)
"""
    assert output_of(code, tmp_path / "log") == "fs.no-space\n"
    assert (tmp_path / "log").read_text() == "x" * 60_000 + "\n"


@pytest.mark.parametrize(
    ("number", "error_id"),
    [
        (errno.ENOSPC, "fs.no-space"),
        (errno.EDQUOT, "fs.no-space"),
        (errno.EFBIG, "fs.no-space"),
        (errno.EROFS, "fs.read-only"),
        (errno.EIO, "fs.write"),
    ],
)
def test_what_the_system_says_becomes_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error_id: str
) -> None:
    def refuse(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fs.os, "fsync", refuse)
    with pytest.raises(ResourceError, match="cannot write") as caught:
        fs.commit_bytes(tmp_path / "out", b"")
    assert caught.value.error_id == error_id
    assert str(tmp_path / "out") in caught.value.message
    assert caught.value.hint
    assert names(tmp_path) == []


def test_a_directory_that_may_not_be_written_is_an_error(tmp_path: Path) -> None:
    """In a process without privileges: root may write anywhere."""
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    code = """
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)
def attempt(action):
    try:
        action()
    except ResourceError as error:
        print(error.error_id)
path = Path("x")
attempt(lambda: fs.commit_bytes(path, b""))
attempt(lambda: fs.append_line(path, ""))
attempt(lambda: fs.make_dir(path))
attempt(lambda: locks.lock(path).__enter__())
attempt(lambda: fs.move_aside(Path("sub")))
"""
    (closed / "sub").mkdir()
    assert output_of(code, closed) == "fs.permission\n" * 5


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    table = [
        (tmp_path / "no" / "x", "fs.not-found"),
        (tmp_path / "file" / "x", "fs.not-a-directory"),
        (tmp_path, "fs.is-a-directory"),
        (tmp_path / ("x" * 300), "fs.write"),
    ]
    for path, error_id in table:
        with pytest.raises(ResourceError) as caught:
            fs.commit_bytes(path, b"")
        assert caught.value.error_id == error_id
    for path in (tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(ResourceError) as caught:
            fs.make_dir(path)
        assert caught.value.error_id == "fs.not-a-directory"


@pytest.mark.parametrize(
    "trouble",
    [
        KeyboardInterrupt(),
        ValueError(),
        FileNotFoundError(errno.ENOENT, "no such file", "/elsewhere"),
        BrokenPipeError(errno.EPIPE, "broken pipe"),
    ],
)
def test_an_error_in_the_block_leaves_nothing_and_stays_what_it_is(tmp_path: Path, trouble: BaseException) -> None:
    def fail() -> None:
        with fs.output_file(tmp_path / "out") as stream:
            stream.write(b"half")
            raise trouble

    with pytest.raises(type(trouble)):
        fail()
    assert names(tmp_path) == []


def test_an_output_keeps_its_link_and_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    fs.commit_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640


def test_a_device_is_written_and_stays_a_device() -> None:
    fs.commit_bytes(Path("/dev/null"), b"x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_under_the_name_of_a_descriptor_is_written() -> None:
    """As `/dev/stdout` and the shell's `>(command)` are."""
    source, sink = os.pipe()
    fs.commit_bytes(Path(f"/dev/fd/{sink}"), b"x\n")
    os.close(sink)
    with os.fdopen(source, "rb") as stream:
        assert stream.read() == b"x\n"


def test_lines_are_appended_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    fs.append_line(path, "one")
    fs.append_line(path, "two\n")
    path.write_text(path.read_text() + '{"torn')
    fs.append_line(path, "ä")
    assert path.read_text("utf-8") == 'one\ntwo\n{"torn\nä\n'


def test_lines_are_kept_or_dropped(tmp_path: Path) -> None:
    path = tmp_path / "log"
    fs.truncate_lines(path, lambda _line: False)
    assert not path.exists()
    path.write_bytes(b"1\n22\n\xff3\r\n\n4\nstep 1")  # torn off: it was step 12
    before = path.stat().st_ino
    fs.truncate_lines(path, lambda line: line != "22")
    assert path.read_bytes() == b"1\n\xff3\r\n\n4\n"
    assert path.stat().st_ino != before
    with pytest.raises(ResourceError):
        fs.truncate_lines(tmp_path, lambda _line: True)


def test_a_file_is_removed_and_may_be_gone_already(tmp_path: Path) -> None:
    fs.commit_text(tmp_path / "a", "1")
    for _ in range(2):
        fs.remove_file(tmp_path / "a")
        assert names(tmp_path) == []
    (tmp_path / "b").mkdir()
    with pytest.raises(ResourceError):
        fs.remove_file(tmp_path / "b")


def test_what_is_moved_aside_gets_the_first_free_name(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "run").mkdir()
        assert fs.move_aside(tmp_path / "run") == tmp_path / f"run.old-{number}"
    assert names(tmp_path) == ["run.old-1", "run.old-2"]
    with pytest.raises(ResourceError):
        fs.move_aside(tmp_path / "run")
