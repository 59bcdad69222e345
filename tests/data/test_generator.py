"""The shipped files are what the generator writes, and it writes the same on every machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data.conftest import DATA

FILES = sorted(
    [f"de-en/{split}.{side}" for split in ("train", "valid", "test") for side in ("de", "en")]
    + [f"reports/{split}.jsonl" for split in ("train", "valid", "test", "unseen")]
)


def generate(*arguments: str | Path, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    """The generator in a process of its own, started somewhere else than in the repository."""
    return subprocess.run(
        [sys.executable, "-W", "error", DATA / "generate.py", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=DATA.anchor,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_the_shipped_files_are_what_the_generator_writes() -> None:
    done = generate("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_else_is_shipped_beside_them() -> None:
    shipped = [path.relative_to(DATA).as_posix() for name in ("de-en", "reports") for path in (DATA / name).iterdir()]
    assert sorted(shipped) == FILES


@pytest.mark.slow
def test_check_names_each_file_that_was_altered_or_lost_and_leaves_it_so(tmp_path: Path) -> None:
    for name in ("de-en", "reports"):
        shutil.copytree(DATA / name, tmp_path / name)
    altered, lost = tmp_path / "de-en" / "valid.en", tmp_path / "reports" / "test.jsonl"
    text = altered.read_bytes()
    altered.write_bytes(text[:-2] + b"!\n")  # the full stop at the very end
    lost.unlink()
    done = generate("--check", "--out", tmp_path)
    assert done.returncode == 1
    messages = done.stderr.splitlines()
    assert len(messages) == 2
    for message, path in zip(messages, (altered, lost), strict=True):
        assert message.startswith(f"{path} ")
        assert "data/generate.py" in message
    assert not lost.exists()
    assert altered.read_bytes() != text


@pytest.mark.slow
def test_the_order_of_sets_and_dictionaries_changes_no_byte(tmp_path: Path) -> None:
    for seed in ("1", "4294967295"):
        done = generate("--out", tmp_path / seed, hash_seed=seed)
        assert done.returncode == 0
        assert sorted(done.stdout.splitlines()) == [str(tmp_path / seed / name) for name in FILES]
    for name in FILES:
        first, second = ((tmp_path / seed / name).read_bytes() for seed in ("1", "4294967295"))
        assert first == second
        assert first == (DATA / name).read_bytes()
