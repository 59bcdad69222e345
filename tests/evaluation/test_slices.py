"""Parts of a test set: every line where it belongs, and scores that are those of the part alone."""

from __future__ import annotations

import random
from typing import Any

import pytest

from seqtool.errors import DataError, ResourceError, UsageError
from seqtool.evaluation import Gold, Lines, Resampling, find_slices, score_system
from seqtool.evaluation.slices import MOST_VALUES, by_field, by_length, find_groups, slice_by_lines
from seqtool.metrics import Variant, bootstrap
from tests.metrics.degraded import degraded, references, sources

MANY = MOST_VALUES + 3


def labels(values: list[Any], name: str = "x") -> dict[str, list[int]]:
    """The slices of test lines that have these values in a field; None leaves the field out."""
    return dict(by_field([{} if value is None else {"x": value} for value in values], name))


@pytest.mark.parametrize(
    ("words", "label"),
    [
        (0, "0"),
        (1, "1-5"),
        (5, "1-5"),
        (6, "6-10"),
        (10, "6-10"),
        (30, "21-30"),
        (31, "31-50"),
        (500, "201-500"),
        (501, "501+"),
    ],
)
def test_each_length_has_its_range(words: int, label: str) -> None:
    assert by_length(["wort " * words]) == [(label, [0])]


def test_slices_by_length_are_all_lines_in_order_of_length() -> None:
    found = by_length(["a b c d e f", "", "a", "a b", "1 2 3 4 5 6 7."])
    assert found == [("0", [1]), ("1-5", [2, 3]), ("6-10", [0, 4])]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["b", "a", "b"], {"b": [0, 2], "a": [1]}),  # the most frequent first
        ([True, False, None], {"false": [1], "true": [0], "(none)": [2]}),  # of equals by name; the missing last
        ([3, 1, 3.0, 2.5], {"1": [1], "2.5": [3], "3": [0, 2]}),  # few numbers: each, in their order
        (["x", 1, ""], {"(empty)": [2], "1": [1], "x": [0]}),  # a mixture is text
        ([["a", "b"], ["b"], []], {"b": [0, 1], "a": [0], "(none)": [2]}),  # a list is in each of its values
        ([[1, 1], [2]], {"1": [0], "2": [1]}),  # once in each
        ([-5, -1], {"-5": [0], "-1": [1]}),
    ],
)
def test_values_become_slices(values: list[Any], expected: dict[str, list[int]]) -> None:
    found = labels(values)
    assert found == expected
    assert list(found) == list(expected)


def test_many_numbers_become_quarters_between_different_values() -> None:
    found = labels([*range(1, 101)])
    assert {label: len(lines) for label, lines in found.items()} == {
        "1 to 25": 25,
        "26 to 50": 25,
        "51 to 75": 25,
        "76 to 100": 25,
    }
    uneven = labels([*[7] * 60, *range(8, 8 + MANY)])
    assert uneven["7"] == [*range(60)], "equal values stay together"
    assert sorted(line for lines in uneven.values() for line in lines) == [*range(60 + MANY)]


def test_of_many_texts_the_rare_ones_are_one_slice() -> None:
    values = [f"value {number}" for number in range(MANY) for _ in range(number + 1)]
    found = labels(values)
    assert len(found) == MOST_VALUES
    assert next(iter(found)) == f"value {MANY - 1}"
    assert [*found][-1] == f"other ({MANY - MOST_VALUES + 1} values)"
    assert sum(map(len, found.values())) == len(values)
    assert len(labels([f"value {number}" for number in range(MOST_VALUES)])) == MOST_VALUES


@pytest.mark.parametrize(
    ("record", "name"), [({"a": {"b": 1}}, "a.b"), ({"a.b": 1}, "a.b"), ({"a": {"b.c": 1}}, "a.b.c")]
)
def test_a_dotted_path_reaches_into_objects(record: dict[str, object], name: str) -> None:
    assert by_field([record], name) == [("1", [0])]


@pytest.mark.parametrize(
    ("values", "name", "said", "hint"),
    [
        (["a"], "y", "no line of the test set has a field 'y'", "there are x"),
        (["a"], "xx", "no line of the test set has a field 'xx'", "did you mean 'x'?"),
        ([None, None], "x", "no line of the test set has a field 'x'", ""),
        (["a", {"k": 1}], "x", "in test line 2 it holds objects", "x.KEY"),
        ([[["a"]]], "x", "in test line 1 it holds objects or lists", "lists of texts"),
    ],
)
def test_what_is_no_field_is_named(values: list[Any], name: str, said: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        labels(values, name)
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_a_field_may_be_called_length() -> None:
    gold = Gold([Lines("ref", ["a"])], Lines("src", ["b c"]), [{"length": "short"}])
    assert find_groups("length", gold) == [("1-5", [0])]
    assert find_groups("field:length", gold) == [("short", [0])]


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("length", "there is none"),
        ("domain", "the test set has no fields"),
        ("field:", "no field is named"),
        ("frequency", "the training text is not known"),
    ],
)
def test_slices_need_what_they_cut_by(by: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        find_slices([by], Gold([Lines("ref", ["a"])]), [], [])
    assert caught.value.error_id == "evaluate.by"


def test_a_slice_has_the_scores_of_its_lines_alone() -> None:
    systems = [Lines(f"{seed}", degraded(30, 0.2, seed)) for seed in (1, 2)]
    gold = Gold([Lines("ref", references(30))], Lines("src", sources(30)))
    numbers = random.Random(1).sample(range(30), 12)
    resampling, names, variant = Resampling(bootstrap=40, seed=5), ["bleu", "copy_rate"], Variant()
    sliced = slice_by_lines("x", [("some", numbers)], systems, gold, names, resampling=resampling, variant=variant)
    (part,) = sliced.slices
    assert (part.label, part.count, sliced.unit) == ("some", 12, "lines")

    def chosen(lines: Lines) -> Lines:
        return Lines(lines.name, [lines.lines[number] for number in numbers])

    small = Gold([chosen(gold.refs[0])], chosen(Lines("src", sources(30))))
    for system, scores in zip(systems, part.scores, strict=True):
        alone = score_system(chosen(system), small, names, resampling=resampling, variant=variant)
        assert scores == alone.scores
        assert scores["bleu"].low is not None


@pytest.mark.parametrize(
    ("names", "fit", "drawn"),
    [
        (["bleu", "rouge1"], 5000, 1000),
        (["bleu", "rouge1"], 300, 300),  # as many as there is memory for
        (["chrf"], 40, 40),
        (["bleu", "rouge1"], 39, 0),  # too few for an interval
        (["rouge1"], 1, 1000),  # ROUGE draws a few at a time
    ],
)
def test_intervals_that_nobody_asked_for_are_no_failure(
    names: list[str], fit: int, drawn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`fit` is how often the lines of the largest slice can be drawn in the memory that may be spent."""
    monkeypatch.setattr(bootstrap, "_MOST_BYTES", fit * 12 * bootstrap._DRAWN_BYTES["bs"])
    gold, systems = Gold([Lines("ref", references(15))]), [Lines("out", degraded(15, 0.2, 1))]
    groups = [("large", [*range(12)]), ("small", [12, 13, 14])]
    for asked in (0, fit + 1):
        resampling = Resampling(bootstrap=asked)
        if asked and names != ["rouge1"]:  # what is asked for and cannot be had is
            with pytest.raises(ResourceError, match="resamples of 12 lines"):
                slice_by_lines("x", groups, systems, gold, names, resampling=resampling, variant=Variant())
            continue
        found = slice_by_lines("x", groups, systems, gold, names, resampling=resampling, variant=Variant())
        for score in (score for one in found.slices for scores in one.scores for score in scores.values()):
            assert (score.low is not None) == bool(drawn or asked)
            assert (f"bs:{asked or drawn}|" in score.signature) == bool(drawn or asked)
