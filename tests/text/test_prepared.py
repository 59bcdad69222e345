"""Prepared stores: ids that come back, limits and their ledger, reuse, and what makes another store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqtool.recipe.rules import CorpusLimits
from seqtool.text import store_writer
from seqtool.text.prepared import Prepared
from tests.number_words import number_pairs, write_lines
from tests.text.preparing import prepare_in, write_corpus

Stages = list[tuple[str, int]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_corpus(tmp_path)
    return tmp_path


def stages(folder: Path, **options: Any) -> tuple[Prepared, Stages]:
    """A store and what was done for it; a store that is there takes no stages."""
    calls: Stages = []
    return prepare_in(folder, progress=lambda stage, count: calls.append((stage, count)), **options), calls


def write_train(folder: Path, pairs: list[tuple[str, str]]) -> None:
    write_lines(folder / "train.de", [src for src, _ in pairs])
    write_lines(folder / "train.en", [tgt for _, tgt in pairs])


@pytest.mark.parametrize("shared", [True, False])
def test_ids_come_back_as_text(folder: Path, shared: bool) -> None:
    store = prepare_in(folder, tok={"shared": shared})
    pairs = number_pairs(300, 1)
    assert len(store.train) == len(pairs)
    tokenizers = store.tokenizers
    assert (tokenizers.src is tokenizers.tgt) == tokenizers.shared == shared
    for index, (src, tgt) in enumerate(pairs):
        assert tokenizers.src.decode(store.train.src(index).tolist()) == src
        assert tokenizers.tgt.decode(store.train.tgt(index).tolist()) == tgt
        assert store.train.src(index).tolist() == tokenizers.src.encode(src), "no bos and no eos"
        assert (store.train.src_lengths[index], store.train.tgt_lengths[index]) == (
            len(store.train.src(index)),
            len(store.train.tgt(index)),
        )


def test_gather_takes_rows_in_the_order_asked(folder: Path) -> None:
    split = prepare_in(folder).train
    wanted = np.array([5, 0, 299, 5])
    src, tgt = split.gather(wanted)
    assert [row.tolist() for row in src] == [split.src(index).tolist() for index in wanted]
    assert [row.tolist() for row in tgt] == [split.tgt(index).tolist() for index in wanted]


@pytest.mark.parametrize("chunk", [1, 7, 20_000])
def test_chunks_make_no_difference(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Offsets run on from one chunk to the next."""
    monkeypatch.setattr(store_writer, "_CHUNK_PAIRS", chunk)
    store = prepare_in(folder, root=tmp_path / str(chunk))
    for index, (src, _) in enumerate(number_pairs(300, 1)):
        assert store.train.src(index).tolist() == store.tokenizers.src.encode(src)


def test_long_documents_make_small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_writer, "_CHUNK_CHARS", 10)
    sizes = [len(src) for src, _ in store_writer._chunks([("aaaa", "bbb")] * 3 + [("c" * 99, "d")] + [("e", "f")] * 4)]
    assert sizes == [2, 2, 4]


def memory_map(array: NDArray[Any]) -> np.memmap[Any, Any] | None:
    base: Any = array
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    return base


def test_ids_stay_on_disk_and_cannot_be_changed(folder: Path) -> None:
    store = prepare_in(folder)
    for array in (store.train.src(3), store.valid.tgt(3), store.train.src_lengths):
        mapped = memory_map(array)
        assert mapped is not None
        assert Path(str(mapped.filename)).parent == store.path
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_small_vocabularies_take_two_bytes(folder: Path) -> None:
    store = prepare_in(folder)
    assert store.train.src(0).dtype == np.uint16
    assert (store.train.src_lengths.dtype, store.train.tgt_lengths.dtype) == (np.int32, np.int32)
    assert (store.path / "train.src.ids").stat().st_size == 2 * int(store.train.src_lengths.sum())


def test_large_vocabularies_take_four(tmp_path: Path) -> None:
    """Each side has its own tokenizer and its own type; ids beyond 65,535 come back."""
    words = [f"w{index}" for index in range(66_000)]
    write_corpus(tmp_path, train=660)
    write_lines(tmp_path / "train.de", [" ".join(words[start : start + 100]) for start in range(0, 66_000, 100)])
    store = prepare_in(tmp_path, {"max_length_ratio": 99.0}, {"kind": "word", "vocab_size": 70_000, "shared": False})
    assert store.tokenizers.src.vocab_size > 65_536
    assert store.train.src(0).dtype == np.uint32
    assert store.train.tgt(0).dtype == np.uint16
    found = [store.tokenizers.src.decode(store.train.src(index).tolist()) for index in range(len(store.train))]
    assert " ".join(found).split() == words
    assert max(int(store.train.src(index).max()) for index in range(len(store.train))) > 65_535


@pytest.mark.parametrize(("size", "dtype"), [(65_536, np.uint16), (65_537, np.uint32)])
def test_the_largest_id_fits(size: int, dtype: type, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    tokenizer = prepare_in(folder).tokenizers.src
    monkeypatch.setattr(tokenizer, "vocab_size", size)
    assert store_writer.id_dtype(tokenizer) == dtype
    assert np.iinfo(dtype).max >= size - 1


WORDS = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"]


def rows_of(*lengths: tuple[int, int]) -> list[tuple[str, str]]:
    """Pairs of so many words, after enough others to learn every word as one token."""
    return [(" ".join((WORDS * 9)[:src]), " ".join((WORDS * 9)[:tgt])) for src, tgt in lengths]


@pytest.mark.parametrize(
    ("data", "task", "lengths", "kept", "summary"),
    [
        (
            {"max_src_tokens": 5, "max_tgt_tokens": 5},
            "translation",
            [(5, 5), (6, 5), (5, 6), (0, 3), (3, 0)],
            [(5, 5)],
            "5 read, 1 kept: 2 empty, 2 longer than 5 tokens",
        ),
        (
            {"max_src_tokens": 4, "max_tgt_tokens": 5},
            "translation",
            [(4, 5), (5, 5), (4, 6)],
            [(4, 5)],
            "3 read, 1 kept: 1 source longer than 4 tokens, 1 target longer than 5 tokens",
        ),
        (
            {"max_length_ratio": 2.5},
            "translation",
            [(2, 5), (2, 6), (5, 2), (6, 2)],
            [(2, 5), (5, 2)],
            "4 read, 2 kept: 2 with one side more than 2.5 times as long",
        ),
        ({}, "translation", [(1, 9), (1, 10)], [(1, 9)], "2 read, 1 kept: 1 with one side more than 9 times as long"),
        ({}, "summarization", [(50, 1)], [(50, 1)], "1 read, 1 kept"),  # a summary is short
        (
            {"max_src_tokens": 4},
            "summarization",
            [(9, 2), (4, 2)],
            [(4, 2), (4, 2)],  # its source is cut
            "2 read, 2 kept; 1 sources cut",
        ),
        (
            {"max_src_tokens": 4, "truncate_src": False},
            "summarization",
            [(9, 2), (4, 2)],
            [(4, 2)],
            "2 read, 1 kept: 1 source longer than 4 tokens",
        ),
        (
            {"max_src_tokens": 4, "truncate_src": True, "max_length_ratio": 2.0},
            "translation",
            [(9, 2)],
            [(4, 2)],  # the ratio is of what is left
            "1 read, 1 kept; 1 sources cut",
        ),
    ],
)
def test_limits_and_their_ledger(
    folder: Path, data: dict[str, Any], task: str, lengths: Any, kept: Any, summary: str
) -> None:
    write_train(folder, rows_of(*lengths))
    tok = {"kind": "word", "vocab_size": 100}  # a word is a token
    store = prepare_in(folder, data, tok, task=task)
    found = zip(store.train.src_lengths.tolist(), store.train.tgt_lengths.tolist(), strict=True)
    assert list(found) == kept
    assert store.ledger.summary() == summary


def test_the_sentence_of_the_ledger() -> None:
    """29,000 pairs, of which 121 are too long on one side or both and 8 have an empty one."""
    keeper = store_writer.PairFilter(CorpusLimits(max_src=100, max_tgt=100, max_ratio=9.0, truncate_src=False))
    good, long, none = [7] * 20, [7] * 101, []
    src = [good] * 28_871 + [long] * 61 + [good] * 60 + [none] * 5 + [long] * 3
    tgt = [good] * 28_871 + [good] * 61 + [long] * 60 + [good] * 5 + [none] * 3
    assert len(keeper.keep(src, tgt)[0]) == 28_871
    assert keeper.ledger.summary() == "29,000 read, 28,871 kept: 121 longer than 100 tokens, 8 empty"


def test_valid_pairs_are_all_kept(folder: Path) -> None:
    """They must stay aligned with their text: nothing is dropped, only ids beyond the limits are cut."""
    src, tgt = ["", "eins " * 30, "zwei"], ["one", "two", "three " * 30]
    write_lines(folder / "valid.de", src)
    write_lines(folder / "valid.en", tgt)
    store = prepare_in(folder, {"max_src_tokens": 5, "max_tgt_tokens": 6}, {"kind": "word", "vocab_size": 100})
    assert len(store.valid) == 3
    assert store.valid_text == (src, tgt)
    assert store.valid.src_lengths.tolist() == [0, 5, 1]
    assert store.valid.tgt_lengths.tolist() == [1, 1, 6]


def test_valid_text_is_exact(folder: Path) -> None:
    """Line separators of Unicode, carriage returns and blank ends are text."""
    src = ["a\u2028b", " c ", "d\x0ce", "\x85", "日本"]
    write_lines(folder / "valid.de", src)
    write_lines(folder / "valid.en", ["x"] * 5)
    assert prepare_in(folder).valid_text == (src, ["x"] * 5)
    assert prepare_in(folder).valid_text == (src, ["x"] * 5), "from the store as well"


def test_a_store_is_used_again(folder: Path) -> None:
    first, calls = stages(folder)
    assert [stage for stage, _ in calls] == ["tokenizer", "train", "valid"]
    assert calls[1:] == [("train", 300), ("valid", 20)]
    times = {path: path.stat().st_mtime_ns for path in first.path.iterdir()}
    again, calls = stages(folder)
    assert calls == []
    assert {path: path.stat().st_mtime_ns for path in again.path.iterdir()} == times
    assert (again.key, again.path, again.ledger) == (first.key, first.path, first.ledger)
    assert again.tokenizers.files() == first.tokenizers.files()
    assert again.train.src(7).tolist() == first.train.src(7).tolist()


def test_a_store_does_not_depend_on_where_it_is(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write_corpus(elsewhere)
    first, second = prepare_in(folder), prepare_in(elsewhere, threads=1)
    assert first.key == second.key
    files = sorted(path.name for path in first.path.iterdir())
    assert files == sorted(path.name for path in second.path.iterdir())
    assert all((first.path / name).read_bytes() == (second.path / name).read_bytes() for name in files)


@pytest.mark.parametrize(
    "options",
    [
        {"data": {"max_src_tokens": 50}},
        {"data": {"max_tgt_tokens": 50}},
        {"data": {"max_length_ratio": 3.0}},
        {"data": {"truncate_src": True}},
        {"data": {"truncate": "sentences"}, "task": "summarization"},
        {"task": "summarization"},
        {"seed": 2},
        {"tok": {"kind": "bpe"}},
        {"tok": {"vocab_size": 50}},
        {"tok": {"shared": False}},
        {"tok": {"character_coverage": 0.99}},
        {"tok": {"byte_fallback": True, "vocab_size": 400}},
        {"tok": {"normalization": "identity"}},
        {"tok": {"sample_lines": 100}},
    ],
    ids=str,
)
def test_other_settings_are_another_store(folder: Path, options: dict[str, Any]) -> None:
    first = prepare_in(folder)
    other, calls = stages(folder, **options)
    assert calls
    assert other.key != first.key
    assert other.path != first.path
    assert stages(folder)[1] == [], "and the first is still there"


@pytest.mark.parametrize("name", ["train.de", "train.en", "valid.de", "valid.en"])
def test_other_data_are_another_store(folder: Path, name: str) -> None:
    first = prepare_in(folder)
    path = folder / name
    path.write_bytes(path.read_bytes().replace(b"e", b"a", 1))
    other, calls = stages(folder)
    assert calls
    assert other.key != first.key


def test_defaults_spelled_out_are_the_same_store(folder: Path) -> None:
    first = prepare_in(folder)
    limits = {"max_src_tokens": 100, "max_tgt_tokens": 100, "max_length_ratio": 9.0, "truncate_src": False}
    limits["truncate"] = "head"
    assert stages(folder, data=limits)[1] == []
    assert prepare_in(folder, limits).key == first.key
