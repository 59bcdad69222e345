"""What the sections of distill and backtranslate refuse, each row with the key that is named first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqtool.errors import RecipeError
from seqtool.recipe.load import load_recipe
from seqtool.recipe.schema import Recipe
from seqtool.recipe.synthesis_rules import synthesis_problems

PAIRS = {"src": "a", "tgt": "b"}
BACK = {"model": "m", "text": "t"}


def found(**sections: Any) -> list[tuple[str, str]]:
    recipe = Recipe.model_validate({"data": {"train": PAIRS, "valid": PAIRS}, **sections})
    return [(problem.keys[0], problem.message) for problem in synthesis_problems(recipe)]


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"distill": {"teacher": "t"}},
        {"distill": {"teacher": ["t", "u"], "n_best": 5, "beam_size": 5, "keep_original": True}},
        {"backtranslate": {**BACK, "tag": ""}},
        {"backtranslate": {**BACK, "text": ["t", "u"], "tag": "<künstlich>"}},
        {"backtranslate": {**BACK, "tag": "made up"}},
        {"distill": {"teacher": "t"}, "backtranslate": BACK},
        {"training": {"objective": "denoise"}},
    ],
)
def test_what_works_is_left_alone(sections: dict[str, Any]) -> None:
    assert found(**sections) == []


@pytest.mark.parametrize(
    ("sections", "key", "said"),
    [
        ({"distill": {"teacher": ""}}, "distill.teacher", "an empty name"),
        ({"distill": {"teacher": []}}, "distill.teacher", "an empty name"),
        ({"distill": {"teacher": ["t", ""]}}, "distill.teacher", "an empty name"),
        ({"distill": {"teacher": "t", "n_best": 6}}, "distill.n_best", "6 translations from a beam of 5"),
        ({"distill": {"teacher": "t", "n_best": 2, "beam_size": 1}}, "distill.n_best", "2 translations from a beam of 1"),
        ({"backtranslate": {**BACK, "model": ""}}, "backtranslate.model", "an empty name"),
        ({"backtranslate": {**BACK, "text": []}}, "backtranslate.text", "an empty name"),
        ({"backtranslate": {**BACK, "tag": "<BT> "}}, "backtranslate.tag", "space around it"),
        ({"backtranslate": {**BACK, "tag": "a\nb"}}, "backtranslate.tag", "characters that are no text"),
        ({"backtranslate": BACK, "training": {"objective": "denoise"}}, "training.objective", "never reads a source"),
        ({"distill": {"teacher": "t"}, "training": {"objective": "denoise"}}, "training.objective", "distill makes pairs"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said(sections: dict[str, Any], key: str, said: str) -> None:
    ((named, message),) = found(**sections)
    assert named == key
    assert said in message


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("distill: {n_best: 2}", "add teacher: runs/TEACHER"),
        ("backtranslate: {text: mono.en}", "add model: runs/REVERSE"),
        ("backtranslate: {model: runs/a}", "add text: FILE"),
    ],
)
def test_what_a_section_must_have_is_told(section: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"data:\n  train: {{src: a, tgt: b}}\n  valid: {{src: a, tgt: b}}\n{section}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert said in caught.value.hint
