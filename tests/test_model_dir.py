"""The model directory: self-contained, checked before it is read, never executed."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from seqtool import fs
from seqtool.errors import ModelError
from seqtool.model_dir import ModelConfig, ModelDir, Reach, open_model_dir
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.schema import DecodingSection
from seqtool.runtime.torch_weights import load_network, read_tensors
from seqtool.translator import Translator


@pytest.fixture
def model_dir(random_model: Path, tmp_path: Path) -> Path:
    """A copy one may damage."""
    return Path(shutil.copytree(random_model, tmp_path / "model"))


def load(path: Path) -> tuple[ModelDir, Seq2Seq]:
    """Everything in a model directory that torch needs."""
    opened = open_model_dir(path)
    return opened, load_network(opened)


def test_what_is_saved_is_what_is_loaded(model_dir: Path) -> None:
    opened, network = load(model_dir)
    tensors = read_tensors(model_dir / "weights.safetensors")
    assert {name for name, _ in network.named_parameters()} == set(tensors)
    assert all(torch.equal(one, tensors[name]) for name, one in network.named_parameters())
    assert opened.config.task == "translation"
    assert not network.training


def test_a_model_moves_and_needs_nothing_else(model_dir: Path, tmp_path: Path) -> None:
    expected = Translator.load(model_dir).translate_window(["eins zwei ."])[0].text
    elsewhere = tmp_path / "else" / "where"
    elsewhere.parent.mkdir()
    model_dir.rename(elsewhere)
    assert Translator.load(elsewhere).translate_window(["eins zwei ."])[0].text == expected


def test_a_run_directory_stands_for_its_model(model_dir: Path) -> None:
    assert open_model_dir(model_dir.parent).path == model_dir


def _flip_a_bit(folder: Path) -> None:
    path = folder / "weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-7] ^= 1
    path.write_bytes(data)


def _truncate(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _pickle(folder: Path) -> None:
    """A file that would create `executed` if anything unpickled it, in place of the weights, manifest and all."""
    target = str(folder / "executed")
    body = b"cos\nsystem\n(S'touch " + target.encode() + b"'\ntR."
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", body)
    (folder / "weights.safetensors").write_bytes(stream.getvalue())


def _reseal(folder: Path) -> None:
    """Gives a changed directory a manifest that agrees with it."""
    twin = folder.with_name("resealed")
    with fs.commit_dir(twin) as part:
        for path in folder.iterdir():
            if path.name != "manifest.json":
                shutil.copy(path, part / path.name)
    shutil.rmtree(folder)
    twin.rename(folder)


def _sealed_pickle(folder: Path) -> None:
    _pickle(folder)
    _reseal(folder)


def _edit_config(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    facts = json.loads((folder / "config.json").read_text())
    change(facts)
    (folder / "config.json").write_text(json.dumps(facts))
    _reseal(folder)


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _other_format(folder: Path) -> None:
    _edit_config(folder, lambda facts: facts.update(format=99))


def _unknown_key(folder: Path) -> None:
    _edit_config(folder, lambda facts: facts.update(surprise=1))


def _wider_model(folder: Path) -> None:
    _edit_config(folder, lambda facts: facts["model"].update(embedding=48))  # type: ignore[attr-defined]


def _list_for_config(folder: Path) -> None:
    (folder / "config.json").write_text("[" * 100_000)
    _reseal(folder)


def _foreign_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.model").write_bytes(b"\x00" * 100)
    _reseal(folder)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_flip_a_bit, "weights.safetensors"),
        (_truncate, "weights.safetensors"),
        (_pickle, "weights.safetensors"),
        (_sealed_pickle, "weights.safetensors"),
        (_remove("weights.safetensors"), "weights.safetensors"),
        (_remove("config.json"), "config.json"),
        (_remove("tokenizer.model"), "tokenizer.model"),
        (_without_manifest, "manifest.json"),
        (_other_format, "format"),
        (_unknown_key, "surprise"),
        (_wider_model, "the model needs"),
        (_list_for_config, "config.json"),
        (_foreign_tokenizer, "tokenizer"),
    ],
)
def test_a_damaged_model_is_refused(model_dir: Path, damage: Callable[[Path], None], message: str) -> None:
    damage(model_dir)
    with pytest.raises(ModelError, match=message) as caught:
        load(model_dir)
    assert caught.value.hint
    assert not (model_dir / "executed").exists()


@pytest.mark.parametrize("kind", ["missing", "file", "empty"])
def test_what_is_no_model_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    if kind == "file":
        path.write_text("hello")
    elif kind == "empty":
        path.mkdir()
    with pytest.raises(ModelError, match=os.fspath(path)):
        load(path)


@pytest.mark.parametrize(
    ("encoder", "src", "why"),
    [
        ({"positions": "learned", "max_positions": 50}, 49, "and a mark"),
        ({"positions": "learned", "max_positions": 50, "chunk": 50}, None, "every chunk has all its positions"),
        ({"positions": "learned", "max_positions": 50, "chunk": 51}, 49, "a document of one chunk would lack the last"),
        ({"positions": "sinusoidal", "chunk": 50}, None, "they have no end"),
    ],
)
def test_learned_positions_reach_as_far_as_no_chunk_begins_anew(
    encoder: dict[str, object], src: int | None, why: str
) -> None:
    section = ModelSection.model_validate({"encoder": {"kind": "transformer", **encoder}})
    config = ModelConfig(task="summarization", model=section, decoding=DecodingSection(), max_src_tokens=400)
    assert config.reach == Reach(src, None), why
