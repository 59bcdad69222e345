"""Accidents and malice: values that nobody expects in JSON, and bytes after a bad journey."""

from __future__ import annotations

import json
import random
from typing import Any

# Text of a stranger: escape sequences, markup of rich and of HTML, what reorders or ends lines, what no encoding has.
HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "[/bold]",
    "[bold red]x[/]",
    "[link=file:///etc/passwd]x[/link]",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u202c",
    "a\u2066b\u2069\u200f",
    "one\ntwo",
    "one\r\x1b[Ktwo",
    "one\u2028two\u0085three\x0cfour",
    "\x00\x07\x08\x7f",
    "%s %(x)s {0} {x!r}",
    "../../etc/passwd",
    "e\u0301" * 20,
]

NUMBERS: list[Any] = [
    *(-1, 0, 1, 2, 3, 64, 65536, 2**31 - 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.5, -0.0, 1e-320, 1e308),
    *(float("nan"), float("inf"), float("-inf"), True, False, None),
]
OTHERS: list[Any] = [
    "",
    "x" * 100_000,
    "lstm",
    "transformer",
    "conv",
    "rnn",
    "none",
    "all",
    [],
    {},
    [1],
    {"a": 1},
    [[[]]],
    [None] * 1000,
]


def odd(rng: random.Random) -> Any:
    """A value that is seldom right."""
    return rng.choice([rng.choice(NUMBERS), rng.choice(OTHERS), rng.choice(HOSTILE), _deep(rng.choice([5, 200]))])


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value] if levels % 2 else {"a": value}
    return value


def changed(rng: random.Random, value: Any) -> Any:
    """A copy of a JSON value with one thing changed in it: a value, a key, or what is there at all."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.1:
        return odd(rng)
    if isinstance(value, list):
        place = rng.randrange(len(value))
        return [changed(rng, one) if number == place else one for number, one in enumerate(value)]
    key = rng.choice(sorted(value))
    match rng.randrange(8):
        case 0:
            return {name: one for name, one in value.items() if name != key}
        case 1:
            return {**value, rng.choice([*HOSTILE, "", "x" * 5000]): odd(rng)}
        case 2:
            return {(rng.choice(HOSTILE) if name == key else name): one for name, one in value.items()}
        case _:
            return {**value, key: changed(rng, value[key])}


def changed_json(rng: random.Random, data: bytes) -> bytes:
    """A JSON file with one to three things changed in it, or in how it is written."""
    value = json.loads(data)
    for _ in range(rng.randint(1, 3)):
        value = changed(rng, value)
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
    match rng.randrange(12):
        case 0:
            text = text.replace(":", ": " + "[" * 100_000, 1)
        case 1:
            text = text.replace("1", "9" * 5000, 1)
        case 2:
            text = "\ufeff" + text
        case 3:
            text = text + text
        case 4:
            text = text.replace("{", '{"format": 1, "format": 2, ', 1)
    return text.encode("utf-8", "surrogatepass")


def changed_bytes(rng: random.Random, data: bytes) -> bytes:
    """Bytes after an accident: flipped bits, a part that is lost, doubled, zeroed, overwritten or cut off."""
    if not data:
        return rng.randbytes(9)
    found = bytearray(data)
    start = rng.choice([rng.randrange(len(data)), rng.randrange(min(len(data), 256))])
    stop = min(len(data), start + rng.choice([1, 2, 8, 100, 4096]))
    match rng.randrange(7):
        case 0 | 1:
            for _ in range(rng.choice([1, 1, 2, 10])):
                place = rng.choice([rng.randrange(len(data)), start])
                found[place] ^= 1 << rng.randrange(8)
        case 2:
            del found[start:]
        case 3:
            del found[start:stop]
        case 4:
            found[start:start] = found[start:stop]
        case 5:
            found[start:stop] = bytes(stop - start)
        case _:
            found[start:stop] = rng.randbytes(stop - start)
    return bytes(found)
