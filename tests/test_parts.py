"""Lines in parts: what each part is given, and how what is said of them becomes a line again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.text.glossary import Glossary
from seqtool.text.segments import split_line
from seqtool.text.tokenizer import Tokenizer
from seqtool.translation import Counts
from seqtool.translator import Translator
from seqtool.wording import joined


@pytest.fixture(scope="module")
def translator(random_model: Path) -> Translator:
    return Translator.load(random_model)


@pytest.fixture(scope="module")
def tokenizer(translator: Translator) -> Tokenizer:
    return translator.tokenizers.src


def test_a_line_too_long_is_split_and_joined(translator: Translator) -> None:
    line = " ".join(["eins zwei drei ."] * 30)
    assert len(translator.tokenizers.src.encode(line)) > translator.max_src_tokens
    fresh = translator.with_search()
    found = fresh.translate_window(["eins .", line, "zwei ."])
    assert fresh.counts.split == 1
    assert len(found) == 3
    parts = split_line(line, translator.tokenizers.src, translator.max_src_tokens)
    texts = [fresh.translate_window([part.text])[0].text for part in parts]
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
    parts = split_line(text, tokenizer, most)
    assert all(0 < len(part.ids) <= most for part in parts)
    together = "".join(tokenizer.decode(part.ids) for part in parts)
    assert "".join(together.split()) == "".join(tokenizer.decode(tokenizer.encode(text)).split())
    for part in parts:
        assert "".join(tokenizer.decode(tokenizer.encode(part.text)).split()) == "".join(
            tokenizer.decode(part.ids).split()
        )


def test_terms_are_found_in_the_text_of_a_part_as_in_a_line(translator: Translator) -> None:
    """Also where the tokenizer knows none of its characters, and the ids say nothing of it."""
    line = " ".join(["eins zwei drei ."] * 30)
    assert translator.tokenizers.src.decode(translator.tokenizers.src.encode("數")) != "數"
    parting = replace(translator.with_search(glossary=Glossary([("數", (5, 6))]))._parting)
    for text, phrases in (("數 .", [1]), (f"{line} 數 .", [0, 1]), (f"數 {line}", [1, 0])):
        (parts,) = parting.parts([text], None, Counts(), 1)
        found = [len(part.phrases) for part in parts]
        assert [one for one in found if one] == [1]
        assert (found[0], found[-1]) == (phrases[0], phrases[-1])


def test_a_summary_has_no_terms_of_what_was_cut(translator: Translator) -> None:
    summarizer = replace(translator.with_search(glossary=Glossary([("drei", (5, 6))])), task="summarization")
    most = summarizer.max_src_tokens
    (kept,), (cut,) = summarizer._parting.parts(["drei .", "zwei " * most + "drei ."], None, Counts(), 1)
    assert (len(kept.phrases), len(cut.phrases)) == (1, 0)
    assert len(cut.ids) == most + 1


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        (["one.", "two."], "one. two."),
        (["猫です。", "犬です。"], "猫です。犬です。"),
        (["猫", "dog"], "猫dog"),
        (["dog", "「猫」"], "dog「猫」"),
        (["고양이.", "개."], "고양이. 개."),
        (["แมว", "หมา"], "แมว หมา"),
        (["", "one.", "", "two."], "one. two."),
        ([""], ""),
    ],
)
def test_parts_are_joined_as_the_script_writes_it(texts: list[str], line: str) -> None:
    assert joined(texts) == line


def test_what_is_joined_is_sorted_by_its_own_score(translator: Translator) -> None:
    line = " ".join(["eins zwei drei ."] * 30)
    for penalty in (0.0, 1.0, 3.0):
        (found,) = translator.with_search(n_best=5, length_penalty=penalty).translate_window([line])
        scores = [one.score for one in found.outputs]
        assert len(scores) == 5
        assert scores == sorted(scores, reverse=True)


def test_a_document_is_scored_as_it_was_read(translator: Translator) -> None:
    """Its head alone."""
    summarizer = replace(translator.with_search(), task="summarization")
    head = " ".join(["eins"] * 5)
    long = " ".join(["eins"] * 5 * summarizer.max_src_tokens)
    kept = summarizer.tokenizers.src.decode(summarizer.tokenizers.src.encode(long)[: summarizer.max_src_tokens])
    one, other, short = summarizer.score([long, kept, head], ["one two ."] * 3)
    assert one.log_prob == pytest.approx(other.log_prob, abs=1e-5)
    assert one.log_prob != pytest.approx(short.log_prob, abs=1e-5)
    assert translator.score([long], ["one two ."])[0].log_prob != pytest.approx(one.log_prob, abs=1e-5)
