"""Prepared stores in trouble: killed writers, two at once, damage, a full disk, and data nobody can use."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqtool.errors import DataError, ResourceError
from seqtool.text import store_writer
from tests.cli.fuzz_models import seal
from tests.number_words import write_lines
from tests.text.preparing import prepare_in, write_corpus

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_corpus(tmp_path)
    return tmp_path


@contextmanager
def preparing(folder: Path, stage: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that prepares the corpus of a folder; killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.text.preparing", str(folder), stage]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "prepared").iterdir()}


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.mark.parametrize("stage", ["tokenizer", "train", "valid"])
def test_a_killed_writer_leaves_nothing_that_is_used(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, stage: str
) -> None:
    with preparing(folder, stage) as process:
        assert said(process) == "waiting"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    left = names(folder)
    assert any(name.startswith(".part-") for name in left), "it was killed in the middle"
    calls: list[str] = []
    store = prepare_in(folder, progress=lambda now, _count: calls.append(now))
    assert calls == ["tokenizer", "train", "valid"], "everything is done again"
    undisturbed = tmp_path_factory.mktemp("undisturbed")
    write_corpus(undisturbed)
    assert contents(store.path) == contents(prepare_in(undisturbed).path)
    assert names(folder) == {store.path.name, f"{store.path.name}.lock"}, "and what was left is gone"


def test_two_at_once_make_one_store(folder: Path) -> None:
    """The second waits for the first and uses its store."""
    with preparing(folder, "end") as first, preparing(folder, "end") as second:
        assert (said(first), said(second)) == ("done", "done")
    calls: list[str] = []
    store = prepare_in(folder, progress=lambda now, _count: calls.append(now))
    assert calls == []
    assert names(folder) == {store.path.name, f"{store.path.name}.lock"}


def test_one_that_waits_goes_on_when_the_other_is_killed(folder: Path) -> None:
    with preparing(folder, "train") as first:
        assert said(first) == "waiting"
        with preparing(folder, "end") as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(1.0)
            first.kill()
            assert said(second) == "done"


@pytest.mark.parametrize(
    "name", ["train.src.ids", "train.tgt.offsets", "valid.src.txt", "tokenizer.model", "facts.json"]
)
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_store_is_made_again(folder: Path, name: str, damage: str) -> None:
    """And the damaged one is kept aside: nothing of a person's is deleted."""
    store = prepare_in(folder)
    before = contents(store.path)
    path = store.path / name
    data = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(data[:-1] + (bytes([data[-1] ^ 1]) if damage == "flip" else b""))
    again = prepare_in(folder)
    assert again.path == store.path
    assert contents(again.path) == before
    assert f"{store.path.name}.old-1" in names(folder)


@pytest.mark.parametrize(
    ("name", "dtype", "value"),
    [
        ("train.src.offsets", np.int64, 1 << 40),  # beyond the file
        ("train.src.offsets", np.int64, -5),
        ("train.tgt.lengths", np.int32, -1),
        ("valid.src.lengths", np.int32, 1 << 30),
        ("train.src.ids", np.uint16, 60_000),  # behind the vocabulary
    ],
)
def test_numbers_that_contradict_each_other_are_no_index(folder: Path, name: str, dtype: Any, value: int) -> None:
    """Also where the manifest fits them: the store is made again."""
    store = prepare_in(folder)
    before = contents(store.path)
    numbers = np.fromfile(store.path / name, dtype)
    numbers[1] = value
    numbers.tofile(store.path / name)
    seal(store.path)
    assert contents(prepare_in(folder).path) == before


@pytest.mark.parametrize(
    "facts", ["[" * 100_000, "[]", '{"key": 3}', '{"key": KEY}', '{"key": KEY, "ledger": {"read": "x"}}', "9" * 5000]
)
def test_facts_that_are_none(folder: Path, facts: str) -> None:
    store = prepare_in(folder)
    before = contents(store.path)
    (store.path / "facts.json").write_text(facts.replace("KEY", f'"{store.key}"'))
    seal(store.path)
    assert contents(prepare_in(folder).path) == before


def test_something_else_in_the_place_of_a_store(folder: Path) -> None:
    store = prepare_in(folder)
    place = store.path.rename(store.path.with_name("elsewhere"))
    store.path.mkdir()
    (store.path / "notes.txt").write_text("mine")
    assert contents(prepare_in(folder).path) == contents(place)
    assert (store.path.with_name(f"{store.path.name}.old-1") / "notes.txt").read_text() == "mine"


def test_a_store_of_another_key_is_not_taken(folder: Path) -> None:
    """A directory's name holds only the beginning of the key."""
    store = prepare_in(folder)
    other = prepare_in(folder, seed=2)
    for path in (store.path, other.path):
        path.rename(path.with_name(f"{path.name}.moved"))
    other.path.with_name(f"{other.path.name}.moved").rename(store.path)
    again = prepare_in(folder)
    assert again.key == store.key
    assert contents(again.path) == contents(store.path.with_name(f"{store.path.name}.moved"))


def test_a_full_disk_leaves_no_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store_writer._SideWriter, "add", full)
        with pytest.raises(ResourceError) as caught:
            prepare_in(folder)
    assert caught.value.error_id == "fs.no-space"
    assert not [name for name in names(folder) if not name.endswith(".lock")]
    assert len(prepare_in(folder).train) == 300


def test_a_writer_that_is_interrupted_cleans_up(folder: Path) -> None:
    def interrupt(stage: str, _count: int) -> None:
        if stage == "valid":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_in(folder, progress=interrupt)
    assert not [name for name in names(folder) if not name.endswith(".lock")]


def test_no_pair_is_left_to_train_on(folder: Path) -> None:
    with pytest.raises(
        DataError, match="no pair is left to train on: 300 read, 0 kept: 300 longer than 1 tok"
    ) as caught:
        prepare_in(folder, {"max_src_tokens": 1, "max_tgt_tokens": 1})
    assert caught.value.error_id == "data.empty"
    assert "data.train" in caught.value.message
    assert "data.max_src_tokens" in caught.value.hint
    assert not [name for name in names(folder) if not name.endswith(".lock")]


@pytest.mark.parametrize("name", ["train", "valid"])
def test_an_empty_corpus(folder: Path, name: str) -> None:
    for side in ("de", "en"):
        write_lines(folder / f"{name}.{side}", [])
    with pytest.raises(DataError) as caught:
        prepare_in(folder)
    assert caught.value.error_id == "data.empty"
    assert caught.value.message.startswith(f"data.{name} (")
    assert f"{name}.de" in caught.value.message
    assert "are the files and fields" in caught.value.hint or "check the files and fields" in caught.value.hint


def test_a_mismatch_leaves_no_store(folder: Path) -> None:
    with (folder / "train.de").open("a") as stream:
        stream.write("one line more\n")
    with pytest.raises(DataError, match="301 lines") as caught:
        prepare_in(folder)
    assert caught.value.error_id == "data.line-count"
    assert not [name for name in names(folder) if not name.endswith(".lock")]
