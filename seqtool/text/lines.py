"""Bytes to lines and back: what a line is, what is done about bad bytes, and what may be printed.

A line ends at a newline byte and nowhere else: a form feed, U+2028 or a lone carriage return is part of it. Only so do line counts agree
with `wc -l` and with the other side of a corpus.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import re
import select
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

from seqtool.errors import DataError

CHUNK_BYTES = 1 << 20
# No sentence or document is this long; a file of another kind, or a compressed one made to explode, may be.
MAX_LINE_BYTES = 16 << 20
_MAX_DICTIONARY = 256 << 20
# A signal that came at the worst moment is noticed after so long.
_SIGNAL_SECONDS = 0.25

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# They reorder what a reader sees, up to making an output line look like another.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Of these together, those that JSON lets stand in its strings.
_NOT_INERT = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_output(text: str) -> str:
    """Text as one inert line: control characters become a space, bidi controls go, lone surrogates become U+FFFD; nothing else changes
    but the space around it."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _SURROGATES.sub("\ufffd", _BIDI.sub("", _CONTROLS.sub(" ", text))).strip()


def json_line(value: object) -> str:
    """JSON on one inert line: what moves a cursor, ends a line for somebody, reorders or has no encoding is written as an escape, which
    means the same; all other characters stand for themselves."""
    return _NOT_INERT.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


class _Frame(Protocol):
    """What is used of a decompressor of one frame or stream."""

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""

    @property
    def unused_data(self) -> bytes:
        """What came after the end."""

    def decompress(self, data: bytes, /) -> bytes:
        """What these bytes add."""


def _zstd_frame() -> _Frame:
    """It refuses a window of more than 128 MiB by itself."""
    return cast(_Frame, zstandard.ZstdDecompressor().decompressobj())


def _xz_stream() -> _Frame:
    """Its header names the size of a dictionary, up to 4 GiB; `xz -9` takes 64 MiB."""
    return lzma.LZMADecompressor(memlimit=_MAX_DICTIONARY)


class _Frames(io.RawIOBase):
    """Frames one after another, and zeros between them. zstandard's own reader takes a file that was cut short for a complete one, and
    lzma's gives a header the memory that it asks for."""

    # A block of four bytes may stand for 128 KiB, so what a piece can become is bounded only by the size of the piece.
    _PIECE_BYTES = 2048

    def __init__(self, path: Path, make: Callable[[], _Frame]) -> None:
        self._file = path.open("rb")
        self._make = make
        self._frame = make()
        self._inside = self._between = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            if not self._decompress_piece():
                return 0
        taken = len(self._ready[: len(buffer)])
        buffer[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def _decompress_piece(self) -> bool:
        piece = (self._frame.unused_data if self._frame.eof else b"") or self._file.read(self._PIECE_BYTES)
        if not piece:
            if self._inside:
                raise EOFError
            return False
        if self._frame.eof:
            self._frame, self._between = self._make(), True
        if self._between:
            piece = piece.lstrip(b"\0")  # of which xz may pad with some
        if piece:
            self._ready = memoryview(self._frame.decompress(piece))
            self._inside, self._between = not self._frame.eof, False
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


class _Decompressed(io.RawIOBase):
    """The bytes in a compressed file; damage is a `DataError` that names the file."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path, self._kind = path, kind
        self._file: BinaryIO
        if kind == "gzip":
            self._file = cast(BinaryIO, gzip.GzipFile(path))
        else:
            self._file = cast(BinaryIO, _Frames(path, _zstd_frame if kind == "zstandard" else _xz_stream))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        hint = "compress it again from its source, or take the ending off its name when it is not compressed"
        try:
            return cast(io.BufferedReader, self._file).readinto(buffer)
        except EOFError as error:
            raise DataError(
                "data.compressed", f"{self._path} is cut short: the {self._kind} data has no end", hint
            ) from error
        except (gzip.BadGzipFile, lzma.LZMAError, zstandard.ZstdError, zlib.error) as error:
            message = f"{self._path} is not, or not only, {self._kind} data: {error}"
            raise DataError("data.compressed", message, hint) from error

    def close(self) -> None:
        self._file.close()
        super().close()


_COMPRESSIONS = {".gz": "gzip", ".xz": "xz", ".zst": "zstandard"}


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading, uncompressed on the way when its name ends in .gz, .xz or .zst.

    Opening raises the usual `OSError`; reading raises `DataError` when compressed data is damaged, cut short or of another kind.
    """
    kind = _COMPRESSIONS.get(path.suffix.lower())
    if kind is None:
        return path.open("rb")
    return cast(BinaryIO, io.BufferedReader(_Decompressed(path, kind), CHUNK_BYTES))


class LineReader:
    """The lines of a stream of bytes, as text without their ends.

    One carriage return before the newline and a byte order mark at the beginning are dropped; a last line without a newline counts. Bytes
    that are not UTF-8 become U+FFFD and `invalid` counts their lines; with `strict` they raise `DataError`: lines that are given, not those
    that are passed over. A line is given as soon as its newline has arrived: somebody may be typing. Raises `DataError` for a line of more
    than 16 MiB.
    """

    def __init__(self, stream: BinaryIO, *, name: str, strict: bool = False) -> None:
        self._stream = stream
        self._name = name
        self._strict = strict
        self._lines: deque[str] = deque()
        # What follows these: the lines of a block that is not UTF-8 throughout, each decoded when it is given. Only then is more read.
        self._raw: deque[bytes] = deque()
        self._part: list[bytes] = []
        self._part_bytes = 0
        self._taken = 0
        self._ended = False
        self.invalid = 0

    def __iter__(self) -> Iterator[str]:
        while self._lines or self._fill():
            yield self._lines.popleft()

    def poll_lines(self, max_lines: int) -> list[str]:
        """Wait for one line, then take what else is there already, up to `max_lines`; an empty list at the end."""
        self._arrive()
        while len(self._lines) < max_lines:
            if self._raw:
                self._decode_next()
            elif self._ended or not self._has_data():
                break
            else:
                self._read()
        return [self._lines.popleft() for _ in range(min(max_lines, len(self._lines)))]

    def skip_lines(self, max_lines: int) -> int:
        """Wait for one line, then pass over what has come with it, up to `max_lines`; how many, 0 at the end."""
        self._arrive()
        passed = min(max_lines, len(self._lines) + len(self._raw))
        for _ in range(passed):
            (self._lines or self._raw).popleft()
        return passed

    def _arrive(self) -> None:
        """Read until there is a line, or no more."""
        while not (self._lines or self._raw or self._ended):
            self._wait()
            self._read()

    def _fill(self) -> bool:
        """Read until there is a line of text; False at the end."""
        self._arrive()
        if self._raw and not self._lines:
            self._decode_next()
        return bool(self._lines)

    def _wait(self) -> None:
        """Return when reading would. A signal that arrives between Python's last look for one and the system's read is not seen until the
        read returns, which may be never; a wait that ends now and then sees it."""
        with suppress(OSError, ValueError):  # nobody to wait for
            while not select.select([self._stream.fileno()], [], [], _SIGNAL_SECONDS)[0]:
                pass

    def _has_data(self) -> bool:
        """Whether reading would return at once. Reads go past the stream's buffer, so its file descriptor knows."""
        try:
            return bool(select.select([self._stream.fileno()], [], [], 0)[0])
        except io.UnsupportedOperation:  # in memory or decompressed: there is nobody to wait for
            return True
        except (OSError, ValueError):  # a descriptor that cannot be asked
            return False

    def _read(self) -> None:
        # read1 asks the system once and takes what is there, and so does read on a stream without a buffer.
        chunk = (
            self._stream.read1(CHUNK_BYTES)
            if isinstance(self._stream, io.BufferedIOBase)
            else self._stream.read(CHUNK_BYTES)
        )
        head, newline, tail = chunk.rpartition(b"\n")
        if newline:
            self._take(b"".join([*self._part, head]))
            self._part, self._part_bytes = [], 0
        if tail:
            self._part.append(tail)
            self._part_bytes += len(tail)
        if self._part_bytes > MAX_LINE_BYTES:
            raise DataError(
                "data.line-too-long",
                f"{self._name}:{self._taken + 1}: a line of more than {MAX_LINE_BYTES >> 20} MiB",
                "one sentence or document a line, please: is this a text file?",
            )
        if not chunk:
            self._ended = True
            if self._part:
                self._take(b"".join(self._part))

    def _take(self, block: bytes) -> None:
        """Take a block of whole lines, without its last newline."""
        if not self._taken:
            block = block.removeprefix(b"\xef\xbb\xbf")
        try:
            lines = block.decode().split("\n")
        except UnicodeDecodeError:
            self._raw.extend(block.split(b"\n"))
            self._taken += len(self._raw)  # nothing was left of those before
        else:
            self._lines.extend([line.removesuffix("\r") for line in lines] if b"\r" in block else lines)
            self._taken += len(lines)

    def _decode_next(self) -> None:
        """Make text of the first line that is not yet."""
        line = self._raw.popleft()
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            if self._strict:
                bad = " ".join(f"{byte:02x}" for byte in line[error.start : error.start + 4])
                raise DataError(
                    "data.utf-8",
                    f"{self._name}:{self._taken - len(self._raw)}: not UTF-8 from byte {error.start + 1} of the line on ({bad} ...)",
                    "convert the file, for example: iconv -f LATIN1 -t UTF-8 FILE > NEW",
                ) from error
            self.invalid += 1
            text = line.decode(errors="replace")
        self._lines.append(text.removesuffix("\r"))
