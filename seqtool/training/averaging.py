"""Means of parameters over the steps of a run, which are often better than the last ones and cost next to nothing to decode with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from seqtool.errors import ModelError

Named = dict[str, Tensor]


class Averager(Protocol):
    """Follows a run. It is told of every step and validation, and has a mean or, as yet, none."""

    def after_step(self) -> None:
        """The parameters have changed."""

    def after_validation(self, value: float) -> None:
        """The parameters as they are were judged to be worth `value`, higher being better."""

    def mean(self) -> Named | None:
        """The averaged parameters by name."""

    def tensors(self) -> Named:
        """What a checkpoint keeps."""

    def load_tensors(self, tensors: Named, *, where: str) -> None:
        """Takes back what `tensors` gave; nothing at all is the beginning. Raises `ModelError` naming `where` for those of another model
        or kind."""


class Ema:
    """The exponential moving average: after step t, mean = d mean + (1 - d) parameters, with d = min(decay, (1 + t) / (10 + t)), which lets
    go of the first, random ones soon (the schedule of TensorFlow's ExponentialMovingAverage)."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._named = dict(model.named_parameters())
        self._decay = decay
        self._steps = 0
        self._means: Named = {}

    def after_step(self) -> None:
        """See `Averager`."""
        parameters = [parameter.detach() for parameter in self._named.values()]
        self._steps += 1
        if not self._means:
            self._means = {name: one.clone() for name, one in zip(self._named, parameters, strict=True)}
            return
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        torch._foreach_lerp_(list(self._means.values()), parameters, 1 - decay)

    def after_validation(self, value: float) -> None:
        """Values make no difference."""

    def mean(self) -> Named | None:
        """See `Averager`."""
        return self._means or None

    def tensors(self) -> Named:
        """The means, and the number of steps."""
        return {**{f"ema/{name}": one for name, one in self._means.items()}, "ema.steps": torch.tensor(self._steps)}

    def load_tensors(self, tensors: Named, *, where: str) -> None:
        """See `Averager`."""
        if not tensors:
            return
        self._steps = int(_taken(tensors, "ema.steps", where))
        self._means = _fitting(tensors, "ema/", self._named, where) if self._steps else {}


class Snapshots:
    """The mean of the `count` last, or best, validated models (Vaswani et al. 2017, section 6.1, averaged the last)."""

    def __init__(self, model: nn.Module, keep: Literal["last", "best"], count: int) -> None:
        self._named = dict(model.named_parameters())
        self._keep, self._count = keep, count
        self._kept: list[tuple[float, Named]] = []

    def after_step(self) -> None:
        """Steps between validations make no difference."""

    def after_validation(self, value: float) -> None:
        """See `Averager`."""
        self._kept.append((value, {name: one.detach().clone() for name, one in self._named.items()}))
        while len(self._kept) > self._count:  # by more than one where a run goes on with a lower count
            worst = min(range(len(self._kept)), key=lambda place: self._kept[place][0]) if self._keep == "best" else 0
            del self._kept[worst]

    def mean(self) -> Named | None:
        """See `Averager`; of one model there is none."""
        if len(self._kept) < 2:
            return None
        models = [named for _, named in self._kept]
        return {name: torch.stack([one[name] for one in models]).mean(0) for name in self._named}

    def tensors(self) -> Named:
        """The models, oldest first, and their values."""
        found: Named = {"values": torch.tensor([value for value, _ in self._kept], dtype=torch.float64)}
        for place, (_, named) in enumerate(self._kept):
            found.update({f"{place}/{name}": one for name, one in named.items()})
        return found

    def load_tensors(self, tensors: Named, *, where: str) -> None:
        """See `Averager`."""
        if not tensors:
            return
        values = _taken(tensors, "values", where).tolist()
        self._kept = [(value, _fitting(tensors, f"{place}/", self._named, where)) for place, value in enumerate(values)]


def build_averager(
    kind: Literal["none", "ema", "last", "best"], model: nn.Module, *, decay: float, count: int
) -> Averager | None:
    """The averager of this kind; `decay` is of ema, `count` of the others."""
    if kind == "none":
        return None
    return Ema(model, decay) if kind == "ema" else Snapshots(model, kind, count)


@contextmanager
def swapped(model: nn.Module, other: Named) -> Iterator[None]:
    """The model with other parameters, of the same names and shapes, for the time of the block. An interruption may come anywhere, but
    only once: what it cuts off of the way back is done again."""
    parameters = dict(model.named_parameters())
    own = {name: one.detach().clone() for name, one in parameters.items()}
    try:
        _copy(other, parameters)
        yield
        _copy(own, parameters)
    except BaseException:
        _copy(own, parameters)
        raise


@torch.no_grad()
def _copy(source: Named, parameters: dict[str, nn.Parameter]) -> None:
    for name, parameter in parameters.items():
        parameter.copy_(source[name])


def _taken(tensors: Named, name: str, where: str) -> Tensor:
    if name not in tensors:
        raise ModelError(
            "checkpoint.mismatch",
            f"{where} holds no {name}: training.averaging.kind was another one",
            "undo the change, or start anew with --restart",
        )
    return tensors[name]


def _fitting(tensors: Named, prefix: str, named: dict[str, nn.Parameter], where: str) -> Named:
    """Those with a prefix, on the parameters' devices. Raises `ModelError` where they do not fit."""
    found: Named = {}
    for name, parameter in named.items():
        value = tensors.get(prefix + name)
        if value is None or value.shape != parameter.shape:
            raise ModelError(
                "checkpoint.mismatch", f"{where}: {prefix}{name} fits no parameter", "start anew with --restart"
            )
        found[name] = value.to(parameter.device)
    return found
