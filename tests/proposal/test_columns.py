"""Which columns are source and target, for headers that one meets."""

from __future__ import annotations

import pytest

from seqtool.errors import DataError, UsageError
from seqtool.proposal.columns import Choice, choose_columns
from seqtool.proposal.profile import columns_of
from seqtool.proposal.text_pairs import SideWishes
from tests.proposal.tables import nested, rows

Columns = list[tuple[str, str]]

# What a header looks like, source and target, the task where names say it, and where it is from.
BY_NAMES: list[tuple[Columns, tuple[str, str], str | None]] = [
    ([("src", "german"), ("tgt", "english")], ("src", "tgt"), None),
    ([("target", "english"), ("source", "german")], ("source", "target"), None),  # names win over order
    ([("id", "id"), ("de", "german"), ("en", "english"), ("score", "score")], ("de", "en"), "translation"),
    ([("en", "english"), ("de", "german")], ("en", "de"), "translation"),  # the first column is the source
    ([("English", "english"), ("German", "german")], ("English", "German"), "translation"),
    ([("sentence_deu_Latn", "german"), ("sentence_eng_Latn", "english")], ("sentence_deu_Latn", "sentence_eng_Latn"), "translation"),
    ([("id", "german"), ("en", "english")], ("id", "en"), "translation"),  # Indonesian, since there are sentences in it
    ([("id", "id"), ("dialogue", "document"), ("summary", "summary"), ("topic", "topic")], ("dialogue", "summary"), "summarization"),
    ([("article", "document"), ("highlights", "summary"), ("id", "id")], ("article", "highlights"), "summarization"),
    ([("document", "document"), ("summary", "summary"), ("id", "number")], ("document", "summary"), "summarization"),
    ([("email_body", "document"), ("subject_line", "summary")], ("email_body", "subject_line"), "summarization"),
    ([("text", "document"), ("summary", "summary"), ("title", "topic")], ("text", "summary"), "summarization"),  # not the title
    ([("title", "summary"), ("text", "document")], ("text", "title"), "summarization"),
    ([("Headline", "summary"), ("Full Text", "document"), ("url", "url")], ("Full Text", "Headline"), "summarization"),
    ([("summary", "summary"), ("ctext", "document"), ("author", "comment")], ("ctext", "summary"), "summarization"),
    ([("text", "german"), ("translation", "english")], ("text", "translation"), None),
]  # fmt: skip

# No name helps: what is in the columns has to.
BY_VALUES: list[tuple[Columns, tuple[str, str]]] = [
    ([("a", "german"), ("b", "english")], ("a", "b")),
    ([("nr", "number"), ("x", "german"), ("y", "english"), ("when", "date")], ("x", "y")),
    (
        [("key", "id"), ("x", "german"), ("z", "words_date"), ("y", "english"), ("kind", "label"), ("u", "url")],
        ("x", "y"),
    ),
    ([("note", "comment"), ("x", "german"), ("y", "english")], ("x", "y")),  # a comment goes with neither
    ([("x", "german"), ("note", "comment"), ("y", "english")], ("x", "y")),
    ([("short", "summary"), ("long", "document")], ("long", "short")),  # the longer one is summarized
    ([("x", "german"), ("y", "english"), ("tokens", "list"), ("nothing", "none")], ("x", "y")),
]


@pytest.mark.parametrize(("columns", "pair", "task"), BY_NAMES)
def test_names(columns: Columns, pair: tuple[str, str], task: str | None) -> None:
    found = choose_columns(columns_of(rows(columns)), SideWishes(), "x")
    assert (found.src, found.tgt, found.task) == (*pair, task)


@pytest.mark.parametrize(("columns", "pair"), BY_VALUES)
def test_values(columns: Columns, pair: tuple[str, str]) -> None:
    found = choose_columns(columns_of(rows(columns)), SideWishes(), "x")
    assert (found.src, found.tgt) == pair


def test_languages_in_one_field_lead_into_english() -> None:
    """Their order in a record means nothing."""
    records = nested("translation", [("en", "english"), ("de", "german")])
    found = choose_columns(columns_of(records), SideWishes(), "x")
    assert (found.src, found.tgt, found.task) == ("translation.de", "translation.en", "translation")


@pytest.mark.parametrize(
    ("wishes", "pair"),
    [
        (SideWishes("en", "de"), ("en", "de")),
        (SideWishes("note", "de"), ("note", "de")),  # whoever says it may have anything
        (SideWishes(src="en"), ("en", "de")),  # the other one is that which goes best with it
        (SideWishes(tgt="de"), ("en", "de")),
    ],
)
def test_what_is_typed_counts(wishes: SideWishes, pair: tuple[str, str]) -> None:
    columns = columns_of(rows([("de", "german"), ("note", "comment"), ("en", "english")]))
    found = choose_columns(columns, wishes, "x")
    assert (found.src, found.tgt) == pair
    assert "you said" in found.why


def test_the_end_of_a_path_is_enough() -> None:
    columns = columns_of(nested("translation", [("en", "english"), ("de", "german")]))
    assert choose_columns(columns, SideWishes("en", "de"), "x").src == "translation.en"


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([("id", "id"), ("text", "german"), ("label", "label")], "id (ids), text (text), label (3 different values over and over)"),
        ([("n", "number"), ("s", "score"), ("d", "date"), ("t", "german")], "n (numbers), s (numbers), d (dates), t (text)"),
        ([("t", "german"), ("u", "url"), ("l", "list")], "u (links or names of files), l (lists)"),
        ([("t", "german"), ("file", "comment")], "file (by its name no text)"),
        ([], "there are no columns"),
    ],
)  # fmt: skip
def test_no_two_texts(columns: Columns, said: str) -> None:
    with pytest.raises(DataError) as caught:
        choose_columns(columns_of(rows(columns)), SideWishes(), "here.csv")
    assert caught.value.error_id == "data.columns"
    assert said in caught.value.message
    assert caught.value.message.startswith("here.csv: ")


@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        ([("a|b", "german")], "separated by tabs, in CSV also by commas or semicolons"),
        ([("messages", "list")], "what is in lists has no names"),
        ([("id", "id"), ("text", "german")], "name them if they are there"),
    ],
)
def test_what_to_do_where_there_are_no_two_texts(columns: Columns, advice: str) -> None:
    with pytest.raises(DataError) as caught:
        choose_columns(columns_of(rows(columns)), SideWishes(), "x")
    assert advice in caught.value.hint


def test_one_row_is_text_all_the_same() -> None:
    """There are too few rows then, which is said elsewhere."""
    assert choose_columns(columns_of(rows([("de", "german"), ("en", "english")])[:1]), SideWishes(), "x").src == "de"


def test_more_than_two_languages_are_a_question() -> None:
    columns = columns_of(rows([("de", "german"), ("en", "english"), ("fr", "french")]))
    with pytest.raises(UsageError, match="more than two languages: de, en, fr"):
        choose_columns(columns, SideWishes(), "x")
    assert choose_columns(columns, SideWishes("fr", "de"), "x") == Choice("fr", "de", "as you said", "translation")


@pytest.mark.parametrize(
    ("wishes", "error_id", "hint"),
    [
        (SideWishes("dee"), "data.field", "did you mean de?"),
        (SideWishes("zzzzz"), "data.field", "name one of them"),
        (SideWishes("de", "de"), "usage.init", "name two columns"),
    ],
)
def test_what_is_typed_must_be_there(wishes: SideWishes, error_id: str, hint: str) -> None:
    columns = columns_of(rows([("de", "german"), ("en", "english")]))
    with pytest.raises((DataError, UsageError)) as caught:
        choose_columns(columns, wishes, "x")
    assert (caught.value.error_id, caught.value.hint) == (error_id, hint)
