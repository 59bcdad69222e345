"""The German-English corpus: its size, its splits, clean lines, and that each phenomenon it promises is in it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from tests.data.conftest import DATA, SPLITS
from tests.data.phenomena import PHENOMENA, Phenomenon

Pairs = dict[str, list[tuple[str, str]]]
SIDES = pytest.mark.parametrize("side", [0, 1], ids=["German", "English"])
FIRST_NAMES = [
    line.split("\t")[0]
    for line in (DATA / "generator" / "lexicon" / "firstnames.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


def words(line: str) -> list[str]:
    return re.findall(r"[\w'-]+", line)


def everything(pairs: Pairs) -> list[tuple[str, str]]:
    return [pair for split in SPLITS for pair in pairs[split]]


@pytest.mark.parametrize(("split", "least"), [("train", 12_000), ("valid", 500), ("test", 500)])
def test_there_are_as_many_pairs_as_promised(pairs: Pairs, split: str, least: int) -> None:
    assert len(pairs[split]) >= least


@SIDES
def test_no_sentence_comes_twice_in_one_language_let_alone_in_two_splits(pairs: Pairs, side: int) -> None:
    twice = [line for line, count in Counter(pair[side] for pair in everything(pairs)).items() if count > 1]
    assert twice == []


@SIDES
def test_every_word_of_valid_and_test_can_be_learnt_from_train(pairs: Pairs, side: int) -> None:
    learnt = {word for pair in pairs["train"] for word in words(pair[side])}
    unknown = {word for split in ("valid", "test") for pair in pairs[split] for word in words(pair[side])} - learnt
    assert unknown == set()


@SIDES
def test_every_line_is_a_clean_sentence(pairs: Pairs, side: int) -> None:
    for pair in everything(pairs):
        line = pair[side]
        assert line == unicodedata.normalize("NFC", line)
        assert not any(unicodedata.category(character).startswith("C") for character in line), line
        assert re.fullmatch(r"[A-ZÄÖÜ\d]\S*(?: \S+)+[.?!]", line), line  # single spaces, an end mark, no empty line
        assert not re.search(r"\s[,.?!]|[,.?!]{2}|,\S*[A-Za-z]", line), line


@pytest.mark.parametrize(("side", "alphabet"), [(0, "ÄÖÜäöüßé"), (1, "äöüé")], ids=["German", "English"])
def test_letters_beyond_ascii_are_those_of_the_language(pairs: Pairs, side: int, alphabet: str) -> None:
    found = {letter for pair in everything(pairs) for letter in pair[side] if letter.isalpha() and not letter.isascii()}
    assert found == set(alphabet)


def test_sentences_are_of_a_trainable_length(pairs: Pairs) -> None:
    for german, english in everything(pairs):
        lengths = len(words(german)), len(words(english))
        assert 2 <= min(lengths) <= max(lengths) <= 40
        assert 0.4 <= lengths[0] / lengths[1] <= 2.5
    assert len({len(words(german)) for german, _ in pairs["test"]}) >= 12  # short and long ones


@pytest.mark.parametrize(("side", "least"), [(0, 4_000), (1, 2_500)], ids=["German", "English"])
def test_the_vocabulary_is_wide(pairs: Pairs, side: int, least: int) -> None:
    assert len({word for pair in pairs["train"] for word in words(pair[side])}) >= least


def found(pairs: list[tuple[str, str]], phenomenon: Phenomenon) -> int:
    german, english = re.compile(phenomenon.german), re.compile(phenomenon.english)
    return sum(bool(german.search(pair[0]) and english.search(pair[1])) for pair in pairs)


@pytest.mark.parametrize("phenomenon", PHENOMENA, ids=lambda phenomenon: phenomenon.name)
def test_each_phenomenon_is_there_often_enough_to_be_learnt(pairs: Pairs, phenomenon: Phenomenon) -> None:
    assert found(pairs["train"], phenomenon) >= phenomenon.minimum


@pytest.mark.parametrize("phenomenon", PHENOMENA, ids=lambda phenomenon: phenomenon.name)
def test_no_phenomenon_is_found_in_lines_shifted_by_one(pairs: Pairs, phenomenon: Phenomenon) -> None:
    """Guards the table above: its English patterns must say something about the German ones."""
    shifted = [(german, english) for (german, _), (_, english) in itertools.pairwise(pairs["train"])]
    assert found(shifted, phenomenon) < phenomenon.minimum


def test_held_out_sentences_are_of_all_kinds(pairs: Pairs) -> None:
    missing = [p.name for p in PHENOMENA if not found(pairs["valid"] + pairs["test"], p)]
    assert len(missing) <= len(PHENOMENA) // 10, missing


def test_both_sides_end_alike(pairs: Pairs) -> None:
    assert [pair for pair in everything(pairs) if pair[0][-1] != pair[1][-1]] == []


def test_both_sides_have_the_same_numbers(pairs: Pairs) -> None:
    """Days, years and prices in digits; the clock has 24 hours in German and 12 in English."""
    for german, english in everything(pairs):
        if re.search(r"\d Uhr", german):
            continue
        amounts = [re.findall(r"\d+(?:\.\d+)?", line) for line in (re.sub(r"(\d),(?=\d)", r"\1.", german), english)]
        assert sorted(amounts[0]) == sorted(amounts[1]), (german, english)


def test_both_sides_tell_the_same_time(pairs: Pairs) -> None:
    seen = 0
    for german, english in everything(pairs):
        for hour, minute in re.findall(r"um (\d+)\.(\d\d) Uhr", german, re.IGNORECASE):
            half = "am" if int(hour) < 12 else "pm"
            assert f"{(int(hour) - 1) % 12 + 1}.{minute} {half}" in english, (german, english)
            seen += 1
    assert seen >= 50


def test_both_sides_name_the_same_people(pairs: Pairs) -> None:
    name = rf"\b({'|'.join(FIRST_NAMES)})"
    german_name, english_name = re.compile(rf"{name}s?\b"), re.compile(rf"{name}\b")
    for german, english in everything(pairs):
        assert sorted(german_name.findall(german)) == sorted(english_name.findall(english)), (german, english)


def test_both_sides_deny_or_neither(pairs: Pairs) -> None:
    german_no = re.compile(r"\b(?:nicht|[Kk]ein(?:e|en|em|er|es)?|nie|[Nn]iemand|ohne|[Vv]erzicht\w*)\b")
    english_no = re.compile(r"\b(?:not|cannot|no|any|never|[Nn]obody|without)\b")
    wrong = [pair for pair in everything(pairs) if bool(german_no.search(pair[0])) != bool(english_no.search(pair[1]))]
    assert wrong == []


def test_the_files_end_in_a_newline_and_hold_no_carriage_return() -> None:
    files: list[Path] = [DATA / "de-en" / f"{split}.{side}" for split in SPLITS for side in ("de", "en")]
    for path in files:
        text = path.read_bytes()
        assert text.endswith(b"\n")
        assert b"\r" not in text
        assert not text.startswith(b"\xef\xbb\xbf")
