"""Which language a text is in, or that this cannot be said: by its script where that has one language, else by function words and letters.

A wrong language is worse than none, so the best one counts only where it is well ahead of the second and the text has about as many of its
function words as a text in it has.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqtool.proposal.function_words import PROFILES, Profile
from seqtool.proposal.profile import script_of

_ALONE = {
    "Japanese": "ja",
    "Chinese": "zh",
    "Hangul": "ko",
    "Greek": "el",
    "Hebrew": "he",
    "Thai": "th",
    "Georgian": "ka",
    "Armenian": "hy",
    "Khmer": "km",
    "Lao": "lo",
    "Myanmar": "my",
    "Tamil": "ta",
    "Telugu": "te",
    "Bengali": "bn",
    "Gujarati": "gu",
    "Gurmukhi": "pa",
    "Malayalam": "ml",
    "Sinhala": "si",
}
# Characters that Japanese does not write, and how many others without a kana are no Japanese either.
_CHINESE = frozenset("们們这這你您她吗嗎呢吧很没沒个为为说时对过还给让车东马鱼龙欢爱妈爸谁啊哪什么怎")
_MANY_HAN = 40

_TEXTS, _CHARS = 500, 500
# Marks belong to words: those of Arabic are left out before, those of Devanagari are vowels.
_WORD = re.compile("(?:[^\\W\\d_]|[\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963])+")
_DROPPED = re.compile("[\u0307\u0640\u064b-\u0652\u0670]")

# Shares of a text: its commonest function word, from which the others fall off with their rank; a word that only looks like a function
# word; and one of the letters that a language adds.
_FIRST, _FALL, _STRAY, _LETTER = 0.05, 4.0, 0.0005, 0.01
# In nats, of counts whose root is taken, since a word that is repeated says little more: so much better must the best be than the second.
_AHEAD, _AHEAD_SHARE = 6.0, 0.12
# So many different function words and letters, and such a share of all words, must be there.
_LEAST_SIGNS, _LEAST_SHARE = 3, 0.08
# Languages with more than so many and such a share of letters that they do not write are out.
_FOREIGN, _FOREIGN_SHARE = 1, 0.01
_SHOWN_WORDS = 3


@dataclass(frozen=True)
class Guess:
    """A language (ISO 639-1), or None, and what it was guessed by."""

    code: str | None
    why: str = ""


def guess_language(texts: Sequence[str]) -> Guess:
    """The language of most of these texts, of which the first are looked at."""
    texts = [unicodedata.normalize("NFC", text[:_CHARS]) for text in texts[:_TEXTS]]
    script = script_of(texts)
    if script in _ALONE:
        sure = script != "Chinese" or _is_chinese(texts)
        return Guess(_ALONE[script], "by its script") if sure else Guess(None)
    if script not in PROFILES:
        return Guess(None)
    common, profiles = PROFILES[script]
    words: Counter[str] = Counter()
    for text in texts:
        words.update(_WORD.findall(_DROPPED.sub("", text.casefold())))
    letters: Counter[str] = Counter()
    for word, count in words.items():
        for letter in word:
            letters[letter] += count
    return _best(words, letters, common, profiles)


def _is_chinese(texts: Sequence[str]) -> bool:
    """Whether texts of Han characters almost without kana are not in Japanese."""
    letters = Counter(char for text in texts for char in text if char.isalpha())
    return any(char in letters for char in _CHINESE) or letters.total() >= _MANY_HAN


def _best(words: Counter[str], letters: Counter[str], common: str, profiles: Mapping[str, Profile]) -> Guess:
    added = Counter({letter: count for letter, count in letters.items() if common and letter not in common})
    scores = {code: _score(words, added, profile) for code, profile in profiles.items()}
    (first, code), (second, next_code) = sorted(((score, code) for code, score in scores.items()), reverse=True)[:2]
    profile = profiles[code]
    found = [word for word in words if word in profile.words]
    signs = sum(len(word) > 1 for word in found) + sum(letter in profile.letters for letter in added)
    share = sum(words[word] for word in found) / max(1, words.total())
    foreign = sum(count for letter, count in added.items() if letter not in profile.letters)
    if (
        first - second < max(_AHEAD, _AHEAD_SHARE * first)
        or signs < _LEAST_SIGNS
        or share < _LEAST_SHARE
        or (foreign > _FOREIGN and foreign > _FOREIGN_SHARE * letters.total())
    ):
        return Guess(None)
    found.sort(key=lambda word: _weight(word, words[word], profiles[next_code]) - _weight(word, words[word], profile))
    return Guess(code, f"by its words {', '.join(found[:_SHOWN_WORDS])}")


def _score(words: Counter[str], added: Counter[str], profile: Profile) -> float:
    """How much better this language explains a text than none does, in nats."""
    gain = math.log(_LETTER / _STRAY)
    return sum(_weight(word, count, profile) for word, count in words.items()) + sum(
        math.sqrt(count) * (gain if letter in profile.letters else -gain / 2) for letter, count in added.items()
    )


def _weight(word: str, count: int, profile: Profile) -> float:
    rank = profile.words.get(word)
    return 0.0 if rank is None else math.sqrt(count) * math.log(_FIRST / (1 + rank / _FALL) / _STRAY)
