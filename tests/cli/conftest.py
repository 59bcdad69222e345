"""One trained model for all tests of the command line, made by the command line, and a quick way to run commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqtool.model_dir import WEIGHTS, open_model_dir, write_model_dir
from tests.cli.processes import Warm, seqtool
from tests.cli.training_runs import Trained, write_recipe


@pytest.fixture(scope="session")
def trained(number_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """An undisturbed run of `seqtool train recipe.yaml`. Tests that change something in it copy it first."""
    folder = tmp_path_factory.mktemp("trained")
    write_recipe(folder, number_corpus)
    done = seqtool("train", "recipe.yaml", cwd=folder)
    assert done.code == 0, done.err
    return Trained(folder, done)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Runs commands without the wait for torch."""
    process = Warm()
    yield process
    process.close()


@pytest.fixture(scope="session")
def exported(trained: Trained, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The same run with its graphs for ONNX Runtime; `done` is what `seqtool export` said."""
    folder = Path(shutil.copytree(trained.folder, tmp_path_factory.mktemp("exported") / "run"))
    done = warm.seqtool("export", "-m", "runs/numbers", cwd=folder)
    assert done.code == 0, done.err
    return Trained(folder, done)


@pytest.fixture(scope="session")
def summarizer(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model, said to summarize."""
    opened = open_model_dir(trained.run_dir)
    path = tmp_path_factory.mktemp("summarizer") / "model"
    config = opened.config.model_copy(update={"task": "summarization"})
    write_model_dir(path, opened.read(WEIGHTS), opened.tokenizers, config)
    return path
