"""Text in, text out: one result for each line, in order, whatever the neighbours."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.decoding.hypothesis import normalised
from seqtool.text.segments import split_ids
from seqtool.text.tokenizer import Tokenizer
from seqtool.translator import Translator
from tests.number_words import number_pairs

LINES = [src for src, _ in number_pairs(60, 77, longest=12)]


@pytest.fixture(scope="module")
def translator(random_model: Path) -> Translator:
    return Translator.load(random_model)


def test_one_translation_for_each_line_in_order(translator: Translator) -> None:
    found = list(translator.translate(iter(LINES)))
    assert [one.src for one in found] == LINES
    assert [one.text for one in found] == [translator.translate_window([line])[0].text for line in LINES]


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_the_neighbours_of_a_line_do_not_matter(translator: Translator, batch_size: int) -> None:
    expected = {one.src: one for one in translator.translate(LINES)}
    other = translator.with_search(batch_size=batch_size)
    for order in (LINES, LINES[::-1], LINES[::7]):
        for found in other.translate(order):
            assert found.text == expected[found.src].text
            assert found.score == pytest.approx(expected[found.src].score, abs=1e-5)


def test_blank_lines_stay_blank_and_never_reach_the_model(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["", "eins .", "   ", "\t", "zwei .", "\u3000"]
    found = translator.translate_window(lines)
    assert [bool(one.text) for one in found] == [False, True, False, False, True, False]
    monkeypatch.delattr(type(translator.stepper), "start")
    assert [one.text for one in translator.translate_window(["", " "])] == ["", ""]


def test_lines_are_read_a_window_at_a_time(translator: Translator) -> None:
    few = translator.with_search(batch_size=1)
    taken: list[str] = []

    def source() -> itertools.chain[str]:
        for line in itertools.cycle(LINES):
            taken.append(line)
            yield line

    next(few.translate(source()))
    assert len(taken) == few.window_lines == 16


def test_n_best_is_sorted_and_begins_with_the_best(translator: Translator) -> None:
    best = translator.translate_window(LINES[:5])
    several = translator.with_search(n_best=3).translate_window(LINES[:5])
    for one, more in zip(best, several, strict=True):
        scores = [output.score for output in more.outputs]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)
        assert more.outputs[0].text == one.text


def test_more_hypotheses_than_the_beam_widen_it(translator: Translator) -> None:
    found = translator.with_search(beam_size=1, n_best=4).translate_window(LINES[:2])
    assert [len(one.outputs) for one in found] == [4, 4]


@pytest.mark.parametrize(
    "change", [{"beam_size": 1}, {"length_penalty": 0.0}, {"max_length_extra": 1}, {"max_length_ratio": 0.5}]
)
def test_no_search_setting_is_ignored(translator: Translator, change: dict[str, float]) -> None:
    other = replace(translator, decoding=translator.decoding.model_copy(update=change))
    assert [one.outputs for one in other.translate(LINES)] != [one.outputs for one in translator.translate(LINES)]


def test_the_score_is_the_normalised_log_probability(translator: Translator) -> None:
    for one in translator.translate(LINES[:10]):
        tokens = translator.tokenizers.tgt.encode(one.text)
        if translator.tokenizers.tgt.decode(tokens) == one.text:
            assert one.score <= 0.0
    alpha = 0.4
    found = translator.with_search(length_penalty=alpha).translate_window(LINES[:3])
    for one in found:
        lengths = range(1, 100)
        assert any(one.score == pytest.approx(normalised(one.outputs[0].log_prob, n, alpha)) for n in lengths)


def test_score_is_what_the_search_summed(translator: Translator) -> None:
    """The model's own hypotheses, scored as given targets, have the log-probabilities the search gave them, token by token."""
    parts = [part for parts in translator._parts(LINES[:20], [""] * 20) for part in parts]
    found = [hypotheses[0] for hypotheses in translator._search(parts)]
    again = translator.score_ids([part.ids[:-1].tolist() for part in parts], [one.tokens for one in found])
    for one, other in zip(found, again, strict=True):
        assert sum(other) == pytest.approx(one.log_prob, abs=1e-4)
        assert other == pytest.approx(one.token_log_probs, abs=1e-4)


def test_scores_of_pairs_do_not_depend_on_the_batch(translator: Translator) -> None:
    targets = [tgt for _, tgt in number_pairs(60, 77, longest=12)]
    together = [one.log_prob for one in translator.score(LINES, targets)]
    alone = [translator.score([src], [tgt])[0].log_prob for src, tgt in zip(LINES, targets, strict=True)]
    assert together == pytest.approx(alone, abs=1e-4)
    assert all(value < 0 for value in together)


def test_a_line_too_long_is_split_and_joined(translator: Translator) -> None:
    line = " ".join(["eins zwei drei ."] * 30)
    assert len(translator.tokenizers.src.encode(line)) > translator.max_src_tokens
    fresh = translator.with_search()
    found = fresh.translate_window(["eins .", line, "zwei ."])
    assert fresh.counts.split == 1
    assert len(found) == 3
    parts = split_ids(line, translator.tokenizers.src, translator.max_src_tokens)
    texts = [fresh.translate_window([translator.tokenizers.src.decode(part)])[0].text for part in parts]
    assert found[1].text == " ".join(texts)


def test_a_document_too_long_is_cut(translator: Translator) -> None:
    summarizer = replace(translator.with_search(), task="summarization")
    line = " ".join(["eins zwei drei ."] * 30)
    kept = summarizer.tokenizers.src.decode(summarizer.tokenizers.src.encode(line)[: summarizer.max_src_tokens])
    found = summarizer.translate_window([line, kept])
    assert summarizer.counts.cut == 1
    assert found[0].text == found[1].text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.text(max_size=300), most=st.integers(2, 30))
def test_splitting_loses_nothing_and_never_exceeds_the_limit(text: str, most: int, tokenizer: Tokenizer) -> None:
    parts = split_ids(text, tokenizer, most)
    assert all(0 < len(part) <= most for part in parts)
    together = "".join(tokenizer.decode(part) for part in parts)
    assert "".join(together.split()) == "".join(tokenizer.decode(tokenizer.encode(text)).split())


@pytest.fixture(scope="module")
def tokenizer(translator: Translator) -> Tokenizer:
    return translator.tokenizers.src
