"""What near-identical texts have in common."""

from __future__ import annotations

import re
import unicodedata

_NO_LETTER = re.compile(r"[\W_]+")


def normal_form(text: str) -> str:
    """The letters and digits of a text, without case, width, space, punctuation and marks."""
    if text.isascii():
        return _NO_LETTER.sub("", text.lower())
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))
