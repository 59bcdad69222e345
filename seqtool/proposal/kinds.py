"""What kind of file a file is: by its ending, and by a look at its beginning."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from seqtool.errors import DataError
from seqtool.proposal.source import Kind
from seqtool.text.formats import open_corpus
from seqtool.text.separated import separator_of

_HEAD_BYTES = 1 << 16
_ENOUGH = 9
_COMPRESSED = (".gz", ".xz", ".zst")
_ENDINGS: dict[str, Kind] = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_SHEET = "save the sheet as CSV (UTF-8), or unpack the archive"
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or an office document", _SHEET),
    (b"\xd0\xcf\x11\xe0", "an office document", _SHEET),
    (b"%PDF", "a PDF", "save its text, one document a line or in JSON lines"),
    (b"SQLite format 3", "a database", "export a table as CSV"),
    (b"ARROW1", "an Arrow file", "write it as Parquet, or name the folder that `save_to_disk` wrote"),
    (b"BZh", "compressed with bzip2", "compress it with gzip, xz or zstd"),
    (b"\x1f\x8b", "compressed with gzip", "give it a name that ends in .gz"),
    (b"\xfd7zXZ", "compressed with xz", "give it a name that ends in .xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstandard", "give it a name that ends in .zst"),
    (b"\xff\xfe", "UTF-16, not UTF-8", "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    (b"\xfe\xff", "UTF-16, not UTF-8", "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    (b"<?xml", "XML", "take its segments out into two text files, a line each"),
    (b"<tmx", "XML", "take its segments out into two text files, a line each"),
    (b"<!DOCTYPE", "HTML or XML", "take its text out, one document a line or in JSON lines"),
)


def bare_name(path: Path) -> str:
    """A file's name without the endings that say how it is packed and what kind it is: `train.de.txt.gz` is train.de."""
    name = path.name
    for endings in (_COMPRESSED, (*_ENDINGS, ".txt")):
        stem, dot, ending = name.rpartition(".")
        if stem and dot + ending.lower() in endings:
            name = stem
    return name


def ending_kind(path: Path) -> Kind | None:
    """The kind that a file's ending says, if it does."""
    name = path.name.lower()
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return _ENDINGS.get(Path(name).suffix)


def kind_of(path: Path) -> Kind:
    """The kind of a file. Raises `DataError` for one that is empty, binary, or nothing that pairs are read from (`data.kind`)."""
    with open_corpus(path) as stream:
        head = stream.read(_HEAD_BYTES)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise DataError("data.empty", f"{path} is empty", "name a file with text in it")
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, what, hint in _FOREIGN:
        if head.startswith(magic):
            raise DataError("data.kind", f"{path} is {what}", hint)
    if b"\0" in head:
        hint = "name text files, or a TSV, CSV, JSON lines or Parquet file"
        raise DataError("data.kind", f"{path} is binary: there is a NUL in its first bytes", hint)
    text = head.decode("utf-8", "replace").lstrip("\ufeff")
    kind = ending_kind(path)
    if kind == "parquet":
        message = f"{path} is not Parquet, whatever its name says"
        raise DataError("data.kind", message, "give it the ending of what it is, or make it again from its source")
    complete = len(head) < _HEAD_BYTES
    lines = _whole_lines(text, complete=complete)
    _check_separators(path, text, lines, kind)
    if kind == "jsonl":
        _check_json_lines(path, text, lines, complete=complete)
    if kind is None and all(_holds(line, dict) for line in lines if line.strip()):
        return "jsonl"
    return kind if kind == "jsonl" else _by_separator(lines, kind, complete=complete)


def _whole_lines(text: str, *, complete: bool) -> list[str]:
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines if complete or len(lines) == 1 else lines[:-1])]


def _check_json_lines(path: Path, text: str, lines: list[str], *, complete: bool) -> None:
    """One JSON document over many lines is the usual mistake. Of a first line that goes on behind the head the reader says what is
    wrong."""
    first = next((line for line in lines if line.strip()), "")
    if len(lines) > 1 and _holds(first, list):
        message = f"{path}: a line is a JSON list, not an object"
        hint = f"give its values names: jq -c '{{src: .[0], tgt: .[1]}}' {path.name} > NEW"
        raise DataError("data.kind", message, hint)
    if text.lstrip().startswith("["):
        message = f"{path} is one JSON list, not JSON lines: one object a line"
        raise DataError("data.kind", message, f"convert it: jq -c '.[]' {path.name} > {bare_name(path)}.jsonl")
    if not complete and "\n" not in text:
        return
    try:
        json.loads(first)
    except (ValueError, RecursionError) as error:
        if first.strip() not in ("{", "{,") and len(lines) > 1:
            return  # the reader says what is wrong with a line
        message = f"{path} is one JSON document, not JSON lines: one object a line"
        raise DataError("data.kind", message, f"convert it, for example: jq -c '.data[]' {path.name} > NEW") from error


def _holds(line: str, kind: type) -> bool:
    """Whether a line is JSON of a kind."""
    try:
        return isinstance(json.loads(line), kind)
    except (ValueError, RecursionError):
        return False


def _check_separators(path: Path, text: str, lines: list[str], kind: Kind | None) -> None:
    """What old programs end lines with, and what some corpora have between the two sides."""
    if "\n" not in text and text.count("\r") > 1:
        message = f"{path}: its lines end in carriage returns alone, so that all of it is one line"
        raise DataError("data.kind", message, f"convert it: tr '\\r' '\\n' < {path.name} > NEW")
    if kind in (None, "tsv") and len(lines) > 1 and all(line.count("|||") == 1 for line in lines if line):
        message = f"{path}: the two sides of a line are separated by |||, not by a tab"
        raise DataError("data.kind", message, f"convert it: sed 's/ *||| */\\t/' {path.name} > NEW.tsv")


def _by_separator(lines: list[str], kind: Kind | None, *, complete: bool) -> Kind:
    """CSV has commas, or what spreadsheets write elsewhere; with tabs it is TSV, unless there are quotes around fields."""
    if kind == "csv" and (separator_of(lines[0]) != "\t" or lines[0].lower().startswith("sep=")):
        return "csv"
    quoted = _rows(lines, complete=complete) if any('"' in line for line in lines) else []
    if len({len(row) for row in quoted}) == 1 and len(quoted[0]) > 1 and (kind == "csv" or _needs_quotes(lines)):
        return "csv"
    return kind if kind == "tsv" else "tsv" if kind == "csv" or _is_tsv(lines) else "text"


def _rows(lines: list[str], *, complete: bool) -> list[list[str]]:
    """The rows of a CSV with tabs; none where it is no such thing. Where the lines are not all, the last row may go on after them."""
    reader = csv.reader((f"{line}\n" for line in lines), strict=True, delimiter="\t")
    rows: list[list[str]] = []
    done = 0
    try:
        for row in reader:
            rows.extend([row] if row else [])
            done = reader.line_num
    except csv.Error:
        cut = not complete and reader.line_num == len(lines) and 2 * done > len(lines)
        return rows if cut else []
    return rows


def _needs_quotes(lines: list[str]) -> bool:
    """Whether fields would be taken apart, or have too many quotes, if quotes were a part of them; in every line of many they are none."""
    rows = [line.split("\t") for line in lines if line]
    fields = [field for row in rows for field in row]
    if len(rows) > _ENOUGH and any(
        all(len(f) > 1 and f[0] == f[-1] == '"' for f in each) for each in zip(*rows[1:], strict=False)
    ):
        return True
    doubled = any(re.fullmatch(r'"(?:[^"]|"")*""(?:[^"]|"")*"', field) and field != '""' for field in fields)
    return doubled or (lines[0].count("\t") > 0 and not _is_tsv(lines))


def _is_tsv(lines: list[str]) -> bool:
    """Whether all lines have equally many tabs, and at least one."""
    tabs = {line.count("\t") for line in lines if line}
    return len(tabs) == 1 and tabs != {0}
