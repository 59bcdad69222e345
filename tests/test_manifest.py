"""A directory that was damaged or tampered with is refused, and the message names the file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqtool import fs, manifest
from seqtool.errors import ModelError

Tamper = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with fs.commit_dir(tmp_path / "model") as part:
        (part / "weights.bin").write_bytes(bytes(1000))
        (part / "config.json").write_bytes(b"{}")
    return tmp_path / "model"


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)


def link(path: Path) -> None:
    copy = path.parent.parent / "copy"
    path.rename(copy)
    path.symlink_to(copy)


def become_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def entries(change: Callable[[dict[str, Any]], object]) -> Tamper:
    def tamper(path: Path) -> None:
        content = json.loads(path.read_text())
        change(content["files"])
        path.write_text(json.dumps(content))

    return tamper


def named(name: str) -> Tamper:
    return entries(lambda files: files.__setitem__(name, files["weights.bin"]))


def described(**facts: object) -> Tamper:
    return entries(lambda files: files["weights.bin"].update(facts))


WEIGHTS = [
    ("one bit is flipped", flip, "model.corrupt", "was changed"),
    ("the end is missing", lambda path: path.write_bytes(bytes(999)), "model.corrupt", "has 999 bytes, its manifest says 1,000"),
    ("there is more at the end", lambda path: path.write_bytes(bytes(1001)), "model.corrupt", "has 1,001 bytes"),
    ("it is empty", lambda path: path.write_bytes(b""), "model.corrupt", "has 0 bytes"),
    ("it is missing", Path.unlink, "model.missing", "is missing"),
    ("it is a link to a right copy", link, "model.corrupt", "is a link"),
    ("it is a directory", become_directory, "model.corrupt", "is not a file"),
    ("it is a pipe, which would wait for ever", become_pipe, "model.corrupt", "is not a file"),
]  # fmt: skip

MANIFESTS = [
    ("it is missing", Path.unlink, "model.missing", "is missing"),
    ("it is a link", link, "model.corrupt", "is a link"),
    ("it is a pipe", become_pipe, "model.corrupt", "is not a file"),
    ("it is not JSON", lambda path: path.write_text("{"), "model.manifest", "is not JSON"),
    ("it is not UTF-8", lambda path: path.write_bytes(b'{"\xff": 1}'), "model.manifest", "is not JSON"),
    ("it is nested without end", lambda path: path.write_text("[" * 100_000), "model.manifest", "is not JSON"),
    ("it has a number without end", lambda path: path.write_text("9" * 10_000), "model.manifest", "is not JSON"),
    ("it is a list", lambda path: path.write_text("[]"), "model.manifest", "no manifest of format 1"),
    ("it is empty", lambda path: path.write_text("{}"), "model.manifest", "no manifest of format 1"),
    ("its format is another", lambda path: path.write_text('{"format": 2, "files": {}}'), "model.manifest", "no manifest of format 1"),
    ("its files are a list", lambda path: path.write_text('{"format": 1, "files": []}'), "model.manifest", "no manifest of format 1"),
    ("it is huge", lambda path: path.write_bytes(b" " * ((1 << 20) + 1)), "model.manifest", "larger than 1,048,576 bytes"),
    ("it names very many files", lambda path: path.write_text(json.dumps({"format": 1, "files": dict.fromkeys(map(str, range(5000)))})),
     "model.manifest", "more than 4,096 files"),
    ("a name leads out", named("../copy"), "model.manifest", "'../copy' is not a plain file name"),
    ("a name is absolute", named("/etc/passwd"), "model.manifest", "not a plain file name"),
    ("a name leads into a directory", named("a/b"), "model.manifest", "not a plain file name"),
    ("a name has a backslash", named("a\\b"), "model.manifest", "not a plain file name"),
    ("a name is the directory", named("."), "model.manifest", "not a plain file name"),
    ("a name is the one above", named(".."), "model.manifest", "not a plain file name"),
    ("a name is empty", named(""), "model.manifest", "not a plain file name"),
    ("a name has a NUL", named("a\0"), "model.manifest", "not a plain file name"),
    ("a name has an escape", named("\x1b[31m"), "model.manifest", r"'\x1b[31m' is not"),
    ("a name is half a character", named("\ud800"), "model.manifest", "not a plain file name"),
    ("a name ends its line", named("a\n"), "model.manifest", "not a plain file name"),
    ("a name is the manifest's", named("manifest.json"), "model.manifest", "not a plain file name"),
    ("a file is not there", named("extra"), "model.missing", "extra is missing"),
    ("an entry is no object", entries(lambda files: files.update({"weights.bin": 5})), "model.manifest", "weights.bin lacks a size"),
    ("a size is text", described(size="1000"), "model.manifest", "weights.bin lacks a size"),
    ("a size is true", described(size=True), "model.manifest", "weights.bin lacks a size"),
    ("a size is negative", described(size=-1), "model.manifest", "weights.bin lacks a size"),
    ("a size is another", described(size=10**30), "model.corrupt", "weights.bin has 1,000 bytes"),
    ("a SHA-256 is short", described(sha256="00"), "model.manifest", "weights.bin lacks a size or a SHA-256"),
    ("a SHA-256 is a number", described(sha256=5), "model.manifest", "weights.bin lacks a size or a SHA-256"),
    ("a SHA-256 is another", described(sha256="0" * 64), "model.corrupt", "weights.bin was changed"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "tamper", "error_id", "said"), [
    *(pytest.param("weights.bin", *row[1:], id=f"weights: {row[0]}") for row in WEIGHTS),
    *(pytest.param("manifest.json", *row[1:], id=f"manifest: {row[0]}") for row in MANIFESTS),
])  # fmt: skip
def test_a_damaged_directory_is_refused(folder: Path, file: str, tamper: Tamper, error_id: str, said: str) -> None:
    tamper(folder / file)
    with pytest.raises(ModelError) as caught:
        fs.verify_dir(folder)
    assert caught.value.error_id == error_id
    assert said in caught.value.message
    assert str(folder) in caught.value.message
    assert caught.value.hint
    assert caught.value.message.isprintable()


def test_a_whole_directory_is_accepted_and_its_files_are_named(folder: Path) -> None:
    (folder / "notes.txt").write_text("not in the manifest")
    expected = {name: folder / name for name in ("config.json", "weights.bin")}
    assert fs.verify_dir(folder) == expected
    assert fs.verify_dir(folder, quick=True) == expected


def test_quick_compares_sizes_only(folder: Path) -> None:
    flip(folder / "weights.bin")
    fs.verify_dir(folder, quick=True)
    (folder / "weights.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="has 0 bytes"):
        fs.verify_dir(folder, quick=True)


def test_sizes_are_compared_before_anything_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a file was read")

    (folder / "weights.bin").write_bytes(b"")
    monkeypatch.setattr(manifest.hashlib, "file_digest", never)
    with pytest.raises(ModelError, match="has 0 bytes"):
        fs.verify_dir(folder)


def test_what_is_no_directory_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name, said in (("no", "does not exist"), ("file", "is not a directory")):
        with pytest.raises(ModelError, match=said) as caught:
            fs.verify_dir(tmp_path / name)
        assert caught.value.error_id == "model.missing"
