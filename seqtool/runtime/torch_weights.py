"""Weights of a torch model in and out of a model directory."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from seqtool.errors import ModelError
from seqtool.model_dir import WEIGHTS, ModelConfig, ModelDir, write_model_dir
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.text.tokenizer import Tokenizers


def save_model(path: Path, parameters: dict[str, Tensor], tokenizers: Tokenizers, config: ModelConfig) -> None:
    """Writes a model directory; `path` holds the old one or the new one at every instant. Raises `ResourceError`."""
    weights = save({name: tensor.contiguous() for name, tensor in parameters.items()})
    write_model_dir(path, weights, tokenizers, config)


def load_network(opened: ModelDir, *, device: str = "cpu", threads: int | None = None) -> Seq2Seq:
    """The network of an opened model directory, ready to use; `threads` are the processor cores torch may take from now on. Raises
    `ModelError`."""
    if threads is not None:
        torch.set_num_threads(threads)
    tokenizers = opened.tokenizers
    sizes = tokenizers.src.vocab_size, tokenizers.tgt.vocab_size
    model = build_model(opened.config.model, *sizes, sentence_ends=tokenizers.src.sentence_ends())
    where = opened.files[WEIGHTS]
    load_parameters(model, _tensors(opened.read(WEIGHTS), where), where=str(where))
    return model.to(device).eval()


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file. Raises `ModelError`."""
    return _tensors(path.read_bytes(), path)


def _tensors(data: bytes, path: Path) -> dict[str, Tensor]:
    try:
        return load(data)
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
