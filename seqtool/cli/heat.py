"""Heat maps in a terminal: shades of blocks, or colours where there are any."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO

from seqtool.cli.terminal import inert

if TYPE_CHECKING:
    from seqtool.analysis.maps import PairMap

_SHADES = " ░▒▓█"
# A source token or output token takes at most so many columns.
_WIDEST = 16
# Colours of a terminal with 256, from none to full: what speaks for a token, and what against it.
_FOR, _AGAINST = (17, 18, 19, 26, 33, 39, 45), (52, 88, 124, 160, 166, 202, 208)
_LEAST = 0.04
_RESET = "\x1b[0m"


@dataclass(frozen=True)
class Heat:
    """Draws on a stream that is `width` columns wide, in colour or in shades."""

    stream: TextIO
    width: int
    colour: bool

    @classmethod
    def of(cls, stream: TextIO) -> Heat:
        """As wide as the terminal, or as COLUMNS says, else 80; in colour on a terminal, unless NO_COLOR or TERM=dumb forbid it."""
        colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(stream, max(30, shutil.get_terminal_size().columns), colour)

    def show(self, found: PairMap, which: Literal["attention", "saliency", "both"] | None) -> None:
        """Draws a map, or two."""
        from seqtool.analysis.scaling import by_row, largest_of_rows

        wanted = which or ("saliency" if found.attention is None else "attention")
        if wanted in ("attention", "both"):
            if found.attention is None:
                self._write("this model has no attention")
            else:
                full = "the brightest" if self.colour else _SHADES[-1]
                scale = f"{full} is the largest weight of its row, here {largest_of_rows(found.attention)}"
                self._map(f"attention: {scale}; each row sums to one", found, by_row(found.attention))
        if wanted in ("saliency", "both"):
            self._map("saliency: each row by its largest number; - speaks against", found, by_row(found.saliency))

    def _map(self, title: str, found: PairMap, values: Any) -> None:
        from rich.cells import cell_len, set_cell_size

        rows, columns = ([_shown(text) for text in texts] for texts in (found.tgt, found.src))
        left = max(map(cell_len, rows))
        self._write(title)
        for first, last in _panels([max(2, cell_len(text)) for text in columns], self.width - left - 1):
            widths = [max(2, cell_len(text)) for text in columns[first:last]]
            names = [set_cell_size(text, size) for text, size in zip(columns[first:last], widths, strict=True)]
            self._write(" ".join([" " * left, *names]))
            for name, row in zip(rows, values.tolist(), strict=True):
                cells = [self._cell(value, size) for value, size in zip(row[first:last], widths, strict=True)]
                self._write(" ".join([set_cell_size(name, left), *cells]))
            self._write("")

    def _cell(self, value: float, size: int) -> str:
        strength = min(1.0, abs(value))
        if self.colour:
            colours = _FOR if value > 0 else _AGAINST
            place = min(len(colours) - 1, int(strength * len(colours)))
            return " " * size if strength < _LEAST else f"\x1b[48;5;{colours[place]}m{' ' * size}{_RESET}"
        shade = _SHADES[min(len(_SHADES) - 1, round(strength * (len(_SHADES) - 1)))]
        blocks = shade * size
        return f"-{blocks[1:]}" if value < 0 and shade != " " else blocks

    def _write(self, line: str) -> None:
        self.stream.write(line.rstrip() + "\n")
        self.stream.flush()


def _shown(text: str) -> str:
    """A token that does nothing to a terminal, and not too much of it."""
    from rich.cells import cell_len, set_cell_size

    plain = inert(text).replace("\n", "\ufffd")
    return plain if cell_len(plain) <= _WIDEST else set_cell_size(plain, _WIDEST - 1) + "…"


def _panels(widths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Columns that fit beside each other, from and up to."""
    first, used = 0, 0
    for place, width in enumerate(widths):
        if used + width + 1 > room and place > first:
            yield first, place
            first, used = place, 0
        used += width + 1
    yield first, len(widths)
