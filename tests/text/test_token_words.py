"""What tokens do to words, against the words of the text they stand for."""

from __future__ import annotations

import random

import pytest

from seqtool.decoding.words import WordTable
from seqtool.text.token_words import token_words
from seqtool.text.tokenizer import UNK, Tokenizer, train_tokenizer
from tests.number_words import number_pairs

LINES = [line for pair in number_pairs(200, 3) for line in pair] + ["a-b (c) d, e.", "x  y"] * 20
SETTINGS = {"character_coverage": 1.0, "normalization": "nmt_nfkc", "sample_lines": 10_000, "seed": 1}


@pytest.mark.parametrize(("kind", "size", "fallback"), [
    ("unigram", 90, False), ("bpe", 120, False), ("char", 60, False), ("word", 60, False), ("unigram", 400, True),
])  # fmt: skip
def test_tokens_begin_as_many_words_as_their_text_has(kind: str, size: int, fallback: bool) -> None:
    """Whatever a model may say: any tokens in any order, those of text, unknown words among them."""
    tokenizer = Tokenizer(train_tokenizer(LINES, kind=kind, vocab_size=size, byte_fallback=fallback, **SETTINGS))
    table = WordTable(*token_words(tokenizer))
    rng = random.Random(5)
    said = [UNK, *(i for i, textual in enumerate(tokenizer.vocabulary().textual) if textual)]
    for _ in range(300):
        tokens = rng.choices(said, k=rng.randint(0, 12))
        counts = table.begun(tokens)
        assert counts[-1] == len(tokenizer.decode(tokens).split())
        assert counts == sorted(counts)
    rows = [tokenizer.encode(line) for line in LINES[:20]]
    assert [table.begun(row)[-1] for row in rows] == [len(line.split()) for line in LINES[:20]]


def test_of_a_script_without_spaces_each_token_is_a_word() -> None:
    lines = ["東京は日本の首都です。", "京都は古い都です。", "日本の都。", "abc def"] * 30
    tokenizer = Tokenizer(train_tokenizer(lines, kind="unigram", vocab_size=40, byte_fallback=False, **SETTINGS))
    table = WordTable(*token_words(tokenizer))
    ids = tokenizer.encode("東京は日本の首都です。")
    letters = [piece for piece in tokenizer.pieces(ids) if piece.strip("\u2581。")]
    assert table.begun(ids)[-1] == len(letters) > 2


def test_bytes_go_on_with_a_word() -> None:
    tokenizer = Tokenizer(train_tokenizer(LINES, kind="unigram", vocab_size=400, byte_fallback=True, **SETTINGS))
    table = WordTable(*token_words(tokenizer))
    assert table.begun(tokenizer.encode("eins数zwei drei"))[-1] == 2
    assert table.begun(tokenizer.encode("数 字"))[-1] == 2
