"""Work shared out among threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


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
