"""Word F1 by frequency in training, and scores of single lines."""

from __future__ import annotations

import pytest

from seqtool.metrics import METRIC_NAMES, Variant, score_corpus
from seqtool.metrics.frequency import FREQUENCIES, count_words, score_by_frequency
from seqtool.metrics.lines import score_lines
from tests.metrics.sample_text import FIRST, HYPS, SECOND


def by_label(hyps: list[str], refs: list[list[str]], counts: dict[str, int]) -> dict[str, tuple[int, float]]:
    found = score_by_frequency(hyps, refs, counts, bootstrap=0)
    assert tuple(one.label for one in found) == FREQUENCIES
    return {one.label: (one.words, one.score.value) for one in found if one.words or one.score.value}


def test_a_small_case_by_hand() -> None:
    """`the` is twice in the reference and once in the output: 2 * 1 / 3. `cat` is said, `zebra` is not, `dog` is said for nothing."""
    counts = {"the": 5000, "cat": 4, "dog": 5}
    found = by_label(["The cat dog."], [["the cat, the zebra"]], counts)
    assert found["1001+"] == (2, pytest.approx(200 / 3))
    assert found["2-5"] == (1, pytest.approx(200 * 1 / 3))
    assert found["0"] == (1, 0.0)


@pytest.mark.parametrize(
    ("count", "label"),
    [
        (0, "0"),
        (1, "1"),
        (2, "2-5"),
        (5, "2-5"),
        (6, "6-20"),
        (20, "6-20"),
        (21, "21-100"),
        (100, "21-100"),
        (101, "101-1000"),
        (1000, "101-1000"),
        (1001, "1001+"),
        (10**9, "1001+"),
    ],
)
def test_each_frequency_has_its_range(count: int, label: str) -> None:
    assert by_label(["cat"], [["cat"]], {"cat": count}) == {label: (1, pytest.approx(100))}


def test_the_reference_that_shares_most_counts() -> None:
    both = by_label(["a b"], [["c d"], ["a b"]], {})
    assert both == {"0": (2, pytest.approx(100))}


def test_all_ranges_together_are_the_words_of_the_text() -> None:
    counts = count_words(SECOND)
    found = score_by_frequency(HYPS, [FIRST], counts, bootstrap=50)
    assert sum(one.words for one in found) == sum(count_words(FIRST).values())
    for one in found:
        assert one.score.low is not None
        assert one.score.high is not None
        assert 0 <= one.score.low <= one.score.value <= one.score.high <= 100
        assert one.score.signature.startswith("nrefs:1|bs:50|seed:12345|type:wordF1|")


@pytest.mark.parametrize("name", METRIC_NAMES)
def test_the_score_of_a_line_is_the_score_of_a_text_of_one_line(name: str) -> None:
    found = score_lines(HYPS, [FIRST, SECOND], name, variant=Variant())
    assert len(found) == len(HYPS)
    for value, hyp, first, second in zip(found, HYPS, FIRST, SECOND, strict=True):
        alone = score_corpus([hyp], [[first], [second]], [name])[name].value
        if name != "bleu":  # which leaves out n-grams that a line is too short for
            assert value == pytest.approx(alone)
    if name != "ter":
        assert found[HYPS.index("")] == 0


def test_short_lines_that_are_right_are_right() -> None:
    assert score_lines(["Yes."], [["Yes."]], "bleu", variant=Variant()) == [pytest.approx(100)]
