"""What may be left out of the data when a model learns to restore text, and what an epoch can draw anew."""

from __future__ import annotations

from typing import Any

import pytest

from seqtool.recipe.rules import problems
from seqtool.recipe.schema import Recipe

PAIRS, ALONE = {"src": "a", "tgt": "b"}, {"src": "a"}
DENOISE = {"objective": "denoise"}


def found(**sections: Any) -> list[tuple[str, str]]:
    """The first key and the message of each problem."""
    recipe = Recipe.model_validate({"data": {"train": PAIRS, "valid": PAIRS}, **sections})
    return [(problem.keys[0], problem.message) for problem in problems(recipe)]


@pytest.mark.parametrize("role", ["train", "valid"])
@pytest.mark.parametrize("alone", [ALONE, {"jsonl": "x", "src": "text"}, {"tsv": "x", "src": 1}], ids=str)
def test_a_source_alone_is_for_restoring(role: str, alone: dict[str, Any]) -> None:
    data = {"train": PAIRS, "valid": PAIRS, role: alone}
    assert found(data=data, training=DENOISE) == []
    assert found(data=data) == [(f"data.{role}", "no tgt")]


def test_a_target_alone_is_for_nothing_and_a_test_needs_both() -> None:
    assert found(data={"train": {"tgt": "b"}, "valid": PAIRS}, training=DENOISE) == [("data.train", "no src")]
    data = {"train": ALONE, "valid": ALONE, "test": ALONE}
    assert found(data=data, training=DENOISE) == [("data.test", "no tgt")]


@pytest.mark.parametrize("kind", ["word", "char"])
def test_words_and_characters_are_cut_in_one_way_only(kind: str) -> None:
    sampling = {"subword_sampling": 0.1}
    (problem,) = found(tokenizer={"kind": kind}, training=sampling)
    assert problem == ("training.subword_sampling", f"a tokenizer of kind {kind} cuts a text in one way only")
    assert found(tokenizer={"kind": kind}) == []
    assert found(tokenizer={"kind": kind, "model": "x"}, training=sampling) == [], "the kind is then the file's"
    assert found(tokenizer={"kind": "bpe"}, training=sampling) == []


def test_without_noise_there_is_nothing_to_restore() -> None:
    (problem,) = found(training={**DENOISE, "noise": {"mask": 0.0}})
    assert problem[0] == "training.noise"
    assert "nothing to restore" in problem[1]
    for noise in ({"mask": 0.1}, {"mask": 0.0, "delete": 0.1}, {"mask": 0.0, "shuffle": 3}):
        assert found(training={**DENOISE, "noise": noise}) == []


def test_words_are_limited_from_both_sides_only_where_something_is_left() -> None:
    (problem,) = found(decoding={"min_words": 9, "max_words": 8})
    assert problem == ("decoding.min_words", "at least 9 words and at most 8")
    assert found(decoding={"min_words": 8, "max_words": 8}) == found(decoding={"min_words": 9}) == []


def test_what_is_kept_of_a_source_matters_where_sources_are_cut() -> None:
    data = {"train": PAIRS, "valid": PAIRS, "truncate": "head_tail"}
    (problem,) = found(data=data)
    assert problem == (
        "data.truncate",
        "it says what is kept of sources that are cut, and here longer ones are dropped",
    )
    assert found(data=data, task="summarization") == []
    assert found(data={**data, "truncate_src": True}) == []
    assert found(data={**data, "truncate_src": False}, task="summarization") == [problem]


def test_what_is_restored_has_no_length_to_choose() -> None:
    data = {"train": PAIRS, "valid": PAIRS, "length_tokens": True}
    (problem,) = found(data=data, training=DENOISE)
    assert problem == (
        "data.length_tokens",
        "a text that is restored is as long as it was: there is no length to choose",
    )
    assert found(data=data) == found(data=data, task="summarization") == []


def test_alignment_is_not_guided_to_the_token_that_says_the_length() -> None:
    data = {"train": PAIRS, "valid": PAIRS, "length_tokens": True}
    (problem,) = found(data=data, training={"guided_alignment": 0.1})
    assert problem == ("training.guided_alignment", "words would be aligned with the token that says the length")
    assert found(data={**data, "length_tokens": False}, training={"guided_alignment": 0.1}) == []
