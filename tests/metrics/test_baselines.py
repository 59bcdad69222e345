"""Leads, and the extractive oracle against a slow one made of rouge-score."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from seqtool.errors import UsageError
from seqtool.metrics import parse_baseline
from seqtool.metrics.oracle import oracle

SOURCE = "The cat sat on the mat. A dog barked at it! Then it rained. Nobody saw the cat again."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lead-1", "The"),
        ("lead-7", "The cat sat on the mat. A"),
        ("lead-999", SOURCE),
        ("lead-1s", "The cat sat on the mat."),
        ("lead-2s", "The cat sat on the mat. A dog barked at it!"),
        ("lead-999999999s", SOURCE),
        ("oracle-1", "Nobody saw the cat again."),
        ("oracle", "A dog barked at it! Nobody saw the cat again."),
        ("oracle-4", "A dog barked at it! Nobody saw the cat again."),
    ],
)
def test_a_name_says_what_is_taken(name: str, expected: str) -> None:
    assert parse_baseline(name).output(SOURCE, ["nobody saw the cat after a dog barked"]) == expected


WRONG = "lead-0 lead-x led-3 lead lead- lead-03 lead--3 lead-3S lead-3ss lead-٣ LEAD-3 lead-1.5 lead-1234567890 lead-3,oracle"
WRONG_ORACLES = "oracle-0 oracle- oracle3 oracle-3s Oracle"


@pytest.mark.parametrize("name", [*WRONG.split(), *WRONG_ORACLES.split(), "", "lead-3 "])
def test_a_wrong_name_is_told_the_forms(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_baseline(name)
    assert repr(name) in caught.value.message
    assert all(form in caught.value.hint for form in ("lead-N ", "lead-Ns ", "oracle ", "oracle-M "))


@pytest.mark.parametrize("name", ["lead-3", "lead-2s", "oracle"])
@pytest.mark.parametrize("source", ["", "   ", "\u3000"])
def test_a_blank_source_has_a_blank_summary(name: str, source: str) -> None:
    assert parse_baseline(name).output(source, ["a cat"]) == ""


@pytest.mark.parametrize("name", ["lead-3", "lead-2s", "oracle"])
@pytest.mark.parametrize("reference", ["", "dog", "?"])
def test_a_source_of_one_word_is_its_summary(name: str, reference: str) -> None:
    assert parse_baseline(name).output("Rain", [reference]) == "Rain"


def test_leads_of_other_scripts() -> None:
    assert parse_baseline("lead-2s").output("我来了。你呢？好！", ["x"]) == "我来了。你呢？"
    assert parse_baseline("lead-2").output("Кот спит на диване.", ["x"]) == "Кот спит"
    assert parse_baseline("oracle-1").output("Кот спит. Собака лает. Дождь.", ["собака лает"]) == "Собака лает."
    assert parse_baseline("oracle-1").output("我来了。他走了。好！", ["他走"]) == "他走了。"


def test_the_oracle_keeps_the_order_of_the_source() -> None:
    """The last sentence suits best and is chosen first; the two together have the pair of words at their joint."""
    assert oracle("A b. X y z. C d e f.", ["a b c d e f"], 3) == "A b. C d e f."


def test_the_oracle_takes_no_more_than_helps() -> None:
    assert oracle("A cat slept. A cat slept. It rained.", ["a cat slept"], 3) == "A cat slept."


@pytest.mark.parametrize("reference", ["nothing shared", "", "?!"])
def test_where_nothing_helps_the_oracle_is_the_first_sentence(reference: str) -> None:
    assert oracle("One two. Three four.", [reference], 3) == "One two."


def test_each_of_the_two_scores_has_its_best_reference() -> None:
    source, references = "A b c. D e f. G h i.", ["d f", "g h i"]
    assert oracle(source, references, 1) == "G h i."
    assert oracle(source, references[:1], 1) == "D e f."


SENTENCE = st.lists(st.sampled_from("abcd"), min_size=1, max_size=5)
DOCUMENT = st.lists(SENTENCE, min_size=2, max_size=6)


@settings(max_examples=300, deadline=None)
@given(DOCUMENT, st.lists(st.lists(st.sampled_from("abcde"), max_size=9), min_size=1, max_size=3), st.integers(1, 4))
def test_the_oracle_is_greedy_about_what_rouge_score_says(
    document: list[list[str]], references: list[list[str]], most: int
) -> None:
    """Also bigrams over the joint of two chosen sentences count, which come and go with what stands between them."""
    texts = [" ".join(sentence) + " ." for sentence in document]
    targets = [" ".join(reference) for reference in references]
    found = oracle(" ".join(texts), targets, most)
    assert _objective(found, targets) == pytest.approx(_objective(_greedy(texts, targets, most), targets), abs=1e-9)


def _greedy(texts: list[str], references: list[str], most: int) -> str:
    chosen: list[int] = []
    best = 0.0
    for _ in range(most):
        tried = [sorted([*chosen, number]) for number in range(len(texts)) if number not in chosen]
        scores = [_objective(_together(texts, numbers), references) for numbers in tried]
        if not scores or max(scores) <= best + 1e-12:
            break
        best = max(scores)
        chosen = next(numbers for numbers, score in zip(tried, scores, strict=True) if score > best - 1e-12)
    return _together(texts, chosen or [0])


def _together(texts: list[str], numbers: list[int]) -> str:
    return " ".join(texts[number] for number in numbers)


def _objective(text: str, references: list[str]) -> float:
    found = RougeScorer(["rouge1", "rouge2"]).score_multi(references, text)
    return float(found["rouge1"].fmeasure + found["rouge2"].fmeasure)


def test_the_oracle_is_fast() -> None:
    """200 documents of 200 words here, in a tenth of the minute that ten times as many may take."""
    rng = random.Random(1)
    vocabulary = [f"w{int(rng.paretovariate(0.7))}" for _ in range(5000)]
    documents = [" ".join(" ".join(rng.choices(vocabulary, k=15)) + " ." for _ in range(14)) for _ in range(200)]
    references = [" ".join(rng.choices(vocabulary, k=50)) for _ in documents]
    start = time.process_time()
    for document, reference in zip(documents, references, strict=True):
        oracle(document, [reference], 3)
    assert time.process_time() - start < 6


def test_a_source_of_a_hundred_thousand_words() -> None:
    source = "A dog barked at nothing again. " * 16_000 + "The cat slept. " + "More of that then. " * 5_000
    assert oracle(source, ["the cat slept"], 3) == "The cat slept."
    assert len(parse_baseline("lead-90000").output(source, []).split()) == 90_000
    assert len(parse_baseline("lead-500s").output(source, []).split()) == 3_000
    one_sentence = "word " * 100_000
    assert len(oracle(one_sentence, ["word"], 3).split()) == 100_000
