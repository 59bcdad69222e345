"""The machine and what is installed on it, asked in a way that takes no time: nothing heavy is imported."""

from __future__ import annotations

import os
import platform
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seqtool import __version__
from seqtool.workers import usable_cores

PACKAGES = (
    "torch",
    "onnxruntime",
    "onnx",
    "numpy",
    "sentencepiece",
    "sacrebleu",
    "rouge-score",
    "safetensors",
    "pyarrow",
    "datasets",
    "tensorboard",
)
# Instructions that decide how fast products are: vectors, bytes (int8), and bfloat16. Those with _BF16 make `precision: bf16` worth it.
_FLAGS = (
    *("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16"),
    *("amx_tile", "amx_int8", "amx_bf16"),
    *("asimd", "sve", "i8mm", "bf16"),
)
_BF16 = ("avx512_bf16", "amx_bf16", "bf16")


@dataclass(frozen=True)
class Machine:
    """A processor with the `cores` this process may use and those of the `flags` it has, GPUs by name, and memory in bytes, None where
    nobody says."""

    system: str
    processor: str
    cores: int
    flags: tuple[str, ...]
    gpus: tuple[str, ...]
    memory: int | None
    memory_free: int | None

    @property
    def bf16(self) -> bool:
        """Whether the processor has products in bfloat16 of its own."""
        return any(flag in self.flags for flag in _BF16)


def this_machine(root: Path = Path("/")) -> Machine:
    """The machine, by what Linux writes below `root`/proc; elsewhere less is known."""
    cpu, memory = _read(root / "proc/cpuinfo"), _read(root / "proc/meminfo")
    words = set(_field(cpu, "flags|Features").split())
    drivers = sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=_field(cpu, "model name|Model") or platform.processor() or "unknown",
        cores=usable_cores(),
        flags=tuple(flag for flag in _FLAGS if flag in words),
        gpus=tuple(_field(_read(path), "Model") or "GPU" for path in drivers),
        memory=_bytes(memory, "MemTotal"),
        memory_free=_bytes(memory, "MemAvailable"),
    )


def versions() -> dict[str, str]:
    """Versions by package, seqtool and Python first; of a checkout also the commit; what is not installed is left out."""
    found = {"seqtool": __version__, "python": platform.python_version()}
    commit = commit_of(Path(__file__).parents[2])
    if commit:
        found["commit"] = commit
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def commit_of(checkout: Path) -> str:
    """The commit a checkout of git stands at, read from its files; empty where it is none."""
    folder = checkout / ".git"
    if folder.is_file():  # a work tree of another checkout
        folder = checkout / _read(folder).removeprefix("gitdir:").strip()
    head = _read(folder / "HEAD").strip()
    if not head.startswith("ref: "):
        return _commit(head)
    name = head.removeprefix("ref: ")
    common = folder / (_read(folder / "commondir").strip() or ".")
    for place in (folder, common):
        if found := _commit(_read(place / name).strip()):
            return found
    packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", _read(common / "packed-refs"), re.MULTILINE)
    return _commit(packed[1]) if packed else ""


def threads() -> int:
    """The threads torch begins with: what OMP_NUM_THREADS says, else one a core."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and 0 < int(asked) < 1 << 20 else usable_cores()


def disk_free(path: Path) -> int | None:
    """Bytes that may still be written where a path is; None where nobody says."""
    with suppress(OSError):
        return shutil.disk_usage(path).free
    return None


def _commit(text: str) -> str:
    return text if re.fullmatch("[0-9a-f]{40}([0-9a-f]{24})?", text) else ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _field(text: str, names: str) -> str:
    """What stands behind the first such name and a colon."""
    found = re.search(rf"^(?:{names})\s*:[ \t]*(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _bytes(meminfo: str, name: str) -> int | None:
    number = _field(meminfo, name).partition(" ")[0]
    return int(number) * 1024 if number.isdecimal() else None
