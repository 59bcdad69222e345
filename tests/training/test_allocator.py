"""Memory that is freed and wanted again costs no fresh pages."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from tests.cli.processes import python

_PROGRAM = """
import resource, torch
from seqtool.training.allocator import keep_freed_memory
{before}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def step():
    return [torch.ones(5_000_000) for _ in range(8)]  # 160 MB, all freed at once
step(), step()
start = faults()
for _ in range(5):
    step()
print(faults() - start)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such settings")
def test_blocks_that_are_freed_are_used_again(tmp_path: Path) -> None:
    fresh, kept = (
        int(python("-c", _PROGRAM.format(before=before), cwd=tmp_path).out)
        for before in ("", "assert keep_freed_memory()")
    )
    assert kept < fresh / 10
