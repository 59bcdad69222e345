"""Freed memory is kept for the next step.

glibc gives large blocks back to the system as soon as they are freed, and every step pays for fresh, zeroed pages again: about eleven
thousand page faults an update of the Multi30k recipe.
"""

from __future__ import annotations

import ctypes

# glibc's <malloc.h>: which setting, and its value in bytes. 32 MiB is the highest threshold glibc takes.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_SETTINGS = ((_MMAP_THRESHOLD, 32 << 20), (_TRIM_THRESHOLD, 1 << 30), (_TOP_PAD, 64 << 20))


def keep_freed_memory() -> bool:
    """Has the process keep up to a GiB of freed memory; returns whether its C library can."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(setting, value) == 1 for setting, value in _SETTINGS)
