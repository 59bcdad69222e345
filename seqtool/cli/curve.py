"""A curve drawn with characters."""

from __future__ import annotations

from collections.abc import Sequence

_WIDTH, _HEIGHT = 64, 14


def draw(rates: Sequence[float], losses: Sequence[float], proposed: float) -> str:
    """Losses over rates on a logarithmic axis, evenly spaced as they were taken; the column of the proposed rate is marked."""
    low, high = min(losses), min(max(losses), losses[0] * 1.1)
    columns = [losses[place * (len(losses) - 1) // (_WIDTH - 1)] for place in range(_WIDTH)]
    marked = min(range(_WIDTH), key=lambda column: abs(rates[column * (len(rates) - 1) // (_WIDTH - 1)] - proposed))
    heights = [round((min(loss, high) - low) / max(high - low, 1e-9) * (_HEIGHT - 1)) for loss in columns]
    rows = []
    for height in range(_HEIGHT - 1, -1, -1):
        cells = ("*" if at == height else "|" if column == marked else " " for column, at in enumerate(heights))
        edge = {_HEIGHT - 1: f"{high:.2f}", 0: f"{low:.2f}"}.get(height, "")
        rows.append(f"{edge:>7} {''.join(cells).rstrip()}")
    rows.append(f"{'loss':>7} {rates[0]:<8.0e}{'learning rate':^{_WIDTH - 16}}{rates[-1]:>8.0e}")
    return "\n".join(rows)
