"""What cannot be combined in the sections of `seqtool distill` and `seqtool backtranslate`."""

from __future__ import annotations

from collections.abc import Iterator

from seqtool.recipe.problem import Problem
from seqtool.recipe.schema import BacktranslateSection, DistillSection, Recipe

_EMPTY = ("an empty name", "write a name")


def synthesis_problems(recipe: Recipe) -> Iterator[Problem]:
    """Everything in these two sections that cannot work."""
    if recipe.distill is not None:
        yield from _distill_problems(recipe.distill)
    if recipe.backtranslate is not None:
        yield from _backtranslate_problems(recipe.backtranslate)
    if recipe.training.objective == "denoise":
        for section in ("distill", "backtranslate"):
            if getattr(recipe, section) is not None:
                yield Problem(
                    ("training.objective", section),
                    f"denoise never reads a source, and {section} makes pairs to learn from",
                    f"use objective: translate, or remove {section}",
                )


def _distill_problems(section: DistillSection) -> Iterator[Problem]:
    if _unnamed(section.teacher):
        yield Problem(("distill.teacher",), *_EMPTY)
    if section.n_best > section.beam_size:
        yield Problem(
            ("distill.n_best", "distill.beam_size"),
            f"{section.n_best} translations from a beam of {section.beam_size}",
            f"set distill.beam_size: {section.n_best}, or a smaller n_best",
        )


def _backtranslate_problems(section: BacktranslateSection) -> Iterator[Problem]:
    for key in ("model", "text"):
        if _unnamed(getattr(section, key)):
            yield Problem((f"backtranslate.{key}",), *_EMPTY)
    if section.tag != section.tag.strip() or not section.tag.isprintable():
        yield Problem(
            ("backtranslate.tag",),
            "space around it, or characters that are no text, which the pairs would lose",
            'write visible characters, such as <BT>; "" stands for no tag',
        )


def _unnamed(value: str | list[str]) -> bool:
    return value in ("", []) or (isinstance(value, list) and "" in value)
