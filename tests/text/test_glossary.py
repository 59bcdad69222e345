"""Glossaries: read strictly, found between words only, and said as whole words."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.errors import DataError
from seqtool.text.glossary import Glossary, inside_words
from seqtool.text.tokenizer import UNK, Tokenizer
from tests.text.test_tokenizer import sentences, train

JAPANESE = ["私は東京に住んでいます。", "東京は大きい。", "これは漢字です。", "漢字を書く。", "京の字"] * 40

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a glossary file."""

    def put(content: str | bytes) -> Path:
        path = tmp_path / "terms.tsv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture(scope="module", params=["unigram", "bpe", "char", "word"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    kind = str(request.param)
    return Tokenizer(train(sentences(), kind=kind, vocab_size=2000 if kind == "word" else 120))


@pytest.fixture(scope="module")
def plain() -> Tokenizer:
    return Tokenizer(train(sentences()))


def found(glossary: dict[str, int], line: str) -> list[int]:
    """The numbers of the source phrases found."""
    return [ids[0] for ids in Glossary([(source, (number,)) for source, number in glossary.items()]).phrases(line)]


@pytest.mark.parametrize(
    ("phrase", "line", "count", "reason"),
    [
        ("Haus", "Das Haus ist rot.", 1, "a word"),
        ("Haus", "Haus", 1, "the whole line"),
        ("Haus", "(Haus), Haus!", 2, "between punctuation"),
        ("Haus", "Hausboot Rathaus Hau", 0, "inside a word or cut short"),
        ("Haus", "haus HAUS", 0, "case matters"),
        ("Haus", "Haus2 2Haus", 0, "digits belong to a word"),
        ("Haus", "Haus_boot Haus-boot", 2, "other signs do not"),
        ("rote Haus", "Das rote \t Haus", 1, "runs of white space are equal"),
        ("rote  Haus", "rote\u00a0Haus", 1, "of any kind, on both sides"),
        ("rote Haus", "roteHaus rote-Haus", 0, "but there must be some"),
        ("3.5", "3.5 13.5 3.55 (3.5)", 2, "numbers are not cut"),
        ("C++", "C++ and C++.", 2, "signs are part of a phrase"),
        ("Europe", "l'Europe et l\u2019Europe", 2, "an elision is a border"),
        ("हिन", "हिन्दी हिन", 1, "vowel signs are part of a word"),
        ("cafe", "cafe\u0301", 0, "a combining accent makes another word"),
        ("می", "می\u200cخواهم", 0, "a joiner joins"),
        ("東京", "私は東京都に、東京", 2, "Han is found anywhere"),
        ("カメラ", "デジタルカメラ店", 1, "so is Kana"),
        ("か", "か\u3099か", 1, "but not without its voicing mark"),
        ("ประเทศ", "ในประเทศไทย", 1, "so is Thai"),
        ("กา", "ก่า", 0, "but not through its tone mark"),
        ("ก", "ก่", 0, "nor without it"),
        ("Tokyo", "Tokyo東京", 1, "a change of script is a border"),
        ("𠮷野家", "𠮷野家で", 1, "Han beyond the first plane"),
        ("서울", "서울 서울은", 1, "Hangul has spaces: a word with its particle is another word"),
        ("x", "", 0, "nothing in a blank line"),
    ],
)
def test_where_a_phrase_is_found(phrase: str, line: str, count: int, reason: str) -> None:
    assert found({phrase: 1}, line) == [1] * count, reason


@pytest.mark.parametrize(
    ("line", "numbers", "reason"),
    [
        ("a b c", [3], "the longest"),
        ("a b", [2], "as long as there is"),
        ("a b d", [2], "a longer one that breaks off gives the longest before"),
        ("a a b", [1, 2], "from left to right"),
        ("b c d", [5], "starts later"),
        ("a b c d", [3], "what was taken is not taken again"),
        ("a b b c d a", [2, 5, 1], "all of them"),
    ],
)
def test_the_longest_match_first(line: str, numbers: list[int], reason: str) -> None:
    glossary = {"a": 1, "a b": 2, "a b c": 3, "c d": 4, "b c d": 5, "a b d e": 6}
    assert found(glossary, line) == numbers, reason


WORDS = st.lists(st.sampled_from(["a", "b", "ab", "c"]), min_size=1, max_size=4)


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=1, max_size=8, unique_by=tuple), st.lists(st.sampled_from(["a", "b", "ab", "c"])))
def test_found_as_by_looking_everywhere(phrases: list[list[str]], line: list[str]) -> None:
    expected, place = [], 0
    while place < len(line):
        here = [(len(one), number) for number, one in enumerate(phrases) if line[place : place + len(one)] == one]
        if here:
            expected.append(max(here)[1])
        place += max(here)[0] if here else 1
    assert found({" ".join(one): number for number, one in enumerate(phrases)}, "  ".join(line)) == expected


@settings(max_examples=40)
@given(st.text(max_size=30), st.text(max_size=30).filter(str.strip))
def test_any_text_is_looked_through(line: str, phrase: str) -> None:
    assert found({phrase: 1}, f"{line} {phrase} {line}")[:1] == [1]


def test_a_file_is_read(write: Write, plain: Tokenizer) -> None:
    path = write("\ufeff# animals\n\nchat rouge\tred cat\r\nchat\t cat \n  \nchat\tcat\nmaison #1\thouse")
    glossary = Glossary.read(path, plain)
    assert len(glossary) == 3, "the same line twice is one term"
    said = [plain.decode(ids) for ids in glossary.phrases("un chat, un chat  rouge et la maison #1")]
    assert said == ["cat", "red cat", "house"]


def test_phrases_are_whole_words_inside_a_sentence(write: Write, tokenizer: Tokenizer) -> None:
    glossary = Glossary.read(write("x\tred house\ny\tcat\n"), tokenizer)
    for ids, text in zip(glossary.phrases("x y"), ("red house", "cat"), strict=True):
        before, after = tokenizer.encode("the cat"), tokenizer.encode("the house")
        assert tokenizer.decode([*before, *ids, *after]) == f"the cat {text} the house"
        assert tokenizer.encode(f"the cat {text} the house") == [*before, *ids, *after]


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
@pytest.mark.parametrize("phrase", ["東京", "漢字"])
def test_scripts_without_spaces_get_none(write: Write, kind: str, phrase: str) -> None:
    tokenizer = Tokenizer(train(JAPANESE, kind=kind, vocab_size=60))
    (ids,) = Glossary.read(write(f"x\t{phrase}\n"), tokenizer).phrases("x")
    assert tokenizer.decode([*tokenizer.encode("私は"), *ids, *tokenizer.encode("。")[1:]]) == f"私は{phrase}。"
    assert UNK not in ids


def test_a_mark_that_is_always_joined_stays(write: Write) -> None:
    """A tokenizer of words has no way to say this one without its space."""
    tokenizer = Tokenizer(train(["漢字 を 書く"] * 9, kind="word", vocab_size=50))
    (ids,) = Glossary.read(write("x\t漢字\n"), tokenizer).phrases("x")
    assert tokenizer.pieces(ids) == ["▁漢字"]


class OnlyAtTheStart:
    """A tokenizer that knows 漢字 after a space and nowhere else."""

    vocab_size = 6

    def pieces(self, ids: Sequence[int]) -> list[str]:
        return ["▁漢字"] * len(ids)

    def encode(self, text: str) -> list[int]:
        return [5] if text == "漢字" else [UNK] * min(len(text), 2)

    def encode_batch(self, texts: list[str]) -> list[list[int]]:
        return [self.encode(text) for text in texts]


def test_what_has_tokens_gets_no_unknown_ones(write: Write) -> None:
    glossary = Glossary.read(write("x\t漢字\n"), cast(Tokenizer, OnlyAtTheStart()))
    assert glossary.phrases("x") == [(5,)]


HINT_COLUMNS = "a term is a line with one tab: source phrase, tab, target phrase"
HINT_UNKNOWN = (
    "write it in other characters, or remove the line; "
    "tokenizer.byte_fallback: true makes a model that has tokens for everything"
)


@pytest.mark.parametrize(
    ("content", "where", "message", "hint"),
    [
        ("a\tcat\nchat\n", ":2", "1 column, not 2", HINT_COLUMNS),
        ("# x\n\na\tcat\tred\n", ":3", "3 columns, not 2", HINT_COLUMNS),
        ("a\tcat\t\n", ":1", "3 columns, not 2", HINT_COLUMNS),
        (" \tcat\n", ":1", "the source phrase is empty", "fill it in, or remove the line"),
        ("\u3000x\tcat\n\tcat\n", ":2", "the source phrase is empty", "fill it in, or remove the line"),
        ("a\t \n", ":1", "the target phrase is empty", "fill it in, or remove the line"),
        ("", "", "no term in it", "a term is a line: source phrase, tab, target phrase"),
        ("# a\tb\n", "", "no term in it", "a term is a line: source phrase, tab, target phrase"),
        (
            "a  b\tcat\n\na b\tred cat\n",
            ":3",
            "'a b' is to be 'red cat', and in line 1 'cat'",
            "keep one of the two lines",
        ),
        (
            "a\tred Öl\n",
            ":1",
            "the model has no tokens for 'Öl': its training text had none of these characters",
            HINT_UNKNOWN,
        ),
        (
            "a\t\u200b\u200b\n",
            ":1",
            "the tokenizer of the model makes nothing of '\\u200b\\u200b'",
            "write it in other characters, or remove the line",
        ),
    ],
)
def test_what_is_wrong_is_told(
    write: Write, plain: Tokenizer, content: str, where: str, message: str, hint: str
) -> None:
    path = write(content)
    with pytest.raises(DataError) as caught:
        Glossary.read(path, plain)
    assert caught.value.message == f"{path}{where}: {message}"
    assert (caught.value.error_id, caught.value.hint, caught.value.exit_code) == ("data.glossary", hint, 3)


def test_bytes_that_are_not_utf8_are_told(write: Write, plain: Tokenizer) -> None:
    with pytest.raises(DataError, match=r"terms\.tsv:2: not UTF-8 from byte 4 of the line on \(e9\b") as caught:
        Glossary.read(write(b"a\tcat\ncaf\xe9\tcat\n"), plain)
    assert caught.value.error_id == "data.utf-8"


def test_a_file_that_is_not_there_is_told(tmp_path: Path, plain: Tokenizer) -> None:
    with pytest.raises(DataError, match=r"terms\.tsv does not exist") as caught:
        Glossary.read(tmp_path / "terms.tsv", plain)
    assert caught.value.error_id == "data.not-found"


def test_ten_thousand_terms_and_lines_take_no_time(write: Write, plain: Tokenizer) -> None:
    rng = random.Random(3)
    lines = [" ".join([line] * 2) for line in sentences(10_000)]
    words = sorted({word for line in lines[:400] for word in line.replace(".", "").split()})
    terms = sorted({" ".join(rng.choices(words, k=rng.randint(2, 4))) for _ in range(11_000)})[:10_000]
    path = write("".join(f"{term}\tred {term}\n" for term in terms))
    start = time.process_time()
    glossary = Glossary.read(path, plain)
    count = sum(len(glossary.phrases(line)) for line in lines)
    assert time.process_time() - start < 2
    assert len(glossary) == len(terms) == 10_000
    assert count > 1000


class Pieces:
    """A tokenizer of these pieces."""

    def __init__(self, *pieces: str) -> None:
        self._pieces, self.vocab_size = pieces, len(pieces)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        return [self._pieces[one] for one in ids]


@pytest.mark.parametrize(
    ("piece", "inside"),
    [
        ("ness", True),  # red + ness is another word than red
        ("7", True),
        ("é", True),
        ("<0xC3>", True),  # a byte of a letter, for all one knows
        ("▁ness", False),
        ("▁", False),
        (".", False),  # red. is red
        ("-", False),
        ("'s", False),
        ("猫", False),  # no borders between words there
        ("の", False),
        ("</s>", False),
    ],
)
def test_what_goes_on_with_the_word_before(piece: str, inside: bool) -> None:
    assert inside_words(cast(Tokenizer, Pieces("a", piece)))[1] == inside
