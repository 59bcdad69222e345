"""What several workers of one test session need is made once: by the first that asks, while the others wait."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, which is the same for all workers, after `make` has filled it. Who changes something in it copies it first."""
    base = factory.getbasetemp()
    shared = (
        base.parent if base.name.startswith("popen-") else base
    )  # a worker of pytest-xdist has a folder of its own in the session's
    folder, ready = shared / f"shared-{name}", shared / f"shared-{name}.ready"
    with (shared / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one that failed
            folder.mkdir()
            make(folder)
            ready.touch()
    return folder
