"""What the messages of a command that writes text call its work: to translate and to summarize are one engine under two names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """The command's name, what was done with a line, and what comes of it."""

    command: str
    done: str
    outcome: str


_TRANSLATE = Trade("translate", "translated", "translation")
_SUMMARIZE = Trade("summarize", "summarized", "summary")


def trade_of(command: str | None) -> Trade:
    """The trade of the command with this name."""
    return _SUMMARIZE if command == _SUMMARIZE.command else _TRANSLATE


def trade_for(task: str) -> Trade:
    """The trade of a recipe's or a model's task."""
    return _SUMMARIZE if task == "summarization" else _TRANSLATE
