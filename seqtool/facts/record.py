"""What a model directory says of how it was made: `training.json`, written when training ends."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from seqtool import manifest
from seqtool.errors import ModelError
from seqtool.model_dir import ModelDir
from seqtool.recipe.base import Count, NonNegative, Section

RECORD, CHECK, CARD = "training.json", "export.json", "README.md"
FORMAT = 1
_MAX_BYTES = 4 << 20

Text = Annotated[str, Field(max_length=10_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Size = Annotated[int, Field(ge=0, le=2**62)]

Kind = TypeVar("Kind", bound=Section)


class Scored(Section):
    """A score on the 0-100 scale, and how it was computed."""

    value: Number
    signature: Text


class ExportCheck(Section):
    """What the export found when it compared the graphs with torch on some `lines`: how many are the `same`, BLEU by runtime, and bytes."""

    lines: Count
    same: Count
    scores: dict[Text, Number] | None
    sizes: dict[Text, Size]


class TrainingRecord(Section):
    """How a model was trained. `data` has the names of files, without their folders, or of data sets, by role; `ledger` what was read,
    kept and dropped of the training pairs; `data_hash` is SHA-256 over their content, limits and tokenizer. `seconds` is training time,
    `step` the last one and `best_step` the one kept; `loss` (nats a token) and `scores` are its, on the `valid_pairs`, and `test` those
    on the recipe's test set, where somebody has noted them, `test_how` in a few words. `recipe` is YAML with the same short names."""

    format: int = FORMAT
    data: dict[Text, list[Text]]
    ledger: dict[Text, Count | dict[Text, Count]]
    valid_pairs: Count
    data_hash: Text
    languages: Text = ""
    parameters: Size
    step: Count
    best_step: Count
    best_metric: Text
    reason: Text
    seconds: NonNegative
    loss: Number | None = None
    scores: dict[Text, Scored]
    test: dict[Text, Scored] = {}
    test_how: Text = ""
    seed: Count
    versions: dict[Text, Text]
    processor: Text
    cores: Count
    device: Text
    recipe: Annotated[str, Field(max_length=1_000_000)]


def read_record(opened: ModelDir) -> TrainingRecord | None:
    """The record of a model directory; None where it has none, as those of older versions. Raises `ModelError`."""
    return _read(opened, RECORD, TrainingRecord)


def read_check(opened: ModelDir) -> ExportCheck | None:
    """What the export found; None where nobody noted it. Raises `ModelError`."""
    return _read(opened, CHECK, ExportCheck)


def _read(opened: ModelDir, name: str, kind: type[Kind]) -> Kind | None:
    if name not in opened.files:
        return None
    try:
        return kind.model_validate(_json(opened, name))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])[:80]
        raise _unusable(opened, name, f"{where}: {first['msg']}") from error


def _json(opened: ModelDir, name: str) -> Any:
    if opened.files[name].stat().st_size > _MAX_BYTES:
        raise _unusable(opened, name, f"more than {_MAX_BYTES:,} bytes")
    try:
        return json.loads(manifest.read_file(opened.path, name))
    except (ValueError, RecursionError) as error:
        raise _unusable(opened, name, str(error)) from error


def _unusable(opened: ModelDir, name: str, why: str) -> ModelError:
    hint = "it says only how the model was made: copy the model again, or train it again"
    return ModelError("model.record", f"{opened.path / name}: {why}", hint)
