"""An observer that remembers."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field

from seqtool.text.corpus import Ledger
from seqtool.training.events import Live, Validation


@dataclass
class Watcher:
    """What a training run told."""

    messages: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    lives: list[Live] = field(default_factory=list)
    ledger: Ledger | None = None

    def message(self, text: str) -> None:
        self.messages.append(text)

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    def stage(self, name: str, pairs: int) -> None:
        pass

    def prepared(self, ledger: Ledger, valid_pairs: int) -> None:
        self.ledger = ledger

    def live(self, live: Live) -> None:
        self.lives.append(live)

    def validated(self, validation: Validation) -> None:
        self.validations.append(validation)


@dataclass
class Interrupting(Watcher):
    """Sends its own process SIGTERM when it is told of step `stop`; for that `_LIVE_SECONDS` of the run must be 0."""

    stop: int = 0

    def live(self, live: Live) -> None:
        super().live(live)
        if live.info.step == self.stop:
            os.kill(os.getpid(), signal.SIGTERM)
