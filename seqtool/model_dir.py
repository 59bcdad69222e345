"""The self-contained directory that is a model: what one copies, ships and loads.

| file | holds |
|---|---|
| `config.json` | format, task, the model section, decoding defaults, the longest source |
| `weights.safetensors` | parameters, each once, under the name the network gives it |
| `tokenizer*.model` | SentencePiece models |
| `manifest.json` | size and SHA-256 of the others, checked before any of them is read |

Nothing in it is executed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from seqtool import __version__, fs
from seqtool.errors import ModelError
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.schema import DecodingSection, ModelSection, PositiveInt, Recipe, Section
from seqtool.text.tokenizer import Tokenizers

FORMAT = 1
WEIGHTS = "weights.safetensors"
CONFIG = "config.json"


class ModelConfig(Section):
    """What a model directory says of itself. `max_src_tokens` is the longest source it was trained on, without eos."""

    format: int = FORMAT
    seqtool: str = __version__
    task: str
    model: ModelSection
    decoding: DecodingSection
    max_src_tokens: PositiveInt


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to use."""

    model: Seq2Seq
    tokenizers: Tokenizers
    config: ModelConfig
    path: Path


def config_of(recipe: Recipe, max_src_tokens: int) -> ModelConfig:
    """The configuration of a model trained by this recipe."""
    return ModelConfig(task=recipe.task, model=recipe.model, decoding=recipe.decoding, max_src_tokens=max_src_tokens)


def save_model(path: Path, parameters: dict[str, Tensor], tokenizers: Tokenizers, config: ModelConfig) -> None:
    """Writes a model directory; `path` holds the old one or the new one at every instant. Raises `ResourceError`."""
    with fs.commit_dir(path) as folder:
        fs.commit_bytes(folder / WEIGHTS, save({name: tensor.contiguous() for name, tensor in parameters.items()}))
        fs.commit_text(folder / CONFIG, config.model_dump_json(indent=2) + "\n")
        for name, data in tokenizers.files().items():
            fs.commit_bytes(folder / name, data)


def load_model(path: Path, *, device: str = "cpu") -> LoadedModel:
    """Opens a model directory, or the `model/` of a run directory, checking every file against the manifest first. Raises `ModelError`."""
    folder = path / "model" if (path / "model").is_dir() else path
    if not folder.is_dir():
        raise ModelError("model.not-found", f"no model directory at {path}", "give a model or run directory with -m")
    files = fs.verify_dir(folder)
    for needed in (CONFIG, WEIGHTS):
        if needed not in files:
            raise ModelError("model.foreign", f"{folder} has no {needed}", "this is not a model directory of seqtool")
    config = _read_config(files[CONFIG])
    names = [name for name in files if name.startswith("tokenizer")]
    tokenizers = Tokenizers.from_files({name: files[name].read_bytes() for name in names})
    model = build_model(config.model, tokenizers.src.vocab_size, tokenizers.tgt.vocab_size)
    load_parameters(model, read_tensors(files[WEIGHTS]), where=str(files[WEIGHTS]))
    return LoadedModel(model.to(device).eval(), tokenizers, config, folder)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file. Raises `ModelError`."""
    try:
        return load(path.read_bytes())
    except (SafetensorError, ValueError) as error:
        raise ModelError("model.corrupt", f"{path}: {error}", "copy the model again, or train it again") from error


def load_parameters(model: torch.nn.Module, tensors: dict[str, Tensor], *, where: str) -> None:
    """Copies tensors into the parameters of the same names; names and shapes must all agree. Raises `ModelError` naming `where`."""
    parameters = dict(model.named_parameters())
    for name in sorted(parameters.keys() ^ tensors.keys()):
        missing = "lacks" if name in parameters else "has an unknown"
        raise ModelError(
            "model.mismatch", f"{where} {missing} parameter {name}", "its config.json belongs to another model"
        )
    with torch.no_grad():
        for name, parameter in parameters.items():
            if parameter.shape != tensors[name].shape:
                message = f"{where}: {name} is {tuple(tensors[name].shape)}, the model needs {tuple(parameter.shape)}"
                raise ModelError("model.mismatch", message, "its config.json belongs to another model")
            parameter.copy_(tensors[name])


def _read_config(path: Path) -> ModelConfig:
    hint = "it may be from another version of seqtool; copy the model again, or train it again"
    try:
        raw: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelError("model.config", f"{path}: {error}", hint) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ModelError("model.format", f"{path}: this seqtool reads format {FORMAT}", hint)
    try:
        return ModelConfig.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError("model.config", f"{path}: {where}: {first['msg']}", hint) from error
