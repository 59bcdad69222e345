"""Word alignment: words are those of `str.split`, and each target word is linked to what it looked at most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.text.alignment import pharaoh, word_count, word_links, word_offsets, word_starts
from seqtool.text.tokenizer import Tokenizer
from tests.text.test_tokenizer import KINDS, sentences, train

PIECES = st.lists(st.sampled_from(["▁", "▁a", "a", "b", "▁▁", "▁ab"]), max_size=12)


@pytest.fixture(scope="module")
def models() -> dict[str, Tokenizer]:
    return {
        kind: Tokenizer(train(sentences(), kind=kind, vocab_size=2000 if kind == "word" else 120)) for kind in KINDS
    }


@pytest.mark.parametrize(
    ("pieces", "starts"),
    [
        ([], []),
        (["▁a"], [0]),
        (["a"], [0]),  # the first piece starts a word, marked or not
        (["a", "b"], [0]),
        (["▁a", "b", "▁c"], [0, 2]),
        (["▁", "a", "▁", "b"], [0, 2]),  # a lone space starts the word of what follows
        (["▁", "▁a"], [0]),  # even if that begins with another space
        (["▁a", "▁", "▁", "b"], [0, 1]),
        (["▁a", "▁"], [0]),  # nothing follows: no word
        (["▁"], []),
        (["▁▁", "▁"], []),
        (["▁", "<unk>", "▁red"], [0, 2]),  # what the tokenizer does not know is part of a word
    ],
)
def test_where_words_start(pieces: list[str], starts: list[int]) -> None:
    assert word_starts(pieces) == starts
    assert word_count(pieces) == len(starts)


@given(PIECES)
def test_words_are_those_of_the_text_the_pieces_spell(pieces: list[str]) -> None:
    text = "".join(pieces).replace("▁", " ")
    assert word_count(pieces) == len(text.split())


def words_of(pieces: list[str]) -> list[str]:
    starts = word_starts(pieces)
    ends = [*starts[1:], len(pieces)]
    return ["".join(pieces[first:last]).replace("▁", " ").strip() for first, last in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_real_tokenizers_are_those_of_the_line(models: dict[str, Tokenizer], kind: str) -> None:
    for line in sentences(60):
        for given_line in (line, f"  {line}  ", line.replace(" ", "  ")):
            pieces = models[kind].pieces(models[kind].encode(given_line))
            assert words_of(pieces) == line.split()


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_unknown_characters_do_not_shift_words(models: dict[str, Tokenizer], kind: str) -> None:
    for line in ("the red 漢字 cat漢 漢 house", "Ö", "the Öö É red", "é the é"):
        assert word_count(models[kind].pieces(models[kind].encode(line))) == len(line.split())


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
@given(st.lists(st.text("abcdehilmnorstu.", min_size=1, max_size=9), max_size=8))
def test_any_plain_words_are_counted(models: dict[str, Tokenizer], kind: str, words: list[str]) -> None:
    assert word_count(models[kind].pieces(models[kind].encode(" ".join(words)))) == len(words)


SRC, TGT = ["▁das", "▁Hau", "s", "▁hier"], ["▁this", "▁ho", "use"]


@pytest.mark.parametrize(
    ("attention", "links", "reason"),
    [
        ([[9, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0]], [(0, 0), (1, 1)], "one to one"),
        ([[4, 3, 3, 0], [0, 9, 0, 0], [0, 9, 0, 0]], [(1, 0), (1, 1)], "two pieces of a source word together"),
        ([[0, 0, 0, 9], [0, 5, 0, 6], [0, 5, 0, 3]], [(3 - 1, 0), (1, 1)], "two pieces of a target word together"),
        ([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0]], [(0, 0), (1, 1)], "of equal sums the first"),
        ([[0, 0, 0, 0], [0, 9, 0, 0], [0, 9, 0, 0]], [(1, 1)], "looked at nothing: no link"),
        ([[float("nan")] * 4, [0, 9, 0, 0], [0, 9, 0, 0]], [(1, 1)], "no number: no link"),
    ],
)
def test_each_word_is_linked_to_what_it_looked_at_most(
    attention: list[list[float]], links: list[tuple[int, int]], reason: str
) -> None:
    plain = np.array(attention, np.float32)
    with_eos = np.pad(plain, ((0, 1), (0, 1)), constant_values=100)
    assert word_links(SRC, TGT, plain) == links, reason
    assert word_links(SRC, TGT, with_eos) == links, "eos of either side plays no part"


def test_where_eos_is_all_there_is_nothing_is_linked() -> None:
    assert word_links([], ["▁a"], np.ones((2, 1))) == []
    assert word_links(["▁a"], [], np.ones((1, 2))) == []
    assert word_links(["▁a"], ["▁a"], np.array([[0.0, 1.0], [1.0, 0.0]])) == [], "all of it went to eos"
    assert word_links(["▁"], ["▁a"], np.ones((2, 2))) == [], "a source without words"


@pytest.mark.parametrize("shape", [(3,), (2, 4), (5, 4), (3, 3), (3, 6)])
def test_attention_of_other_pieces_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^attention of shape \(.*\) for 3 target and 4 source pieces$"):
        word_links(SRC, TGT, np.zeros(shape))


@given(PIECES, PIECES, st.integers(0, 1), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_links_are_of_words_that_are_there(src: list[str], tgt: list[str], rows: int, columns: int, seed: int) -> None:
    attention = np.random.default_rng(seed).random((len(tgt) + rows, len(src) + columns))
    links = word_links(src, tgt, attention)
    targets = [target for _, target in links]
    assert all(0 <= source < word_count(src) for source, _ in links)
    assert targets == sorted(set(targets))
    if word_count(src):
        assert targets == list(range(word_count(tgt))), "random numbers are positive: every word has its link"


def test_pharaoh_has_the_source_first() -> None:
    assert pharaoh([(0, 0), (2, 1)]) == "0-0 2-1"
    assert pharaoh([]) == ""


@pytest.mark.parametrize(
    ("parts", "offsets"),
    [
        ([], []),
        ([["▁a", "▁b"], ["▁c"]], [0, 2]),
        ([["▁a", "▁b"], ["b", "▁c"], ["▁d"]], [0, 1, 3]),  # cut inside b
        ([["▁a"], ["a"], ["a"], ["a", "▁b"], ["▁c"]], [0, 0, 0, 0, 2]),  # a word longer than a part
        ([["a"], ["▁b"]], [0, 1]),  # nothing comes before the first part
        ([["▁a", "▁"], ["b"]], [0, 1]),  # cut between a space and its word
        ([["▁a", "▁"], ["▁b", "▁c"]], [0, 1]),
        ([[], ["b"], [], ["▁c"]], [0, 0, 1, 1]),
    ],
)
def test_parts_know_their_place_in_the_line(parts: list[list[str]], offsets: list[int]) -> None:
    assert word_offsets(parts) == offsets


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [1, 3, 7])
def test_a_line_cut_anywhere_keeps_its_words(models: dict[str, Tokenizer], kind: str, most: int) -> None:
    for line in sentences(20):
        pieces = models[kind].pieces(models[kind].encode(line))
        parts = [pieces[first : first + most] for first in range(0, len(pieces), most)]
        begun = [max("".join(pieces[: first + 1]).count("▁") - 1, 0) for first in range(0, len(pieces), most)]
        assert word_offsets(parts) == begun
