"""What a folder or some files are taken for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import datasets
import pytest

from seqtool.errors import DataError, SeqtoolError, UsageError
from seqtool.proposal.layout import find_layout
from seqtool.proposal.source import Source
from seqtool.proposal.text_pairs import SideWishes, ordered_sides

NOTHING = SideWishes()


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Path]:
    """A folder with files of these names and a line of content that suits their endings."""

    def write(names: str) -> Path:
        for name in names.split():
            path = tmp_path / "corpus" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            content = {".jsonl": '{"a": "x"}\n', ".csv": "a,b\nx,y\n", ".tsv": "x\ty\n"}.get(path.suffix, "text\n")
            path.write_text(content)
        return tmp_path / "corpus"

    return write


Make = Callable[[str], Path]


def shown(folder: Path, source: Source | None) -> str:
    """The names of a source's files, relative to the folder."""
    return "" if source is None else " ".join(path.relative_to(folder).as_posix() for path in source.paths)


FOLDERS = [
    # files; train, valid, test
    ("train.de train.en val.de val.en test.de test.en", "train.de train.en", "val.de val.en", "test.de test.en"),
    ("a.en a.de", "a.de a.en", "", ""),  # English is the target
    ("de-en/t.en de-en/t.de", "de-en/t.de de-en/t.en", "", ""),
    ("en-de/t.en en-de/t.de", "en-de/t.en en-de/t.de", "", ""),  # unless a name says otherwise
    ("src-train.txt tgt-train.txt src-val.txt tgt-val.txt", "src-train.txt tgt-train.txt", "src-val.txt tgt-val.txt", ""),
    ("train.tgt train.src", "train.src train.tgt", "", ""),
    ("train.summary train.article", "train.article train.summary", "", ""),
    ("train.jsonl valid.jsonl test.jsonl", "train.jsonl", "valid.jsonl", "test.jsonl"),
    ("train.jsonl unseen.jsonl README.md", "train.jsonl", "", ""),
    ("train/src.txt train/tgt.txt dev/src.txt dev/tgt.txt", "train/src.txt train/tgt.txt", "dev/src.txt dev/tgt.txt", ""),
    ("mine.tsv", "mine.tsv", "", ""),
    ("mine.tsv dev.tsv", "mine.tsv", "dev.tsv", ""),  # what has no role is for training
    ("d/train-0-of-2.csv d/train-1-of-2.csv d/test-0-of-1.csv", "d/train-0-of-2.csv d/train-1-of-2.csv", "", "d/test-0-of-1.csv"),
    ("train/a.csv dev/a.csv test/a.csv", "train/a.csv", "dev/a.csv", "test/a.csv"),
    ("train.de train.en test_2016.de test_2016.en test_2017.de test_2017.en", "train.de train.en", "", "test_2016.de test_2016.en"),
    ("train.de train.en de_clause.py en_clause.py LICENSE.txt", "train.de train.en", "", ""),
    ("train.de train.en scores.tsv", "train.de train.en", "", ""),
    ("train.de train.en .train.fr", "train.de train.en", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("names", "train", "valid", "test"), FOLDERS)
def test_folders(make: Make, names: str, train: str, valid: str, test: str) -> None:
    folder = make(names)
    found = find_layout([str(folder)], NOTHING)
    assert [shown(folder, source) for source in (found.train, found.valid, found.test)] == [train, valid, test]
    assert found.name == "corpus"


def test_what_is_left_aside_is_said(make: Make) -> None:
    found = find_layout([str(make("train.jsonl unseen.jsonl"))], NOTHING)
    assert found.notes == ("unseen.jsonl is not used: its name says neither train, valid nor test",)
    second = find_layout([str(make("train.jsonl test1.csv test2.tsv"))], NOTHING)
    assert second.notes[-1] == "test2.tsv is not used: test1.csv is the test set"


@pytest.mark.parametrize(
    ("names", "error_id", "said"),
    [
        ("x.md", "data.no-corpus", "holds no corpus"),
        ("a.de", "data.no-corpus", "holds no corpus"),
        ("train.de train.en train.fr", "usage.init", "more than two sides: de, en, fr"),
        ("one/a.tsv two/b.tsv", "usage.init", "holds more than one corpus"),
        ("a.tsv b.tsv", "usage.init", "more than one corpus to train on: a.tsv, b.tsv"),
        ("test.tsv", "data.roles", "no training data: there is only test.tsv"),
        ("train.de train.en train.tsv", "usage.init", "train.de is plain text, and train.tsv is tsv"),
    ],
)
def test_folders_that_are_no_corpus(make: Make, names: str, error_id: str, said: str) -> None:
    with pytest.raises(SeqtoolError) as caught:
        find_layout([str(make(names))], NOTHING)
    assert caught.value.error_id == error_id
    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("wishes", "train"),
    [
        (SideWishes("fr", "de"), "train.fr train.de"),
        (SideWishes("French", "deu"), "train.fr train.de"),
        (SideWishes("xyz", "en"), "train.xyz train.en"),  # an ending of one's own
    ],
)
def test_sides_that_are_typed(make: Make, wishes: SideWishes, train: str) -> None:
    folder = make("train.de train.en train.fr train.xyz")
    assert shown(folder, find_layout([str(folder)], wishes).train) == train


@pytest.mark.parametrize("names", ["a.de b.en", "a.en b.de", "x.txt y.txt", "a.en a.de"])
def test_two_typed_files_are_source_and_target(make: Make, names: str) -> None:
    folder = make(names)
    found = find_layout([str(folder / name) for name in names.split()], NOTHING)
    assert shown(folder, found.train) == names


def test_typed_files_of_many_roles(make: Make) -> None:
    folder = make("train.de train.en dev.de dev.en")
    found = find_layout([str(path) for path in sorted(folder.iterdir())], NOTHING)
    assert [shown(folder, one) for one in (found.train, found.valid)] == ["train.de train.en", "dev.de dev.en"]


def test_what_lies_beside_training_files_is_pointed_out(make: Make) -> None:
    folder = make("train.tsv dev.tsv test.tsv mine.tsv train.de train.en val.de val.en")
    for names, said in (("train.tsv", "dev.tsv, test.tsv"), ("train.de train.en", "val.de"), ("mine.tsv", "")):
        notes = find_layout([str(folder / name) for name in names.split()], NOTHING).notes
        assert bool(notes) == bool(said)
        assert all(f"there is {said}: seqtool init {folder}" in note for note in notes)


def test_one_typed_table_is_for_training_whatever_it_is_called(make: Make) -> None:
    folder = make("test.tsv train.tsv")
    assert shown(folder, find_layout([str(folder / "test.tsv")], NOTHING).train) == "test.tsv"


@pytest.mark.parametrize(
    ("names", "name"),
    [("mine.de mine.en", "mine"), ("train.de train.en", "corpus"), ("pairs.tsv", "pairs"), ("x.de y.en", "corpus")],
)
def test_what_the_data_is_called(make: Make, names: str, name: str) -> None:
    folder = make(names)
    assert find_layout([str(folder / each) for each in names.split()], NOTHING).name == name


def test_a_file_alone_names_its_other_side(make: Make) -> None:
    folder = make("mine.de mine.en")
    with pytest.raises(DataError) as caught:
        find_layout([str(folder / "mine.de")], NOTHING)
    assert caught.value.error_id == "data.one-side"
    assert "mine.en" in caught.value.hint


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["{}/a.tsv", "{}"], "is a folder, and there are other files beside it"),
        (["{}/a.de", "{}/a.de"], "is both source and target"),
    ],
)
def test_files_that_do_not_go_together(make: Make, files: list[str], said: str) -> None:
    folder = make("a.tsv a.de")
    with pytest.raises(UsageError, match=said):
        find_layout([file.format(folder) for file in files], NOTHING)


@pytest.mark.parametrize("name", ["corpus/trian.tsv", "corpus/x.jsonl.gz", "nowhere/train.txt", "a/b/c", "one"])
def test_a_mistyped_path_is_no_name_of_the_hub(make: Make, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make("train.tsv").parent)
    with pytest.raises(DataError) as caught:
        find_layout([name], NOTHING)
    assert caught.value.error_id == "data.not-found"


def test_a_saved_data_set_has_splits(tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "dev", "test", "extra"]}))
    found = find_layout([str(tmp_path)], NOTHING)
    assert found.train == Source("folder", (tmp_path,))
    assert found.valid == Source("folder", (tmp_path,), split="dev")  # not what such splits are called usually
    assert found.test == Source("folder", (tmp_path,))


def test_a_data_set_of_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The network itself is none of a test's business: who is asked, and what is made of the answer."""
    asked = []

    def names(name: str, config: str | None) -> list[str]:
        asked.append((name, config))
        return ["train", "validation", "heldout_test"]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets, "get_dataset_split_names", names)
    found = find_layout(["owner/some_data"], NOTHING, "de-en")
    assert asked == [("owner/some_data", "de-en")]
    assert found.name == "some_data"
    assert found.train.section("a", "b").model_dump(exclude_none=True) == {
        "src": "a",
        "tgt": "b",
        "hub": "owner/some_data",
        "config": "de-en",
    }
    assert (found.valid and found.valid.split, found.test and found.test.split) == (None, "heldout_test")


@pytest.mark.parametrize(
    ("content", "error_id"), [("{", "data.data-set"), ("{}", "data.data-set"), ('{"splits": ["all"]}', "data.split")]
)
def test_a_damaged_data_set(tmp_path: Path, content: str, error_id: str) -> None:
    (tmp_path / "dataset_dict.json").write_text(content)
    with pytest.raises(DataError) as caught:
        find_layout([str(tmp_path)], NOTHING)
    assert caught.value.error_id == error_id


@pytest.mark.parametrize(
    ("one", "other", "where", "pair"),
    [
        ("de", "en", "", ("de", "en")),
        ("en", "de", "", ("de", "en")),
        ("en", "de", "wmt en-de train", ("en", "de")),
        ("en", "ja", "enja", ("en", "ja")),
        ("cs", "de", "", ("cs", "de")),
        ("tgt", "src", "", ("src", "tgt")),
        ("summary", "document", "", ("document", "summary")),
    ],
)
def test_directions(one: str, other: str, where: str, pair: tuple[str, str]) -> None:
    assert ordered_sides(one, other, where) == pair


def test_a_folder_of_tables_under_another_ending(tmp_path: Path) -> None:
    for name, text in (
        ("train.txt", "a\tb\nc\td\n"),
        ("test.txt", "a\tb\n"),
        ("README.txt", "read\nme\n"),
        ("empty.txt", ""),
    ):
        (tmp_path / name).write_text(text)
    layout = find_layout([str(tmp_path)], NOTHING)
    assert (shown(tmp_path, layout.train), shown(tmp_path, layout.test)) == ("train.txt", "test.txt")
    assert (layout.train.kind, layout.valid) == ("tsv", None)


ONE_DOCUMENT = '{\n  "pairs": 3\n}\n'


@pytest.mark.parametrize(
    ("names", "documents", "train", "noted"),
    [
        ("train.jsonl", "stats.json", "train.jsonl", "stats.json"),
        ("train.jsonl", "dataset_infos.json config.json package.json", "train.jsonl", ""),  # known to be none
        ("mine.tsv", "stats.json", "mine.tsv", "stats.json"),
        ("data/train.tsv", "stats.json meta/more.json", "data/train.tsv", "stats.json more.json"),
        ("train.de train.en", "train_results.json stats.json", "train.de train.en", "train_results.json"),
        ("mine.de mine.en", "train_results.json", "mine.de mine.en", "train_results.json"),
        ("train.jsonl", "valid.json", "train.jsonl", "valid.json"),
    ],
)
def test_a_document_beside_the_data_is_left_out(make: Make, names: str, documents: str, train: str, noted: str) -> None:
    folder = make(f"{names} {documents}")
    for name in documents.split():
        (folder / name).write_text(ONE_DOCUMENT)
    found = find_layout([str(folder)], NOTHING)
    assert shown(folder, found.train) == train
    assert [note.partition(" is not used: it is one JSON document, not JSON lines")[0] for note in found.notes] == (
        noted.split()
    )
    assert str(folder) not in "".join(found.notes)


@pytest.mark.parametrize(
    ("names", "documents"),
    [
        ("", "stats.json"),
        ("README.md", "corpus/stats.json"),
        ("test.jsonl", "train.json"),  # what should be the training data is no other's to replace
        ("mine.jsonl", "train.json"),
    ],
)
def test_a_document_in_place_of_the_data_is_told(make: Make, names: str, documents: str) -> None:
    folder = make(f"{names} {documents}")
    (folder / documents).write_text(ONE_DOCUMENT)
    with pytest.raises(DataError, match="is one JSON document, not JSON lines") as caught:
        find_layout([str(folder)], NOTHING)
    assert str(folder / documents) in caught.value.message
    assert "jq" in caught.value.hint
