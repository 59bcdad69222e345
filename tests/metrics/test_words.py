"""What is a word, in any script."""

from __future__ import annotations

import itertools
import re
import time
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.tokenizers import DefaultTokenizer

from seqtool.metrics.words import _INVISIBLE, _UNSPACED, ngrams, unspaced_share, words

TABLE = [
    ("The cat, the CAT!", ["the", "cat", "the", "cat"]),
    ("snake_case 3.5% e-mail", ["snake", "case", "3", "5", "e", "mail"]),
    ("don't", ["don", "t"]),  # as rouge-score has it
    ("Ärzte küßten ΑΣΦΑΛΩΣ", ["ärzte", "küßten", "ασφαλως"]),
    ("A\u0308rzte", ["ärzte"]),  # composed or not, it is one word
    ("Мужчина спит.", ["мужчина", "спит"]),
    ("हिन्दी में, नमस्ते।", ["हिन्दी", "में", "नमस्ते"]),  # vowel signs are marks, not letters
    ("مُحَمَّد كتب", ["مُحَمَّد", "كتب"]),
    ("می\u200cخواهم", ["میخواهم"]),  # with or without the non-joiner
    ("한국어 문장", ["한국어", "문장"]),  # Korean has spaces
    ("我爱北京。", ["我", "爱", "北", "京"]),  # no spaces: each character
    ("GPT是3个字母", ["gpt", "是", "3", "个", "字", "母"]),
    ("カタカナ・です", ["カ", "タ", "カ", "ナ", "で", "す"]),
    ("ที่นี่", ["ที่", "นี่"]),  # a consonant with its marks
    ("❤️ 👩\u200d🚀 … — _", []),
    ("\u0301", []),  # a mark on nothing
    ("", []),
    (" \t ", []),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_a_word_is_a_run_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(st.characters(max_codepoint=127)))
def test_words_of_ascii_are_the_tokens_of_rouge_score(text: str) -> None:
    assert words(text) == DefaultTokenizer(use_stemmer=False).tokenize(text)


@given(st.text(), st.text())
def test_words_are_found_on_each_side_of_a_space(left: str, right: str) -> None:
    assert words(f"{left} {right}") == words(left) + words(right)


@given(st.text())
def test_every_word_is_one_word(text: str) -> None:
    for word in words(text):
        assert words(word) == [word]


@given(st.lists(st.integers(0, 3).map(str), max_size=9), st.integers(1, 4))
def test_ngrams_are_neighbours(found: list[str], n: int) -> None:
    assert ngrams(found, n) == [tuple(found[at : at + n]) for at in range(len(found) - n + 1)]


@pytest.mark.parametrize("line", ["word " * 100_000, "é" * 500_000, "\u0301" * 500_000, "字" * 300_000, "นี่ " * 100_000])
def test_a_long_line_takes_no_time_to_speak_of(line: str) -> None:
    start = time.process_time()
    words(line)
    assert time.process_time() - start < 5


def as_defined(text: str) -> list[str]:
    """The words of a text by the class of the very marks that are in it."""
    text = normalize("NFC", text.translate(_INVISIBLE).lower())
    marks = "".join(sorted(one for one in set(text) if category(one).startswith("M")))
    follow = f"[{marks}]*" if marks else ""
    spaced = rf"(?![{_UNSPACED}])[^\W_]{follow}"
    return re.findall(rf"(?=[{_UNSPACED}])[^\W_]{follow}|(?:{spaced})+", text)


MARKS = [code for code in range(0x110000) if category(chr(code)).startswith("M")]
MARKED = st.lists(
    st.one_of(st.sampled_from("aß9_ .-]^カ字กहمע𝒜\u00ad"), st.sampled_from(MARKS).map(chr), st.characters())
)


@given(MARKED.map("".join))
def test_words_with_marks_are_those_by_the_marks_that_are_there(text: str) -> None:
    assert words(text) == as_defined(text)


def test_every_mark_stays_with_its_letter() -> None:
    for code in MARKS:
        assert words(f"x{chr(code)}y") == as_defined(f"x{chr(code)}y"), hex(code)


def test_new_sets_of_marks_need_no_new_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each set of marks of its own once had one: a thousand of them took seconds."""
    words("é")
    made, compiled = [], re._compile  # type: ignore[attr-defined]
    with monkeypatch.context() as patch:
        patch.setattr(re, "_compile", lambda *asked: made.append(asked) or compiled(*asked))
        for first, second in itertools.pairwise(MARKS[::20]):
            assert words(f"ह{chr(first)} ᬁ{chr(second)}")
    assert not made


@pytest.mark.parametrize(
    ("texts", "share"),
    [
        (["我爱北京。", "สวัสดี"], 1.0),  # marks of Thai are no letters
        (["plain", "Größe", "한국어 문장", "हिन्दी"], 0.0),  # scripts with spaces
        (["abc 123", "字字_字字字字"], 0.5),
        (["私 は 学生 です 。", "東京 に 住んで います"], 0.0),  # segmented
        (["วันนี้อากาศดีมาก เราไปเที่ยวทะเลกัน"], 1.0),  # a space between phrases
        (["", "…"], 0.0),
        ([], 0.0),
    ],
)
def test_the_share_of_scripts_without_spaces(texts: list[str], share: float) -> None:
    assert unspaced_share(texts) == share
