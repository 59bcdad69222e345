"""How fast training goes."""

from __future__ import annotations

import time


class Speed:
    """Real target tokens a second since it was made, pauses left out."""

    def __init__(self) -> None:
        self._tokens, self._since = 0, time.monotonic()

    def add(self, tokens: int) -> None:
        """Counts the tokens of a step."""
        self._tokens += tokens

    def pause(self, seconds: float) -> None:
        """Leaves out time spent on something else."""
        self._since += seconds

    def tokens_per_second(self) -> float:
        """The mean so far."""
        return self._tokens / max(time.monotonic() - self._since, 1e-9)
