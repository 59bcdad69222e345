"""Models for commands that translate."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqtool.runtime.open import Precision, RuntimeName
    from seqtool.translator import Translator


def load(
    models: Sequence[Path],
    *,
    runtime: RuntimeName | None,
    device: str,
    threads: int | None,
    precision: Precision = "fp32",
    shortlist: bool = False,
) -> Translator:
    """See `Translator.load`. What is in memory by now stays until the end of the process, so the collector need not look through it again
    and again while nobody translates."""
    from seqtool.translator import Translator

    loaded = Translator.load(
        *models, runtime=runtime, precision=precision, device=device, shortlist=shortlist, threads=threads
    )
    gc.freeze()
    return loaded
