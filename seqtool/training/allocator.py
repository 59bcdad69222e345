"""Memory of a process that trains: freed blocks are kept for the next step, compiled products only for a while.

glibc gives large blocks back to the system as soon as they are freed, and every step pays for fresh, zeroed pages again: about eleven
thousand page faults an update of the Multi30k recipe.
"""

from __future__ import annotations

import ctypes
import os

# glibc's <malloc.h>: which setting, and its value. No block is a mapping of its own, since that is lost when it is freed; threads share one
# heap, since those of their own are small and given back.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX, _ARENA_MAX = -1, -2, -4, -8
_SETTINGS = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 1 << 30), (_TOP_PAD, 64 << 20), (_ARENA_MAX, 1))


def keep_few_kernels() -> None:
    """Bounds what oneDNN remembers, before its first product: it compiles one for every new shape, which batches of sentences have without
    end, and keeps 1,024 of them. In bfloat16 that is a gigabyte after 80 updates, and no faster than 64."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


def keep_freed_memory() -> bool:
    """Has the process keep up to a GiB of freed memory, from now on; returns whether its C library can."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(setting, value) == 1 for setting, value in _SETTINGS)
