"""Weights of a torch model in and out of a model directory."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor
from torch.overrides import TorchFunctionMode

from seqtool.errors import ModelError
from seqtool.model_dir import CONFIG, WEIGHTS, ModelConfig, ModelDir, write_model_dir
from seqtool.models.build import build_model
from seqtool.models.seq2seq import Seq2Seq
from seqtool.recipe.model_rules import model_problems
from seqtool.text.tokenizer import Tokenizers

_OTHER_MODEL = "its config.json belongs to another model"
_FLOATS = (torch.float32, torch.float16, torch.bfloat16)


class _Allowance(TorchFunctionMode):
    """Refuses tensors beyond what a file of weights can fill, before there is memory for them: a configuration of a few bytes may ask for
    any number of them, of any size."""

    _MAKERS = (torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn)
    # Every tensor takes this many elements at least: its name and shape are in the file, too, and so many of them take time.
    _LEAST = 64
    # Elements of what is made on the way and thrown away.
    _SPARE = 1 << 16

    def __init__(self, where: Path, size: int) -> None:
        super().__init__()
        self._where, self._size = where, size
        self._left = size + self._SPARE  # a parameter has two bytes or more, so there is room for copies

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in self._MAKERS:
            given = args[0] if args and isinstance(args[0], list | tuple) else args
            self._left -= max(self._LEAST, math.prod(one for one in given if isinstance(one, int)))
            if self._left < 0:
                message = (
                    f"{self._where} has {self._size:,} bytes, which is less than the model of its config.json needs"
                )
                raise ModelError("model.mismatch", message, _OTHER_MODEL)
        return func(*args, **(kwargs or {}))


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
    for problem in model_problems(opened.config.model):
        raise ModelError("model.config", f"{opened.files[CONFIG]}: {problem.keys[0]}: {problem.message}", _OTHER_MODEL)
    where, data = opened.files[WEIGHTS], opened.read(WEIGHTS)
    tensors = _tensors(data, where)
    _check_numbers(tensors, where)
    with _Allowance(where, len(data)):
        model = build_model(opened.config.model, *sizes, sentence_ends=tokenizers.src.sentence_ends())
    load_parameters(model, tensors, where=str(where))
    return model.to(device).eval()


def _check_numbers(tensors: dict[str, Tensor], where: Path) -> None:
    """Raises `ModelError` for weights that are no finite numbers: nothing that a model says with them would mean anything."""
    for name, tensor in tensors.items():
        if tensor.dtype not in _FLOATS:
            raise ModelError("model.mismatch", f"{where}: {_shown(name)} is of {tensor.dtype}", _OTHER_MODEL)
        if not tensor.isfinite().all():
            message = f"{where}: {_shown(name)} has values that are no finite numbers"
            raise ModelError("model.not-finite", message, "take the model from its source again, or train it again")


def _shown(name: str) -> str:
    """A name that a stranger gave, short enough for a message."""
    return name if len(name) <= 80 else f"{name[:77]}..."


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file. Raises `ModelError`."""
    return _tensors(path.read_bytes(), path)


def _tensors(data: bytes, path: Path) -> dict[str, Tensor]:
    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError, OverflowError, RuntimeError) as error:
        raise ModelError(
            "model.corrupt", f"{path}: {str(error)[:200]}", "copy the model again, or train it again"
        ) from error


def load_parameters(model: torch.nn.Module, tensors: dict[str, Tensor], *, where: str) -> None:
    """Copies tensors into the parameters of the same names; names and shapes must all agree. Raises `ModelError` naming `where`."""
    parameters = dict(model.named_parameters())
    for name in sorted(parameters.keys() ^ tensors.keys()):
        missing = "lacks" if name in parameters else "has an unknown"
        raise ModelError("model.mismatch", f"{where} {missing} parameter {_shown(name)}", _OTHER_MODEL)
    with torch.no_grad():
        for name, parameter in parameters.items():
            if parameter.shape != tensors[name].shape:
                message = f"{where}: {name} is {tuple(tensors[name].shape)}, the model needs {tuple(parameter.shape)}"
                raise ModelError("model.mismatch", message, _OTHER_MODEL)
            parameter.copy_(tensors[name])
