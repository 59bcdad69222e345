"""`tokenizer.model`: tokenizers taken from files and directories, what then makes another store, and what cannot be taken."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
import sentencepiece

from seqtool import fs
from seqtool.errors import ModelError
from seqtool.text.given_tokenizer import given_tokenizers
from seqtool.text.prepared import Prepared
from tests.text.preparing import prepare_in, write_corpus


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Prepared]:
    """With one tokenizer and with two."""
    folder = tmp_path_factory.mktemp("stores")
    write_corpus(folder, train=80)
    return {shared: prepare_in(folder, tok={"shared": shared}) for shared in (True, False)}


def model_dir(store: Prepared, path: Path) -> Path:
    """The tokenizers of a store in a directory with a manifest."""
    fs.make_dir(path.parent)
    with fs.commit_dir(path) as folder:
        for name, data in store.tokenizers.files().items():
            (folder / name).write_bytes(data)
    return path


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("kind", ["model directory", "run directory", "plain directory"])
def test_a_directory_has_one_or_two(stores: dict[bool, Prepared], tmp_path: Path, shared: bool, kind: str) -> None:
    path = tmp_path / "a"
    folder = model_dir(stores[shared], path / "model" if kind == "run directory" else path)
    if kind == "plain directory":
        (folder / fs.MANIFEST).unlink()
    found = given_tokenizers(path)
    assert found.files() == stores[shared].tokenizers.files()
    assert found.shared == shared


def test_a_file_is_one_for_both_sides(stores: dict[bool, Prepared], tmp_path: Path) -> None:
    data = stores[False].tokenizers.src.model_bytes
    (tmp_path / "spm.model").write_bytes(data)
    found = given_tokenizers(tmp_path / "spm.model")
    assert found.shared
    assert found.src.model_bytes == found.tgt.model_bytes == data


@pytest.mark.parametrize("shared", [True, False])
def test_a_store_takes_it_instead_of_training_one(stores: dict[bool, Prepared], tmp_path: Path, shared: bool) -> None:
    """Also where the recipe's own `shared` says otherwise."""
    write_corpus(tmp_path, train=40)
    given = model_dir(stores[shared], tmp_path / "given")
    calls: list[str] = []
    store = prepare_in(
        tmp_path, tok={"model": str(given), "shared": not shared}, progress=lambda stage, _count: calls.append(stage)
    )
    assert set(calls) == {"train", "valid"}
    assert store.tokenizers.files() == stores[shared].tokenizers.files()
    assert (store.tokenizers.shared, store.tokenizers.src is store.tokenizers.tgt) == (shared, shared)
    text = (tmp_path / "train.de").read_text().splitlines()
    assert store.tokenizers.src.decode(store.train.src(7).tolist()) == text[7]


def test_the_store_depends_on_its_bytes_and_not_on_its_place_or_what_trains_one(
    stores: dict[bool, Prepared], tmp_path: Path
) -> None:
    write_corpus(tmp_path, train=40)
    given = model_dir(stores[True], tmp_path / "given")
    first = prepare_in(tmp_path, tok={"model": str(given)})
    elsewhere = shutil.copy(given / "tokenizer.model", tmp_path / "copy.model")
    other = prepare_in(tmp_path, tok={"model": str(elsewhere), "vocab_size": 50, "kind": "bpe"}, seed=2)
    assert other.key == first.key
    own = prepare_in(tmp_path)
    two = prepare_in(tmp_path, tok={"model": str(model_dir(stores[False], tmp_path / "two"))})
    assert len({first.key, own.key, two.key}) == 3


def test_what_cannot_be_taken(stores: dict[bool, Prepared], tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no model")
    foreign = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d"] * 20), model_writer=foreign, vocab_size=8, minloglevel=2
    )
    (tmp_path / "foreign").write_bytes(foreign.getvalue())
    fs.make_dir(tmp_path / "empty")
    damaged = model_dir(stores[True], tmp_path / "damaged") / "tokenizer.model"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    half = model_dir(stores[False], tmp_path / "half")
    for name in ("tokenizer.tgt.model", fs.MANIFEST):
        (half / name).unlink()
    said = {
        "nowhere": "does not exist",
        "text": "is not a SentencePiece model",
        "foreign": "pad, unk, bos, eos = (-1, 0, 1, 2), not (0, 1, 2, 3)",
        "empty": "no tokenizer.model in it",
        "damaged": "was changed after it was written",
        "half": "neither tokenizer.model nor tokenizer.tgt.model",
    }
    for name, words in said.items():
        with pytest.raises(ModelError) as caught:
            given_tokenizers(tmp_path / name)
        assert caught.value.message.startswith(f"tokenizer.model: {tmp_path / name}")
        assert words in caught.value.message
        assert "a SentencePiece file, or a model or run directory" in caught.value.hint
