"""Word vectors from text files: which word goes to which piece, and files that cannot be used."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from seqtool.errors import DataError
from seqtool.text.vectors import read_vectors

PIECES = {"<pad>": 0, "▁the": 4, "▁house": 5, "ing": 6, "house": 7, "日": 8}
GLOVE = "the 0.5 -1e-1\ning 3 4\nhouse 1 2\nunknown 9 9\nthe 7 7\n日 5 5\n"


def write(path: Path, text: str) -> Path:
    path.write_bytes((gzip.compress if path.suffix == ".gz" else bytes)(text.encode()))
    return path


@pytest.mark.parametrize("name", ["x.txt", "x.txt.gz"])
@pytest.mark.parametrize("header", ["", "6 2\n", "6 2 \n"], ids=["glove", "word2vec", "gensim"])
def test_words_go_to_their_pieces(tmp_path: Path, name: str, header: str) -> None:
    rows, vectors = read_vectors(write(tmp_path / name, header + GLOVE), PIECES, 2)
    assert rows.tolist() == [4, 5, 6, 8]
    assert vectors.dtype == np.float32
    # a whole word before a piece of one, and of two lines for a word the first
    np.testing.assert_allclose(vectors, [[0.5, -0.1], [1, 2], [3, 4], [5, 5]])


def test_a_file_made_from_pieces_names_them(tmp_path: Path) -> None:
    rows, vectors = read_vectors(write(tmp_path / "x", "▁house 1 2\nhouse 3 4\ning 5 6\n"), PIECES, 2)
    assert rows.tolist() == [5, 6]
    assert vectors.tolist() == [[1, 2], [5, 6]]


def test_spaces_at_ends_and_inside_words_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"the 1 2 \n. . . 3 4\nat name@x.org 5 6\n\xff\xfe 7 8\nhouse 9 9\n")
    rows, vectors = read_vectors(path, PIECES, 2)
    assert rows.tolist() == [4, 5]
    assert vectors.tolist() == [[1, 2], [9, 9]]


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("", "has no vectors in it", "the text format"),
        ("3 2\n", "has no vectors in it", "the text format"),
        ("3 300\nthe 1 2\n", ":1: a vector of 300 numbers, where the model's have 2", "set model.embedding: 300"),
        ("house 1 2\nthe 1 2 3\n", ":2: a vector of 3 numbers, where the model's have 2", "set model.embedding: 3"),
        ("house 1 2\nthe 1\n", ":2: a vector of 1 numbers, where the model's have 2", "use vectors of 2"),
        ("house 1 2\n\n", ":2: a vector of 0 numbers", "use vectors of 2"),
        ("house 1 2\nthe 1 x\n", ":2: could not convert string to float: 'x'", "repair or remove this line"),
        ("the 1 nan\n", ":1: numbers that are not finite", "repair or remove"),
        ("the 1 1e99\n", ":1: numbers that are not finite", "repair or remove"),
        ("Haus 1 2\nMaus 3 4\n", "none of its 2 words is one of the 6 pieces", "upper and lower case"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, said: str, hint: str) -> None:
    path = write(tmp_path / "x.txt", text)
    with pytest.raises(DataError) as caught:
        read_vectors(path, PIECES, 2)
    assert caught.value.error_id == "data.vectors"
    assert str(path) in caught.value.message
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_vectors(tmp_path / "x", PIECES, 2)
    assert caught.value.error_id == "data.not-found"
