"""Directories: the old one or the new one at every moment, and nothing of the user's is lost."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqtool import fs, renames
from seqtool.errors import ModelError, ResourceError
from tests.test_fs import FULL_DISK, names, output_of, python

HALF = """
with fs.commit_dir(Path(sys.argv[1])) as folder:
    (folder / "a").write_bytes(b"new")
    print("half", flush=True)
    time.sleep(60)
"""


@pytest.fixture(params=["one step", "two steps"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system call that swaps two names, and without."""
    if request.param == "two steps":
        monkeypatch.setattr(renames.ctypes, "CDLL", lambda *_, **__: SimpleNamespace())


def write(path: Path, **files: str) -> None:
    with fs.commit_dir(path) as folder:
        for name, text in files.items():
            (folder / name).write_text(text)


def content(path: Path) -> dict[str, str]:
    return {name: file.read_text() for name, file in fs.verify_dir(path).items()}


@pytest.mark.usefixtures("_both_ways")
def test_a_directory_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for files in ({"a": "1", "b": "2"}, {"a": "3"}, {}):
        write(tmp_path / "deep" / "model", **files)
        assert content(tmp_path / "deep" / "model") == files
        assert names(tmp_path / "deep" / "model") == sorted([*files, fs.MANIFEST])
        assert names(tmp_path / "deep") == ["model"]


@pytest.mark.usefixtures("_both_ways")
def test_a_directory_with_other_things_in_it_is_moved_aside(tmp_path: Path) -> None:
    write(tmp_path / "model", a="1")
    (tmp_path / "model" / "notes.txt").write_text("mine")
    write(tmp_path / "model", a="2")
    assert content(tmp_path / "model") == {"a": "2"}
    assert (tmp_path / "model.old-1" / "notes.txt").read_text() == "mine"
    assert names(tmp_path) == ["model", "model.old-1"]
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", a="3")
    assert names(tmp_path) == ["model", "model.old-1", "other"], "an empty directory is no loss"


@pytest.mark.parametrize(
    "trouble",
    [KeyboardInterrupt(), ValueError(), FileNotFoundError(errno.ENOENT, "no such file", "/elsewhere")],
)
def test_an_error_in_the_block_leaves_the_old_directory(tmp_path: Path, trouble: BaseException) -> None:
    write(tmp_path / "model", a="old")

    def fail() -> None:
        with fs.commit_dir(tmp_path / "model") as folder:
            (folder / "a").write_text("new")
            raise trouble

    with pytest.raises(type(trouble)):
        fail()
    assert content(tmp_path / "model") == {"a": "old"}
    assert names(tmp_path) == ["model"]


def test_a_killed_writer_leaves_the_old_directory_and_the_next_one_sweeps(tmp_path: Path) -> None:
    write(tmp_path / "model", a="old")
    with python(HALF, tmp_path / "model") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        write(tmp_path / "other", a="1")
        alive = [name for name in names(tmp_path) if name.startswith(".part-")]
        process.kill()
    assert len(alive) == 1, "what a living process is filling is left alone"
    assert content(tmp_path / "model") == {"a": "old"}
    with pytest.raises(ModelError):
        fs.verify_dir(tmp_path / alive[0])
    write(tmp_path / "other", a="2")
    assert names(tmp_path) == ["model", "other"]


def test_at_every_moment_the_directory_is_whole(tmp_path: Path) -> None:
    code = """
print("begun", flush=True)
while True:
    for letter in (b"a", b"b"):
        with fs.commit_dir(Path(sys.argv[1])) as folder:
            for name in "xyz":
                (folder / name).write_bytes(letter * 100_000)
"""
    write(tmp_path / "model", x="", y="", z="")
    for moment in range(5):
        with python(code, tmp_path / "model") as process:
            assert process.stdout is not None
            process.stdout.readline()
            deadline = time.monotonic() + 0.05 + 0.013 * moment
            while time.monotonic() < deadline:
                manifest = (tmp_path / "model" / fs.MANIFEST).read_bytes()
                assert manifest.endswith(b"}\n")
            process.kill()
        assert len({text[:1] for text in content(tmp_path / "model").values()}) == 1


def test_two_writers_of_one_directory_both_succeed(tmp_path: Path) -> None:
    code = """
for number in range(10):
    with fs.commit_dir(Path(sys.argv[1])) as folder:
        (folder / "a").write_text(sys.argv[2])
"""
    with python(code, tmp_path / "model", "1") as one, python(code, tmp_path / "model", "2") as two:
        assert (one.wait(60), two.wait(60)) == (0, 0)
    assert content(tmp_path / "model")["a"] in ("1", "2")


def test_an_exchange_cut_off_between_its_steps_is_completed(tmp_path: Path) -> None:
    write(tmp_path / "model", a="old")
    (tmp_path / "model").rename(tmp_path / ".swap-model")
    assert content(tmp_path / "model") == {"a": "old"}
    assert names(tmp_path) == ["model"]


def test_a_sweep_completes_the_exchanges_that_were_cut_off_in_a_directory(tmp_path: Path) -> None:
    for name in ("model", "step-000012"):
        write(tmp_path / name, a=name)
        (tmp_path / name).rename(tmp_path / f".swap-{name}")
    fs.sweep(tmp_path)
    assert names(tmp_path) == ["model", "step-000012"]


@pytest.mark.usefixtures("_both_ways")
def test_an_exchange_cut_off_after_its_steps_does_not_block_the_next(tmp_path: Path) -> None:
    write(tmp_path / "model", a="old")
    (tmp_path / "model").rename(tmp_path / ".swap-model")
    (tmp_path / ".swap-model").rename(tmp_path / "kept")
    write(tmp_path / "model", a="new")
    (tmp_path / "kept").rename(tmp_path / ".swap-model")
    write(tmp_path / "model", a="newer")
    assert content(tmp_path / "model") == {"a": "newer"}


def test_a_full_disk_is_an_error_and_leaves_the_old_directory(tmp_path: Path) -> None:
    write(tmp_path / "model", a="old")
    code = f"""{FULL_DISK}
def attempt(write):
    try:
        with fs.commit_dir(Path(sys.argv[1])) as folder:
            write(folder / "a")
    except ResourceError as error:
        print(error.error_id)
attempt(lambda path: fs.commit_bytes(path, bytes(200_000)))
attempt(lambda path: path.write_bytes(bytes(200_000)))
"""
    assert output_of(code, tmp_path / "model") == "fs.no-space\nfs.no-space\n"
    assert content(tmp_path / "model") == {"a": "old"}
    assert names(tmp_path) == ["model"]


def test_a_place_that_cannot_be_written_is_an_error_before_the_work_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "model"):
        with pytest.raises(ResourceError) as caught, fs.commit_dir(path):
            raise AssertionError("the work has begun")
        assert caught.value.error_id == "fs.not-a-directory"
        assert str(tmp_path / "file") in caught.value.message


def test_a_link_to_a_directory_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "model").symlink_to(tmp_path / "disk" / "model")
    for text in "12":
        write(tmp_path / "model", a=text)
        assert content(tmp_path / "model") == {"a": text}
    assert (tmp_path / "model").is_symlink()
    assert names(tmp_path / "disk") == ["model"]


def test_only_what_was_written_here_is_removed(tmp_path: Path) -> None:
    write(tmp_path / "step-1", a="1")
    assert fs.remove_dir(tmp_path / "step-1")
    assert names(tmp_path) == []
    assert not fs.remove_dir(tmp_path / "step-1")
    write(tmp_path / "step-2", a="1")
    (tmp_path / "step-2" / "mine").write_text("")
    (tmp_path / "step-3").mkdir()
    (tmp_path / "step-3" / fs.MANIFEST).write_text("{}")
    for name in ("step-2", "step-3"):
        assert not fs.remove_dir(tmp_path / name)
    assert names(tmp_path) == ["step-2", "step-3"]


def test_names_of_others_are_not_swept(tmp_path: Path) -> None:
    (tmp_path / ".part-mine").mkdir()
    (tmp_path / ".part-file.1.1").write_text("")
    (tmp_path / "far").mkdir()
    (tmp_path / ".part-link.1.1").symlink_to(tmp_path / "far")
    (tmp_path / ".part-dead.1.1").mkdir()
    write(tmp_path / "model", a="1")
    assert names(tmp_path) == [".part-file.1.1", ".part-link.1.1", ".part-mine", "far", "model"]


def test_what_a_manifest_cannot_list_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="plain files"), fs.commit_dir(tmp_path / "model") as folder:
        (folder / "sub").mkdir()
    assert os.listdir(tmp_path) == []  # noqa: PTH208
