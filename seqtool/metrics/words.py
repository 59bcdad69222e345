"""What a word is to everything here that compares an output with its source, in any script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import category, normalize

# Scripts written without spaces: Thai and Lao, Myanmar, Khmer, kana, Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_ANY_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ALPHANUMERIC = re.compile(r"[^\W_]+")
# They join or divide what is one word with and without them: soft hyphen, zero-width non-joiner and joiner.
_INVISIBLE = {0x00AD: None, 0x200C: None, 0x200D: None}


def words(text: str) -> list[str]:
    """The lower-cased maximal runs of letters and digits, with the combining marks that belong to them.

    On ASCII these are the tokens of rouge-score. In scripts that do not put spaces between words (Chinese, Japanese, Thai, Lao, Khmer,
    Burmese) each character is a word, as is usual where such text is scored: a run between two marks of punctuation would be a clause.
    """
    if text.isascii():
        return _ALPHANUMERIC.findall(text.lower())
    text = normalize("NFC", text.translate(_INVISIBLE).lower())
    # \w knows no combining marks, without which Devanagari or Arabic with vowels would fall apart.
    marks = "".join(sorted(one for one in set(text) if category(one).startswith("M")))
    if not marks and not _ANY_UNSPACED.search(text):
        return _ALPHANUMERIC.findall(text)
    return re.findall(_pattern(marks), text)


def _pattern(marks: str) -> str:
    follow = f"[{marks}]*" if marks else ""
    spaced = rf"(?![{_UNSPACED}])[^\W_]{follow}"
    return rf"(?=[{_UNSPACED}])[^\W_]{follow}|(?:{spaced})+"


def ngrams(found: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """All runs of `n` neighbouring words, in order; none where there are fewer words."""
    return list(zip(*(found[start:] for start in range(n)), strict=False))
