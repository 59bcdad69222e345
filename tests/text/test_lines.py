"""Lines: split at newline bytes only, whatever the chunks; at once when somebody types; and nothing printed that could move a cursor."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import select
import subprocess
import threading
import time
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from seqtool.errors import DataError
from seqtool.text import lines
from seqtool.text.lines import LineReader, clean_output, open_binary


class Trickle(io.RawIOBase):
    """A stream that gives its bytes in pieces of given sizes, as pipes do."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data, self._sizes = data, sizes

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        take = self._sizes.pop(0) if self._sizes else 3
        piece, self._data = self._data[:take], self._data[take:]
        return piece


def read(data: bytes, **options: bool) -> list[str]:
    return list(LineReader(io.BytesIO(data), name="test", **options))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a", ["a"]),  # a last line without its newline counts
        (b"a\n", ["a"]),
        (b"a\n\n", ["a", ""]),
        (b"a\r\nb\r\n", ["a", "b"]),  # one carriage return goes
        (b"a\r\r\n", ["a\r"]),  # and only one
        (b"a\rb\n", ["a\rb"]),  # a lone one is text
        (b"a\r", ["a"]),
        (b"\r\n", [""]),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),  # byte order mark
        (b"a\n\xef\xbb\xbfb\n", ["a", "\ufeffb"]),  # which is one at the beginning only
        (
            "a\u2028b\x0bc\x0cd\x85e\x1cf\n".encode(),
            ["a\u2028b\x0bc\x0cd\x85e\x1cf"],
        ),  # what str.splitlines would split at
        (b"a\x00b\n", ["a\x00b"]),
        (b"\xff\n", ["\ufffd"]),
        (b"caf\xe9 ol\xc3\xa9\n", ["caf\ufffd ol\u00e9"]),
        (b"\xed\xa0\x80\n", ["\ufffd" * 3]),  # a surrogate in UTF-8 is no UTF-8
    ],
)
def test_what_a_line_is(data: bytes, expected: list[str]) -> None:
    assert read(data) == expected


def test_a_read_is_begun_only_where_it_cannot_wait() -> None:
    """A read that waits holds back a signal that came just before it, for ever when nothing more arrives."""

    class Impatient(io.RawIOBase):
        def fileno(self) -> int:
            return read_end

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            assert select.select([read_end], [], [], 0)[0]
            return os.read(read_end, size)

    read_end, write_end = os.pipe()
    later = threading.Timer(0.2, lambda: (os.write(write_end, b"a\nb"), os.close(write_end)))
    later.start()
    assert list(LineReader(cast(BinaryIO, Impatient()), name="x")) == ["a", "b"]
    later.join()
    os.close(read_end)


@given(st.binary(max_size=60), st.lists(st.integers(1, 9), max_size=30))
def test_chunks_make_no_difference(data: bytes, sizes: list[int]) -> None:
    data = data.replace(b"7", b"\n").replace(b"8", b"\r\n").replace(b"9", "ä".encode())
    whole, trickle = LineReader(io.BytesIO(data), name="a"), LineReader(cast(BinaryIO, Trickle(data, sizes)), name="b")
    assert list(trickle) == list(whole)
    assert trickle.invalid == whole.invalid


@given(st.lists(st.text(st.characters(exclude_characters="\n\r\ufeff", exclude_categories=["Cs"]), max_size=20)))
def test_any_lines_come_back(texts: list[str]) -> None:
    assert read("".join(f"{text}\n" for text in texts).encode()) == texts


@given(st.binary(max_size=80))
def test_lines_are_counted_as_wc_does(data: bytes) -> None:
    assert len(read(data)) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def test_invalid_lines_are_counted() -> None:
    reader = LineReader(io.BytesIO(b"good\n\xff\xfe\ngood\n\xe9\n"), name="x")
    assert list(reader) == ["good", "\ufffd\ufffd", "good", "\ufffd"]
    assert reader.invalid == 2


def test_strict_names_file_line_and_bytes() -> None:
    with pytest.raises(DataError, match=r"corpus\.de:3: not UTF-8 from byte 4 of the line on \(e9 20 61\b") as caught:
        list(LineReader(io.BytesIO(b"one\ntwo\ncaf\xe9 au lait\n"), name="corpus.de", strict=True))
    assert caught.value.error_id == "data.utf-8"
    assert "iconv" in caught.value.hint


def test_strict_counts_lines_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", 64)
    with pytest.raises(DataError, match="x:501: not UTF-8"):
        list(LineReader(io.BytesIO(b"a line\n" * 500 + b"\xff\n"), name="x", strict=True))


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 3 << 20)
    with pytest.raises(DataError, match="x:2: a line of more than 3 MiB") as caught:
        list(LineReader(io.BytesIO(b"a\n" + b"z" * (5 << 20)), name="x"))
    assert caught.value.error_id == "data.line-too-long"


@pytest.mark.parametrize("buffered", [True, False])
def test_a_typed_line_comes_at_once(buffered: bool) -> None:
    """The pipe stays open: a reader that waits for more than a line would hang here."""
    source, sink = os.pipe()
    with open(source, "rb", buffering=-1 if buffered else 0) as stream:  # noqa: PTH123 a descriptor is no path
        reader = LineReader(cast(BinaryIO, stream), name="pipe")
        answers = iter(reader)
        os.write(sink, b"first\nsec")
        assert next(answers) == "first"
        os.write(sink, b"ond\n")
        assert next(answers) == "second"
        os.write(sink, b"a\nb\nc\nd")
        assert reader.poll_lines(2) == ["a", "b"]
        assert reader.poll_lines(10) == ["c"], "the line that is not complete is not waited for"
        threading.Timer(0.05, lambda: (os.write(sink, b"\n"), os.close(sink))).start()
        assert reader.poll_lines(10) == ["d"], "one line is waited for"
        assert reader.poll_lines(10) == []
        assert reader.poll_lines(10) == []


def test_poll_takes_all_that_has_arrived() -> None:
    with subprocess.Popen(["sh", "-c", "seq 1 3000; sleep 5"], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        reader = LineReader(cast(BinaryIO, writer.stdout), name="pipe")
        time.sleep(0.2)
        start = time.monotonic()
        taken = reader.poll_lines(1000)
        assert taken == [str(number) for number in range(1, 1001)]
        assert reader.poll_lines(100_000)[-1] == "3000"
        assert time.monotonic() - start < 3
        writer.kill()


def test_poll_on_a_file_and_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x\n" * 10)
    compressed = tmp_path / "a.gz"
    compressed.write_bytes(gzip.compress(b"x\n" * 10))
    for stream in (path.open("rb"), io.BytesIO(b"x\n" * 10), open_binary(compressed)):
        with stream:
            reader = LineReader(cast(BinaryIO, stream), name="x")
            assert [len(reader.poll_lines(4)) for _ in range(4)] == [4, 4, 2, 0]


COMPRESS = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.ZstdCompressor().compress}
TEXT = "".join(f"line {number} äß\n" for number in range(20_000)).encode()


def read_all(path: Path) -> bytes:
    with open_binary(path) as stream:
        return stream.read()


@pytest.mark.parametrize("ending", ["", *COMPRESS, ".GZ"])
def test_compressed_files_read_like_plain_ones(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.txt{ending}"
    path.write_bytes(COMPRESS.get(ending.lower(), bytes)(TEXT))
    assert read_all(path) == TEXT
    with open_binary(path) as stream:
        assert sum(1 for _ in LineReader(stream, name="x", strict=True)) == 20_000


@pytest.mark.parametrize("ending", COMPRESS)
def test_parts_one_after_another(tmp_path: Path, ending: str) -> None:
    """As `cat a.gz b.gz` or a parallel compressor makes them."""
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"".join(COMPRESS[ending](part) for part in (b"one\n", b"", b"two\n", TEXT)))
    assert read_all(path) == b"one\ntwo\n" + TEXT


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99, -1, -4])
def test_a_file_cut_short_is_an_error(tmp_path: Path, ending: str, keep: float) -> None:
    path = tmp_path / f"a{ending}"
    data = COMPRESS[ending](TEXT)
    path.write_bytes(data[: int(keep)] if keep < 0 else data[: int(len(data) * keep)])
    with pytest.raises(DataError, match=f"a{ending} is cut short") as caught:
        read_all(path)
    assert caught.value.error_id == "data.compressed"


@pytest.mark.parametrize("ending", COMPRESS)
def test_a_wrong_ending_is_an_error(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(TEXT)
    with pytest.raises(DataError, match=f"a{ending} is not, or not only, ") as caught:
        read_all(path)
    assert caught.value.error_id == "data.compressed"
    assert "take the ending off" in caught.value.hint


@pytest.mark.parametrize("ending", COMPRESS)
def test_damage_is_an_error(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    data = bytearray(COMPRESS[ending](os.urandom(5000)))
    data[len(data) // 2] ^= 0x55
    path.write_bytes(bytes(data) + b"")
    if ending == ".zst":  # without a checksum, zstandard notices damage in its structure only
        path.write_bytes(bytes(data)[:4] + b"\xff" * 20)
    with pytest.raises(DataError):
        read_all(path)


@pytest.mark.parametrize("ending", COMPRESS)
def test_a_bomb_does_not_fill_the_memory(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(COMPRESS[ending](b"z" * (200 << 20)))
    with pytest.raises(DataError, match="a line of more than 16 MiB"), open_binary(path) as stream:
        list(LineReader(stream, name="x"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text", "plain text"),
        ("  around  ", "around"),
        ("two  spaces", "two  spaces"),
        ("a\nb", "a b"),
        ("a\r\n\tb", "a b"),
        ("\x1b[2J\x1b[31mred\x1b[0m", "[2J [31mred [0m"),
        ("\x9b31mred", "31mred"),  # the one-byte form of escape and bracket
        ("title\x1b]0;x\x07", "title ]0;x"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\x7fb\x85c\x00d", "a b c d"),
        ("\u202eevil\u202c \u2066x\u2069 \u200fy", "evil x y"),
        ("half \ud83d", "half \ufffd"),
        ("family 👨‍👩‍👧 नमस्ते", "family 👨‍👩‍👧 नमस्ते"),  # zero-width joiners are part of words
        ("\n", ""),
        ("", ""),
    ],
)
def test_output_is_inert(text: str, expected: str) -> None:
    assert clean_output(text) == expected


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_output_is_always_one_clean_line(text: str) -> None:
    cleaned = clean_output(text)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in cleaned)
    assert not set(cleaned) & set(
        "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    )
    assert len(cleaned.splitlines()) <= 1
    cleaned.encode()
    assert clean_output(cleaned) == cleaned
