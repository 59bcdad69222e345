"""What workers take from a queue: everything once, the last of it in small batches, and what comes back in one go."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.decoding.stepper import Ints
from seqtool.searching import BATCH_TOKENS, Queue, Task
from seqtool.translator import Translator
from tests.decoding.table_stepper import TableState, TableStepper, random_tables


def everything(queue: Queue) -> list[Task]:
    return list(iter(queue.take, None))


@given(st.lists(st.integers(1, 40), max_size=200), st.integers(1, 64), st.integers(1, 4))
def test_everything_is_done_once_and_what_is_added_once_more(lengths: list[int], batch_size: int, workers: int) -> None:
    queue = Queue(np.array(lengths, np.int64), batch_size, workers)
    first: list[int] = []
    again: list[int] = []
    added: list[int] = []
    while (task := queue.take()) is not None:
        assert 1 <= len(task.batch) <= batch_size
        (again if task.again else first).extend(task.batch.tolist())
        if not task.again:
            back = [index for index in task.batch.tolist() if index % 3 == 0]
            added.extend(back)
            queue.add(back)
    assert sorted(first) == list(range(len(lengths)))
    assert sorted(again) == sorted(added)


def test_the_last_batches_are_halved_where_several_work() -> None:
    lengths = np.full(200, 5)
    assert [len(task.batch) for task in everything(Queue(lengths, 40, 1))] == [40] * 5
    assert [len(task.batch) for task in everything(Queue(lengths, 40, 2))] == [40, 40, 40, 20, 20, 20, 20]
    assert [len(task.batch) for task in everything(Queue(lengths[:10], 40, 2))] == [10]


def test_sentences_of_many_hypotheses_come_in_smaller_batches() -> None:
    lengths = np.full(200, 5)
    for rows, size in ((1, 64), (5, 64), (8, 64), (16, 32), (100, 5), (1000, 1)):
        assert max(len(task.batch) for task in everything(Queue(lengths, 64, 1, rows))) == size
    long_ones = np.full(6, BATCH_TOKENS // 8 - 1)
    assert [len(task.batch) for task in everything(Queue(long_ones, 64, 1, 32))] == [2, 2, 2]


def test_what_is_added_waits_for_the_end_and_comes_together() -> None:
    queue = Queue(np.full(200, 5), 40, 1)
    sizes = []
    for _ in range(4):
        task = queue.take()
        assert task is not None
        assert not task.again
        queue.add(task.batch[:2].tolist())
        sizes.append(len(queue))
    assert sizes == [4, 3, 2, 1]
    task = queue.take()
    assert task is not None
    assert (len(task.batch), task.again) == (8, True)
    assert [task.again for task in everything(queue)] == [False]


def test_long_sources_come_back_in_batches_that_fit() -> None:
    queue = Queue(np.full(6, BATCH_TOKENS // 2 - 1), 64, 1)
    queue.add(list(range(6)))
    assert [len(task.batch) for task in everything(queue)] == [2] * 6


def test_a_dropped_queue_has_nothing() -> None:
    queue = Queue(np.full(9, 5), 2, 2)
    queue.add([1])
    queue.drop()
    assert everything(queue) == []


class Failing(TableStepper):
    """Fails at the first step, slowly enough for the other worker to begin."""

    def start(self, src_ids: Ints, src_lengths: Ints) -> TableState:
        self.rows.append(len(src_ids))
        time.sleep(0.05)
        raise MemoryError


def test_an_error_ends_the_search_with_the_batches_that_were_begun(random_model: Path) -> None:
    stepper = Failing(random_tables(1, 1, 9, 1))
    translator = replace(Translator.load(random_model), stepper=stepper, workers=2)
    with pytest.raises(MemoryError):
        translator.with_search(batch_size=1).translate_window(["eins ."] * 50)
    assert len(stepper.rows) <= 3
