"""Translation or summarization, and of what: for texts whose columns have names that say nothing."""

from __future__ import annotations

import pytest

from seqtool.proposal.profile import compare
from seqtool.proposal.task import languages, misnamed, side_of, task_by_names, task_by_texts
from tests.proposal.sentences import SENTENCES

_SENTENCES = [("Der Hund läuft heim.", "The dog runs home."), ("Anna sieht Bert.", "Anna sees Bert.")]
_REPORTS = [
    (
        "The mayor of Ulm opened a new bridge on Monday. It took six years to build. Many people came.",
        "New bridge in Ulm",
    ),
    ("A dog was found in Kiel after ten days. Its owner said that she was happy to have it back.", "Dog found in Kiel"),
]
_SHORTER = [
    ("The dog that Anna found is well, said Bert.", "Anna found the dog well."),
    ("Ida saw Otto in Rome.", "Ida saw Otto."),
]
_JAPANESE = [
    ("彼は水泳が得意ではない。", "He is not good at swimming, and that is all."),
    ("犬がいる。", "There is a dog in the garden."),
]


@pytest.mark.parametrize(
    ("pairs", "task"),
    [
        (_SENTENCES, "translation"),
        (_REPORTS, "summarization"),
        (_SHORTER, "summarization"),  # less than three times as long, but in the same words
        (_JAPANESE, "translation"),
        ([(tgt, src) for src, tgt in _JAPANESE], "translation"),  # three times as long, in another script
        ([(src * 4, tgt) for src, tgt in _JAPANESE], "translation"),
        (
            [(src * 4, tgt) for src, tgt in zip(SENTENCES["de"], SENTENCES["en"], strict=True)],
            "translation",
        ),  # four times as long
    ],
)
def test_tasks_by_texts(pairs: list[tuple[str, str]], task: str) -> None:
    sources, targets = [src for src, _ in pairs], [tgt for _, tgt in pairs]
    found, why = task_by_texts(compare(sources, targets), (side_of("x", sources), side_of("y", targets)))
    assert found == task
    assert why


@pytest.mark.parametrize(
    ("src", "tgt", "task"),
    [("de", "en", "translation"), ("document", "summary", "summarization"), ("src", "tgt", None), ("en", "en", None)],
)
def test_tasks_by_names(src: str, tgt: str, task: str | None) -> None:
    assert task_by_names(src, tgt) == task


@pytest.mark.parametrize(
    ("name", "text", "code", "spaced"),
    [
        ("de", "Hund", "de", True),
        ("x", "彼は犬だ", "ja", False),  # by its script, where that has one language only
        ("x", "他不喜欢", "zh", False),
        ("x", "안녕하세요", "ko", True),
        ("x", "Hund", None, True),
        ("x", "Привет", None, True),
        ("zh", "ni hao", "zh", False),
        ("x", "Der Hund und die Katze sind nicht im Haus, das auf dem Berg ist.", "de", True),  # by its words
        ("fr", "Der Hund und die Katze sind nicht im Haus, das auf dem Berg ist.", "fr", True),  # its name is stronger
    ],
)
def test_languages(name: str, text: str, code: str | None, spaced: bool) -> None:
    side = side_of(name, [text])
    assert (side.code, side.spaced) == (code, spaced)


def test_the_reason_for_a_language_is_told() -> None:
    german, english = SENTENCES["de"], SENTENCES["en"]
    assert languages((side_of("de", german), side_of("en", english))) == "German to English (by their names)"
    told = languages((side_of("x", german), side_of("en", english)))
    assert told.startswith("German (by its words ")
    assert told.endswith(") to English (by its name)")
    assert languages((side_of("x", ["Hund"]), side_of("en", english))).startswith("unknown, in Latin script to English")


@pytest.mark.parametrize(
    ("src", "tgt", "said"),
    [
        ("de", "en", []),
        ("en", "en", ["a.de is German by its name and looks English by its words"]),
        ("en", "de", ["a.de looks English and a.en German: are the two exchanged?"]),
        ("fr", "ru", ["a.de is German by its name and looks French", "a.en is English by its name and looks Russian"]),
    ],
)
def test_a_name_that_says_another_language_than_the_text(src: str, tgt: str, said: list[str]) -> None:
    sides = side_of("de", SENTENCES[src]), side_of("en", SENTENCES[tgt])
    assert (sides[0].code, sides[1].code) == ("de", "en")
    found = misnamed(sides, ("a.de", "a.en"))
    assert len(found) == len(said)
    assert all(message.startswith(beginning) for message, beginning in zip(found, said, strict=True))


@pytest.mark.parametrize(("name", "text"), [("nb", "no"), ("no", "no"), ("sr", "hr"), ("ms", "id"), ("uz", "hi")])
def test_names_that_mean_the_same_text(name: str, text: str) -> None:
    """Only Uzbek is none of these: it is not written so."""
    assert (side_of(name, SENTENCES[text]).looks is None) == (name != "uz")
