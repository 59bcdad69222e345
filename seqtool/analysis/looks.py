"""Lines of a set as pictures: attention and saliency of what the model made of each, and of the reference."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from seqtool.analysis.heat import heat_map
from seqtool.analysis.judged import Judged, JudgedLine
from seqtool.analysis.maps import Mapper, PairMap
from seqtool.analysis.scaling import by_row, largest_of_rows
from seqtool.analysis.views import MapFigure, MapView, metric_name
from seqtool.decoding.stepper import Floats
from seqtool.errors import DataError

# More would be read by nobody; how many there are is said.
_MOST_ROWS, _MOST_COLUMNS, _MOST_PARTS = 60, 120, 4
# Lines to choose from where nobody chose: those whose maps fit a page.
_SHORT = 32
_CHOSEN = (0.0, 0.25, 0.5, 1.0)


def chosen_lines(judged: Judged) -> list[int]:
    """Numbers of lines from the worst to the best, of those that are not too long to look at."""
    ranked = [line for line in judged.worst if 1 < line.src_tokens <= _SHORT and line.hyp] or judged.worst
    places = [round(share * (len(ranked) - 1)) for share in _CHOSEN]
    return list(dict.fromkeys(ranked[place].number for place in places))


def look_at(mapper: Mapper, line: JudgedLine, judged: Judged, name: str) -> MapView:
    """The figures of a line; `name` begins the names of all that is drawn."""
    figures = []
    parts = mapper.of_output(line.src)
    for place, found in enumerate(parts[:_MOST_PARTS]):
        heading = "What the model writes" + (f", part {place + 1} of {len(parts)}" if len(parts) > 1 else "")
        figures.append(map_figure(found, heading, f"{name}o{place}"))
    if line.ref.strip() and len(parts) == 1 and line.ref != parts[0].text:
        with suppress(DataError):  # beyond the positions that the model learnt
            figures.append(map_figure(mapper.of_pair(line.src, line.ref), "Made to write the reference", f"{name}r"))
    score = f"{metric_name(judged.line_metric)} {line.score:.1f}"
    return MapView(f"Line {line.number:,} of {judged.split}, {score}", line.src, tuple(figures))


def map_figure(found: PairMap, heading: str, name: str) -> MapFigure:
    """The drawings of a map: each row is as strong as it can be where its number is largest."""
    rows, columns = found.tgt[:_MOST_ROWS], found.src[:_MOST_COLUMNS]
    size = f"{len(found.tgt)} output tokens on {len(found.src)} source tokens"
    attention, scale = None, ""
    if found.attention is not None:
        attention = _drawn(f"{name}a", f"Attention of {size}", rows, columns, by_row(found.attention))
        scale = largest_of_rows(found.attention)
    saliency = _drawn(f"{name}s", f"Saliency of {size}", rows, columns, by_row(found.saliency))
    cut = len(rows) < len(found.tgt) or len(columns) < len(found.src)
    note = f"{size}, of which {len(rows)} and {len(columns)} are shown" if cut else ""
    return MapFigure(heading, found.text, sum(found.log_probs), attention, saliency, note, scale)


def _drawn(name: str, description: str, rows: Sequence[str], columns: Sequence[str], values: Floats) -> str:
    return heat_map(name, description, rows, columns, values[: len(rows), : len(columns)])
