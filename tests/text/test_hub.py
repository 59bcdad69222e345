"""Data sets through `datasets`: folders for real, the hub through a stand-in, since tests use no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import datasets
import pytest

from seqtool.errors import DataError
from seqtool.recipe.schema import CorpusSection
from seqtool.text.corpus import Corpus
from seqtool.text.hub import DataSet

Pairs = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()


def table(*words: str) -> datasets.Dataset:
    return datasets.Dataset.from_dict({"de": list(words), "en": [word.upper() for word in words]})


def corpus(role: Literal["train", "valid", "test"] = "train", **values: Any) -> Corpus:
    return Corpus(CorpusSection.model_validate({"src": "de", "tgt": "en", **values}), role)


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """What `DatasetDict.save_to_disk` leaves."""
    splits = {"train": table("a", "b\nc"), "validation": table("v"), "test": table("t"), "extra": table("x")}
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "saved")
    return str(tmp_path / "saved")


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder of files named after their splits."""
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "train.jsonl").write_text('{"de": "a", "en": "A"}\n{"de": "b", "en": "B"}\n')
    (folder / "test.jsonl").write_text('{"de": "t", "en": "T"}\n')
    return folder


@pytest.mark.parametrize(
    ("role", "split", "pairs"),
    [
        ("train", None, [("a", "A"), ("b c", "B C")]),  # a pair is one line
        ("valid", None, [("v", "V")]),  # which data sets call validation
        ("test", None, [("t", "T")]),
        ("train", "extra", [("x", "X")]),
        ("valid", "test", [("t", "T")]),
    ],
)
def test_the_role_chooses_the_split(saved: str, role: Any, split: str | None, pairs: Pairs) -> None:
    assert list(corpus(role, folder=saved, split=split).pairs()) == pairs


@pytest.mark.parametrize("role", ["train", "valid", "test"])
def test_a_single_data_set_serves_any_role(tmp_path: Path, role: Any) -> None:
    table("a", "b").save_to_disk(tmp_path / "one")
    assert list(corpus(role, folder=str(tmp_path / "one")).pairs()) == [("a", "A"), ("b", "B")]


def test_a_folder_of_plain_files(plain: Path) -> None:
    assert list(corpus(folder=str(plain)).pairs()) == [("a", "A"), ("b", "B")]
    assert list(corpus("test", folder=str(plain)).pairs()) == [("t", "T")]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_other_plain_files(tmp_path: Path, kind: str) -> None:
    (tmp_path / "data").mkdir()
    getattr(table("a", "b"), f"to_{kind}")(str(tmp_path / "data" / f"train.{kind}"))
    assert list(corpus(folder=str(tmp_path / "data")).pairs()) == [("a", "A"), ("b", "B")]


def test_dotted_paths_reach_into_records(tmp_path: Path) -> None:
    """As translation data sets of the hub have them."""
    rows = {"id": [1, 2], "translation": [{"de": "a", "en": "b"}, {"de": "c", "en": "d"}]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "one")
    section = {"folder": str(tmp_path / "one"), "src": "translation.de", "tgt": "translation.en"}
    assert list(corpus(**section).pairs()) == [("a", "b"), ("c", "d")]


def test_records_have_all_columns(saved: str) -> None:
    section = CorpusSection.model_validate({"folder": saved})
    assert list(DataSet(section, "train").records()) == [{"de": "a", "en": "A"}, {"de": "b\nc", "en": "B\nC"}]


def test_the_names_of_splits(saved: str, tmp_path: Path) -> None:
    assert DataSet(CorpusSection(folder=saved), "train").splits() == ["train", "validation", "test", "extra"]
    table("a").save_to_disk(tmp_path / "one")
    assert DataSet(CorpusSection(folder=str(tmp_path / "one")), "train").splits() == []


def test_the_names_of_the_hub_s_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def names(name: str, config: str | None) -> list[str]:
        calls.append((name, config))
        return ["train", "dev"]

    monkeypatch.setattr(datasets, "get_dataset_split_names", names)
    assert DataSet(CorpusSection(hub="who/what", config="de-en"), "train").splits() == ["train", "dev"]
    assert calls == [("who/what", "de-en")]


def test_more_rows_than_a_batch_stay_in_order(tmp_path: Path) -> None:
    words = [f"w{index}" for index in range(2345)]
    table(*words).save_to_disk(tmp_path / "one")
    assert [src for src, _ in corpus(folder=str(tmp_path / "one")).pairs()] == words


def null_row(folder: Path) -> dict[str, Any]:
    rows = {"de": ["a"] * 1200 + [None], "en": ["b"] * 1201, "number": [7] * 1201}
    datasets.Dataset.from_dict(rows).save_to_disk(folder / "bad")
    return {"folder": str(folder / "bad")}


@pytest.mark.parametrize(
    ("section", "error_id", "message"),
    [
        ({"split": "tset"}, "data.split", "has no split 'tset': there are train, validation, test, extra"),
        ({"src": "en_text"}, "data.field", "no field 'en_text': there are de, en"),
        ({"src": "de.x"}, "data.field", "row 1: 'de.x' leads into text, not an object"),
        ({"folder": "{saved}/nowhere"}, "data.not-found", "nowhere is not a folder"),
        ({"folder": "{saved}/../empty"}, "data.data-set", "EmptyDatasetError"),
        ({"folder": "{saved}/../images"}, "data.data-set", "No (supported) data files"),
        ({"folder": "{saved}/../plain", "split": "zz"}, "data.split", "has no split 'zz': Unknown split"),
    ],
)
def test_what_is_wrong_is_named(saved: str, plain: Path, section: dict[str, str], error_id: str, message: str) -> None:
    (plain.parent / "empty").mkdir()
    (plain.parent / "images").mkdir()
    (plain.parent / "images" / "a.zzz").touch()
    values = {"folder": saved, **{key: value.format(saved=saved) for key, value in section.items()}}
    with pytest.raises(DataError) as caught:
        list(corpus(**values).pairs())
    assert caught.value.error_id == error_id
    assert message in caught.value.message
    assert "data.train" in caught.value.message
    assert caught.value.hint


def test_a_bad_row_is_named_with_its_number(tmp_path: Path) -> None:
    """The first one that is read, since a column has values of one kind."""
    with pytest.raises(DataError, match="row 1: 'number' is a number, not text") as caught:
        list(corpus(**{**null_row(tmp_path), "tgt": "number"}).pairs())
    assert caught.value.error_id == "data.field"


def test_null_is_an_empty_text(tmp_path: Path) -> None:
    found = list(corpus(**null_row(tmp_path)).pairs())
    assert found[1199:] == [("a", "b"), ("", "b")]


def test_a_damaged_folder_is_no_bug(saved: str) -> None:
    (Path(saved) / "train" / "data-00000-of-00001.arrow").write_bytes(b"nonsense")
    with pytest.raises(DataError) as caught:
        list(corpus(folder=saved).pairs())
    assert caught.value.error_id == "data.data-set"


def test_a_split_that_was_saved_alone_has_no_other(tmp_path: Path) -> None:
    table("a").save_to_disk(tmp_path / "one")
    with pytest.raises(DataError, match="saved as a single one"):
        list(corpus(folder=str(tmp_path / "one"), split="test").pairs())


def test_fingerprints_of_folders(saved: str, plain: Path) -> None:
    prints = {
        corpus(folder=saved).fingerprint(),
        corpus("valid", folder=saved).fingerprint(),
        corpus(folder=saved, src="en", tgt="de").fingerprint(),
        corpus(folder=str(plain)).fingerprint(),
    }
    assert len(prints) == 4
    before = corpus(folder=str(plain)).fingerprint()
    assert corpus(folder=str(plain)).fingerprint() == before
    (plain / "train.jsonl").write_text('{"de": "a", "en": "A"}\n{"de": "b", "en": "X"}\n')
    assert corpus(folder=str(plain)).fingerprint() != before


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the hub is asked for; it has one data set."""
    calls: list[tuple[Any, ...]] = []

    def load(name: str, config: str | None = None, *, split: str, revision: str | None = None) -> datasets.Dataset:
        calls.append((name, config, split, revision))
        return table("a", revision or "none")

    monkeypatch.setattr(datasets, "load_dataset", load)
    return calls


def test_what_the_hub_is_asked_for(asked: list[tuple[Any, ...]]) -> None:
    assert list(corpus(hub="who/what").pairs()) == [("a", "A"), ("none", "NONE")]
    list(corpus("valid", hub="who/what", config="de-en", revision="v2").pairs())
    list(corpus("test", hub="what", split="dev").pairs())
    assert asked == [
        ("who/what", None, "train", None),
        ("who/what", "de-en", "validation", "v2"),
        ("what", None, "dev", None),
    ]


def test_fingerprints_of_the_hub(asked: list[tuple[Any, ...]]) -> None:
    first, again, other = (corpus(hub="who/what", revision=name).fingerprint() for name in ("v1", "v1", "v2"))
    assert first == again != other
    assert len(asked) == 3


def test_a_hub_that_cannot_be_reached() -> None:
    with pytest.raises(DataError, match="nobody/nothing: ConnectionError: ") as caught:
        list(corpus(hub="nobody/nothing").pairs())
    assert caught.value.error_id == "data.data-set"
    assert "network" in caught.value.hint


def test_datasets_is_imported_only_when_it_is_needed() -> None:
    """It takes a second, which a recipe of plain files should not pay."""
    script = "import sys, seqtool.text.prepared; print('datasets' in sys.modules or 'pyarrow' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_null_and_na_are_words_of_a_csv(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train.csv").write_text("de,en\nnull,zero\nNA,n/a\n,\n")
    assert list(corpus(folder=str(tmp_path / "data")).pairs()) == [("null", "zero"), ("NA", "n/a"), ("", "")]


def test_a_script_beside_the_data_is_not_run_and_no_bug(tmp_path: Path) -> None:
    (tmp_path / "xsum").mkdir()
    (tmp_path / "xsum/xsum.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(DataError) as caught:
        list(corpus(folder=str(tmp_path / "xsum")).pairs())
    assert caught.value.error_id == "data.data-set"
    assert not (tmp_path / "ran").exists()
