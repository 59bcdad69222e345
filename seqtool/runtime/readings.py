"""Which models can be an ensemble, and how each of them reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from seqtool.errors import ModelError
from seqtool.model_dir import ModelDir, Reach
from seqtool.text.reading import Reader


class Readings(NamedTuple):
    """The `readers` of an ensemble, one for each source tokenizer, that of the first model first; which of them each model takes by its
    number; and how far all models can write."""

    readers: tuple[Reader, ...]
    numbers: tuple[int, ...]
    tgt_reach: int | None


def readings_of(opened: Sequence[ModelDir]) -> Readings:
    """Models with the same source tokenizer read the same: as much as the one that takes least."""
    alike: dict[bytes, list[ModelDir]] = {}
    for one in opened:
        alike.setdefault(one.tokenizers.src.model_bytes, []).append(one)
    known = list(alike)
    reach = {key: reduce(Reach.within, (one.config.reach for one in models)) for key, models in alike.items()}
    readers = (
        Reader(models[0].tokenizers.src, min(one.config.max_src_tokens for one in models), reach[key].src)
        for key, models in alike.items()
    )
    numbers = (known.index(one.tokenizers.src.model_bytes) for one in opened)
    return Readings(tuple(readers), tuple(numbers), reduce(Reach.within, reach.values()).tgt)


def check_ensemble(opened: Sequence[ModelDir]) -> None:
    """Raises `ModelError` unless all models write the same tokens and can read the same sources."""
    first = opened[0]
    for other in opened[1:]:
        if first.tokenizers.tgt.model_bytes != other.tokenizers.tgt.model_bytes:
            message = f"{first.path} and {other.path} have different target tokenizers"
            hint = (
                "models of an ensemble write the same tokens: train them with recipes of the same targets and tokenizer"
            )
            raise ModelError("model.ensemble", message, hint)
        if (first.config.length_bounds is None) != (other.config.length_bounds is None):
            message = f"of {first.path} and {other.path} one has learnt length tokens and the other has not"
            hint = "models of an ensemble read the same: train them with the same data.length_tokens"
            raise ModelError("model.ensemble", message, hint)
    pointer = next((one for one in opened if one.config.model.pointer), None)
    if pointer is not None and len(readings_of(opened).readers) > 1:
        message = f"{pointer.path} copies from the source, and not all models of the ensemble have its source tokenizer"
        hint = "leave out the models with other source tokenizers, or those with model.pointer"
        raise ModelError("model.ensemble", message, hint)
