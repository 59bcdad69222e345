"""Files of a run as they are found: what cannot be read is told, by the section of the page that lacks it, and the rest is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

# More of a file than this is not read: a log of a very long run has a tenth of it.
_MAX_BYTES = 256 << 20


class Trouble(NamedTuple):
    """What could not be read or shown, and the section of the page (the `id` of its heading; `run`: its top) where it would be."""

    section: str
    text: str


class RunFiles:
    """Reads the files of a run directory, and collects its troubles."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self.troubles: list[Trouble] = []

    def trouble(self, section: str, text: str) -> None:
        """Something could not be read."""
        self.troubles.append(Trouble(section, text))

    def text(self, name: str, section: str, *, needed: bool = False) -> str:
        """A file's text, as far as it can be read; empty without it, which is a trouble where it is `needed`."""
        try:
            with (self._run / name).open("rb") as stream:
                data = stream.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            if needed:
                self.trouble(section, f"There is no {name} in the run directory.")
            return ""
        except OSError as error:
            self.trouble(section, f"{name} cannot be read: {error.strerror or error}.")
            return ""
        if len(data) > _MAX_BYTES:
            self.trouble(section, f"Only the first {_MAX_BYTES:,} bytes of {name} were read.")
        return data[:_MAX_BYTES].decode("utf-8", "replace")

    def lines(self, name: str, section: str, *, needed: bool = False) -> Sequence[str]:
        """Whole lines: the last is left out where it has no end, for it is being written or was torn off."""
        return [line.removesuffix("\r") for line in self.text(name, section, needed=needed).split("\n")[:-1]]

    def json(self, name: str, section: str) -> dict[str, Any] | None:
        """The object in a file; None where there is none."""
        text = self.text(name, section)
        try:
            found = json.loads(text) if text else None
        except (ValueError, RecursionError):
            found = text
        if found is not None and not isinstance(found, dict):
            self.trouble(section, f"{name} cannot be understood: it is no JSON object.")
        return found if isinstance(found, dict) else None
