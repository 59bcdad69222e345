"""Lines worth a look, and what to know before publishing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from seqtool.evaluation import Gold, Lines, Questions, Resampling, Result, answer, seen_in_training, training_words
from seqtool.evaluation.cautions import looks_tokenized, not_shown
from seqtool.evaluation.notable import ListedLines, Listing, default_line_metric, list_lines
from seqtool.evaluation.sets import read_jsonl_set
from seqtool.metrics import Variant
from seqtool.metrics.paired import Comparison
from tests.metrics.degraded import references
from tests.number_words import write_lines

REFS = Lines("ref", ["one two three", "one two three", "one two three", "one two three"])
FIRST = Lines("first", ["one two three", "one two five", "one five six", "four five six"])
OTHER = Lines("other", ["four five six", "one two three", "one five six", "one two five"])
GOLD = Gold([REFS], Lines("src", ["eins", "zwei", "drei", "vier"]))


def listed(metric: str = "rouge1", **counts: int) -> dict[tuple[str, str], Listing]:
    found = list_lines([FIRST, OTHER], GOLD, ListedLines(metric, **counts), variant=Variant())
    return {(one.kind, one.systems[-1]): one for one in found}


def numbers(listing: Listing) -> list[int]:
    return [one.line for one in listing.lines]


@pytest.mark.parametrize("metric", ["rouge1", "ter"])  # of one more is better, of the other less
def test_worst_and_best_are_in_order(metric: str) -> None:
    found = listed(metric, worst=2, best=3)
    assert numbers(found["worst", "first"]) == [4, 3]
    assert numbers(found["best", "first"]) == [1, 2, 3]
    assert numbers(found["worst", "other"]) == [1, 3]
    assert len(found) == 4


@pytest.mark.parametrize("metric", ["rouge1", "ter"])
def test_gains_and_losses_are_of_the_later_system(metric: str) -> None:
    found = listed(metric, differing=9)
    assert numbers(found["gains", "other"]) == [4, 2], "and not line 3, which is equal"
    assert numbers(found["losses", "other"]) == [1]
    (line,) = found["losses", "other"].lines
    assert (line.source, line.refs, line.outputs) == ("eins", ["one two three"], ["one two three", "four five six"])
    assert line.scores == pytest.approx([100, 0] if metric == "rouge1" else [0, 100])


def test_of_equal_lines_the_first_come_first() -> None:
    same = Lines("same", ["x"] * 4)
    (found,) = list_lines([same], GOLD, ListedLines("rouge1", worst=3), variant=Variant())
    assert numbers(found) == [1, 2, 3]
    assert not list_lines([same], GOLD, ListedLines("rouge1"), variant=Variant())


@pytest.mark.parametrize(
    ("names", "metric"),
    [(["bleu"], "chrf"), (["rouge1", "length"], "rougeL"), (["rouge1", "ter"], "chrf"), (["length"], "rougeL")],
)
def test_lines_are_judged_by_what_suits_the_scores(names: list[str], metric: str) -> None:
    assert default_line_metric(names) == metric


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("a cat , a dog .", "' ,'"),
        ("he said so .", "' .'"),
        ("it is Peter 's", '" \'s"'),
        ("they do n't know", '" n\'t"'),
        ("the low@@ est", "'@@'"),
        ("▁the ▁cat", "'▁'"),
        ("a wolf ##hound", "' ##h'"),
        ("well @-@ known", "'@-@'"),
        ("&quot;yes&quot;", "'&quot;'"),
        ("A cat, a dog. Peter's do not.", ""),
        ("Vraiment ? Oui ! Alors : « non » ; voilà.", ""),  # as French is written
        ("and so on ...", ""),
        ("mail me@@home", ""),
        ("12 .5 and .NET", ""),
        ("数字、汉字。", ""),
    ],
)
def test_what_a_tokenizer_leaves_is_seen(line: str, mark: str) -> None:
    said = looks_tokenized(Lines("out.en", ["plain", *[line] * 19]))
    assert bool(said) == bool(mark)
    if mark:
        assert said.startswith(f"out.en looks tokenised: 19 of 20 lines have marks such as {mark} in line 2")


@pytest.mark.parametrize(("marked", "plain", "told"), [(9, 0, False), (10, 0, True), (10, 40, True), (10, 41, False)])
def test_a_few_lines_may_be_what_somebody_wrote(marked: int, plain: int, told: bool) -> None:
    assert bool(looks_tokenized(Lines("x", ["a ."] * marked + ["a."] * plain))) == told


def test_what_people_wrote_does_not_look_tokenised() -> None:
    assert not looks_tokenized(Lines("ref", references(500)))


def test_a_difference_that_is_not_shown_is_said_in_words() -> None:
    first = Result("a.en", {})
    close = Result("b.en", {}, {"bleu": Comparison(0.4, 0.05), "chrf": Comparison(0.4, 0.049), "ter": Comparison(0, 1)})
    clear = Result("c.en", {}, {"bleu": Comparison(9, 0.001)})
    assert not_shown([first, close, clear]) == [
        "b.en is not shown to differ from a.en in bleu (p = 0.050), ter (p = 1.000)"
    ]


def test_bleu_of_text_without_spaces_is_warned_of() -> None:
    gold = Gold([Lines("ref", ["男の人がソファで寝ている。"])])
    listed = ListedLines("chrf")
    for tokenize, told in (("13a", 1), ("char", 0)):
        asked = Questions(["bleu", "chrf"], Variant(tokenize), Resampling(), [], listed)
        warnings = answer(asked, [Lines("out", ["男がソファで寝ている。"])], gold, []).warnings
        assert len(warnings) == told
        assert all(one.startswith("out: ") and one.endswith("use --tokenize zh, ja-mecab or char") for one in warnings)


def test_test_lines_in_training_text_are_counted(tmp_path: Path) -> None:
    refs = Lines("ref", ["A cat.", "A  dog. ", "", "A bird.", "A cat."])
    write_lines(tmp_path / "one", ["nothing", "", "A dog.", "A cat. "])
    write_lines(tmp_path / "none", ["nothing", "a bird."])
    gold = Gold([refs])
    (said,) = seen_in_training(gold, [], [tmp_path / "one", tmp_path / "none"])
    assert said.startswith("3 of 5 reference lines (60.0%) are in ")
    assert not seen_in_training(gold, [tmp_path / "no model"], [])


def test_words_of_training_are_counted_in_all_files(tmp_path: Path) -> None:
    one = write_lines(tmp_path / "one", ["A cat.", "a dog"])
    (tmp_path / "two.gz").write_bytes(gzip.compress(b"a bird\n"))
    assert training_words([], [one, tmp_path / "two.gz"]) == {"a": 3, "cat": 1, "dog": 1, "bird": 1}


def test_a_test_set_in_json_lines_has_its_fields(tmp_path: Path) -> None:
    rows = [
        '{"de": "eins", "en": {"a": "one", "b": "1"}, "topic": "x"}',
        "",
        '{"de": "zwei", "en": {"a": "two", "b": "2"}}',
    ]
    path = write_lines(tmp_path / "set.jsonl", rows)
    gold = read_jsonl_set(path, "de", ["en.a", "en.b"])
    assert gold.source == Lines(f"{path} (de)", ["eins", "zwei"])
    assert [ref.lines for ref in gold.refs] == [["one", "two"], ["1", "2"]]
    assert gold.fields is not None
    assert [one.get("topic") for one in gold.fields] == ["x", None]
    assert read_jsonl_set(path, None, ["de"]).source is None


def test_a_null_in_a_test_set_is_an_empty_line(tmp_path: Path) -> None:
    rows = ['{"de": "eins", "en": "one"}', '{"de": null, "en": "two"}', '{"de": "drei", "en": null}']
    gold = read_jsonl_set(write_lines(tmp_path / "set.jsonl", rows), "de", ["en"])
    assert gold.source is not None
    assert gold.source.lines == ["eins", "", "drei"]
    assert gold.refs[0].lines == ["one", "two", ""]
