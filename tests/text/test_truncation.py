"""What is kept of a source that is too long: by tokens, the same in a store and for a model that is used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.parts import Parting
from seqtool.recipe.schema import Truncate
from seqtool.text.tokenizer import Tokenizer, Tokenizers, train_tokenizer
from seqtool.text.truncation import Truncation
from seqtool.translation import Counts
from tests.text.preparing import prepare_in

TEXTS = [
    "A first one. The second! Is it “the third?” Yes (it is.) Four... And no end",
    "No border in this one, however long it may be",
    "一つ目です。二つ目です！「三つ目。」四つ目です。",
    "1.5 or e.g.this are none. One.",
]
RULES: list[Truncate] = ["head", "head_tail", "sentences"]


@pytest.fixture(scope="module", params=["char", "unigram", "bpe"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    settings = {"byte_fallback": False, "normalization": "identity", "sample_lines": 1000, "character_coverage": 1.0}
    return Tokenizer(train_tokenizer(TEXTS * 9, kind=request.param, vocab_size=110, seed=1, **settings))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        # what is left after each number of whole sentences
        (TEXTS[0], ["A first one.", "A first one. The second!", "A first one. The second! Is it “the third?”",
                    "A first one. The second! Is it “the third?” Yes (it is.)",
                    "A first one. The second! Is it “the third?” Yes (it is.) Four..."]),
        (TEXTS[2], ["一つ目です。", "一つ目です。二つ目です！", "一つ目です。二つ目です！「三つ目。」"]),
        (TEXTS[3], ["1.5 or e.g.this are none."]),
        (TEXTS[1], []),
    ],
)  # fmt: skip
def test_as_many_whole_sentences_as_fit_are_kept(text: str, kept: list[str]) -> None:
    """Character by character, so that each limit is there."""
    settings = {"byte_fallback": False, "normalization": "identity", "sample_lines": 1000, "character_coverage": 1.0}
    tokenizer = Tokenizer(train_tokenizer(TEXTS * 9, kind="char", vocab_size=110, seed=1, **settings))
    ids = tokenizer.encode(text)
    for most in range(1, len(ids)):
        found = tokenizer.decode(Truncation("sentences", most, tokenizer).of(ids))
        whole = [one for one in kept if len(tokenizer.encode(one)) <= most]
        assert found == (whole[-1] if whole else tokenizer.decode(ids[:most])), most


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab .!?。", max_size=60), st.integers(1, 40), st.sampled_from(RULES))
def test_it_is_never_more_than_fits_nor_nothing(tokenizer: Tokenizer, text: str, most: int, rule: Truncate) -> None:
    ids = tokenizer.encode(text)
    kept = Truncation(rule, most, tokenizer).of(ids)
    assert len(kept) <= most
    assert bool(kept) == bool(ids)
    if len(ids) <= most:
        assert kept == ids
    elif rule == "head_tail":
        tail = most // 4
        assert kept == ids[: most - tail] + ids[len(ids) - tail :]
    else:
        assert kept == ids[: len(kept)]
        assert rule == "sentences" or len(kept) == most


@pytest.mark.parametrize("rule", RULES)
def test_a_store_and_a_model_in_use_keep_the_same(rule: Truncate, tmp_path: Path) -> None:
    for name in ("train", "valid"):
        lines = [json.dumps({"src": " ".join(TEXTS[place:]), "tgt": "one"}) for place in range(3)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines, *lines]) + "\n", "utf-8")
    sides = {"src": "src", "tgt": "tgt"}
    data = {name: {"jsonl": str(tmp_path / f"{name}.jsonl"), **sides} for name in ("train", "valid")}
    store = prepare_in(
        tmp_path, {**data, "max_src_tokens": 33, "truncate": rule}, {"vocab_size": 110}, task="summarization"
    )
    tokenizers: Tokenizers = store.tokenizers
    truncation = Truncation(rule, 33, tokenizers.src)
    parting = Parting(tokenizers, 33, truncation=truncation)
    for place in range(3):
        text = " ".join(TEXTS[place:])
        (part,) = parting.parts([text], None, Counts(), 1)[0]
        used = part.ids[:-1].tolist()
        assert store.train.src(place).tolist() == store.valid.src(place).tolist() == used
        assert used == truncation.of(tokenizers.src.encode(text))
        assert len(used) <= 33 < len(tokenizers.src.encode(text))
    assert store.ledger.cut == 6
    other = replace(parting, truncation=Truncation("head", 33, tokenizers.src)).parts([text], None, Counts(), 1)
    assert (other[0][0].ids[:-1].tolist() == used) is (rule == "head")
