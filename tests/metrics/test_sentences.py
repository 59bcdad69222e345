"""Where sentences end."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.metrics.sentences import joined, sentences

TABLE = [
    ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
    ("One... Two?! Three", ["One...", "Two?!", "Three"]),
    ("He paid 3.50 pounds. She v1.2.", ["He paid 3.50 pounds.", "She v1.2."]),
    ("Mr. Smith met Dr. J. R. Jones. They left.", ["Mr. Smith met Dr. J. R. Jones.", "They left."]),
    ("The U.S. Senate voted. It passed.", ["The U.S. Senate voted.", "It passed."]),
    ("Fruit, e.g. Apples. More", ["Fruit, e.g. Apples.", "More"]),
    ('"Really?" he said. "Yes." She left.', ['"Really?" he said.', '"Yes."', "She left."]),
    ("(It rained.) Then (not yet. But soon).", ["(It rained.)", "Then (not yet.", "But soon)."]),
    ("the dog ran . the cat slept .", ["the dog ran .", "the cat slept ."]),  # tokenized and in lower case
    ("The dog ran . the cat slept .", ["The dog ran .", "the cat slept ."]),
    ("all small. still two.", ["all small.", "still two."]),  # no capitals: case says nothing
    ("In Jan. it was cold. Snow fell.", ["In Jan. it was cold.", "Snow fell."]),
    ("It was 2017. The year ended.", ["It was 2017.", "The year ended."]),
    ("我来了。你呢？好！", ["我来了。", "你呢？", "好！"]),
    ("他说：「我来了。」然后走了。", ["他说：「我来了。」", "然后走了。"]),
    ("नमस्ते। आप कैसे हैं? ठीक।", ["नमस्ते।", "आप कैसे हैं?", "ठीक।"]),
    ("ما هذا؟ هذا كتاب.", ["ما هذا؟", "هذا كتاب."]),
    ("a\nb. C\n\nd", ["a", "b.", "C", "d"]),
    ("no mark at all", ["no mark at all"]),
    ("...", ["..."]),
    ("", []),
    ("  \n ", []),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


# Text that has something to split.
TEXTS = st.text(st.sampled_from("ab B.!?。！」\"'( \n"), max_size=60) | st.text()


@given(TEXTS)
def test_nothing_but_space_is_lost(text: str) -> None:
    found = sentences(text)
    assert all(found)
    assert all(sentence == sentence.strip() for sentence in found)
    for whole in ("".join(found), joined(found)):
        assert re.sub(r"\s", "", whole) == re.sub(r"\s", "", text)


def test_sentences_are_joined_as_they_were_written() -> None:
    for text in ("One. Two! Three", "我来了。你呢？", "「好。」他说。", ""):
        assert joined(sentences(text)) == text


@pytest.mark.parametrize("part", [".", ". ", "A.", '."', ".'. ", "。", "Dr. ", "?!", "x"])
def test_a_long_line_takes_no_time_to_speak_of(part: str) -> None:
    """A run of marks could be looked at once from each of them."""
    start = time.process_time()
    sentences(part * 100_000)
    assert time.process_time() - start < 5
