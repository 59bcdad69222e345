"""Files to pairs: two aligned text files, and JSON lines; TSV and CSV are in `separated`.

Every reader yields `(src, tgt)` in the order of the file and stops with a `DataError` that names file and line at the first row that does
not have both: nothing is skipped, and nothing zipped short.
"""

from __future__ import annotations

import difflib
import errno
import json
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from seqtool.errors import DataError, ResourceError
from seqtool.recipe.places import printable
from seqtool.text.lines import LineReader, open_binary

Pairs = Iterator[tuple[str, str]]

_STARS = re.compile(r"(\*)\**")
_LINE_ENDS = re.compile(r"\r\n|[\r\n]")
_MAGIC = {b"\x1f\x8b": ".gz", b"\xfd7zXZ": ".xz", b"\x28\xb5\x2f\xfd": ".zst"}
COMPRESSED = tuple(_MAGIC.values())


def find_files(pattern: str) -> list[Path]:
    """The files a path means, in the order of their names; `*` stands for any part of one name. Raises `DataError` when there is none."""
    path = Path(pattern)
    if "*" not in pattern:
        return [path]
    start = Path(path.anchor) if path.is_absolute() else Path()
    relative = path.relative_to(path.anchor) if path.is_absolute() else path
    plain = re.sub(r"([?\[])", r"[\1]", str(relative))
    found = sorted(
        file for file in start.glob(re.sub(r"\*+", "*", plain)) if file.is_file() and not file.name.startswith(".")
    )
    if not found:
        raise DataError(
            "data.not-found", f"no file matches {pattern}", "check the path; * stands for any part of one name"
        )
    return found


def star_texts(pattern: str, file: Path) -> tuple[str, ...]:
    """What each `*` of a pattern stands for in a file it means."""
    names = re.compile(
        "".join("([^/]*)" if part == "*" else re.escape(part) for part in _STARS.split(str(Path(pattern))))
    )
    found = names.fullmatch(str(file))
    return found.groups() if found else ()


def open_corpus(path: Path) -> BinaryIO:
    """Open a file of a corpus. Raises `DataError` when it is not there or is no file, `ResourceError` when it may not be read."""
    mode = stat.S_IFREG
    with suppress(OSError):  # what cannot be looked at cannot be opened either, and is told then
        mode = stat.S_IFMT(path.stat().st_mode)
    if mode != stat.S_IFREG:
        what = "a folder" if mode == stat.S_IFDIR else "not a regular file"
        raise DataError(
            "data.not-a-file", f"{path} is {what}; a corpus is read more than once, from files", "name a file"
        )
    return open_input(path)


def open_input(path: Path) -> BinaryIO:
    """Open a file or a pipe that is read once. Raises `DataError` when it is not there, `ResourceError` when it may not be read."""
    try:
        return open_binary(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        near = _near(path.name, _names(path.parent))
        hint = f"did you mean {path.parent / near}?" if near else f"look in {path.parent}"
        raise DataError("data.not-found", f"{path} does not exist", hint) from error
    except IsADirectoryError as error:
        raise DataError("data.not-a-file", f"{path} is a folder", "name a file") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise DataError("data.not-found", f"{path} does not exist: no name is so long", "check the path") from error
        raise ResourceError(
            "data.unreadable", f"{path} cannot be read: {error.strerror}", "check its permissions"
        ) from error


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def _near(name: str, names: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(name, list(names), n=1)), "")


def text_lines(path: Path, opened: Callable[[Path], BinaryIO] = open_corpus) -> Iterator[str]:
    """The lines of a text file, which must be UTF-8."""
    with opened(path) as stream:
        head = stream.peek(8)[:8] if hasattr(stream, "peek") else b""
        for magic, ending in _MAGIC.items():
            if head.startswith(magic):
                raise DataError("data.compressed", f"{path} is compressed", f"give it a name that ends in {ending}")
        yield from LineReader(stream, name=str(path), strict=True)


def read_text(src: Path, tgt: Path, opened: Callable[[Path], BinaryIO] = open_corpus) -> Pairs:
    """Line n of one file with line n of the other; with `open_input` they may be pipes. Raises `DataError` at the end when one file has
    more lines."""
    src_lines, tgt_lines = text_lines(src, opened), text_lines(tgt, opened)
    count = 0
    for src_line in src_lines:
        tgt_line = next(tgt_lines, None)
        if tgt_line is None:
            raise _line_count(src, count + 1 + sum(1 for _ in src_lines), tgt, count)
        count += 1
        yield src_line, tgt_line
    rest = sum(1 for _ in tgt_lines)
    if rest:
        raise _line_count(src, count, tgt, count + rest)


def _line_count(src: Path, src_count: int, tgt: Path, tgt_count: int) -> DataError:
    return DataError(
        "data.line-count",
        f"{src} has {src_count:,} lines and {tgt} has {tgt_count:,}: line n of one must be the translation of line n of the other",
        "find where they part (a line left out or broken in two) and repair the files",
    )


def column_number(path: Path, row: Sequence[str], wanted: int | str) -> int:
    """Where a column is, from 0: by its number from 1, or by its name in the first row. Raises `DataError` when it is not there."""
    if isinstance(wanted, int):
        if 1 <= wanted <= len(row):
            return wanted - 1
        raise DataError(
            "data.field",
            f"{path}:1: there is no column {wanted}: the line has {len(row)}",
            "columns are counted from 1",
        )
    if row.count(wanted) == 1:
        return list(row).index(wanted)
    if wanted in row:
        raise DataError(
            "data.field", f"{path}:1: more than one column is called {wanted!r}", "give the columns different names"
        )
    raise _no_field(f"{path}:1", wanted, row)


def row_width(where: str, found: int, expected: int) -> DataError:
    """What is said of a row that is wider or narrower than the first."""
    return DataError(
        "data.fields",
        f"{where}: {found} fields, where the first line has {expected}",
        "repair this line: a separator inside a text, or one that is missing?",
    )


def _no_field(where: str, wanted: str, names: Iterable[str]) -> DataError:
    known = [str(name)[:40] for name in names]
    near = _near(wanted, known)
    listing = ", ".join(map(printable, known[:20])) + (", ..." if len(known) > 20 else "")
    return DataError(
        "data.field",
        f"{where}: no field {wanted!r}: there are {listing or 'none'}",
        f"did you mean {near!r}?" if near else "name one of them",
    )


def field_line(text: str) -> str:
    """A field as one line."""
    return _LINE_ENDS.sub(" ", text) if "\n" in text or "\r" in text else text


def read_jsonl(path: Path, src: int | str, tgt: int | str) -> Pairs:
    """Fields of one JSON object a line; blank lines are nothing."""
    for number, line in enumerate(text_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except RecursionError as error:
            raise DataError("data.json", f"{where}: JSON nested too deeply", "repair or remove this line") from error
        except ValueError as error:
            raise DataError("data.json", f"{where}: not JSON: {error}", "one JSON object a line, please") from error
        yield text_field(record, str(src), where), text_field(record, str(tgt), where)


def text_field(record: object, name: str, where: str) -> str:
    """The text at a dotted path of a record, as one line; null, at its end or on the way, is an absent text, which is the empty one. A key
    that itself holds the dots comes first. Raises `DataError` when there is no such key or its value is no text."""
    value, rest = record, name
    while rest:
        if value is None and rest != name:
            return ""
        if not isinstance(value, dict):
            raise DataError(
                "data.field",
                f"{where}: {name!r} leads into {_json_kind(value)}, not an object",
                "check the names of the fields",
            )
        key = rest if rest in value else rest.partition(".")[0]
        if key not in value:
            raise _no_field(where, name, value)
        value, rest = value[key], "" if key == rest else rest.partition(".")[2]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DataError(
            "data.field",
            f"{where}: {name!r} is {_json_kind(value)}, not text",
            "repair this record, or name another field",
        )
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise DataError(
            "data.utf-8",
            f"{where}: {name!r} holds half of a surrogate pair, which is no character",
            "repair this record",
        )
    return field_line(value)


def _json_kind(value: object) -> str:
    kinds = {
        dict: "an object",
        list: "a list",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        type(None): "null",
        str: "text",
    }
    return kinds.get(type(value), f"a {type(value).__name__}")


def column_of(name: str, columns: Sequence[str], where: str) -> str:
    """The column in which a field is found: of that name, or of the part before the first dot. Raises `DataError` when there is none."""
    top = name if name in columns else name.partition(".")[0]
    if top not in columns:
        raise _no_field(where, name, columns)
    return top
