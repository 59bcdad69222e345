"""Parts of lines searched in batches, by several workers at once; those that ran in circles are searched once more."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from seqtool.batching import pad, plan_decoding
from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.ngrams import has_loop
from seqtool.decoding.plan import SearchPlan
from seqtool.decoding.search import in_circles, search
from seqtool.decoding.stepper import Ints, Stepper
from seqtool.errors import ModelError
from seqtool.parts import Part, Parting
from seqtool.translation import Output
from seqtool.wording import Wording
from seqtool.workers import together

# Padded source tokens of a decoding batch at the most; with long lines it makes batches smaller than the batch size.
BATCH_TOKENS = 1 << 14
# A line that ran in circles is searched again with n-grams of this size blocked; every loop repeats one of them.
_LOOP_NGRAM = 3
# A search that keeps more hypotheses of a sentence than this takes fewer sentences at once, so that memory stays as it is.
_WIDE = 8
# Batches of more rows than this are cut in two at the end.
_SMALL = 16


class Found(NamedTuple):
    """The hypotheses for a part, the outputs they are on their own, and whether it was searched again because it ran in circles."""

    hypotheses: list[Hypothesis]
    outputs: tuple[Output, ...]
    again: bool


class Task(NamedTuple):
    """The parts with these indices, to be searched together, for the first time or again."""

    batch: Ints
    again: bool


class Queue:
    """What is left to do of sources of `lengths` `(N,)`, which do not count the eos: batches of at most `batch_size`, fewer where each
    sentence has many `rows`, those at the end smaller so that all `workers` end at about the same time, and what `add` brings back. That
    waits until few batches are left: most of it is done in one go, and still beside others."""

    def __init__(self, lengths: Ints, batch_size: int, workers: int, rows: int = 1) -> None:
        self._lengths, self._few = lengths, workers
        self._batch_size, self._tokens = (
            max(1, most * _WIDE // max(_WIDE, rows)) for most in (batch_size, BATCH_TOKENS)
        )
        batches = self._batches(np.arange(len(lengths)))
        whole = max(len(batches) - workers, 0) if workers > 1 else len(batches)
        batches = [*batches[:whole], *(half for batch in batches[whole:] for half in _halves(batch))]
        self._tasks = deque(Task(batch, again=False) for batch in batches)
        self._again: list[int] = []
        self._lock = Lock()

    def __len__(self) -> int:
        """The tasks there are now."""
        return len(self._tasks)

    def add(self, indices: Sequence[int]) -> None:
        """These are to be done again."""
        with self._lock:
            self._again.extend(indices)

    def take(self) -> Task | None:
        """The next task, None where nothing is left now. Whoever adds must take until there is nothing."""
        with self._lock:
            if self._again and len(self._tasks) <= self._few:
                again = self._batches(np.array(sorted(self._again)))
                self._tasks.extendleft(Task(batch, again=True) for batch in again)
                self._again = []
            return self._tasks.popleft() if self._tasks else None

    def drop(self) -> None:
        """Leaves nothing to do."""
        with self._lock:
            self._tasks.clear()
            self._again.clear()

    def _batches(self, indices: Ints) -> list[Ints]:
        return [indices[batch] for batch in plan_decoding(self._lengths[indices], self._batch_size, self._tokens)]


def _halves(batch: Ints) -> list[Ints]:
    middle = len(batch) // 2
    return [batch] if len(batch) <= _SMALL else [batch[:middle], batch[middle:]]


@dataclass(frozen=True)
class Searching:
    """How parts are searched: in batches of at most `batch_size`."""

    stepper: Stepper[Any]
    plan: SearchPlan
    parting: Parting
    wording: Wording
    workers: int
    batch_size: int

    def search(self, parts: Sequence[Part]) -> list[Found]:
        """What was found for each part."""
        lengths = np.array([part.longest for part in parts], np.int64)
        queue = Queue(lengths, self.batch_size, self.workers, self.plan.rows)
        found: dict[int, Found] = {}

        def work() -> None:
            while (task := queue.take()) is not None:
                found.update(self._done(task, parts, queue))

        together(work, min(self.workers, len(queue)), stop=queue.drop)
        return [found[index] for index in range(len(parts))]

    def _done(self, task: Task, parts: Sequence[Part], queue: Queue) -> dict[int, Found]:
        """Searches, and words what was found while other workers compute."""
        guarded = not task.again and not self.plan.no_repeat_ngram_size and self.plan.sampling is None
        batch = [parts[index] for index in task.batch]
        # What a source, or the beginning that was asked for, says over and over may be said so.
        own = {place for place, part in enumerate(batch) if has_loop(part.ids.tolist()) or has_loop(part.prefix)}
        plan = replace(self.plan, give_up_loops=guarded and not own)
        if task.again:
            plan = replace(plan, no_repeat_ngram_size=_LOOP_NGRAM)
        sizes = np.array([len(part.ids) for part in batch], np.int64)
        results = search(self.stepper, pad([part.row for part in batch]), sizes, plan, self.parting.requests(batch))
        circling = set(in_circles(results)) - own if guarded else set()
        if not all(results):
            message = "the model gives no output a probability that is a number"
            raise ModelError("model.not-finite", message, "take the model from its source again, or train it again")
        queue.add([int(task.batch[place]) for place in circling])
        return {
            index: Found(hypotheses, self.wording.outputs([(part, hypotheses)]), task.again)
            for place, (index, part, hypotheses) in enumerate(zip(task.batch.tolist(), batch, results, strict=True))
            if place not in circling
        }
