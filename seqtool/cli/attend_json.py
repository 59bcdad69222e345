"""What `seqtool attend --json` says of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.text.alignment import pharaoh

if TYPE_CHECKING:
    from seqtool.analysis.maps import PairMap


def map_facts(number: int, text: str, found: list[PairMap]) -> dict[str, object]:
    """A line's numbers; `parts` has one unless the line was too long for the model, and none where it is blank."""
    return {"line": number, "src": text, "text": " ".join(one.text for one in found), "parts": list(map(_part, found))}


def _part(found: PairMap) -> dict[str, object]:
    attention = (
        None if found.attention is None else [[round(one, 6) for one in row] for row in found.attention.tolist()]
    )
    return {
        "src_tokens": list(found.src),
        "tokens": [list(pair) for pair in zip(found.tgt, found.log_probs, strict=True)],
        "log_prob": sum(found.log_probs),
        "alignment": None if found.links is None else pharaoh(found.links),
        "attention": attention,
        "saliency": [[float(f"{one:.6g}") for one in row] for row in found.saliency.tolist()],
    }
