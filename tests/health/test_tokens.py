"""Lengths in tokens, and what training will drop."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.health import tokens
from seqtool.recipe.schema import Recipe
from tests.number_words import write_lines


def test_what_training_drops_is_estimated_all_over_a_corpus_of_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of which the second half is too long."""
    words = [f"word{number}" for number in range(40)]
    lines = [" ".join(words[number % 7 : number % 7 + 9]) for number in range(400)]
    lines += [" ".join(words * 4) for _ in range(400)]
    write_lines(tmp_path / "a.de", lines)
    write_lines(tmp_path / "a.en", lines)
    files = {"src": str(tmp_path / "a.de"), "tgt": str(tmp_path / "a.en")}
    recipe = Recipe.model_validate({"data": {"train": files, "valid": files}, "tokenizer": {"vocab_size": 100}})
    chars = 2 * sum(map(len, lines))
    monkeypatch.setattr(tokens, "_SAMPLE_CHARS", -(-chars // 4))
    counted = tokens.count_tokens(recipe, len(lines), chars)
    assert counted is not None
    assert not counted.exact
    assert counted.ledger.read == 200
    assert counted.ledger.drop_rate == pytest.approx(0.5, abs=0.05)
