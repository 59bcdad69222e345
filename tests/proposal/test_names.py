"""What names of files and columns say, from what one meets on disks and hubs."""

from __future__ import annotations

import pytest

from seqtool.proposal.names import Role, column_language, file_side, is_column_name, is_other, role_of


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("train", "train"),
        ("train-00000-of-00002", "train"),
        ("training.clean", "train"),
        ("val", "valid"),
        ("validation_matched", "valid"),
        ("dev", "valid"),
        ("newsdev2016", "valid"),
        ("test_2016_flickr", "test"),
        ("newstest2013", "test"),
        ("TEST", "test"),
        ("latest", None),  # a word that ends in a role is not one
        ("devices", None),
        ("corpus", None),
        ("", None),
    ],
)
def test_roles(name: str, role: Role | None) -> None:
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("stem", "side", "key"),
    [
        ("train.de", "de", "train"),
        ("train.tok.en", "en", "train.tok"),
        ("train_deu", "deu", "train"),
        ("src-train", "src", "train"),  # as OpenNMT names them
        ("tgt-train", "tgt", "train"),
        ("train.source", "source", "train"),
        ("article", "article", ""),
        ("europarl-v7.de-en.de", "de", "europarl-v7.de-en"),
        ("de", "de", ""),
    ],
)
def test_sides_of_files(stem: str, side: str, key: str) -> None:
    assert file_side(stem) == (side, key)


@pytest.mark.parametrize("stem", ["README", "notes.old", "train", "x.y"])
def test_files_without_a_side(stem: str) -> None:
    assert file_side(stem) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de_DE", "de"),
        ("pt-br", "pt"),
        ("deu", "de"),
        ("German", "de"),
        ("translation.de", "de"),
        ("text_en", "en"),
        ("en_text", "en"),
        ("sentence_deu_Latn", "de"),
        ("src_fr", "fr"),
        ("zho_Hans", "zh"),
        ("text", None),
        ("summary", None),
        ("in_reply_to", None),
        ("", None),
    ],
)
def test_languages_of_columns(name: str, code: str | None) -> None:
    assert column_language(name) == code


@pytest.mark.parametrize("name", ["id", "ID", "score", "Date", "meta.url", "laser_score"])
def test_columns_that_are_never_text(name: str) -> None:
    assert is_other(name)


@pytest.mark.parametrize("cell", ["src", "Source Text", "de", "Summary", "id", "EMAIL_BODY"])
def test_cells_of_a_header(cell: str) -> None:
    assert is_column_name(cell)


@pytest.mark.parametrize("cell", ["Wo ist der Brief?", "Hund", "42", "a b"])
def test_cells_that_are_none_of_a_header(cell: str) -> None:
    assert not is_column_name(cell)
