"""Work shared out among threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_cores() -> int:
    """The processor cores this process may run on; all there are, where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(run: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    """What `run` says of each item, in their order. With one worker, or one item, everything happens in the caller's thread; what was not
    begun when the caller stops listening is dropped."""
    if workers == 1 or len(items) < 2:
        yield from map(run, items)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(run, items)
    finally:
        pool.shutdown(cancel_futures=True)


def together(work: Callable[[], None], workers: int, *, stop: Callable[[], None]) -> None:
    """Runs `work` in so many threads at once, the caller's own for one. Where one of them fails, or the wait is interrupted, `stop` is
    called, which must bring the others to an end, and the error is raised."""
    if workers < 2:
        work()
        return
    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(work) for _ in range(workers)]
        try:
            for done in as_completed(running):
                done.result()
        except BaseException:
            stop()
            raise
