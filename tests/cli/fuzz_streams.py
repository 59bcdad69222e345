"""Random bytes into `translate`: whatever comes, as many lines go out as came in, and nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from seqtool.text.lines import MAX_LINE_BYTES
from tests.cli.fuzz_values import HOSTILE, changed_bytes, odd
from tests.cli.fuzzing import Case, Maker

_WORDS = [
    "eins",
    "zwei",
    "drei",
    ".",
    "",
    " ",
    "Zug",
    "\u3000",
    "東京",
    "é",
    "\ufeff",
    "\u2581",
    "<s>",
    "</s>",
    "<unk>",
    "<0x0A>",
]
# What a decoder of UTF-8 has to refuse: overlong forms, halves of pairs, beyond Unicode, continuations without a beginning.
_BROKEN = [
    b"\xff",
    b"\xfe\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\x80",
    b"\xe2\x80",
    b"\xf0\x9f",
    b"\xc3",
]
_ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\n\n", b"\xe2\x80\xa8", b"\x0c", b"\x85", b"\xc2\x85", b"\x00", b""]


def _words(rng: random.Random) -> bytes:
    return " ".join(rng.choices(_WORDS, k=rng.randint(0, 8))).encode()


def _noise(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(0, 40))


def _odd_text(rng: random.Random) -> bytes:
    return rng.choice(HOSTILE).encode()


def _broken(rng: random.Random) -> bytes:
    return _words(rng) + rng.choice(_BROKEN) + _words(rng)


def _long(rng: random.Random) -> bytes:
    return rng.choice([b"eins ", b"a", "\u0301".encode(), b"\x00", b"\xff", b" ", "東".encode()]) * rng.choice(
        [50, 500, 2000]
    )


PARTS: list[Callable[[random.Random], bytes]] = [_words, _words, _noise, _odd_text, _broken]


def lines_of_bytes(rng: random.Random) -> bytes:
    """A few lines, or what may or may not be lines."""
    parts = [rng.choice(PARTS)(rng) + rng.choice(_ENDS) for _ in range(rng.randint(0, 8))]
    if rng.random() < 0.1:
        parts.append(_long(rng))
    if rng.random() < 0.1:
        parts.insert(0, b"\xef\xbb\xbf")
    if rng.random() < 0.005:
        parts.append(b"x" * (MAX_LINE_BYTES + 2))
    data = b"".join(parts)
    return changed_bytes(rng, data) if rng.random() < 0.2 else data


def _records(rng: random.Random) -> bytes:
    """JSON lines, most of them in order."""
    lines = []
    for _ in range(rng.randint(0, 5)):
        text = _words(rng).decode() if rng.random() < 0.8 else rng.choice(HOSTILE)
        record = {
            "body": text if rng.random() < 0.9 else odd(rng),
            rng.choice(["n", *HOSTILE]): odd(rng) if rng.random() < 0.5 else 1,
        }
        lines.append(json.dumps(record, ensure_ascii=rng.random() < 0.5).encode())
    data = b"".join(line + b"\n" for line in lines)
    return changed_bytes(rng, data) if rng.random() < 0.5 else data


def count_lines(data: bytes) -> int:
    """Lines as `wc -l` counts them, and one more without an end."""
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def stream_cases(model: Path) -> Maker:
    """Cases of `translate` and `summarize` with this model."""

    def make(rng: random.Random, folder: Path) -> Case:
        form = rng.choice(["text", "text", "tsv", "jsonl"])
        options = ["-m", str(model), "--beam-size", rng.choice("13"), "--max-length", "6", "--format", form]
        records = rng.random() < 0.25
        strict = rng.random() < 0.15
        data = _records(rng) if records else lines_of_bytes(rng)
        options += ["--field", "body"] if records else []
        options += ["--strict"] if strict else []
        options += ["--runtime", rng.choice(["onnx", "onnx", "torch"])]
        arguments = [rng.choice(["translate", "translate", "summarize"]), *options]
        expected = count_lines(data)

        def check(out: str) -> str:
            lines = out.split("\n")
            if lines.pop() or len(lines) != expected:
                return f"{expected} lines in, {len(lines)} out"
            return "" if form != "jsonl" else _unreadable(lines)

        allowed = _codes(data, records=records, strict=strict)
        return Case(arguments, allowed, f"{data[:60]!r}", data, check)

    return make


def _codes(data: bytes, *, records: bool, strict: bool) -> frozenset[int]:
    """What a stream may end with: lines always 0, but for one that is too long, and with --strict for bytes that are not UTF-8."""
    too_long = any(len(line) > MAX_LINE_BYTES for line in data.split(b"\n"))
    if too_long:
        return frozenset({3})
    if strict:
        try:
            data.decode()
        except UnicodeDecodeError:
            return frozenset({3})
    return frozenset({0, 3}) if records else frozenset({0})


def _unreadable(lines: list[str]) -> str:
    for line in lines:
        try:
            json.loads(line)
        except ValueError as error:
            return f"not JSON: {error}: {line[:100]!a}"
    return ""
