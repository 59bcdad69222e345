"""Rows of every format: what becomes a pair, and the message, with file and line, for what does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtool.errors import DataError, ResourceError
from seqtool.text.formats import find_files, open_corpus, read_jsonl, read_text
from seqtool.text.parquet import read_parquet

Pairs = list[tuple[str, str]]
Put = Callable[[str, str | bytes], Path]


def test_text_pairs_lines_with_lines(put: Put) -> None:
    src, tgt = put("a.de", "eins\n\nzwei\tx\n"), put("a.en", "one\r\nempty \ntwo")
    assert list(read_text(src, tgt)) == [("eins", "one"), ("", "empty "), ("zwei\tx", "two")]


@pytest.mark.parametrize(
    ("src_count", "tgt_count"),
    [(3, 2), (2, 3), (0, 1), (5000, 1), (1, 5000)],
)
def test_line_counts_must_match(put: Put, src_count: int, tgt_count: int) -> None:
    src, tgt = put("a.de", "x\n" * src_count), put("a.en", "y\n" * tgt_count)
    with pytest.raises(DataError) as caught:
        list(read_text(src, tgt))
    assert caught.value.error_id == "data.line-count"
    assert f"{src} has {src_count:,} lines and {tgt} has {tgt_count:,}" in caught.value.message
    assert "repair" in caught.value.hint


def test_pairs_before_a_mismatch_still_come(put: Put) -> None:
    """Reading is streaming: nobody counts lines first."""
    pairs = read_text(put("a.de", "1\n2\n3\n"), put("a.en", "one\n"))
    assert next(pairs) == ("1", "one")
    with pytest.raises(DataError):
        next(pairs)


@pytest.mark.parametrize(
    ("record", "src", "tgt", "pair"),
    [
        ({"x": "a", "y": "b", "z": 1}, "x", "y", ("a", "b")),
        ({"t": {"de": "a", "en": "b"}}, "t.de", "t.en", ("a", "b")),
        ({"t": {"u": {"v": "a"}}, "y": "b"}, "t.u.v", "y", ("a", "b")),
        ({"t.de": "a", "t": {"de": "no", "en": "b"}}, "t.de", "t.en", ("a", "b")),  # the whole key comes first
        ({"x": "a\nb\r\nc\rd", "y": "\u2028"}, "x", "y", ("a b c d", "\u2028")),  # line ends are spaces, and only they
        ({"1": "a", "2": "b"}, 1, 2, ("a", "b")),
        ({"x": None, "y": "b"}, "x", "y", ("", "b")),  # null is an absent text
        ({"t": None, "y": {"z": None}}, "t.de", "y.z", ("", "")),  # on the way, too
    ],
)
def test_jsonl(put: Put, record: object, src: int | str, tgt: int | str, pair: tuple[str, str]) -> None:
    content = f"\n{json.dumps(record)}\n   \n{json.dumps(record, ensure_ascii=False)}\n"
    assert list(read_jsonl(put("a.jsonl", content), src, tgt)) == [pair, pair]


GOOD = '{"x": "a", "y": "b"}\n'
BAD_JSON = [
    (GOOD + '{"x": "a"}\n', "data.field", "a.jsonl:2: no field 'y': there are x"),
    (GOOD + "\n" + '{"x": null, "z": null}\n', "data.field", "a.jsonl:3: no field 'y': there are x, z"),
    (GOOD + "null\n", "data.field", "a.jsonl:2: 'x' leads into null, not an object"),
    (GOOD + '{"x": "a", "y": 3}\n', "data.field", "a.jsonl:2: 'y' is a number, not text"),
    (GOOD + '{"x": "a", "y": true}\n', "data.field", "a.jsonl:2: 'y' is a truth value, not text"),
    (GOOD + '{"x": ["a"], "y": "b"}\n', "data.field", "a.jsonl:2: 'x' is a list, not text"),
    (GOOD + '{"x": {"a": "b"}, "y": "b"}\n', "data.field", "a.jsonl:2: 'x' is an object, not text"),
    (GOOD + '["x", "y"]\n', "data.field", "a.jsonl:2: 'x' leads into a list, not an object"),
    (GOOD + "{x: 1}\n", "data.json", "a.jsonl:2: not JSON: "),
    (GOOD + GOOD.strip() + GOOD, "data.json", "a.jsonl:2: not JSON: Extra data"),
    (GOOD + '{"x": "\\ud83d", "y": "b"}\n', "data.utf-8", "a.jsonl:2: 'x' holds half of a surrogate pair"),
    (GOOD + '{"x": ' + "[" * 100_000 + "\n", "data.json", "a.jsonl:2: JSON nested too deeply"),
]


def check(caught: pytest.ExceptionInfo[DataError], error_id: str, message: str) -> None:
    assert caught.value.error_id == error_id
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("content", "error_id", "message"), BAD_JSON, ids=[row[2] for row in BAD_JSON])
def test_bad_jsonl(put: Put, content: str, error_id: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_jsonl(put("a.jsonl", content), "x", "y"))
    check(caught, error_id, message)


def test_a_missing_field_names_the_near_one(put: Put) -> None:
    with pytest.raises(DataError, match="no field 'dialog'") as caught:
        list(read_jsonl(put("a.jsonl", '{"dialogue": "a", "summary": "b"}\n'), "dialog", "summary"))
    assert caught.value.hint == "did you mean 'dialogue'?"


def test_a_dotted_path_that_ends_early(put: Put) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:1: 't\.de' leads into text, not an object"):
        list(read_jsonl(put("a.jsonl", '{"t": "x", "y": "b"}\n'), "t.de", "y"))


def parquet(path: Path, columns: dict[str, object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet(tmp_path: Path) -> None:
    rows = {"n": list(range(2500)), "t": [{"de": f"a{i}", "en": f"b\n{i}"} for i in range(2500)]}
    found = list(read_parquet(parquet(tmp_path / "a.parquet", rows), "t.de", "t.en"))
    assert found == [(f"a{i}", f"b {i}") for i in range(2500)]


def test_null_in_parquet_is_an_empty_text(tmp_path: Path) -> None:
    columns = {"x": ["a"] * 1500 + [None], "y": [{"z": "b"}, None, {"z": None}] * 500 + [{"z": "c"}]}
    found = list(read_parquet(parquet(tmp_path / "a.parquet", columns), "x", "y.z"))
    assert found[:3] == [("a", "b"), ("a", ""), ("a", "")]
    assert found[-1] == ("", "c")


@pytest.mark.parametrize(
    ("columns", "error_id", "message"),
    [
        ({"x": ["a"], "y": [3]}, "data.field", "a.parquet: row 1: 'y' is a number, not text"),
        ({"x": ["a"], "z": ["b"]}, "data.field", "a.parquet: no field 'y': there are x, z"),
    ],
)
def test_bad_parquet(tmp_path: Path, columns: dict[str, object], error_id: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_parquet(parquet(tmp_path / "a.parquet", columns), "x", "y"))
    check(caught, error_id, message)


def test_latin1_is_named_with_file_and_line(put: Put) -> None:
    with pytest.raises(DataError, match=r"a\.de:2: not UTF-8") as caught:
        list(read_text(put("a.de", b"ok\ncaf\xe9\n"), put("a.en", "ok\nx\n")))
    check(caught, "data.utf-8", "a.de:2")


def test_a_compressed_file_under_a_plain_name(put: Put) -> None:
    with pytest.raises(DataError, match="is compressed") as caught:
        list(read_text(put("a.de", b"\x1f\x8b\x08abc"), put("a.en", "x\n")))
    assert caught.value.hint == "give it a name that ends in .gz"


def test_missing_files_name_near_ones(put: Put, tmp_path: Path) -> None:
    put("train.de", "")
    with pytest.raises(DataError, match=r"trian\.de does not exist") as caught:
        open_corpus(tmp_path / "trian.de")
    assert caught.value.hint == f"did you mean {tmp_path / 'train.de'}?"
    with pytest.raises(DataError, match="does not exist") as caught:
        open_corpus(tmp_path / "nowhere" / "x")
    check(caught, "data.not-found", "nowhere")
    with pytest.raises(DataError, match="no name is so long") as caught:
        open_corpus(tmp_path / ("x" * 300))
    check(caught, "data.not-found", "x" * 300)


def test_folders_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder") as caught:
        open_corpus(tmp_path)
    assert caught.value.error_id == "data.not-a-file"


def test_a_file_that_may_not_be_read(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """The superuser may read everything, so the refusal is made up."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = put("a.de", "x\n")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ResourceError, match=r"a\.de cannot be read: Permission denied"):
        open_corpus(path)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.de", ["a.de", "b.de", "x[1].de"]),  # in the order of names; hidden files are not meant
        ("sub*/a.de", ["sub1/a.de", "sub2/a.de"]),
        ("**/a.de", ["sub1/a.de", "sub2/a.de"]),  # two stars are one: any part of one name
        ("x[1]*", ["x[1].de"]),  # only the star is special
        ("x[1].de", ["x[1].de"]),
        ("missing.de", ["missing.de"]),  # without a star nobody looks: opening it will tell
    ],
)
@pytest.mark.parametrize("absolute", [True, False])
def test_stars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, names: list[str], absolute: bool) -> None:
    for name in ("b.de", "a.de", ".hidden.de", "x[1].de", "x1.de.txt", "sub2/a.de", "sub1/a.de"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.de").mkdir()
    monkeypatch.chdir(tmp_path)
    start = tmp_path if absolute else Path()
    assert find_files(str(start / pattern)) == [start / name for name in names]


def test_a_star_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file matches .*q\*\.de"):
        find_files(str(tmp_path / "q*.de"))


lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\ufeff"), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(lines, lines), max_size=8))
def test_any_pairs_come_back_from_jsonl_and_text(put: Put, pairs: Pairs) -> None:
    records = "".join(json.dumps({"x": src, "y": tgt}, ensure_ascii=False) + "\n" for src, tgt in pairs)
    assert list(read_jsonl(put("a.jsonl", records), "x", "y")) == pairs
    sides = (put(f"a.{side}", "".join(f"{pair[side]}\n" for pair in pairs)) for side in (0, 1))
    assert list(read_text(*sides)) == pairs
