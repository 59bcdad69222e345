"""ROUGE of any texts is rouge-score's, and its intervals hold what they should."""

from __future__ import annotations

import nltk
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from seqtool.metrics import Score, Variant, score_corpus
from seqtool.metrics.bootstrap import interval
from seqtool.metrics.sentences import sentences

NAMES = ["rouge1", "rouge2", "rougeL", "rougeLsum"]

WORDS = st.sampled_from(
    ["the", "a", "cat", "cats", "dog", "dogs", "barked", "barking", "Ünter", "猫", "3.5", "U.S.", "Mr."]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
TEXTS = st.lists(st.tuples(SENTENCES, st.sampled_from([". ", "! ", "? ", " . ", "。", "\n", " "])), max_size=4).map(
    lambda parts: "".join(text.capitalize() + mark for text, mark in parts).strip()
)
CORPORA = st.integers(1, 3).flatmap(
    lambda refs: st.lists(st.lists(TEXTS, min_size=refs + 1, max_size=refs + 1), min_size=1, max_size=4)
)


@settings(max_examples=150, deadline=None)
@given(CORPORA, st.booleans())
@example([["", ""]], False)
@example([["The cat.", ""], ["", "The cat."]], True)
def test_any_texts_are_scored_as_rouge_score_does(rows: list[list[str]], stem: bool) -> None:
    """Lines of several sentences, several references, blank ones among them; for rougeLsum each sentence on a line of its own."""
    hyps, *refs = (list(column) for column in zip(*rows, strict=True))
    found = score_corpus(hyps, refs, NAMES, variant=Variant(stem=stem))
    plain, summary = RougeScorer(NAMES[:3], use_stemmer=stem), RougeScorer(NAMES[3:], use_stemmer=stem)
    lines = [
        {
            **plain.score_multi(targets, hyp),
            **summary.score_multi(["\n".join(sentences(target)) for target in targets], "\n".join(sentences(hyp))),
        }
        for hyp, *targets in rows
    ]
    for name in NAMES:
        mean = 100 * sum(line[name].fmeasure for line in lines) / len(lines)
        assert found[name].value == pytest.approx(mean, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(TEXTS, TEXTS)
def test_one_metric_alone_is_what_it_is_among_others(hyp: str, ref: str) -> None:
    together = score_corpus([hyp], [[ref]], NAMES)
    for name in NAMES:
        assert score_corpus([hyp], [[ref]], [name])[name] == together[name]


def test_rougelsum_compares_sentences_and_says_so() -> None:
    """The order of sentences matters to rougeL only."""
    hyp, ref = "The cat sat. A dog barked.", "A dog barked. The cat sat."
    scores = score_corpus([hyp], [[ref]], ["rougeL", "rougeLsum"])
    assert scores["rougeLsum"].value == pytest.approx(100)
    assert scores["rougeL"].value == pytest.approx(50)
    assert "|sent:seqtool-rules|" in scores["rougeLsum"].signature
    assert "sent:" not in scores["rougeL"].signature


def test_rougelsum_is_that_of_published_numbers_where_nobody_doubts_where_sentences_end() -> None:
    """As summaries of news are scored: sentences by NLTK, joined by newlines. Here by a tokenizer of NLTK's that needs no download."""
    hyps = ["The cat sat on the mat. It slept. Nobody came!", "One line only."]
    refs = ["It slept on the mat. The cat was old. Who came?", "One line. And another."]
    tokenizer = nltk.tokenize.RegexpTokenizer(r"[^.!?]+[.!?]")
    scorer = RougeScorer(["rougeLsum"])
    values = [
        scorer.score(*("\n".join(tokenizer.tokenize(text)) for text in (ref, hyp)))["rougeLsum"].fmeasure
        for hyp, ref in zip(hyps, refs, strict=True)
    ]
    found = score_corpus(hyps, [refs], ["rougeLsum"])["rougeLsum"]
    assert found.value == pytest.approx(100 * sum(values) / len(values), abs=1e-9)


@pytest.mark.parametrize("name", [*NAMES, "copy_rate", "length_ratio"])
@pytest.mark.parametrize("samples", [0, 100])
def test_a_signature_is_keys_and_values(name: str, samples: int) -> None:
    score = score_corpus(["a b"], [["a b"]], [name], sources=["a b"], bootstrap=samples)[name]
    keys = dict(part.split(":") for part in score.signature.split("|"))
    assert keys["type"] == name
    assert keys["version"]
    assert ("bs" in keys) == bool(samples)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("hyps", "refs"), [(["", ""], ["a b", "c"]), (["a b", "c"], ["", ""]), (["", ""], ["", ""]), (["a"], ["b"])]
)
def test_nothing_in_common_is_zero_with_an_interval_of_zero(name: str, hyps: list[str], refs: list[str]) -> None:
    score = score_corpus(hyps, [refs], [name], bootstrap=20)[name]
    assert (score.value, score.low, score.high) == (0, 0, 0)


def test_a_body_of_a_hundred_thousand_words_is_scored() -> None:
    body = "The cat sat on a mat today. " * 14_286
    scores = score_corpus([body], [["the cat sat"]], NAMES, bootstrap=10)
    count = 7 * 14_286
    assert scores["rouge1"].value == pytest.approx(100 * 2 * 3 / (count + 3))
    assert scores["rouge2"].value == pytest.approx(100 * 2 * 2 / (count - 1 + 2))
    assert scores["rougeL"].value == pytest.approx(scores["rouge1"].value)


def test_an_interval_is_the_percentiles_of_resampled_ratios() -> None:
    rng = np.random.default_rng(1)
    wholes = rng.integers(1, 30, 400).astype(np.float64)
    parts = np.floor(wholes * rng.random(400))
    low, high = interval(parts, wholes, 2000)
    share = parts.sum() / wholes.sum()
    # The error of a ratio of sums, linearised (Cochran 1977, section 6.3).
    error = np.sqrt(np.sum((parts - share * wholes) ** 2)) / wholes.sum()
    assert low == pytest.approx(share - 1.96 * error, abs=0.2 * error)
    assert high == pytest.approx(share + 1.96 * error, abs=0.2 * error)


def test_an_interval_of_lines_without_anything_is_zero() -> None:
    nothing = np.zeros(3)
    assert interval(nothing, nothing, 10) == (0, 0)
    assert interval(np.array([0.0, 1.0]), np.array([0.0, 2.0]), 50) == (0, 0.5)


def test_stemming_joins_what_belongs_together() -> None:
    def one(stem: bool) -> Score:
        return score_corpus(["Dogs barked."], [["A dog barking."]], ["rougeLsum"], variant=Variant(stem=stem))[
            "rougeLsum"
        ]

    assert one(False).value == 0 < one(True).value
    assert ("stem:no" in one(False).signature, "stem:yes" in one(True).signature) == (True, True)
