"""Locks: one process at a time, and a killed one holds nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqtool import locks
from seqtool.errors import ResourceError


def test_a_lock_names_the_process_that_holds_it(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    code = """
import sys, time
from pathlib import Path
from seqtool import locks
with locks.lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(ResourceError) as caught, locks.lock(path):
            pass
        process.kill()
    assert caught.value.error_id == "fs.locked"
    assert caught.value.message == f"{path} is held by process {process.pid}, which is at work here"
    assert caught.value.hint == "wait for it to end, or stop it"
    with locks.lock(path):  # a process that was killed holds nothing
        assert path.read_text() == f"{os.getpid()}\n"
        with pytest.raises(ResourceError, match=str(os.getpid())), locks.lock(path):
            pass
    with pytest.raises(ValueError, match="own"), locks.lock(path):
        raise ValueError("own")
    with locks.lock(path):
        pass
