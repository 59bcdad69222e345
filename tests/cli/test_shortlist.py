"""A vocabulary shortlist on the command line: exported on demand, used on demand, refused where it cannot be."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from seqtool.errors import UsageError
from seqtool.model_dir import SHORTLIST, add_files, open_model_dir
from seqtool.runtime.shortlist import Shortlist
from seqtool.text.glossary import Glossary
from seqtool.translator import Translator
from tests.cli.processes import Warm
from tests.cli.training_runs import Trained
from tests.number_words import number_pairs, write_lines

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def short(exported: Trained, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A run exported with a shortlist; `done` is what the command said."""
    folder = Path(shutil.copytree(exported.folder, tmp_path_factory.mktemp("short") / "run"))
    done = warm.seqtool("export", "-m", "runs/numbers", "--shortlist", cwd=folder)
    assert done.code == 0, done.err
    return Trained(folder, done)


def translated(run: Trained, warm: Warm, lines: list[str], *options: str) -> list[str]:
    text = "".join(f"{line}\n" for line in lines).encode()
    done = warm.seqtool("translate", "-m", run.run_dir, "-q", *options, cwd=run.folder, stdin=text)
    assert done.code == 0, done.err
    return done.out.split("\n")[:-1]


def test_the_export_tells_what_the_shortlist_costs(short: Trained) -> None:
    assert re.search(r"\nint8 with shortlist: BLEU \d+\.\d\d \([+-]\d+\.\d\d\)\n$", short.done.out)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_text_does_not_depend_on_the_batch(precision: str, short: Trained, warm: Warm) -> None:
    lines = [src for src, _ in number_pairs(60, 77)]
    options = ("--precision", precision, "--shortlist")
    found = translated(short, warm, lines, *options)
    assert translated(short, warm, lines[::-1], *options, "--batch-size", "7")[::-1] == found
    assert translated(short, warm, lines, *options, "--batch-size", "1") == found


def test_what_is_not_on_the_list_is_not_said(short: Trained, warm: Warm, tmp_path: Path) -> None:
    """The list that was learnt holds all of this small vocabulary; one with the end alone leaves nothing to say."""
    model = Path(shutil.copytree(short.run_dir / "model", tmp_path / "model"))
    opened = open_model_dir(model)
    src, tgt = (one.vocab_size for one in (opened.tokenizers.src, opened.tokenizers.tgt))
    nothing = Shortlist(np.arange(4), np.full((src, 1), -1), tgt)
    add_files(opened, {SHORTLIST: nothing.to_bytes()})
    for options, expected in ([], "one two .\n"), (["--shortlist"], "\n"):
        done = warm.seqtool("translate", "-m", "model", *options, cwd=tmp_path, stdin=b"eins zwei .\n")
        assert (done.code, done.out) == (0, expected)


def test_a_model_without_a_shortlist_says_how_to_write_one(exported: Trained, warm: Warm) -> None:
    done = warm.seqtool("translate", "-m", exported.run_dir, "--shortlist", cwd=exported.folder, stdin=b"eins .\n")
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith(f"error[model.no-shortlist]: {exported.run_dir}/model has no fp32 shortlist\n")
    assert "hint: write one: seqtool export --shortlist -m " in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--runtime", "torch"], "usage.shortlist]: torch has no shortlist"),
        (["-m", "runs/numbers"], "usage.shortlist]: a shortlist for an ensemble"),
    ],
)
def test_where_there_is_no_shortlist(options: list[str], said: str, short: Trained, warm: Warm) -> None:
    whole = ("translate", "-m", short.run_dir, "--shortlist", *options)
    done = warm.seqtool(*whole, cwd=short.folder, stdin=b"eins .\n")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[{said}")


def test_what_must_be_said_may_not_be_on_the_list(short: Trained) -> None:
    """For those who write Python; the command line refuses it, too."""
    model = Translator.load(short.run_dir, shortlist=True)
    for demand in (
        lambda: model.with_search(glossary=Glossary([])),
        lambda: model.translate_window(["eins ."], ["one"]),
    ):
        with pytest.raises(UsageError, match="shortlist") as caught:
            demand()
        assert caught.value.error_id == "usage.shortlist"
    assert len(model.with_search().translate_window(["eins .", "zwei ."], ["", ""])) == 2


@pytest.mark.parametrize("name", ["shortlist.safetensors", "short.int8.onnx", "pick.int8.onnx"])
def test_a_shortlist_altered_by_one_bit_is_refused(name: str, short: Trained, warm: Warm, tmp_path: Path) -> None:
    model = Path(shutil.copytree(short.run_dir / "model", tmp_path / "model"))
    data = bytearray((model / name).read_bytes())
    data[len(data) // 2] ^= 1
    (model / name).write_bytes(data)
    write_lines(tmp_path / "in.txt", ["eins ."])
    done = warm.seqtool("translate", "-m", "model", "--shortlist", "--precision", "int8", "in.txt", cwd=tmp_path)
    assert (done.code, done.out) == (4, "")
    assert name in done.err


def test_without_the_recipe_there_is_nothing_to_learn_from(short: Trained, warm: Warm, tmp_path: Path) -> None:
    model = Path(shutil.copytree(short.run_dir / "model", tmp_path / "model"))
    write_lines(tmp_path / "src", ["eins ."])
    done = warm.seqtool("export", "-m", model, "--src", "src", "--shortlist", cwd=tmp_path)
    assert done.code == 2
    assert "has no recipe.yaml, so there is no train set" in done.err
