"""What a column holds: what is no text, and how one can tell."""

from __future__ import annotations

import pytest

from seqtool.proposal.profile import Column, columns_of, compare, script_of


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["7", "1,234", "-3.5e-4", "12 %"], "numbers"),
        (["2024-01-02", "3/4/2024", "2024-01-02T10:11:12Z", "1.2.2024"], "dates"),
        (["5 March 2024", "Mon, 6 May 2024", "Jan 7", "12 December"], "dates"),
        (["x7", "train_17", "3fa85f64-5717", "n-1"], "ids"),
        (["https://a.b/c", "a@b.org", "data/x.wav", "y.jpg"], "links or names of files"),
        (["Hund", "Katze", "Haus", "Maus"], "text"),  # words are translated too
        (["彼は3人の友人がいる。", "2匹の犬", "5時です", "7日"], "text"),  # no spaces, and no ids
        (["At 7 in the morning", "Room 5 is free", "Call me at 9", "3 dogs"], "text"),
        (["yes", "yes", "yes", "yes"], "1 different value over and over"),
        (["", " ", "x", ""], "mostly empty"),
        (["...", "?!", "—", "!"], "no letters"),
    ],
)
def test_kinds_of_columns(values: list[str], kind: str) -> None:
    assert Column("x", tuple(values)).kind == kind


def test_few_labels_in_many_rows_are_no_text() -> None:
    values = tuple(("news", "sport", "talk")[row % 3] for row in range(60))
    assert Column("x", values).kind == "3 different values over and over"


def test_columns_of_records_that_are_not_alike() -> None:
    found = columns_of([{"a": "x", "b": {"c": "y"}}, {"a": "z", "d": [1]}, {"d": [2]}])
    assert [(column.name, column.values) for column in found] == [
        ("a", ("x", "z", None)),
        ("b.c", ("y", None, None)),
        ("d", (None, None, None)),
    ]
    assert found[2].kind == "lists"


def test_rows_that_belong_together_are_told_from_others() -> None:
    german = [
        f"{name} sieht {name} in {place}" for name in ("Anna", "Bert", "Cora") for place in ("Rom", "Ulm", "Kiel")
    ]
    english = [text.replace("sieht", "sees") for text in german]
    assert compare(german, english).affinity > compare(german, english[4:] + english[:4]).affinity + 0.3
    assert compare(german, english).ratio == pytest.approx(1.0, abs=0.1)
    assert compare([], []).overlap == 0


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Straße und Café", "Latin"),
        ("Привет, мир", "Cyrillic"),
        ("彼は水泳が得意", "Japanese"),
        ("他不喜欢游泳", "Chinese"),
        ("안녕하세요", "Hangul"),
        ("नमस्ते दुनिया", "Devanagari"),
        ("12 ... 34", ""),
    ],
)
def test_scripts(text: str, script: str) -> None:
    assert script_of([text]) == script
