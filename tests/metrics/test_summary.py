"""What summaries do with their sources, counted by hand and by properties."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqtool.errors import DataError, UsageError
from seqtool.metrics import SUMMARY_METRICS, expand_names, score_corpus
from seqtool.metrics.score import HIGHER_IS_BETTER, LOWER_IS_BETTER, METRIC_NAMES
from seqtool.metrics.unseen import Reaching, unseen_reaching


def values(hyps: list[str], sources: list[str], *refs: list[str]) -> dict[str, float]:
    """All measures of a system; the references are the outputs where they do not matter."""
    found = score_corpus(hyps, refs or [hyps], ["summary"], sources=sources)
    return {name: score.value for name, score in found.items()}


CASES = [
    # output, source, copy_rate, novel1, novel2, novel3, repetition
    ("the cat sat", "The cat sat on the mat.", 100, 0, 0, 0, 0),
    (
        "The mat, the CAT!",
        "the cat sat on the mat",
        100,
        0,
        100 / 3,
        100,
        0,
    ),  # "mat the" is new; words are without case
    ("a dog sat", "the cat sat", 100 / 3, 200 / 3, 100, 100, 0),
    ("dog dog dog cat", "cat", 25, 50, 100, 100, 0),  # words as often as said, n-grams once
    ("a b c a b c", "a b c", 100, 0, 100 / 3, 200 / 3, 25),  # four trigrams, the last is the first
    ("a a a a a", "b", 0, 100, 100, 100, 200 / 3),
    ("a b", "a b", 100, 0, 0, 0, 0),  # no trigram: a share of nothing is 0
    ("a", "a", 100, 0, 0, 0, 0),
    ("", "a b", 0, 0, 0, 0, 0),
    ("...", "a b", 0, 0, 0, 0, 0),
    ("a b c", "", 0, 100, 100, 100, 0),
    ("Кот спит", "Наш кот спит дома", 100, 0, 0, 0, 0),
    ("我爱猫", "我爱北京", 200 / 3, 100 / 3, 50, 100, 0),  # no spaces: characters are the words
]


@pytest.mark.parametrize(("output", "source", "copied", "one", "two", "three", "repeated"), CASES)
def test_shares_by_hand(
    output: str, source: str, copied: float, one: float, two: float, three: float, repeated: float
) -> None:
    found = values([output], [source])
    names = ("copy_rate", "novel1", "novel2", "novel3", "repetition")
    assert [found[name] for name in names] == pytest.approx([copied, one, two, three, repeated])


def test_a_share_is_of_all_words_and_not_a_mean_of_lines() -> None:
    found = values(["a", "b c d", ""], ["a", "x", "y"])
    assert found["copy_rate"] == pytest.approx(25)
    assert found["novel1"] == pytest.approx(75)
    assert found["length"] == pytest.approx(4 / 3), "blank lines are lines"


def test_length_is_relative_to_the_references_together() -> None:
    assert values(["a b", "c"], ["", ""], ["x", "y y y y y"])["length_ratio"] == pytest.approx(3 / 6)
    assert values(["a b", "c"], ["", ""], ["x", "y y y y y"], ["x x x", "y"])["length_ratio"] == pytest.approx(3 / 5)
    assert values(["a b"], [""], [""])["length_ratio"] == 0, "no reference words"
    assert values([""], [""], ["a"])["length_ratio"] == 0


LINES = st.lists(st.sampled_from(["a", "b", "c", "dé", "字"]), max_size=12).map(" ".join)


@settings(deadline=None)
@given(st.lists(st.tuples(LINES, LINES, LINES), min_size=1, max_size=5))
@example([("", "", "")])
def test_shares_are_shares(rows: list[tuple[str, str, str]]) -> None:
    hyps, sources, refs = (list(column) for column in zip(*rows, strict=True))
    found = score_corpus(hyps, [refs], ["summary"], sources=sources, bootstrap=5)
    assert tuple(found) == SUMMARY_METRICS
    for name, score in found.items():
        assert score.low is not None
        assert score.high is not None
        assert 0 <= score.low <= score.value <= score.high
        assert score.high <= 100 or name in ("length", "length_ratio")
    copied = values(hyps, hyps)
    assert copied["copy_rate"] == (100 if "".join(hyps) else 0)
    assert copied["novel1"] == copied["novel2"] == copied["novel3"] == 0
    assert copied["length_ratio"] == (1 if "".join(hyps) else 0)


def test_saying_it_again_is_repetition() -> None:
    sentence = "we saw a cat and a dog today"
    assert [values([" ".join([sentence] * times)], [sentence])["repetition"] for times in (1, 2, 5)] == pytest.approx(
        [0, 100 * 6 / 14, 100 * 30 / 38]
    )


def test_a_body_of_a_hundred_thousand_words_is_counted() -> None:
    body = " ".join(f"w{number}" for number in range(100_000))
    found = values([body, "w5 w6 w7"], [body, body], ["w1", "w5 w6 w7"])
    assert (found["copy_rate"], found["novel3"], found["repetition"]) == (100, 0, 0)
    assert found["length"] == pytest.approx(100_003 / 2)
    assert found["length_ratio"] == pytest.approx(100_003 / 4)


def test_names_may_be_asked_for_singly_and_together() -> None:
    assert expand_names(["novel2", "summary"])[0] == "novel2"
    assert set(expand_names(["summary"])) == set(SUMMARY_METRICS)
    found = score_corpus(["a b"], [["a"]], ["length", "rouge1", "copy_rate"], sources=["a"])
    assert list(found) == ["length", "rouge1", "copy_rate"]


def test_every_score_has_a_direction_and_of_the_measures_only_repetition() -> None:
    assert {*HIGHER_IS_BETTER, *LOWER_IS_BETTER} == {*METRIC_NAMES, "repetition"}


@pytest.mark.parametrize("name", ["copy_rate", "novel1", "novel2", "novel3"])
def test_what_compares_with_a_source_needs_one(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} compares with the source"):
        score_corpus(["a"], [["a"]], [name])


def test_the_rest_needs_none() -> None:
    assert score_corpus(["a b c"], [["a"]], ["repetition", "length_ratio", "length"])["length"].value == 3


def test_a_source_of_other_length_is_an_error() -> None:
    with pytest.raises(DataError, match="1 hypotheses and 2 lines in the source"):
        score_corpus(["a"], [["a"]], ["length"], sources=["a", "b"])


KNOWN = frozenset({"the", "cat", "sat"})


@pytest.mark.parametrize(
    ("source", "reference", "output", "wanted", "reached"),
    [
        ("The zork sat", "a zork", "ZORK!", 1, 1),
        ("The zork sat", "a zork", "the cat", 1, 0),
        ("The zork sat", "the cat", "zork", 0, 0),  # not wanted
        ("The cat sat", "blip", "blip", 0, 0),  # not in the source
        ("zork zork blip", "zork blip zork", "zork zork", 2, 1),  # each once
        ("", "zork", "zork", 0, 0),
        ("zork", "", "zork", 0, 0),
        ("zork", "zork", "", 1, 0),
    ],
)
def test_unseen_words_that_reach_the_output(
    source: str, reference: str, output: str, wanted: int, reached: int
) -> None:
    assert unseen_reaching([source], [reference], [output], KNOWN) == Reaching(wanted, reached)


def test_unseen_words_of_all_lines_are_one_share() -> None:
    found = unseen_reaching(["zork blip", "zork"], ["zork blip", "zork"], ["blip", "zork"], KNOWN)
    assert (found.wanted, found.reached, found.share) == (3, 2, pytest.approx(200 / 3))
    assert unseen_reaching([], [], [], KNOWN).share is None
    with pytest.raises(ValueError):
        unseen_reaching(["a"], ["a", "b"], ["a"], KNOWN)
