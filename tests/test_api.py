"""What a program that imports seqtool relies on."""

from __future__ import annotations

from pathlib import Path

import pytest

import seqtool
from tests.cli.processes import python


def test_what_goes_wrong_has_an_id_a_remedy_and_an_exit_code(tmp_path: Path) -> None:
    with pytest.raises(seqtool.SeqtoolError) as caught:
        seqtool.Translator.load(tmp_path / "nowhere")
    assert (caught.value.error_id, caught.value.exit_code) == ("model.not-found", 4)
    assert "nowhere" in caught.value.message
    assert caught.value.hint


def test_the_import_is_quick_and_there_is_nothing_else_to_import(tmp_path: Path) -> None:
    program = (
        "import sys, seqtool; seqtool.SeqtoolError; print(sorted({'torch', 'numpy', 'pydantic'} & set(sys.modules)))"
    )
    done = python("-c", program, cwd=tmp_path)
    assert (done.code, done.out) == (0, "[]\n"), done.err
    assert sorted(seqtool.__all__) == ["SeqtoolError", "Translator", "__version__"]
    with pytest.raises(AttributeError, match="no attribute 'Model'"):
        _ = seqtool.Model
