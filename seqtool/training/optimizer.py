"""One update of the parameters: learning rate, clipping, loss scaling, the optimizer's own step."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from seqtool.errors import ModelError
from seqtool.recipe.training_schema import OptimizerSection

# What a checkpoint keeps of loss scaling, and what torch calls it: the factor, and the updates since it last changed.
_OF_SCALER = {"scale": "scale", "growth": "_growth_tracker"}


class Updater:
    """An optimizer over the named parameters of a model, with gradients clipped to a total norm of `clip_norm` (0: not clipped).

    `scale` turns on loss scaling for fp16 (Micikevicius et al. 2018): the loss is passed through `scaled` before its gradients are taken.
    """

    def __init__(self, model: nn.Module, section: OptimizerSection, *, clip_norm: float, scale: bool = False) -> None:
        self._named = dict(model.named_parameters())
        self._clip_norm = clip_norm
        self._optimizer = _build(section, self._named)
        self._scaler = torch.amp.GradScaler("cuda", enabled=scale)

    def scaled(self, loss: Tensor) -> Tensor:
        """The loss whose gradients `update` expects."""
        return self._scaler.scale(loss)

    def update(self, learning_rate: float, *, norms: bool = False) -> tuple[float, bool, dict[str, float] | None]:
        """Changes the parameters by their gradients and clears those. Returns the gradients' norm before clipping, whether the step was
        made (with a norm that is no finite number nothing changes), and, if they are asked for, the norms of parts of the model by name."""
        self._scaler.unscale_(self._optimizer)
        parts = self._norms_by_part() if norms else None
        parameters = list(self._named.values())
        norm = float(nn.utils.clip_grad_norm_(parameters, self._clip_norm or float("inf"), foreach=True))
        finite = norm - norm == 0.0
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        if finite:
            self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad(set_to_none=True)
        return norm, finite, parts

    def _norms_by_part(self) -> dict[str, float]:
        """Norms of the gradients of each layer."""
        squares: dict[str, float] = {}
        for name, parameter in self._named.items():
            if parameter.grad is not None:
                part = part_of(name)
                squares[part] = squares.get(part, 0.0) + float(parameter.grad.float().square().sum())
        return {part: value**0.5 for part, value in squares.items()}

    def tensors(self) -> dict[str, Tensor]:
        """The optimizer's state as flat tensors named `slot/parameter`."""
        state = self._optimizer.state
        found = {
            f"{slot}/{name}": value
            for name, parameter in self._named.items()
            for slot, value in state.get(parameter, {}).items()
            if isinstance(value, Tensor)
        }
        if self._scaler.is_enabled():
            state_of = self._scaler.state_dict()
            found |= {f"scaler/{name}": torch.tensor(float(state_of[key])) for name, key in _OF_SCALER.items()}
        return found

    def load_tensors(self, tensors: dict[str, Tensor], *, where: str) -> None:
        """Takes back what `tensors` gave. Raises `ModelError` naming `where` when it belongs to another model or optimizer."""
        for key, value in tensors.items():
            slot, _, name = key.partition("/")
            if slot == "scaler" and name in _OF_SCALER:
                kind = type(self._scaler.state_dict().get(_OF_SCALER[name], 0.0))
                self._scaler.load_state_dict({**self._scaler.state_dict(), _OF_SCALER[name]: kind(value)})
                continue
            parameter = self._named.get(name)
            if parameter is None or (value.ndim and value.shape != parameter.shape):
                raise ModelError(
                    "checkpoint.mismatch", f"{where}: {key} fits no parameter", "start anew with --restart"
                )
            # The number of steps, too: a fused optimizer counts where the parameters are.
            self._optimizer.state[parameter][slot] = value.to(parameter.device).clone()


def part_of(name: str) -> str:
    """The layer a parameter belongs to: `encoder.forward_layers.0.weight_ih` is of `encoder.forward_layers.0`."""
    parts = name.split(".")[:-1]
    number = next((place for place, part in enumerate(parts) if part.isdecimal()), None)
    return ".".join(parts[:2] if number is None else parts[: number + 1])


def _groups(section: OptimizerSection, named: dict[str, nn.Parameter]) -> list[dict[str, Any]]:
    """Parameters by how they decay: matrices, vectors of tokens, and vectors (biases, normalisations)."""
    embedding = section.weight_decay if section.embedding_decay is None else section.embedding_decay
    decays: dict[float, list[nn.Parameter]] = {}
    for name, parameter in named.items():
        of_tokens = name.endswith(("embedding.weight", "generator.weight", "generator.lexical_weight"))
        decay = section.vector_decay if parameter.ndim < 2 else embedding if of_tokens else section.weight_decay
        decays.setdefault(decay, []).append(parameter)
    return [{"params": parameters, "weight_decay": decay} for decay, parameters in decays.items()]


def _build(section: OptimizerSection, named: dict[str, nn.Parameter]) -> Optimizer:
    groups = _groups(section, named)
    if section.kind == "sgd":
        return SGD(groups, lr=section.lr, momentum=section.momentum, fused=True)
    kind = AdamW if section.kind == "adamw" else Adam
    return kind(groups, lr=section.lr, betas=(section.beta1, section.beta2), eps=section.eps, fused=True)
