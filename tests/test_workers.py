"""Items shared out among threads: all of them, once, in their order, at the same time."""

from __future__ import annotations

import threading

import pytest

from seqtool.workers import in_threads, together


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_results_are_in_order(workers: int, count: int) -> None:
    assert list(in_threads(lambda one: one * one, range(count), workers)) == [one * one for one in range(count)]


def test_workers_work_at_the_same_time() -> None:
    """Each of three waits for the others: one after the other would never end."""
    barrier = threading.Barrier(3, timeout=30)
    assert list(in_threads(lambda _: barrier.wait() >= 0, range(3), 3)) == [True] * 3


def test_one_worker_is_the_caller() -> None:
    assert set(in_threads(lambda _: threading.get_ident(), range(5), 1)) == {threading.get_ident()}


def test_what_was_not_begun_is_dropped() -> None:
    begun: list[int] = []
    go_on = threading.Event()

    def run(one: int) -> None:
        begun.append(one)
        assert one == 0 or go_on.wait(30)

    found = in_threads(run, range(1000), 2)
    next(found)
    threading.Timer(0.2, go_on.set).start()
    found.close()  # type: ignore[attr-defined]
    assert len(begun) < 1000


def test_an_error_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_threads(lambda one: 1 // (one - 1), range(9), 2))


def test_together_is_at_the_same_time_and_alone_is_the_caller() -> None:
    barrier = threading.Barrier(3, timeout=30)
    together(barrier.wait, 3, stop=barrier.abort)
    where: list[int] = []
    together(lambda: where.append(threading.get_ident()), 1, stop=where.clear)
    assert where == [threading.get_ident()]


def test_where_one_fails_the_others_are_stopped() -> None:
    """The other would work for ever."""
    begun = threading.Barrier(2, timeout=30)
    stopped = threading.Event()

    def work() -> None:
        if begun.wait() == 0:
            raise ZeroDivisionError
        assert stopped.wait(30)

    with pytest.raises(ZeroDivisionError):
        together(work, 2, stop=stopped.set)
    assert stopped.is_set()
