"""Which pieces a sentence ends with."""

from __future__ import annotations

import pytest

from seqtool.text.tokenizer import EOS, Tokenizer, train_tokenizer

LINES = [
    "Is it so? It is! \"So it is.\" (Perhaps.) And so on... 'Yes?!' «Oui.» A.B. costs 3,5.",
    "彼は来た。彼女は来ない！本当？「はい。」 यह है। هل هو؟",
    "a b; c: d, e - f / g + h = i * j & k % l # m @ n",
]


def ends(**changes: object) -> set[str]:
    settings = {
        "kind": "char", "vocab_size": 200, "character_coverage": 1.0, "byte_fallback": False,
        "normalization": "identity", "sample_lines": 100, "seed": 1, **changes,
    }  # fmt: skip
    tokenizer = Tokenizer(train_tokenizer(LINES * 20, **settings))  # type: ignore[arg-type]
    found = tokenizer.sentence_ends()
    assert found[0] == EOS
    assert EOS not in found[1:]
    assert found == sorted(found)
    return set(tokenizer.pieces(found[1:]))


def test_full_stops_and_marks_of_any_script_do() -> None:
    assert ends() == set(".?!。！？।؟")


def test_so_do_words_that_end_in_them_with_what_closes_behind() -> None:
    found = ends(kind="word", vocab_size=400)
    assert {"▁so?", "▁is!", '▁is."', "▁(Perhaps.)", "▁on...", "▁'Yes?!'", "▁«Oui.»", "▁A.B.", "▁3,5."} <= found
    assert not {"▁Is", "▁d,", "▁b;", "▁c:", "▁%"} & found


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_bytes_and_special_pieces_do_not(kind: str) -> None:
    found = ends(kind=kind, vocab_size=460, byte_fallback=True)
    assert "." in {piece.removeprefix("▁") for piece in found}
    assert not any(piece.startswith("<") for piece in found)
