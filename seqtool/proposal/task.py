"""Translation or summarization, and of which languages: by names, else by what the texts look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from seqtool.proposal.language import Guess, guess_language
from seqtool.proposal.names import (
    DOCUMENTS,
    SUMMARIES,
    UNSPACED,
    column_language,
    language_code,
    language_name,
    last_part,
)
from seqtool.proposal.profile import Comparison, script_of

Task = Literal["translation", "summarization"]

# Of one script: so many times as long a source is summarized; less will do where the source says most of the target's words.
_MUCH_LONGER, _LONGER, _MOST_WORDS = 3.0, 1.6, 0.5

# Names under which the same text may go: what is called one of them and looks like another is called rightly.
_ALIKE = ({"no", "nb", "nn"}, {"hr", "sr"}, {"id", "ms"})


@dataclass(frozen=True)
class Side:
    """A language, as far as it is known (ISO 639-1), a script, and why this language. `looks` is what the text is guessed to be, where its
    name clearly says something else."""

    code: str | None
    script: str
    why: str = ""
    looks: Guess | None = None

    @property
    def name(self) -> str:
        """`German`, or `unknown, in Latin script`."""
        if self.code is not None:
            return language_name(self.code)
        return f"unknown, in {self.script} script" if self.script else "unknown"

    @property
    def spaced(self) -> bool:
        """Whether there are spaces between its words."""
        return self.code not in UNSPACED and self.script not in (
            "Japanese",
            "Chinese",
            "Thai",
            "Khmer",
            "Lao",
            "Myanmar",
        )


def side_of(name: str, texts: Sequence[str]) -> Side:
    """The language of a column or file suffix: by its name, else by its text."""
    named, guess, script = column_language(name) or language_code(name), guess_language(texts), script_of(texts)
    if named is None:
        return Side(guess.code, script, guess.why)
    same = guess.code in (None, named) or any({named, guess.code} <= alike for alike in _ALIKE)
    return Side(named, script, "by its name", None if same else guess)


def languages(sides: tuple[Side, Side]) -> str:
    """`German to English (by their names)`, or the reason behind each."""
    src, tgt = sides
    if src.why == tgt.why == "by its name":
        return f"{src.name} to {tgt.name} (by their names)"
    return " to ".join(f"{side.name} ({side.why})" if side.why else side.name for side in sides)


def misnamed(sides: tuple[Side, Side], labels: tuple[str, str]) -> list[str]:
    """What is to be said of texts that are in another language than their names say; `labels` are what they are called in messages."""
    src, tgt = sides
    if src.looks is not None and tgt.looks is not None and (src.looks.code, tgt.looks.code) == (tgt.code, src.code):
        told = f"{labels[0]} looks {tgt.name} and {labels[1]} {src.name}: are the two exchanged?"
        return [f"{told} their names say the opposite"]
    return [
        f"{label} is {side.name} by its name and looks {language_name(side.looks.code)} {side.looks.why}: is it the right one?"
        for side, label in zip(sides, labels, strict=True)
        if side.looks is not None and side.looks.code is not None
    ]


def task_by_names(src: str, tgt: str) -> Task | None:
    """What names of files say: languages are translated, an article and its summary are not."""
    if last_part(src) in DOCUMENTS and last_part(tgt) in SUMMARIES:
        return "summarization"
    languages = (column_language(src), column_language(tgt))
    return "translation" if None not in languages and languages[0] != languages[1] else None


def task_by_texts(found: Comparison, sides: tuple[Side, Side]) -> tuple[Task, str]:
    """The task and why, from how sources compare with targets and what both are written in."""
    src, tgt = sides
    if src.script != tgt.script:
        return "translation", f"one side is in {src.script or 'no'} script and the other in {tgt.script or 'none'}"
    if None not in (src.code, tgt.code) and src.code != tgt.code:
        return "translation", f"one side is {src.name} and the other {tgt.name}"
    facts = f"sources are {found.ratio:.1f} times as long as targets, and hold {found.overlap:.0%} of their words"
    if found.ratio >= _MUCH_LONGER or (found.ratio >= _LONGER and found.overlap >= _MOST_WORDS):
        return "summarization", facts
    return "translation", facts
