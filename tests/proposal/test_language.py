"""Languages that are guessed from text: right, or not at all."""

from __future__ import annotations

import pytest

from seqtool.proposal.function_words import PROFILES
from seqtool.proposal.language import guess_language
from seqtool.proposal.names import language_name
from tests.proposal.other_sentences import OTHERS
from tests.proposal.sentences import SENTENCES


@pytest.mark.parametrize("code", SENTENCES)
def test_three_sentences_tell_a_language(code: str) -> None:
    found = guess_language(SENTENCES[code])
    assert found.code == code, found
    assert found.why.startswith(("by its words ", "by its script"))


def test_one_sentence_is_told_rightly_or_not_at_all() -> None:
    found = [(code, guess_language([one]).code) for code, some in SENTENCES.items() for one in some]
    assert [each for each in found if each[1] not in (each[0], None)] == []
    assert sum(guess is not None for _, guess in found) > 0.7 * len(found)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_known_is_not_taken_for_something_else(name: str) -> None:
    for texts in (OTHERS[name], *([one] for one in OTHERS[name])):
        assert guess_language(texts).code is None


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["\u4e16\u754c\u5730\u56f3"], None),  # a few Han characters may be Japanese
        (["\u6771\u4eac\u90fd" * 20], "zh"),  # many without a kana are not
        ([], None),
        (["", " 12 ", "!"], None),
        (["THE DOG IS IN THE HOUSE AND IT IS NOT WITH YOU"], "en"),
        (["i can 't tell who will arrive first , and they have not said so to me ."], "en"),
        (["fur die und uber der das ist nicht ein von mit auf dem zu"], "de"),  # without its dots
        (
            ["De\u0301ja\u0300 elle e\u0301tait avec nous dans la maison, et il n'est pas la\u0300 pour le dire"],
            "fr",
        ),  # decomposed
        (["ce este \u015fi nu a fost pentru c\u0103 s\u0103 fie mai mult din care este la noi"], "ro"),  # with cedillas
    ],
)
def test_odd_texts(texts: list[str], code: str | None) -> None:
    assert guess_language(texts).code == code


def test_a_few_lines_of_another_language_do_not_matter() -> None:
    assert guess_language(SENTENCES["de"] * 10 + SENTENCES["en"]).code == "de"


def test_every_profile_has_a_name_and_no_word_twice() -> None:
    for _, profiles in PROFILES.values():
        for code, profile in profiles.items():
            assert language_name(code)
            assert len(profile.words) == len(profile.text.split()) > 15, code


def test_the_reason_names_words_that_others_lack() -> None:
    """Not `in`, which German and Dutch have too."""
    assert (
        guess_language(["He was in the house in which they had been, in the end."]).why == "by its words the, he, they"
    )
