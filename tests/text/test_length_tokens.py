"""Length tokens: which targets are short, medium and long, and where the tokens stand in a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.errors import ModelError
from seqtool.recipe.rules import CorpusLimits
from seqtool.text.epochs import Epochs
from seqtool.text.length_tokens import PIECES, Bounds, bounds_of, length_ids
from seqtool.text.prepared import Prepared
from seqtool.text.tokenizer import UNK
from tests.number_words import write_lines
from tests.text.preparing import prepare_in, write_corpus


@pytest.mark.parametrize(
    ("lengths", "bounds"),
    [
        ([1, 2, 3, 4, 5, 6], Bounds(2, 4)),
        ([1] * 30 + [3] * 36 + [6] * 34, Bounds(1, 3)),  # the nearest border to a third, though it is before it
        ([1] * 90 + [2] * 5 + [3] * 5, Bounds(0, 1)),  # one length is most of them, and is medium
        ([4, 4, 4], Bounds(0, 4)),
        ([5, 9], Bounds(0, 5)),
        ([7], Bounds(0, 7)),
    ],
)
def test_bounds_are_as_near_to_thirds_as_lengths_allow(lengths: list[int], bounds: Bounds) -> None:
    assert bounds_of(np.array(lengths)) == bounds


@given(st.lists(st.integers(1, 40), min_size=1, max_size=50))
def test_longer_targets_are_never_of_a_shorter_class_and_some_are_medium(lengths: list[int]) -> None:
    classes = bounds_of(np.array(lengths)).classes(np.array(sorted(lengths)))
    assert classes.tolist() == sorted(classes.tolist())
    assert 1 in classes
    assert set(classes.tolist()) <= {0, 1, 2}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("lengths")
    write_corpus(folder)
    write_lines(folder / "valid.de", ["", "eins .", *["zwei drei vier eins eins eins ."] * 2])
    write_lines(folder / "valid.en", ["one .", "one .", "two .", "two three four one one one ."])
    return prepare_in(folder, {"length_tokens": True})


def rows(split: Any, side: str) -> list[list[int]]:
    return [getattr(split, side)(place).tolist() for place in range(len(split))]


def test_each_source_begins_with_the_length_of_its_target(store: Prepared) -> None:
    ids = length_ids(store.tokenizers.src).tolist()
    assert store.tokenizers.src.pieces(ids) == list(PIECES)
    assert store.length_bounds == bounds_of(store.train.tgt_lengths)
    for split in (store.train, store.valid):
        classes = store.length_bounds.classes(split.tgt_lengths)
        for src, kind in zip(rows(split, "src"), classes.tolist(), strict=True):
            assert not src or src[0] == ids[kind]
            assert not set(src[1:]) & set(ids)
        assert not {i for row in rows(split, "tgt") for i in row} & set(ids)
    shares = np.bincount(store.length_bounds.classes(store.train.tgt_lengths)) / len(store.train)
    assert shares.min() > 0.2
    assert rows(store.valid, "src")[0] == [], "nothing is nothing"
    assert rows(store.valid, "src")[2][1:] == rows(store.valid, "src")[3][1:]
    assert [rows(store.valid, "src")[place][0] for place in (2, 3)] == [ids[0], ids[2]]


def test_text_never_becomes_one_and_they_are_no_text(store: Prepared) -> None:
    tokenizer = store.tokenizers.src
    ids = length_ids(tokenizer).tolist()
    for text in (*PIECES, "<short>eins", "eins <long> ."):
        assert not set(tokenizer.encode(text)) & set(ids)
    assert tokenizer.decode([*ids, *tokenizer.encode("eins ."), ids[0]]) == "eins ."
    assert tokenizer.control("<s>") is not None
    assert tokenizer.control("eins") is tokenizer.control("<other>") is None


def test_without_them_a_tokenizer_has_three_pieces_more_of_text(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    plain = prepare_in(tmp_path)
    marked = prepare_in(tmp_path, {"length_tokens": True}, {"shared": False})
    assert plain.tokenizers.src.control("<short>") is plain.length_bounds is None
    assert marked.tokenizers.tgt.control("<short>") is None, "a target needs none"
    assert len(length_ids(marked.tokenizers.src)) == 3
    assert prepare_in(tmp_path, {"length_tokens": False}).key == plain.key != marked.key


def test_they_count_and_stay_where_a_source_is_cut_or_sampled(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    for rule in ("head", "head_tail", "sentences"):
        data = {"length_tokens": True, "max_src_tokens": 6, "truncate": rule, "truncate_src": True}
        store = prepare_in(tmp_path, data)
        ids = set(length_ids(store.tokenizers.src).tolist())
        limits = CorpusLimits(6, 100, 9.0, True, rule, True)  # type: ignore[arg-type]
        drawn = Epochs(store.train, store.tokenizers, sampling=0.1, noise=None, seed=1, limits=limits).pairs(0)
        sampled = [row.tolist() for row in drawn.gather(range(len(store.train)))[0]]
        assert sampled != rows(store.train, "src")
        for row, before in zip([*sampled, *rows(store.train, "src")], rows(store.train, "src") * 2, strict=True):
            assert row[0] == before[0]
            assert row[0] in ids
            assert len(row) <= 6
            assert not set(row[1:]) & {*ids, UNK}
        assert store.ledger.cut > 50


def test_a_given_tokenizer_must_have_them(store: Prepared, tmp_path: Path) -> None:
    write_corpus(tmp_path)
    own = prepare_in(tmp_path)
    with pytest.raises(ModelError, match="no control pieces <short>, <medium>, <long>") as caught:
        prepare_in(tmp_path, {"length_tokens": True}, {"model": str(own.path)})
    assert "remove data.length_tokens" in caught.value.hint
    again = prepare_in(tmp_path, {"length_tokens": True}, {"model": str(store.path)})
    assert again.tokenizers.files() == store.tokenizers.files()
    assert again.length_bounds is not None
    assert prepare_in(tmp_path, tok={"model": str(store.path)}).length_bounds is None
