"""What this machine can do at this moment: the yardstick printed beside every measurement."""

from __future__ import annotations

import platform
import time
from pathlib import Path

import torch

SIZE = 1024


def matrix_rate(seconds: float = 1.0) -> float:
    """GFLOP/s of a square fp32 matrix product of 1,024 with torch's current threads: the median of the products made in that time."""
    one, other = torch.rand(SIZE, SIZE), torch.rand(SIZE, SIZE)
    result = torch.empty(SIZE, SIZE)
    torch.mm(one, other, out=result)
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(one, other, out=result)
        times.append(time.perf_counter() - start)
    return 2 * SIZE**3 / sorted(times)[len(times) // 2] / 1e9


def describe() -> str:
    """Processor, threads and versions in one line."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        processor = names[0] if names else processor
    return (
        f"{processor}, {torch.get_num_threads()} threads, torch {torch.__version__}, Python {platform.python_version()}"
    )
