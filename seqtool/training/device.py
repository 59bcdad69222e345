"""Where training runs, and in which precision it can."""

from __future__ import annotations

import torch

from seqtool.errors import ResourceError
from seqtool.training.objective import Precision


def check_precision(precision: str, device: str) -> None:
    """Raises `ResourceError` where products of this precision would be imitated, many times slower."""
    if precision in ("fp32", "auto") or (precision == "fp16" and device != "cpu"):
        return
    if precision == "fp16" or best_precision(device) != "bf16":
        message = f"training.precision is {precision}, and this {'processor' if device == 'cpu' else 'GPU'} has no products in it"
        raise ResourceError("device.precision", message, "set training.precision=fp32")


def best_precision(device: str) -> Precision:
    """bf16 where the device has products in it, else fp32."""
    able = multiplies_in_bf16() if device == "cpu" else torch.cuda.is_bf16_supported(including_emulation=False)
    return "bf16" if able else "fp32"


def multiplies_in_bf16() -> bool:
    """Whether this processor has products in bfloat16 of its own."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def choose_device(wanted: str) -> str:
    """`cuda` or `cpu`. Raises `ResourceError` when a GPU is asked for and there is none."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ResourceError("device.cuda", "training.device is cuda, and torch finds no GPU", "set training.device=cpu")
    return "cuda" if available and wanted != "cpu" else "cpu"
