"""A synthetic corpus written into a run directory, and the recipe that trains on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from seqtool import fs
from seqtool.recipe.schema import CorpusSection, Recipe
from seqtool.resumable import resumable_output
from seqtool.synthesis.blocks import Block, Pair, not_made_yet
from seqtool.synthesis.origin import LINES, claim
from seqtool.text.lines import json_line
from seqtool.training.device import choose_device
from seqtool.training.run_dir import held_run_dir
from seqtool.training.signals import Interrupted, Signals
from seqtool.translator import Translator


class Watcher(Protocol):
    """Watches a corpus being written."""

    def message(self, text: str) -> None:
        """Something worth a line."""

    def started(self, left: int) -> None:
        """So many pairs are still to be written."""

    def wrote(self, pairs: int) -> None:
        """So many more pairs are in the file."""

    def translated(self, translator: Translator) -> None:
        """The last line was translated; `translator.counts` say what happened to them."""


@dataclass(frozen=True)
class Job:
    """A corpus to be made: how many pairs it has, the facts that decide what is in them, by dotted key, and its blocks, which load their
    models when the first is asked for."""

    pairs: int
    facts: dict[str, object]
    blocks: Callable[[], Iterator[Block]]


Plan = Callable[[Recipe, Watcher], Job]


def synthesize(recipe: Recipe, plan: Plan, *, restart: bool, watcher: Watcher) -> Recipe:
    """Writes the corpus of a recipe into `synthetic.jsonl` of its run directory, a pair an object with `src` and `tgt`, or goes on where
    that was interrupted; returns the recipe that trains on it. `restart` moves an old run aside first.

    Raises `DataError` and `ModelError` for what it is made from, `UsageError` where other lines are there, `ResourceError`, and
    `Terminated` after a signal, when whole lines have been kept.
    """
    assert recipe.run_dir is not None, "the loader fills it in"
    run_dir = Path(recipe.run_dir)
    path = run_dir / LINES
    signals = Signals()
    with signals.watching():
        try:
            with signals.droppable():
                job = plan(recipe, watcher)
            fs.make_dir(run_dir)
            with held_run_dir(run_dir, restart=restart, say=watcher.message):
                claim(run_dir, job.facts)
                _write(path, job, signals, watcher)
            if signals.number:  # it came with the last line: training must not begin
                raise Interrupted
        except Interrupted:
            raise signals.end(f"stopped while writing {path}") from None
    return _learning_from(path, recipe)


def _write(path: Path, job: Job, signals: Signals, watcher: Watcher) -> None:
    """A signal drops what is being translated, and never a line that is being written."""
    with resumable_output(path, resume=True) as out:
        if out.complete:
            watcher.message(f"{path} is complete: {out.lines_done:,} pairs")
            return
        if out.lines_done:
            watcher.message(f"going on after {out.lines_done:,} of {job.pairs:,} pairs")
        watcher.started(job.pairs - out.lines_done)
        left = not_made_yet(job.blocks(), out.lines_done)
        while pairs := _next(left, signals):
            out.write(_lines(pairs))
            watcher.wrote(len(pairs))
    watcher.message(f"{path}: {job.pairs:,} pairs")


def _next(blocks: Iterator[list[Pair]], signals: Signals) -> list[Pair]:
    """The next pairs, none at the end."""
    with signals.droppable():
        return next(blocks, [])


def _lines(pairs: list[Pair]) -> bytes:
    """JSON lines."""
    return "".join(f"{json_line({'src': src, 'tgt': tgt})}\n" for src, tgt in pairs).encode()


def _learning_from(path: Path, recipe: Recipe) -> Recipe:
    """The recipe with these training pairs. It no longer says how they were made: nobody should make them from themselves."""
    train = CorpusSection(jsonl=os.path.abspath(path), src="src", tgt="tgt")  # noqa: PTH100 a link in it stays
    data = recipe.data.model_copy(update={"train": train})
    return recipe.model_copy(update={"data": data, "distill": None, "backtranslate": None})


def open_translator(models: list[str], recipe: Recipe, *, beam_size: int, n_best: int = 1) -> Translator:
    """Models that search as they were trained to, with this beam and the recipe's batches, threads and device. Raises `ModelError`,
    `UsageError` and `ResourceError`."""
    device = choose_device(recipe.training.device)
    loaded = Translator.load(*models, device=device, threads=recipe.training.threads)
    return loaded.with_search(n_best=n_best, scored=False, beam_size=beam_size, batch_size=recipe.decoding.batch_size)
