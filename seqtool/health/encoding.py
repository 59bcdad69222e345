"""Characters that say that a file was read, written or converted in the wrong way."""

from __future__ import annotations

from collections.abc import Iterator

from seqtool.health.characters import TROUBLES
from seqtool.health.finding import SIDE_NAMES, Finding, Level, Side, examples_of, share
from seqtool.health.reading import SplitFacts

_WORDS = {
    "replacement": ("with U+FFFD, where a character was lost", "make the file again from its source, in UTF-8"),
    "mojibake": ("that look like UTF-8 read as Latin-1 (Ã¤ for ä)", "convert them back, for example with ftfy"),
    "control": ("with control characters", "remove them; is this a text file throughout?"),
    "separator": (
        "with U+2028, U+2029 or U+0085, which other programs take for the end of a line",
        "replace them by a space, or the two sides may slip against each other elsewhere",
    ),
    "invisible": (
        "with invisible characters (zero width, direction, byte order mark)",
        "remove them where they mean nothing",
    ),
    "unnormalized": (
        "that are not in Unicode's form NFC: the same letters are written in two ways",
        "normalize the files to NFC (the tokenizer's nmt_nfkc does it in training, references stay as they are)",
    ),
}
# Trouble that is in more than this share of the lines is no slip of a finger. All but what may be right somewhere is at least a warning.
_HARMLESS = {"invisible": 0.001, "unnormalized": 0.0}


def encoding(facts: SplitFacts) -> Iterator[Finding]:
    """What is wrong with characters, kind by kind; one finding says so where nothing is."""
    clean = True
    for side in facts.told:
        for name in TROUBLES:
            count, lines = facts.sides[side].troubles.get(name, (0, []))
            if count:
                clean = False
                yield _trouble(facts, side, name, count, lines)
    if clean:
        yield Finding("encoding", "ok", facts.split, "no broken characters, no control characters, all in NFC")


def _trouble(facts: SplitFacts, side: Side, name: str, count: int, lines: list[int]) -> Finding:
    what, advice = _WORDS[name]
    level: Level = "warning" if count > _HARMLESS.get(name, 0.0) * facts.pairs else "ok"
    message = f"{share(count, facts.pairs)} {SIDE_NAMES[side]} lines {what}"
    numbers = {"lines": count, "share": count / facts.pairs}
    return Finding(
        f"encoding.{name}", level, facts.split, message, advice, numbers, examples_of(facts.split, side, lines)
    )
