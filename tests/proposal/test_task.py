"""Translation or summarization, and of what: for texts whose columns have names that say nothing."""

from __future__ import annotations

import pytest

from seqtool.proposal.profile import compare, script_of
from seqtool.proposal.task import side_of, task_by_names, task_by_texts

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
    ],
)
def test_tasks_by_texts(pairs: list[tuple[str, str]], task: str) -> None:
    sources, targets = [src for src, _ in pairs], [tgt for _, tgt in pairs]
    found, why = task_by_texts(compare(sources, targets), (script_of(sources), script_of(targets)))
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
    ],
)
def test_languages(name: str, text: str, code: str | None, spaced: bool) -> None:
    side = side_of(name, [text])
    assert (side.code, side.spaced) == (code, spaced)
