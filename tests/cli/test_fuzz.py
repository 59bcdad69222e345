"""A thousand broken recipes, a thousand broken models, a thousand streams of random bytes: no bug, no wait, the right exit code.

`python -m benchmarks.fuzz` runs more of the same cases.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.fuzz_models import model_cases
from tests.cli.fuzz_recipes import recipe_cases, write_corpus
from tests.cli.fuzz_streams import stream_cases
from tests.cli.fuzzing import Server, Tally, run_cases
from tests.fuzz_bases import write_models

CASES, SEED = int(os.environ.get("FUZZ_CASES", "1000")), 1
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    process = Server()
    yield process
    process.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_models(tmp_path_factory.mktemp("models"))


def kept_all_promises(tally: Tally, expected: set[int]) -> None:
    """And the cases were such that there was something to keep: each of these exit codes came up often."""
    assert not tally.broken, "\n\n".join([f"{len(tally.broken)} broken", *tally.broken[:20]])
    assert {code for code, count in tally.codes.items() if count > CASES / 50} == expected, tally.codes


def test_recipes(server: Server, tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus")
    kept_all_promises(
        run_cases(server, "recipes", recipe_cases(tmp_path / "corpus"), range(CASES), seed=SEED), {0, 2, 3}
    )


def test_models(server: Server, models: list[Path]) -> None:
    kept_all_promises(run_cases(server, "models", model_cases(models), range(CASES), seed=SEED), {0, 4})


def test_streams(server: Server, models: list[Path]) -> None:
    kept_all_promises(run_cases(server, "streams", stream_cases(models[0]), range(CASES), seed=SEED), {0, 3})
