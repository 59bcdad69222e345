"""One trained model for all tests of the command line, made by the command line once a session."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from seqtool.model_dir import WEIGHTS, open_model_dir, write_model_dir
from tests.cli.processes import Done, Warm, seqtool
from tests.cli.training_runs import Trained, write_recipe
from tests.once import made_once


@pytest.fixture(scope="session")
def trained(number_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """An undisturbed run of `seqtool train recipe.yaml`. Tests that change something in it copy it first."""

    def train(folder: Path) -> None:
        shutil.copytree(number_corpus, folder / "corpus")  # a worker's own goes when that ends
        write_recipe(folder, folder / "corpus")
        _note(folder, seqtool("train", "recipe.yaml", cwd=folder))

    return _noted(made_once(tmp_path_factory, "trained", train))


def _note(folder: Path, done: Done) -> None:
    """Keeps what a command said for all who look at what it did."""
    assert done.code == 0, done.err
    folder.with_name(f"{folder.name}.said").write_text(json.dumps([done.code, done.out, done.err]), "utf-8")


def _noted(folder: Path) -> Trained:
    return Trained(folder, Done(*json.loads(folder.with_name(f"{folder.name}.said").read_text("utf-8"))))


@pytest.fixture(scope="session")
def exported(trained: Trained, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The same run with its graphs for ONNX Runtime; `done` is what `seqtool export` said."""

    def export(folder: Path) -> None:
        shutil.copytree(trained.folder, folder, dirs_exist_ok=True)
        _note(folder, warm.seqtool("export", "-m", "runs/numbers", cwd=folder))

    return _noted(made_once(tmp_path_factory, "exported", export))


@pytest.fixture(scope="session")
def summarizer(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model, said to summarize."""
    opened = open_model_dir(trained.run_dir)
    path = tmp_path_factory.mktemp("summarizer") / "model"
    config = opened.config.model_copy(update={"task": "summarization"})
    write_model_dir(path, opened.read(WEIGHTS), opened.tokenizers, config)
    return path
