"""What is wrong with a recipe whose keys and types are right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A combination that cannot work: `keys` are the dotted keys involved, the one to change first."""

    keys: tuple[str, ...]
    message: str
    hint: str
