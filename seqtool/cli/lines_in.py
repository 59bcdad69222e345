"""What a command is to translate: files, standard input, a shard of them, or what a resumed output still lacks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from seqtool.errors import UsageError
from seqtool.text.formats import open_input
from seqtool.text.line_range import LineRange, LineSource
from seqtool.text.lines import LineReader
from seqtool.text.records import JsonlReader, Record
from seqtool.text.shard import Shard, parse_shard, shard_lines


@dataclass(frozen=True)
class Part:
    """A file, or standard input, which `opened` gives when its turn has come: its lines from number `start`, from 0, up to but without
    number `stop`; None is the end."""

    opened: Callable[[], AbstractContextManager[BinaryIO]]
    name: str
    start: int = 0
    stop: int | None = None


@dataclass
class Input:
    """Parts in their order. With `field` their lines are JSON; with `strict` they must be UTF-8, else `invalid` counts those that were not.
    `first` is the number, from 0, of the first of all these lines in the whole input, and `total` how many there are, where that is known.
    """

    parts: Sequence[Part]
    field: str | None = None
    strict: bool = False
    first: int = 0
    total: int | None = None
    invalid: int = 0

    def windows(self, max_lines: int, skip: int = 0) -> Iterator[list[Record]]:
        """What can be read without waiting, and so on to the end, without the first `skip` lines, at which nobody looks. Raises
        `UsageError` where there are not so many, and `DataError`."""
        for part in self.parts:
            with part.opened() as stream:
                reader = LineReader(stream, name=part.name, strict=self.strict)
                lines = LineRange(reader, part.start, part.stop)
                passed = lines.skip_lines(skip)
                skip -= passed
                source = self._source(lines, part.name, part.start + passed + 1)
                while window := source.poll_lines(max_lines):
                    yield [line if isinstance(line, Record) else Record(line) for line in window]
            self.invalid += reader.invalid
        if skip:
            lines_more = "1 line" if skip == 1 else f"{skip:,} lines"
            raise UsageError(
                "usage.resume",
                f"what is there to go on with has {lines_more} more than the input: it is of another input, or of another --shard",
                "give the same input as before, or leave out --resume to begin anew",
            )

    def _source(self, lines: LineSource[str], name: str, first_line: int) -> LineSource[str] | LineSource[Record]:
        if self.field is None:
            return lines
        return JsonlReader(lines, name=name, field=self.field, first_line=first_line)


def open_inputs(
    stack: ExitStack, files: Sequence[Path], *, field: str | None, shard: str | None, strict: bool, count: bool = False
) -> Input:
    """Looks whether files can be read, each of which is opened when its turn comes; or takes standard input where there are none. With
    `field` they are JSON lines; with `count` their lines are counted first, where they can be read twice. Raises `UsageError` and
    `DataError`."""
    ranges = None if shard is None else shard_lines(parse_shard(shard), files)
    if field is not None and not field:
        raise UsageError("usage.field", "--field names no field", "for example --field text")
    if ranges is None:
        parts = [Part(_opener(stack, path), str(path)) for path in files]
        standard = Part(lambda: nullcontext(sys.stdin.buffer), "standard input")
        return Input(parts or [standard], field, strict, total=_total(files) if count else None)
    parts = [
        Part(_opener(stack, path), str(path), lines.start, lines.stop)
        for path, lines in zip(files, ranges, strict=True)
    ]
    return Input(parts, field, strict, _before(ranges, files), sum(map(len, ranges)))


def _opener(stack: ExitStack, path: Path) -> Callable[[], AbstractContextManager[BinaryIO]]:
    """Opens a file at once, to see that it can be, and anew when it is read: there may be more of them than a process may hold open. A pipe
    can be opened once only, and is held until then."""
    stream = open_input(path)
    if not path.is_file():
        stack.enter_context(stream)
        return lambda: nullcontext(stream)
    stream.close()
    return partial(open_input, path)


def _total(files: Sequence[Path]) -> int | None:
    """How many lines there are, where that can be known before they are read. Lines that come later are translated all the same."""
    if not files or not all(path.is_file() for path in files):
        return None
    return sum(map(len, shard_lines(Shard(1, 1), files)))


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
