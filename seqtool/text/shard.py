"""One of N parts of an input, for as many processes at work on it side by side: `--shard 2/8`.

A part is a run of neighbouring lines, so that the outputs of the parts one after the other (`cat`) are the output of the whole input. For
this the lines are counted before the first is read: the input must be files. Parts cover every line exactly once, and the numbers of
their lines differ by at most one.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from seqtool.errors import UsageError
from seqtool.resumable import count_lines
from seqtool.text.formats import open_input

_HINT = "write I/N with 1 <= I <= N, for example --shard 2/8: the second of eight parts"


@dataclass(frozen=True)
class Shard:
    """Part `index`, from 1, of `count` parts."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def lines(self, total: int) -> range:
        """The numbers, from 0, of this part's lines among `total`; none where there are more parts than lines, for some of them."""
        return range((self.index - 1) * total // self.count, self.index * total // self.count)


def parse_shard(text: str) -> Shard:
    """`2/8` as a `Shard`. Raises `UsageError` for anything but two whole numbers I/N with 1 <= I <= N."""
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*/\s*([0-9]{1,9})\s*", text)
    if not found:
        raise UsageError("usage.shard", f"--shard {text!r} is not of the form I/N", _HINT)
    shard = Shard(int(found[1]), int(found[2]))
    if not 1 <= shard.index <= shard.count:
        among = f"among {shard.count} parts" if shard.count != 1 else "where all is 1 part"
        raise UsageError("usage.shard", f"--shard {shard}: there is no part {shard.index} {among}", _HINT)
    return shard


def split_range(lines: range, counts: Sequence[int]) -> list[range]:
    """Lines, numbered through several files of `counts` lines, as ranges of the lines of each file, numbered from 0."""
    starts = accumulate(counts[:-1], initial=0) if counts else ()
    return [
        range(min(max(lines.start - start, 0), count), min(max(lines.stop - start, 0), count))
        for start, count in zip(starts, counts, strict=True)
    ]


def shard_lines(shard: Shard, files: Sequence[Path]) -> list[range]:
    """The lines of each file that belong to the part of all of them together. Each file is read once, a piece at a time, to count.

    Raises `UsageError` without files, which means standard input, and for one that can be read only once; `DataError` and
    `ResourceError` for files that cannot be read at all.
    """
    if not files:
        hint = "name a file; or let `split --number=l/N` cut up what comes through the pipe"
        raise UsageError("usage.shard", f"--shard {shard} of standard input: its lines cannot be counted first", hint)
    counts = [_count(shard, path) for path in files]
    return split_range(shard.lines(sum(counts)), counts)


def _count(shard: Shard, path: Path) -> int:
    if path.exists() and not (stat.S_ISREG(path.stat().st_mode) or path.is_dir()):
        message = f"--shard {shard} of {path}, which is a pipe or device: its lines cannot be counted first"
        raise UsageError("usage.shard", message, "name a file, which can be read twice")
    with open_input(path) as stream:
        return count_lines(stream).all_lines
