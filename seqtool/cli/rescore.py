"""Lists of hypotheses that one model wrote, judged by another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.decoding.hypothesis import normalised
from seqtool.errors import DataError
from seqtool.text.formats import open_input
from seqtool.text.lines import LineReader, json_line
from seqtool.text.records import JsonlReader, Record

if TYPE_CHECKING:
    from seqtool.translator import Translator


def rescored_lines(translator: Translator, path: Path) -> Iterator[str]:
    """The objects of a file of JSON lines again, their hypotheses with the model's scores, the best first.

    The old scores stay as `old_score`. Raises `DataError` for a line without `src`, or whose `hypotheses` are not objects with a `text`.
    """
    with open_input(path) as stream:
        reader = JsonlReader(LineReader(stream, name=str(path)), name=str(path), field="src")
        number = 0
        while window := reader.poll_lines(translator.window_lines // 4):
            texts = [_texts(record, f"{path}:{number + place}") for place, record in enumerate(window, 1)]
            number += len(window)
            sources = [record.text for record, each in zip(window, texts, strict=True) for _ in each]
            scores = iter(translator.score(sources, [text for each in texts for text in each]))
            for record, each in zip(window, texts, strict=True):
                found = [next(scores) for _ in each]
                penalty = translator.decoding.length_penalty
                values = [(normalised(one.log_prob, len(one.tokens), penalty), one.log_prob) for one in found]
                yield json_line(_rescored(record, values))


def _texts(record: Record, where: str) -> list[str]:
    hypotheses = record.fields.get("hypotheses", [])
    texts = [one.get("text") if isinstance(one, dict) else None for one in _list(hypotheses, where)]
    if not all(isinstance(text, str) for text in texts):
        raise _wrong(where)
    return [str(text) for text in texts]


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise _wrong(where)
    return value


def _wrong(where: str) -> DataError:
    message = f"{where}: `hypotheses` is no list of objects with a `text`"
    return DataError("data.hypotheses", message, "give what seqtool translate --format jsonl --n-best N wrote")


def _rescored(record: Record, values: Sequence[tuple[float, float]]) -> dict[str, object]:
    """The object with its hypotheses in their new order."""
    old = record.fields.get("hypotheses", [])
    assert isinstance(old, list)
    new = [
        {**one, "old_score": one.get("score"), "score": score, "log_prob": log_prob}
        for one, (score, log_prob) in zip(old, values, strict=True)
    ]
    new.sort(key=lambda one: -one["score"])
    best = {"text": new[0]["text"], "score": new[0]["score"]} if new else {}
    return {**record.fields, **best, "hypotheses": new}
