"""What a command is to translate: files, standard input, a shard of them, or what a resumed output still lacks."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from seqtool.errors import UsageError
from seqtool.text.formats import open_input
from seqtool.text.line_range import LineRange, LineSource
from seqtool.text.lines import LineReader
from seqtool.text.records import JsonlReader, Record
from seqtool.text.shard import Shard, parse_shard, shard_lines


@dataclass
class Input:
    """Sources of lines in their order; `first` is the number, from 0, of the first of all their lines in the whole input, and `total` how
    many there are, where that is known."""

    sources: Sequence[LineSource[str]] | Sequence[LineSource[Record]]
    readers: Sequence[LineReader]
    first: int = 0
    total: int | None = None

    @property
    def invalid(self) -> int:
        """Lines so far that were not UTF-8."""
        return sum(reader.invalid for reader in self.readers)

    def windows(self, max_lines: int, skip: int = 0) -> Iterator[list[Record]]:
        """What can be read without waiting, and so on to the end, without the first `skip` lines. Raises `UsageError` where there are not
        so many."""
        for source in self.sources:
            while window := source.poll_lines(max_lines):
                records = [line if isinstance(line, Record) else Record(line) for line in window]
                passed = min(skip, len(records))
                skip -= passed
                if records[passed:]:
                    yield records[passed:]
        if skip:
            lines = "1 line" if skip == 1 else f"{skip:,} lines"
            raise UsageError(
                "usage.resume",
                f"what is there to go on with has {lines} more than the input: it is of another input, or of another --shard",
                "give the same input as before, or leave out --resume to begin anew",
            )


def open_inputs(
    stack: ExitStack, files: Sequence[Path], *, field: str | None, shard: str | None, strict: bool, count: bool = False
) -> Input:
    """Opens files, or standard input where there are none. With `field` they are JSON lines; with `count` their lines are counted first,
    where they can be read twice. Raises `UsageError` and `DataError`."""
    ranges = None if shard is None else shard_lines(parse_shard(shard), files)
    named = [(stack.enter_context(open_input(path)), str(path)) for path in files]
    readers = [
        LineReader(stream, name=name, strict=strict) for stream, name in named or [(sys.stdin.buffer, "standard input")]
    ]
    names = [name for _, name in named] or ["standard input"]
    if ranges is None:
        return Input(_records(readers, names, [1] * len(names), field), readers, total=_total(files) if count else None)
    parts = [LineRange(reader, lines.start, lines.stop) for reader, lines in zip(readers, ranges, strict=True)]
    sources = _records(parts, names, [lines.start + 1 for lines in ranges], field)
    total = sum(map(len, ranges))
    return Input(sources, readers, _before(ranges, files), total)


def _total(files: Sequence[Path]) -> int | None:
    """How many lines there are, where that can be known before they are read. Lines that come later are translated all the same."""
    if not files or not all(path.is_file() for path in files):
        return None
    return sum(map(len, shard_lines(Shard(1, 1), files)))


def _records(
    sources: Sequence[LineSource[str]], names: Sequence[str], firsts: Sequence[int], field: str | None
) -> Sequence[LineSource[str]] | Sequence[LineSource[Record]]:
    if field is None:
        return sources
    if not field:
        raise UsageError("usage.field", "--field names no field", "for example --field text")
    return [
        JsonlReader(source, name=name, field=field, first_line=first)
        for source, name, first in zip(sources, names, firsts, strict=True)
    ]


def _before(ranges: Sequence[range], files: Sequence[Path]) -> int:
    """How many lines of the whole input come before the first that is wanted."""
    from seqtool.resumable import count_lines

    before = 0
    for lines, path in zip(ranges, files, strict=True):
        if len(lines):
            return before + lines.start
        with open_input(path) as stream:
            before += count_lines(stream).all_lines
    return before
