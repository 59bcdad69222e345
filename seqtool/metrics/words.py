"""What a word is to everything here that compares an output with its source, in any script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from unicodedata import category, normalize

# Scripts written without spaces: Thai and Lao, Myanmar, Khmer, kana, Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_ANY_UNSPACED = re.compile(f"[{_UNSPACED}]")
_UNSPACED_LETTER = re.compile(rf"(?=[{_UNSPACED}])[^\W_]")
_GAP = re.compile(rf"(?<=[{_UNSPACED}]) +(?=[{_UNSPACED}])")
# Fewer letters than this for each space between two: somebody has put spaces between the words. Thai has them between phrases.
_SEGMENTED = 5
_ALPHANUMERIC = re.compile(r"[^\W_]+")
# They join or divide what is one word with and without them: soft hyphen, zero-width non-joiner and joiner.
_INVISIBLE = {0x00AD: None, 0x200C: None, 0x200D: None}
# The planes that have combining marks; re looks characters of the first up in a table, and those of others in a list.
_FIRST_PLANE, _OTHER_PLANES = range(0x10000), (*range(0x10000, 0x20000), *range(0xE0000, 0xF0000))


def words(text: str) -> list[str]:
    """The lower-cased maximal runs of letters and digits, with the combining marks that belong to them.

    On ASCII these are the tokens of rouge-score. In scripts that do not put spaces between words (Chinese, Japanese, Thai, Lao, Khmer,
    Burmese) each character is a word, as is usual where such text is scored: a run between two marks of punctuation would be a clause.
    """
    if text.isascii():
        return _ALPHANUMERIC.findall(text.lower())
    text = normalize("NFC", text.translate(_INVISIBLE).lower())
    any_mark, marked_words = _marked()
    if not any_mark.search(text) and not _ANY_UNSPACED.search(text):
        return _ALPHANUMERIC.findall(text)
    return marked_words.findall(text)


@lru_cache(maxsize=1)
def _marked() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds a combining mark, and what finds words with theirs: \\w knows none, without which Devanagari or Arabic with vowels would
    fall apart."""
    first, others = (_ranges(_marks(plane)) for plane in (_FIRST_PLANE, _OTHER_PLANES))
    other = rf"(?=[\U00010000-\U0010ffff])[{others}]"
    letter = rf"[^\W_][{first}]*(?:{other}[{first}]*)*"
    found = rf"(?=[{_UNSPACED}]){letter}|(?:(?![{_UNSPACED}]){letter})+"
    return re.compile(rf"[{first}]|{other}"), re.compile(found)


def _marks(codes: Sequence[int]) -> list[int]:
    return [code for code in codes if category(chr(code)).startswith("M")]


def _ranges(codes: Sequence[int]) -> str:
    """The inside of a character class of these, in order."""
    runs = ([code for _, code in run] for _, run in groupby(enumerate(codes), lambda one: one[1] - one[0]))
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)


def unspaced_share(texts: Sequence[str]) -> float:
    """The share of the letters and digits of texts, 0 to 1, that are of scripts without spaces between words; 0 where these texts have
    them all the same, as a segmenter leaves them."""
    foreign = [text for text in texts if not text.isascii()]
    unspaced = sum(len(_UNSPACED_LETTER.findall(text)) for text in foreign)
    if not unspaced or _SEGMENTED * sum(len(_GAP.findall(text)) for text in foreign) > unspaced:
        return 0.0
    return unspaced / sum(len(found) for text in texts for found in _ALPHANUMERIC.findall(text))


def ngrams(found: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """All runs of `n` neighbouring words, in order; none where there are fewer words."""
    return list(zip(*(found[start:] for start in range(n)), strict=False))
