"""A model directory as a `Stepper`, in the runtime that is asked for or that fits best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from seqtool.decoding.stepper import Speaker, Stepper
from seqtool.errors import ModelError, ResourceError, UsageError
from seqtool.model_dir import SHORTLIST, ModelDir, graph_names, short_names
from seqtool.runtime.pointing import PointingStepper
from seqtool.runtime.readings import check_ensemble, readings_of
from seqtool.workers import usable_cores

RuntimeName = Literal["onnx", "torch"]
Precision = Literal["fp32", "int8"]


@dataclass(frozen=True)
class Engine:
    """A stepper, and how many threads may step it at once to use the cores asked for."""

    stepper: Stepper[Any]
    runtime: RuntimeName
    workers: int


def open_engine(
    opened: Sequence[ModelDir],
    *,
    runtime: RuntimeName | None = None,
    precision: Precision = "fp32",
    device: str = "cpu",
    shortlist: bool = False,
    threads: int | None = None,
) -> Engine:
    """ONNX Runtime on the CPU where all directories have the graphs, else torch. Several directories are an ensemble; with `shortlist` one
    directory's vocabulary shortlist is used.

    Raises `ModelError`, `UsageError`, and `ResourceError` where there is no such device.
    """
    check_ensemble(opened)
    if device != "cpu" and (runtime == "onnx" or precision != "fp32" or shortlist):
        raise UsageError("usage.device", f"on {device} torch computes, in fp32", f"leave out --device {device}")
    chosen = runtime_of(opened, runtime, precision, device, shortlist=shortlist)
    if shortlist:
        return Engine(_short_stepper(opened, precision, chosen), "onnx", threads or usable_cores())
    if chosen == "torch":
        if precision != "fp32":
            raise UsageError("usage.precision", f"torch runs in fp32, not {precision}", "leave out --runtime torch")
        steppers = [_torch_stepper(one, device, threads) for one in opened]
        return Engine(_together(opened, steppers), "torch", 1)
    lacking = [one for one in opened if not one.has_graphs(precision)]
    if lacking:
        message = f"{lacking[0].path} has no {precision} graphs for ONNX Runtime"
        raise ModelError("model.no-graphs", message, f"write them: seqtool export -m {lacking[0].path}")
    steppers = [_onnx_stepper(one, precision) for one in opened]
    return Engine(_together(opened, steppers), "onnx", threads or usable_cores())


def runtime_of(
    opened: Sequence[ModelDir],
    runtime: RuntimeName | None,
    precision: Precision,
    device: str,
    *,
    shortlist: bool = False,
) -> RuntimeName:
    """The one that is asked for, else the one that fits best."""
    lacking = device != "cpu" or not all(one.has_graphs(precision) for one in opened)
    return runtime or ("torch" if lacking and precision == "fp32" and not shortlist else "onnx")


def _together(opened: Sequence[ModelDir], steppers: Sequence[Speaker[Any]]) -> Stepper[Any]:
    if any(one.config.model.pointer for one in opened):  # then all of them meet ids behind the vocabulary
        vocab_size = opened[0].tokenizers.tgt.vocab_size
        steppers = [PointingStepper(one, vocab_size) for one in steppers]
    if len(steppers) == 1:
        return cast(Stepper[Any], steppers[0])
    from seqtool.runtime.ensemble import EnsembleStepper

    return EnsembleStepper(steppers, readings_of(opened).numbers)


def _onnx_stepper(opened: ModelDir, precision: str) -> Speaker[Any]:
    from seqtool.runtime.onnx_session import open_session
    from seqtool.runtime.onnx_stepper import OnnxStepper

    return OnnxStepper(
        *(open_session(opened.read(name), where=str(opened.path / name)) for name in graph_names(precision))
    )


def _short_stepper(opened: Sequence[ModelDir], precision: str, runtime: str) -> Stepper[Any]:
    from seqtool.runtime.onnx_session import open_session
    from seqtool.runtime.onnx_stepper import OnnxStepper
    from seqtool.runtime.shortlist import Shortlist

    first = opened[0]
    if len(opened) > 1:
        raise UsageError("usage.shortlist", "a shortlist for an ensemble: it takes whole distributions", "leave it out")
    if not first.has_shortlist(precision) or not first.has_graphs(precision):
        message = f"{first.path} has no {precision} shortlist"
        raise ModelError("model.no-shortlist", message, f"write one: seqtool export --shortlist -m {first.path}")
    if runtime == "torch":
        raise UsageError("usage.shortlist", "torch has no shortlist", "leave out --runtime torch")
    names = (graph_names(precision)[0], *short_names(precision))
    encoder, step, pick = (open_session(first.read(name), where=str(first.path / name)) for name in names)
    table = Shortlist.read(first.read(SHORTLIST), where=str(first.path / SHORTLIST))
    if not table.fits(first.tokenizers.src.vocab_size, first.tokenizers.tgt.vocab_size):
        message = f"{first.path / SHORTLIST} is a shortlist for other vocabularies"
        raise ModelError("model.corrupt", message, "write it again: seqtool export --shortlist")
    return _together([first], [OnnxStepper(encoder, step, short=(pick, table))])


def _torch_stepper(opened: ModelDir, device: str, threads: int | None) -> Speaker[Any]:
    import torch

    from seqtool.runtime.torch_stepper import TorchStepper
    from seqtool.runtime.torch_weights import load_network

    if device != "cpu" and not torch.cuda.is_available():
        raise ResourceError("device.cuda", "--device cuda: torch finds no GPU", "leave it out to compute on the CPU")
    return TorchStepper(load_network(opened, device=device, threads=threads))
