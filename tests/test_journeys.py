"""Journeys: what a person does from beginning to end, as scripts that anybody can read and follow, run in a real shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import PACKAGE_ROOT, environment

FOLDER = PACKAGE_ROOT / "tests/journeys"
# Those that translate go on with the model of the first, as somebody who follows them in order would.
ORDER = ["no-data", "pipe", "compare", "own-tsv", "crash-and-resume", "own-jsonl"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a clone, where what the scripts write disturbs nobody, and `bin/seqtool`."""
    folder = tmp_path_factory.mktemp("journeys")
    for name in ("data", "recipes"):
        (folder / name).symlink_to(PACKAGE_ROOT / name)
    command = folder / "bin/seqtool"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m seqtool "$@"\n', "utf-8")
    command.chmod(0o755)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ORDER)
def test_a_journey_arrives(name: str, clone: Path) -> None:
    script = FOLDER / f"{name}.sh"
    path = f"{clone / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", script], cwd=clone, env=environment(PATH=path), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr


def test_all_journeys_are_run_and_say_what_they_are() -> None:
    scripts = {path.stem: path.read_text("utf-8").splitlines() for path in FOLDER.iterdir()}
    assert sorted(scripts) == sorted(ORDER)
    for lines in scripts.values():
        assert lines[0] == "#!/usr/bin/env bash"
        assert lines[1].startswith("# ")
        assert "set -euo pipefail" in lines
