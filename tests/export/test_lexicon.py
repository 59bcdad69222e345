"""What a shortlist is learnt from."""

from __future__ import annotations

from typing import Any

import pytest

from seqtool.export import shorten as shorten_module
from seqtool.export.lexicon import Lexicon, learn_lexicon
from seqtool.export.shorten import learn_shortlist
from seqtool.text.tokenizer import Tokenizer, Tokenizers
from tests.number_words import number_pairs
from tests.text.test_tokenizer import train


def test_a_shortlist_is_learnt_from_as_many_pairs_as_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = number_pairs(50, 1)
    tokenizer = Tokenizer(train([text for pair in pairs for text in pair]))
    both = Tokenizers(tokenizer, tokenizer, shared=True)
    taken: list[int] = []

    def learn(src: list[Any], tgt: list[Any], **sizes: int) -> Lexicon:
        taken.append(len(src))
        return learn_lexicon(src, tgt, **sizes)

    monkeypatch.setattr(shorten_module, "learn_lexicon", learn)
    learn_shortlist(both, pairs)
    links = [len(tokenizer.encode(src)) * len(tokenizer.encode(tgt)) for src, tgt in pairs]
    for most, count in ((sum(links[:7]), 7), (sum(links[:7]) - 1, 6), (1, 1)):
        monkeypatch.setattr(shorten_module, "MAX_LINKS", most)
        learn_shortlist(both, pairs)
        assert taken[-1] == count
    assert taken[0] == 50
