"""How many tokens a batch should have where the recipe says `auto`: enough updates an epoch for the corpus, and what memory holds."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import torch

from seqtool.batching import Ints, Pairs
from seqtool.recipe.by_size import BATCHES, LEAST_TOKENS, MOST_TOKENS
from seqtool.recipe.schema import Recipe
from seqtool.text.prepared import Prepared
from seqtool.training.assemble import Parts, assemble

_GRAIN = 256
_TRIAL_TOKENS = 2048
# What the trial found may be half of what the unluckiest batch needs.
_SHARE_OF_MEMORY = 0.5


def fitting_batch_tokens(recipe: Recipe, prepared: Prepared) -> int:
    """For this corpus and the memory free now: a multiple of 256, from 512 to 16,384, or the longest pair's where that is more. Raises what
    `assemble` raises."""
    wanted = by_corpus(prepared.train)
    held = _by_memory(recipe, prepared)
    best = wanted if held is None else min(wanted, held)
    return max(min(MOST_TOKENS, max(LEAST_TOKENS, best // _GRAIN * _GRAIN)), longest_tokens(prepared.train))


def longest_tokens(pairs: Pairs) -> int:
    """Tokens of the longest sentence of either side, with its end: a batch holds at least these."""
    return 1 + int(max(pairs.src_lengths.max(), pairs.tgt_lengths.max()))


def by_corpus(pairs: Pairs) -> int:
    """Tokens of a batch, the longer side counted, when an epoch has about 200 updates."""
    longer = np.maximum(pairs.src_lengths, pairs.tgt_lengths).astype(np.int64) + 1
    return int(longer.sum()) // BATCHES


def _by_memory(recipe: Recipe, prepared: Prepared) -> int | None:
    """The most tokens whose update fits, by what one of the longest pairs took; None where the system does not tell."""
    trial = recipe.model_copy(update={"training": recipe.training.model_copy(update={"batch_tokens": _TRIAL_TOKENS})})
    parts = assemble(trial, prepared)
    rows = _longest(prepared.train)
    took, free = (
        _on_gpu(parts, prepared.train, rows) if parts.device == "cuda" else _on_cpu(parts, prepared.train, rows)
    )
    del parts
    gc.collect()
    if took is None or free is None:
        return None
    return int(_TRIAL_TOKENS * _SHARE_OF_MEMORY * free / max(took, 1))


def _longest(pairs: Pairs) -> Ints:
    longer = np.maximum(pairs.src_lengths, pairs.tgt_lengths).astype(np.int64) + 1
    order = np.argsort(-longer, kind="stable")
    return order[: max(1, _TRIAL_TOKENS // int(longer[order[0]]))]


def _update(parts: Parts, pairs: Pairs, rows: Ints) -> None:
    parts.loop.gradients(pairs, [rows], step=1)
    parts.updater.update(0.0)


def _on_gpu(parts: Parts, pairs: Pairs, rows: Ints) -> tuple[int | None, int | None]:
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    _update(parts, pairs, rows)
    took = torch.cuda.max_memory_allocated() - before
    return took, torch.cuda.mem_get_info()[0] + took


def _on_cpu(parts: Parts, pairs: Pairs, rows: Ints) -> tuple[int | None, int | None]:
    """Freed memory stays with the process while it trains (`allocator`), so what it holds afterwards is what it needed."""
    before, free = _kilobytes("/proc/self/status", "VmRSS"), _kilobytes("/proc/meminfo", "MemAvailable")
    _update(parts, pairs, rows)
    after = _kilobytes("/proc/self/status", "VmRSS")
    return None if before is None or after is None else max(1, after - before), free


def _kilobytes(path: str, name: str) -> int | None:
    """A number of a file of Linux's, where there is one."""
    try:
        lines = Path(path).read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), None)
