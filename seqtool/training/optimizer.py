"""One update of the parameters: learning rate, clipping, loss scaling, the optimizer's own step."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from seqtool.errors import ModelError
from seqtool.recipe.schema import OptimizerSection


class Updater:
    """An optimizer over the named parameters of a model, with gradients clipped to a total norm of `clip_norm` (0: not clipped).

    `scale` turns on loss scaling for fp16 (Micikevicius et al. 2018): the loss is passed through `scaled` before its gradients are taken.
    """

    def __init__(self, model: nn.Module, section: OptimizerSection, *, clip_norm: float, scale: bool = False) -> None:
        self._named = dict(model.named_parameters())
        self._clip_norm = clip_norm
        self._optimizer = _build(section, list(self._named.values()))
        self._scaler = torch.amp.GradScaler("cuda", enabled=scale)

    def scaled(self, loss: Tensor) -> Tensor:
        """The loss whose gradients `update` expects."""
        return self._scaler.scale(loss)

    def update(self, learning_rate: float) -> tuple[float, bool]:
        """Changes the parameters by their gradients and clears those. Returns the gradients' norm before clipping and whether the step was
        made: with a norm that is no finite number nothing changes."""
        self._scaler.unscale_(self._optimizer)
        parameters = list(self._named.values())
        norm = float(nn.utils.clip_grad_norm_(parameters, self._clip_norm or float("inf"), foreach=True))
        finite = norm - norm == 0.0
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        if finite:
            self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad(set_to_none=True)
        return norm, finite

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
            found["scaler/scale"] = torch.tensor(self._scaler.get_scale())
        return found

    def load_tensors(self, tensors: dict[str, Tensor], *, where: str) -> None:
        """Takes back what `tensors` gave. Raises `ModelError` naming `where` when it belongs to another model or optimizer."""
        for key, value in tensors.items():
            slot, _, name = key.partition("/")
            if slot == "scaler":
                self._scaler.load_state_dict({**self._scaler.state_dict(), "scale": float(value)})
                continue
            parameter = self._named.get(name)
            if parameter is None or (value.ndim and value.shape != parameter.shape):
                raise ModelError(
                    "checkpoint.mismatch", f"{where}: {key} fits no parameter", "start anew with --restart"
                )
            moved = value if value.ndim == 0 else value.to(parameter.device)
            self._optimizer.state[parameter][slot] = moved.clone()


def _build(section: OptimizerSection, parameters: list[nn.Parameter]) -> Optimizer:
    if section.kind == "sgd":
        return SGD(parameters, lr=section.lr, momentum=section.momentum, weight_decay=section.weight_decay, fused=True)
    kind = AdamW if section.kind == "adamw" else Adam
    return kind(
        parameters,
        lr=section.lr,
        betas=(section.beta1, section.beta2),
        eps=section.eps,
        weight_decay=section.weight_decay,
        fused=True,
    )
