"""Text to sentences by a few rules, for lead baselines, the extractive oracle and rougeLsum."""

from __future__ import annotations

import re

_CLOSERS = "\"'”’»›)\\]}"
_WIDE_CLOSERS = "」』”’）》】〉"
# What may end a sentence: wide marks anywhere, others before space. Danda, Arabic question mark and full stop are among the others.
# A run of marks is looked at once, from its beginning: a line of nothing but full stops takes no longer than another.
_MARKS = ".!?…؟۔।॥"
_END = re.compile(f"[。！？｡]++[{_WIDE_CLOSERS}]*+|(?<![{_MARKS}])[{_MARKS}]++[{_CLOSERS}]*+(?=\\s)")
_WIDE_ENDING = re.compile(f"[。！？｡][{_WIDE_CLOSERS}]*$")

# After these a full stop ends no sentence: names and numbers follow them.
_BEFORE_NAMES = re.compile(
    "mr|mrs|ms|dr|prof|st|sen|rep|gov|gen|col|lt|sgt|capt|rev|hon|vs|approx|e\\.g|i\\.e|z\\.b|d\\.h|bzw|nr|hr|fr|mme|mlle",
    re.IGNORECASE,
)
# J. of a name, U.S. and the like.
_CAPITALS = re.compile(r"[^\W\d_](\.[^\W\d_])*")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«„]*$")


def sentences(text: str) -> list[str]:
    """The sentences of a text in order, without space around them; blank text has none.

    A sentence ends at 。！？ wherever they stand, and at `.`, `!`, `?` and the like before a space, together with the quotes and brackets
    that close there; not before a lower-case letter in text that has capitals, nor at the full stop of initials (J., U.S.) or of one of a
    few abbreviations (Mr., Dr., e.g.). A mark with space on both sides, as in tokenized text, always ends one. So does a newline.
    """
    return [sentence for line in text.split("\n") for sentence in _of_line(line)]


def _of_line(line: str) -> list[str]:
    cased = line != line.lower()
    found, start = [], 0
    for end in _END.finditer(line):
        if _ends_sentence(line, start, end, cased):
            found.append(line[start : end.end()].strip())
            start = end.end()
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def _ends_sentence(line: str, start: int, end: re.Match[str], cased: bool) -> bool:
    if line[end.start()] in "。！？｡" or line[end.start() - 1 : end.start()].isspace():
        return True
    after = line[end.end() : end.end() + 80].lstrip().lstrip("\"'“‘«„([")
    if cased and after[:1].islower():
        return False
    if end[0] != ".":
        return True
    last = _LAST_WORD.search(line, max(start, end.start() - 40), end.start())
    word = last[0] if last else ""
    initials = word.isupper() and _CAPITALS.fullmatch(word)
    return not initials and not _BEFORE_NAMES.fullmatch(word)


def joined(parts: list[str]) -> str:
    """Sentences as one line, with a space between two of them unless the first ends in a mark that needs none."""
    return "".join(
        part if number == len(parts) or _WIDE_ENDING.search(part) else f"{part} "
        for number, part in enumerate(parts, 1)
    )
