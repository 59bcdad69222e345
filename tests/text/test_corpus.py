"""Corpora: the same pairs from every format, compressed or in parts; what a fingerprint sees; the ledger."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from seqtool.errors import DataError
from seqtool.recipe.schema import CorpusSection
from seqtool.text.corpus import Corpus, Ledger

Pairs = list[tuple[str, str]]

PAIRS: Pairs = [("Guten Tag.", "Good day."), ("Ja, »gern«", 'Yes, "gladly"'), ("", "nothing"), ("日本語", "🙂")]
COMPRESS = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.ZstdCompressor().compress}
FORMATS = ("text", "tsv", "csv", "jsonl", "parquet")


def encode(kind: str, pairs: Pairs, side: int = 0) -> bytes:
    """Pairs as the bytes of a file; `side` is for text."""
    if kind == "parquet":
        buffer = io.BytesIO()
        pq.write_table(pa.table({"de": [src for src, _ in pairs], "en": [tgt for _, tgt in pairs]}), buffer)
        return buffer.getvalue()
    text = io.StringIO(newline="")
    if kind == "csv":
        csv.writer(text).writerows([("de", "en"), *pairs])
    for src, tgt in pairs:
        if kind == "text":
            text.write(f"{(src, tgt)[side]}\n")
        if kind == "tsv":
            text.write(f"{src}\t{tgt}\n")
        if kind == "jsonl":
            text.write(json.dumps({"de": src, "en": tgt}) + "\n")
    return text.getvalue().encode()


def save(folder: Path, kind: str, name: str, pairs: Pairs, ending: str = "") -> None:
    """One file, or two of text."""
    folder.mkdir(exist_ok=True)
    for side, suffix in enumerate((".de", ".en")) if kind == "text" else [(0, f".{kind}")]:
        (folder / f"{name}{suffix}{ending}").write_bytes(COMPRESS[ending](encode(kind, pairs, side)))


def section(folder: Path, kind: str, name: str, ending: str = "") -> dict[str, Any]:
    if kind == "text":
        return {"src": f"{folder / name}.de{ending}", "tgt": f"{folder / name}.en{ending}"}
    fields: tuple[int | str, int | str] = (1, 2) if kind == "tsv" else ("de", "en")
    return {kind: f"{folder / name}.{kind}{ending}", "src": fields[0], "tgt": fields[1]}


def corpus(values: dict[str, Any], role: Literal["train", "valid", "test"] = "train") -> Corpus:
    return Corpus(CorpusSection.model_validate(values), role)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("ending", COMPRESS)
def test_the_same_pairs_from_every_format(tmp_path: Path, kind: str, ending: str) -> None:
    save(tmp_path, kind, "a", PAIRS, ending)
    assert list(corpus(section(tmp_path, kind, "a", ending)).pairs()) == PAIRS


@pytest.mark.parametrize("kind", FORMATS)
def test_several_files_by_star(tmp_path: Path, kind: str) -> None:
    for index, name in enumerate(("part-10", "part-09", "part-11")):
        save(tmp_path, kind, name, [(f"s{index}", f"t{index}")])
    assert list(corpus(section(tmp_path, kind, "part-*")).pairs()) == [("s1", "t1"), ("s0", "t0"), ("s2", "t2")]


@pytest.mark.parametrize("kind", FORMATS)
def test_several_files_by_list(tmp_path: Path, kind: str) -> None:
    """In the order of the list, whatever their names; each may hold a star."""
    for index, name in enumerate(("b", "a1", "a2")):
        save(tmp_path, kind, name, [(f"s{index}", f"t{index}")])
    first, second = section(tmp_path, kind, "b"), section(tmp_path, kind, "a*")
    keys = ("src", "tgt") if kind == "text" else (kind,)
    both = {**first, **{key: [first[key], second[key]] for key in keys}}
    assert list(corpus(both).pairs()) == [(f"s{index}", f"t{index}") for index in range(3)]


def test_text_needs_as_many_files_on_both_sides(tmp_path: Path) -> None:
    save(tmp_path, "text", "a", PAIRS)
    (tmp_path / "b.de").touch()
    one = str(tmp_path / "a.en")
    for wrong, message in (
        (section(tmp_path, "text", "*"), r"b\.de has no counterpart among .*\*\.en"),
        ({**section(tmp_path, "text", "*"), "tgt": one}, "src is 2 files and tgt is 1"),
        ({**section(tmp_path, "text", "*"), "tgt": [one, one, one]}, "src is 2 files and tgt is 3"),
    ):
        with pytest.raises(DataError, match=message) as caught:
            list(corpus(wrong).pairs())
        assert caught.value.error_id == "data.file-count"
        assert "data.train" in caught.value.message


def test_line_counts_must_match_file_by_file(tmp_path: Path) -> None:
    """Two mistakes that cancel out would shift every pair in between."""
    for name, content in {"a.de": "1\n2\n", "a.en": "1\n", "b.de": "3\n", "b.en": "2\n3\n"}.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=r"a\.de has 2 lines and .*a\.en has 1") as caught:
        list(corpus(section(tmp_path, "text", "*")).pairs())
    assert caught.value.error_id == "data.line-count"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_missing_file_is_named(tmp_path: Path, kind: str) -> None:
    for use in (lambda one: list(one.pairs()), lambda one: one.fingerprint()):
        with pytest.raises(DataError, match=r"gone.* does not exist") as caught:
            use(corpus(section(tmp_path, kind, "gone")))
        assert caught.value.error_id == "data.not-found"


@pytest.mark.parametrize("kind", FORMATS[1:])
def test_one_field_a_side(tmp_path: Path, kind: str) -> None:
    save(tmp_path, kind, "a", PAIRS)
    with pytest.raises(DataError, match="do not each name one field") as caught:
        list(corpus({kind: section(tmp_path, kind, "a")[kind]}).pairs())
    assert caught.value.error_id == "data.field"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_corpus_can_be_read_twice(tmp_path: Path, kind: str) -> None:
    """Once for the tokenizer and once for the ids."""
    save(tmp_path, kind, "a", PAIRS)
    one = corpus(section(tmp_path, kind, "a"))
    assert list(one.pairs()) == list(one.pairs()) == PAIRS


@pytest.mark.parametrize("kind", FORMATS)
def test_reading_is_streaming(tmp_path: Path, kind: str) -> None:
    """The first pair comes although the second file is not there."""
    save(tmp_path, kind, "a", PAIRS)
    first, second = section(tmp_path, kind, "a"), section(tmp_path, kind, "gone")
    keys = ("src", "tgt") if kind == "text" else (kind,)
    pairs = corpus({**first, **{key: [first[key], second[key]] for key in keys}}).pairs()
    assert next(pairs) == PAIRS[0]
    with pytest.raises(DataError, match="gone"):
        list(pairs)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_fingerprint_follows_the_content(tmp_path: Path, kind: str) -> None:
    save(tmp_path, kind, "a", PAIRS)
    before = corpus(section(tmp_path, kind, "a")).fingerprint()
    assert len(before) == 64
    assert corpus(section(tmp_path, kind, "a")).fingerprint() == before
    assert corpus(section(tmp_path, kind, "a"), "valid").fingerprint() == before, "whatever it is used for"
    save(tmp_path, kind, "renamed", PAIRS)
    assert corpus(section(tmp_path, kind, "renamed")).fingerprint() == before, "whatever it is called"
    save(tmp_path, kind, "a", [*PAIRS[:-1], ("日本語", "🙃")])
    assert corpus(section(tmp_path, kind, "a")).fingerprint() != before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"src": "a", "tgt": "b"}, {"src": "b", "tgt": "a"}),  # the direction
        ({"src": "ab", "tgt": "b"}, {"src": "a", "tgt": "ab"}),
        ({"src": ["a", "b"], "tgt": ["a", "b"]}, {"src": ["b", "a"], "tgt": ["b", "a"]}),  # the order
        ({"src": ["a", "a"], "tgt": ["b", "b"]}, {"src": "a", "tgt": "b"}),  # how often
        ({"tsv": "t", "src": 1, "tgt": 2}, {"tsv": "t", "src": 2, "tgt": 1}),  # the columns
        ({"tsv": "t", "src": 1, "tgt": 2}, {"tsv": "t", "src": "x", "tgt": "y"}),  # a header or none
        ({"tsv": "t", "src": "x", "tgt": "y"}, {"csv": "t", "src": "x", "tgt": "y"}),  # how the bytes are read
    ],
)
def test_a_fingerprint_follows_the_meaning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: dict[str, Any], second: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in {"a": "a\n", "b": "b\n", "ab": "a\nb\n", "t": "x\ty\n"}.items():
        Path(name).write_text(content)
    assert corpus(first).fingerprint() != corpus(second).fingerprint()


def test_messages_can_say_where_pairs_come_from() -> None:
    assert corpus({"src": ["a.de", "b.de"], "tgt": "*.en"}).describe() == "data.train (a.de, b.de + *.en)"
    assert corpus({"tsv": "a.tsv", "src": 1, "tgt": 2}, "test").describe() == "data.test (tsv a.tsv)"
    assert corpus({"hub": "x/y", "src": "a", "tgt": "b"}, "valid").describe() == "data.valid (hub x/y)"


@pytest.mark.parametrize(
    ("ledger", "summary"),
    [
        (Ledger(), "0 read, 0 kept"),
        (Ledger(29_000, 29_000), "29,000 read, 29,000 kept"),
        (
            Ledger(29_000, 28_871, {"empty": 8, "longer than 100 tokens": 121}),
            "29,000 read, 28,871 kept: 121 longer than 100 tokens, 8 empty",  # the largest first
        ),
        (Ledger(4, 0, {"b": 2, "a": 2}), "4 read, 0 kept: 2 a, 2 b"),
        (Ledger(12_000, 12_000, {}, 1234), "12,000 read, 12,000 kept; 1,234 sources cut"),
        (Ledger(12_000, 11_999, {"empty": 1}, 2), "12,000 read, 11,999 kept: 1 empty; 2 sources cut"),
        (Ledger(9, 8, {"empty": 1}, 0, 2), "9 read, 8 kept: 1 empty; 2 targets longer than their sources"),
        (Ledger(9, 9, {}, 3, 2), "9 read, 9 kept; 3 sources cut; 2 targets longer than their sources"),
    ],
)
def test_the_ledger_in_a_sentence(ledger: Ledger, summary: str) -> None:
    assert ledger.summary() == summary
    assert Ledger.from_json(json.loads(json.dumps(ledger.to_json()))) == ledger


def test_the_ledger_counts() -> None:
    ledger = Ledger(read=8, kept=5)
    for reason in ("empty", "long", "empty"):
        ledger.add(reason)
    assert ledger.dropped == {"empty": 2, "long": 1}
    assert ledger.drop_rate == pytest.approx(3 / 8)
    assert Ledger().drop_rate == 0.0


@pytest.mark.parametrize("kind", FORMATS)
def test_a_source_without_target_is_its_own(tmp_path: Path, kind: str) -> None:
    """And the same corpus, for stores, as one that names it twice."""
    save(tmp_path, kind, "a", PAIRS)
    both = section(tmp_path, kind, "a")
    alone = corpus({name: value for name, value in both.items() if name != "tgt"})
    assert list(alone.pairs()) == [(src, src) for src, _ in PAIRS]
    assert alone.fingerprint() == corpus({**both, "tgt": both["src"]}).fingerprint()
    if kind == "text":
        assert alone.describe() == f"data.train ({both['src']} + {both['src']})"


def test_files_are_paired_by_what_the_star_stands_for(tmp_path: Path) -> None:
    """Not by the order of their names: `news.part2.zh` comes before `news.zh`, and `news.en` before `news.part2.en`."""
    for stem in ("news", "news.part2", "a"):
        for side in ("zh", "en"):
            (tmp_path / f"{stem}.{side}").write_text(f"{stem} {side}\n")
    pairs = {(f"{stem} zh", f"{stem} en") for stem in ("news", "news.part2", "a")}
    assert set(corpus({"src": f"{tmp_path}/*.zh", "tgt": f"{tmp_path}/*.en"}).pairs()) == pairs
    listed = {"src": [f"{tmp_path}/n*.zh", f"{tmp_path}/a.zh"], "tgt": [f"{tmp_path}/n*.en", f"{tmp_path}/a.en"]}
    assert set(corpus(listed).pairs()) == pairs
    (tmp_path / "a.en").rename(tmp_path / "b.en")
    with pytest.raises(DataError, match=r"/a\.zh has no counterpart among ") as caught:
        list(corpus({"src": f"{tmp_path}/*.zh", "tgt": f"{tmp_path}/*.en"}).pairs())
    assert caught.value.error_id == "data.file-count"
    assert list(corpus({"src": f"{tmp_path}/a*.zh", "tgt": f"{tmp_path}/b*.en"}).pairs()) == [("a zh", "a en")]


def test_compressing_a_table_leaves_the_data_what_it_was(tmp_path: Path) -> None:
    save(tmp_path, "jsonl", "plain", [("a", "A")])
    save(tmp_path, "jsonl", "packed", [("a", "A")], ".gz")
    one, other = (corpus(section(tmp_path, "jsonl", name, end)) for name, end in (("plain", ""), ("packed", ".gz")))
    assert one.fingerprint() == other.fingerprint()
