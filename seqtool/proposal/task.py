"""Translation or summarization, and of which languages: by names, else by what two columns look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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

_BY_SCRIPT = {
    "Japanese": "ja",
    "Chinese": "zh",
    "Hangul": "ko",
    "Greek": "el",
    "Hebrew": "he",
    "Thai": "th",
    "Georgian": "ka",
    "Armenian": "hy",
    "Khmer": "km",
    "Lao": "lo",
    "Myanmar": "my",
    "Tamil": "ta",
    "Telugu": "te",
    "Bengali": "bn",
    "Gujarati": "gu",
    "Malayalam": "ml",
    "Sinhala": "si",
}


@dataclass(frozen=True)
class Side:
    """A language, as far as it is known (ISO 639-1), and a script."""

    code: str | None
    script: str

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
    """The language of a column or file suffix: by its name, else by its script where that has one language only."""
    script = script_of(texts)
    return Side(column_language(name) or language_code(name) or _BY_SCRIPT.get(script), script)


def task_by_names(src: str, tgt: str) -> Task | None:
    """What names of files say: languages are translated, an article and its summary are not."""
    if last_part(src) in DOCUMENTS and last_part(tgt) in SUMMARIES:
        return "summarization"
    languages = (column_language(src), column_language(tgt))
    return "translation" if None not in languages and languages[0] != languages[1] else None


def task_by_texts(found: Comparison, scripts: tuple[str, str]) -> tuple[Task, str]:
    """The task and why, from how sources compare with targets and what both are written in."""
    if scripts[0] != scripts[1]:
        return "translation", f"one side is in {scripts[0] or 'no'} script and the other in {scripts[1] or 'none'}"
    facts = f"sources are {found.ratio:.1f} times as long as targets, and hold {found.overlap:.0%} of their words"
    if found.ratio >= _MUCH_LONGER or (found.ratio >= _LONGER and found.overlap >= _MOST_WORDS):
        return "summarization", facts
    return "translation", facts
