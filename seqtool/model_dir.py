"""The self-contained directory that is a model: what one copies, ships and loads.

| file | holds |
|---|---|
| `config.json` | format, task, the model section, decoding defaults, the longest source |
| `weights.safetensors` | parameters, each once, under the name the network gives it |
| `tokenizer*.model` | SentencePiece models |
| `encoder.fp32.onnx`, `step.fp32.onnx` | the network for ONNX Runtime, and the same again for `int8`; there once the model was exported |
| `shortlist.safetensors`, `short.fp32.onnx`, `pick.fp32.onnx` | a vocabulary shortlist and its graphs, where it was asked for |
| `manifest.json` | size and SHA-256 of the others, checked before any of them is read |

Nothing in it is executed, and nothing here needs torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field, ValidationError

from seqtool import __version__, fs, manifest
from seqtool.errors import ModelError
from seqtool.recipe.base import Count, PositiveInt, Section
from seqtool.recipe.model_schema import ModelSection
from seqtool.recipe.schema import DecodingSection, Recipe, Truncate
from seqtool.text.length_tokens import Bounds
from seqtool.text.tokenizer import TOKENIZER_FILES, Tokenizers

FORMAT = 1
WEIGHTS = "weights.safetensors"
CONFIG = "config.json"
# What these files may have in bytes before they are read; others are as large as they are.
_MAX_CONFIG, _MAX_TOKENIZER = 1 << 20, 256 << 20


def graph_names(precision: str) -> tuple[str, str]:
    """The files of the encoder and of a step in this precision."""
    return f"encoder.{precision}.onnx", f"step.{precision}.onnx"


SHORTLIST = "shortlist.safetensors"


def short_names(precision: str) -> tuple[str, str]:
    """The files of a step over a shortlist and of the choice of its weights."""
    return f"short.{precision}.onnx", f"pick.{precision}.onnx"


class Reach(NamedTuple):
    """The most tokens, without the mark of an end or beginning, that learned positions were made for; None: there are no such."""

    src: int | None = None
    tgt: int | None = None

    def within(self, other: Reach) -> Reach:
        """As far as both go."""
        return Reach(
            *(min((one for one in pair if one is not None), default=None) for pair in zip(self, other, strict=True))
        )


class ModelConfig(Section):
    """What a model directory says of itself. `max_src_tokens` is the longest source it was trained on, without eos; `truncate` is
    what it was given of longer ones. `length_bounds` are the longest short and the longest medium target, in tokens, where sources begin
    with length tokens."""

    format: int = FORMAT
    seqtool: str = __version__
    task: str
    model: ModelSection
    decoding: DecodingSection
    max_src_tokens: PositiveInt
    truncate: Truncate = "head"
    length_bounds: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None

    @property
    def reach(self) -> Reach:
        """How far its positions go; those of a source that is read in chunks begin anew in each."""
        encoder, last = self.model.encoder, self.model.decoder.max_positions
        first = encoder.max_positions
        if first is not None and encoder.chunk is not None and encoder.chunk <= first:
            first = None
        return Reach(*(None if count is None else count - 1 for count in (first, last)))


@dataclass(frozen=True)
class ModelDir:
    """An opened model directory; `files` are those its manifest names."""

    path: Path
    files: dict[str, Path]
    tokenizers: Tokenizers
    config: ModelConfig

    def has_graphs(self, precision: str) -> bool:
        """Whether it was exported in this precision."""
        return all(name in self.files for name in graph_names(precision))

    def has_shortlist(self, precision: str) -> bool:
        """Whether it was exported with a shortlist in this precision."""
        return all(name in self.files for name in (SHORTLIST, *short_names(precision)))

    def read(self, name: str) -> bytes:
        """A file of the directory, checked against the manifest now. Raises `ModelError`."""
        return manifest.read_file(self.path, name)


def config_of(recipe: Recipe, max_src_tokens: int, length_bounds: Bounds | None = None) -> ModelConfig:
    """The configuration of a model trained by this recipe."""
    return ModelConfig(
        task=recipe.task,
        model=recipe.model,
        decoding=recipe.decoding,
        max_src_tokens=max_src_tokens,
        truncate=recipe.data.truncate,
        length_bounds=None if length_bounds is None else list(length_bounds),
    )


def write_model_dir(path: Path, weights: bytes, tokenizers: Tokenizers, config: ModelConfig) -> None:
    """Writes a model directory; `path` holds the old one or the new one at every instant. Raises `ResourceError`."""
    with fs.commit_dir(path) as folder:
        fs.commit_bytes(folder / WEIGHTS, weights)
        fs.commit_text(folder / CONFIG, config.model_dump_json(indent=2) + "\n")
        for name, data in tokenizers.files().items():
            fs.commit_bytes(folder / name, data)


def add_files(opened: ModelDir, files: Mapping[str, bytes]) -> None:
    """Writes the directory again with these files in it, new or instead of old ones. Raises `ResourceError` and `ModelError`."""
    kept = {name: opened.read(name) for name in opened.files if name not in files}
    with fs.commit_dir(opened.path) as folder:
        for name, data in {**kept, **files}.items():
            fs.commit_bytes(folder / name, data)


def open_model_dir(path: Path) -> ModelDir:
    """Opens a model directory, or the `model/` of a run directory. Every file's size is compared with the manifest, and the content of each
    is when it is read. Raises `ModelError`."""
    folder = path / "model" if (path / "model").is_dir() else path
    if folder == path and (path / "train.log").is_file():
        hint = "it is written at the first validation: the same `seqtool train` goes on"
        raise ModelError("model.not-yet", f"the run in {path} has no model yet", hint)
    if not folder.is_dir():
        raise ModelError("model.not-found", f"no model directory at {path}", "give a model or run directory with -m")
    files = fs.verify_dir(folder, quick=True)
    for needed in (CONFIG, WEIGHTS):
        if needed not in files:
            raise ModelError("model.foreign", f"{folder} has no {needed}", "this is not a model directory of seqtool")
    config = _read_config(_read_small(folder, CONFIG, _MAX_CONFIG), files[CONFIG])
    names = [name for name in files if name in TOKENIZER_FILES]
    tokenizers = Tokenizers.from_files({name: _read_small(folder, name, _MAX_TOKENIZER) for name in names})
    return ModelDir(folder, files, tokenizers, config)


def _read_small(folder: Path, name: str, most: int) -> bytes:
    """A file, checked against the manifest. Raises `ModelError`, also for one of more bytes than such a file has."""
    size = manifest.read(folder)[name].size
    if size > most:
        message = f"{folder / name} has {size:,} bytes, and such a file has {most:,} at the most"
        raise ModelError("model.too-large", message, "this is not a model directory of seqtool")
    return manifest.read_file(folder, name)


def _read_config(data: bytes, path: Path) -> ModelConfig:
    hint = "it may be from another version of seqtool; copy the model again, or train it again"
    try:
        raw: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError("model.config", f"{path}: {str(error)[:200]}", hint) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ModelError("model.format", f"{path}: this seqtool reads format {FORMAT}", hint)
    try:
        return ModelConfig.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])[:200]
        raise ModelError("model.config", f"{path}: {where}: {first['msg']}", hint) from error
