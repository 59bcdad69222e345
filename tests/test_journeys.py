"""Journeys: what a person does from beginning to end, as scripts that anybody can read and follow, run in a real shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seqtool.cli.app import app
from tests.cli.processes import PACKAGE_ROOT, environment

FOLDER = PACKAGE_ROOT / "tests/journeys"
# Those that translate go on with the model of the first, as somebody who follows them in order would.
ORDER = ["no-data", "pipe", "compare", "own-tsv", "crash-and-resume", "own-jsonl"]
COMMANDS = {command.name for command in app.registered_commands}


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


def lacking(script: str) -> set[str]:
    """The commands that a script says it needs and that are not there."""
    needed = re.search(r"^# needs: (.*)$", script, re.MULTILINE)
    return set(needed[1].split()) - COMMANDS if needed else set()


@pytest.mark.slow
@pytest.mark.parametrize("name", ORDER)
def test_a_journey_arrives(name: str, clone: Path) -> None:
    script = FOLDER / f"{name}.sh"
    if absent := lacking(script.read_text("utf-8")):
        pytest.skip(f"there is no seqtool {' or '.join(sorted(absent))} yet")
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


def test_what_a_journey_lacks_is_found() -> None:
    assert lacking("# needs: train frobnicate\nseqtool train\n") == {"frobnicate"}
    assert lacking("seqtool train\n") == set()
