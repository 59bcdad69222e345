"""Tokens that a tokenizer does not know: numbered, found again in the target, and said as they stand in the source."""

from __future__ import annotations

import pytest

from seqtool.text.own_tokens import OwnTokens, own_rows
from seqtool.text.tokenizer import EOS, UNK, Tokenizer, train_tokenizer

LINES = ["the cat sat on the mat", "a dog ran to the cat", "the man saw a dog on a mat"] * 20
KINDS = ["word", "unigram", "bpe", "char"]


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return trained(request.param)


def trained(kind: str) -> Tokenizer:
    options = {"character_coverage": 1.0, "byte_fallback": False, "normalization": "nmt_nfkc", "sample_lines": 100}
    return Tokenizer(train_tokenizer(LINES, kind=kind, vocab_size=40, seed=1, **options))


@pytest.mark.parametrize(
    "text",
    [
        "the Zürich cat saw 北京 on ½ Zürich",  # the same name twice, another script, a character that normalises to three
        "Zürich",  # unknown at the beginning, and alone
        "Ж Ж dog Ж",
        "the <unk> cat",  # text, and no mark
    ],
)
def test_what_was_cut_is_said_again(tokenizer: Tokenizer, text: str) -> None:
    own = OwnTokens(tokenizer)
    ids = own.encode(text)
    assert UNK not in ids
    assert max(ids) == tokenizer.vocab_size + own.count - 1
    assert own.decode(ids) == text.replace("½", "1⁄2")
    assert own.decode([*ids, EOS]) == own.decode(ids)
    assert "".join(own.pieces(ids)).replace("▁", " ").strip() == own.decode(ids)


def test_what_is_known_is_the_tokenizers(tokenizer: Tokenizer) -> None:
    own = OwnTokens(tokenizer)
    text = "a man ran to the mat"
    assert own.encode(text) == tokenizer.encode(text)
    assert own.count == 0
    assert own.decode(own.encode(text)) == text


def test_the_same_token_has_one_number() -> None:
    """A tokenizer of words joins unknown neighbours to one: here they are two, in whatever order."""
    own = OwnTokens(trained("word"))
    size = trained("word").vocab_size
    assert own.encode("Bern Köln the Köln Bern") == [size, size + 1, *trained("word").encode("the"), size + 1, size]
    assert own.encode("Bern") == [size]
    assert own.encode_target("Köln the Ulm") == [size + 1, *trained("word").encode("the"), UNK]
    assert own.decode(own.encode_target("Köln Bern")) == "Köln Bern"


def test_rows_of_pairs() -> None:
    tokenizer = trained("word")
    pairs = [("Bern sat", "sat Bern Ulm"), ("a cat", "a Ulm")]
    src, tgt = own_rows(tokenizer, pairs, *(tokenizer.encode_batch([pair[side] for pair in pairs]) for side in (0, 1)))
    new = tokenizer.vocab_size
    assert src[0][0] == new
    assert tgt[0][1:] == [new, UNK]
    assert new not in src[1] + tgt[1]


def test_what_is_written_without_a_space_goes_on_with_the_word(tokenizer: Tokenizer) -> None:
    """What is counted so is what a reader would count."""
    own = OwnTokens(tokenizer)
    ids = own.encode("the Жat caЖ on Ж")
    size = tokenizer.vocab_size
    joined = "".join(
        ("" if own.going_on[one - size] else " ") + own.pieces([one])[0].removeprefix("▁")
        if one >= size
        else own.pieces([one])[0].replace("▁", " ")
        for one in ids
    )
    assert joined.split() == ["the", "Жat", "caЖ", "on", "Ж"]
    assert len(own.going_on) == own.count


def test_tokens_of_a_script_without_spaces_are_words_each(tokenizer: Tokenizer) -> None:
    own = OwnTokens(tokenizer)
    own.encode("the 北Ж cat")
    flags = dict(zip((piece.removeprefix("▁") for piece in own._numbers), own.going_on, strict=True))
    assert not any(flags[piece] for piece in flags if piece.startswith("北"))
