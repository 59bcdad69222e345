"""Memory grows with the length of the source, and not with its square."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.processes import PACKAGE_ROOT, python
from tests.models.long_sources import KINDS, LENGTHS


@pytest.mark.parametrize("way", ["train", "decode"])
@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_linear_in_the_length_of_the_source(kind: str, way: str, tmp_path: Path) -> None:
    """From 2,000 to 4,000 tokens a process grows twice as much as from 1,000 to 2,000; with a square in it, four times."""
    assert LENGTHS == (1000, 2000, 4000)
    done = python("-m", "tests.models.long_sources", kind, way, cwd=tmp_path, PYTHONPATH=str(PACKAGE_ROOT))
    assert done.code == 0, done.err
    one, two, four = map(int, done.out.split())
    assert two - one > 5e6, "what is measured is more than noise"
    assert 1.4 < (four - two) / (two - one) < 2.6
