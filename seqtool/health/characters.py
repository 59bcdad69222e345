"""What the characters of lines are: scripts, and what should not be there. Many lines at once, as arrays of code points."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

# Scripts by their blocks; where a language mixes two (kana and Han, full and half width), they are one.
_SCRIPTS: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = (
    ("Latin", ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF), (0xFF21, 0xFF5A))),
    ("Greek", ((0x370, 0x3FF), (0x1F00, 0x1FFF))),
    ("Cyrillic", ((0x400, 0x52F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F))),
    ("Armenian", ((0x530, 0x58F),)),
    ("Hebrew", ((0x590, 0x5FF), (0xFB1D, 0xFB4F))),
    ("Arabic", ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE))),
    ("Devanagari", ((0x900, 0x97F),)),
    ("Bengali", ((0x980, 0x9FF),)),
    ("Gurmukhi", ((0xA00, 0xA7F),)),
    ("Gujarati", ((0xA80, 0xAFF),)),
    ("Odia", ((0xB00, 0xB7F),)),
    ("Tamil", ((0xB80, 0xBFF),)),
    ("Telugu", ((0xC00, 0xC7F),)),
    ("Kannada", ((0xC80, 0xCFF),)),
    ("Malayalam", ((0xD00, 0xD7F),)),
    ("Sinhala", ((0xD80, 0xDFF),)),
    ("Thai", ((0xE00, 0xE7F),)),
    ("Lao", ((0xE80, 0xEFF),)),
    ("Tibetan", ((0xF00, 0xFFF),)),
    ("Burmese", ((0x1000, 0x109F),)),
    ("Georgian", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F))),
    ("Ethiopic", ((0x1200, 0x139F),)),
    ("Khmer", ((0x1780, 0x17FF),)),
    ("Mongolian", ((0x1800, 0x18AF),)),
    ("Hangul", ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))),
    ("Han or kana", ((0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
                     (0xFF66, 0xFF9F), (0x20000, 0x3FFFF))),
)  # fmt: skip
SCRIPTS = ("none", *(name for name, _ in _SCRIPTS))

# Kinds of trouble, by single characters.
_TROUBLE: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = (
    ("replacement", ((0xFFFD, 0xFFFD),)),
    ("control", ((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x84), (0x86, 0x9F))),
    ("separator", ((0x85, 0x85), (0x2028, 0x2029))),
    ("invisible", ((0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x2060), (0x2066, 0x2069), (0xFEFF, 0xFEFF))),
)  # fmt: skip
TROUBLES = (*(name for name, _ in _TROUBLE), "mojibake", "unnormalized")

# UTF-8 read as Windows-1252: a lead byte becomes one of these letters, and the one or two bytes behind it some of the 64 that continue.
_LEADS, _LONG_LEAD = np.array([0xC2, 0xC3, 0xC5], np.uint32), 0xE2
_FOLLOWERS = np.array(
    sorted({ord(bytes([byte]).decode("cp1252", "replace")) for byte in range(0x80, 0xC0)} - {0xFFFD} | {0x81, 0x8D, 0x8F, 0x90, 0x9D}),
    np.uint32,
)  # fmt: skip
# A word in capitals may end in such a letter in Norwegian, Swedish or Portuguese, and in Norwegian one of them is a word. What may stand
# behind a word is taken for the rest of a letter where the word goes on, but for what stands between words as well.
_RING = 0xC5
_BEHIND_WORDS, _BETWEEN_WORDS = (
    np.array([ord(one) for one in some], np.uint32) for some in ("…‘’“”–«»‹›—\u00a0", "—\u00a0")
)

MOST_CODES = 0x110000


def _table(kinds: Sequence[tuple[str, tuple[tuple[int, int], ...]]]) -> NDArray[np.uint8]:
    table = np.zeros(MOST_CODES, np.uint8)
    for number, (_, ranges) in enumerate(kinds, 1):
        for first, last in ranges:
            table[first : last + 1] = number
    return table


class CharacterTables:
    """What each code point is: its script's place in `SCRIPTS`, and its kind of trouble."""

    def __init__(self) -> None:
        self._scripts, self._troubles = _table(_SCRIPTS), _table(_TROUBLE)
        self._followers = np.zeros(MOST_CODES, np.bool_)
        self._followers[_FOLLOWERS] = True

    def scripts(self, codes: Codes, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many letters of each script each line has, (lines, scripts); the first column is all that is no letter."""
        found = self._scripts[codes].astype(np.int64)
        width = len(SCRIPTS)
        owner = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(codes))))
        return np.bincount(owner * width + found, minlength=len(starts) * width).reshape(-1, width)

    def troubles(self, codes: Codes, starts: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """The lines with each kind of trouble that some have."""
        found: dict[str, NDArray[np.int64]] = {}
        kinds = self._troubles[codes]
        places = np.flatnonzero(kinds)
        for number, (name, _) in enumerate(_TROUBLE, 1):
            self._note(found, name, places[kinds[places] == number], starts)
        self._note(found, "mojibake", self._mojibake(codes), starts)
        return found

    def _mojibake(self, codes: Codes) -> NDArray[np.int64]:
        """Places where one letter, of two or three bytes, seems to stand as so many. Lines end with newlines, which continue nothing."""
        short = np.flatnonzero(np.isin(codes, _LEADS))
        short = short[self._followers[codes[short + 1]]]
        short = short[~_ends_word(codes, short)]
        long = np.flatnonzero(codes == _LONG_LEAD)
        long = long[self._followers[codes[long + 1]]]
        return np.sort(np.concatenate([short, long[self._followers[codes[long + 2]]]]))

    def _note(
        self, found: dict[str, NDArray[np.int64]], name: str, places: NDArray[np.int64], starts: NDArray[np.int64]
    ) -> None:
        if len(places):
            found[name] = np.unique(np.searchsorted(starts, places, side="right") - 1)


def _ends_word(codes: Codes, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the one of `_LEADS` at each place may be the last letter of a word in capitals, with punctuation behind it."""
    before, behind, second = codes[places - 1], codes[places + 1], codes[places + 2]
    of_capitals = _are(str.isupper, before)
    alone = (codes[places] == _RING) & ~_are(str.isalpha, before)
    ended = np.isin(behind, _BEHIND_WORDS) & ~_are(str.isalpha, second)
    found: NDArray[np.bool_] = (ended & (of_capitals | alone)) | (of_capitals & np.isin(behind, _BETWEEN_WORDS))
    return found


def _are(kind: Callable[[str], bool], codes: Codes) -> NDArray[np.bool_]:
    """Whether characters are of a kind."""
    different, which = np.unique(codes, return_inverse=True)
    return np.array([kind(chr(code)) for code in different], np.bool_)[which]


def codes_of(lines: Sequence[str]) -> tuple[Codes, NDArray[np.int64]]:
    """The code points of lines, each with a newline behind it, and where each begins."""
    codes = np.frombuffer("".join(f"{line}\n" for line in lines).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, lines), np.int64, len(lines)) + 1
    return codes, np.cumsum(lengths) - lengths


def unnormalized(lines: Sequence[str]) -> list[int]:
    """The lines that are not in NFC: the same letter is written in another way there."""
    return [
        place for place, line in enumerate(lines) if not line.isascii() and not unicodedata.is_normalized("NFC", line)
    ]
