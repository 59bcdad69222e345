"""Batches: every pair once, within the budget, different each epoch, and little padding."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from seqtool import batching
from seqtool.batching import Ints, collate, pad, plan_batches, plan_decoding
from seqtool.text import tokenizer

lengths = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=200).map(
    lambda pairs: (np.array([a for a, _ in pairs], np.int32), np.array([b for _, b in pairs], np.int32))
)


def realistic_lengths(count: int, seed: int = 0) -> tuple[Ints, Ints]:
    """Lengths as in captions: a skewed distribution around 15 tokens, the target 20 % longer or shorter than the source."""
    rng = np.random.default_rng(seed)
    src = np.clip(rng.gamma(6, 2.6, count), 1, 100).astype(np.int64)
    return src, np.clip(src * rng.normal(1, 0.2, count), 1, 100).astype(np.int64)


def padding_share(plan: list[Ints], src: Ints, tgt: Ints) -> float:
    padded = sum(len(batch) * (int(src[batch].max()) + int(tgt[batch].max()) + 2) for batch in plan)
    return 1 - (int(src.sum()) + int(tgt.sum()) + 2 * len(src)) / padded


@given(lengths, st.integers(1, 400), st.integers(0, 2**31 - 1), st.integers(0, 1000), st.integers(1, 5))
def test_every_pair_once_and_within_the_budget(
    pair_lengths: tuple[Ints, Ints], budget: int, seed: int, epoch: int, window: int
) -> None:
    src, tgt = pair_lengths
    plan = plan_batches(src, tgt, batch_tokens=budget, seed=seed, epoch=epoch, window_batches=window)
    assert sorted(int(index) for batch in plan for index in batch) == list(range(len(src)))
    for batch in plan:
        longest = max(int(src[batch].max()), int(tgt[batch].max())) + 1
        assert len(batch) == 1 or len(batch) * longest <= budget


@given(lengths, st.integers(1, 400), st.integers(0, 9), st.integers(0, 9))
def test_a_plan_is_a_pure_function(pair_lengths: tuple[Ints, Ints], budget: int, seed: int, epoch: int) -> None:
    src, tgt = pair_lengths
    state = np.random.get_state()[1]  # the global generator is left alone
    first, again = (plan_batches(src, tgt, batch_tokens=budget, seed=seed, epoch=epoch) for _ in range(2))
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in again]
    assert np.array_equal(state, np.random.get_state()[1])


def test_epochs_and_seeds_differ_in_order_and_in_company() -> None:
    src, tgt = realistic_lengths(5000)
    plans = [
        plan_batches(src, tgt, batch_tokens=1024, seed=seed, epoch=epoch) for seed, epoch in ((1, 0), (1, 1), (2, 0))
    ]
    groups = [{frozenset(batch.tolist()) for batch in plan} for plan in plans]
    assert plans[0][0].tolist() != plans[1][0].tolist()
    assert len(groups[0] & groups[1]) < len(groups[0]) / 10
    assert len(groups[0] & groups[2]) < len(groups[0]) / 10
    # Not the plan of (seed 2, epoch 1) or the like either: seed and epoch do not add up.
    assert [b.tolist() for b in plan_batches(src, tgt, batch_tokens=1024, seed=0, epoch=1)] != [
        b.tolist() for b in plans[0]
    ]


def test_batches_come_in_no_order_of_length() -> None:
    src, tgt = realistic_lengths(20_000)
    means = np.array([src[batch].mean() for batch in plan_batches(src, tgt, batch_tokens=2048, seed=1, epoch=0)])
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.3


@pytest.mark.parametrize(
    ("budget", "most"),
    [
        (2048, 0.10),  # small batches are easily filled with alike sentences
        (4096, 0.12),
        (8192, 0.15),
    ],
)
def test_little_is_padding(budget: int, most: float) -> None:
    src, tgt = realistic_lengths(29_000)
    assert padding_share(plan_batches(src, tgt, batch_tokens=budget, seed=1, epoch=0), src, tgt) < most


def test_batches_are_full() -> None:
    """Steps of training are what costs: there are hardly more batches than the tokens need."""
    src, tgt = realistic_lengths(29_000)
    plan = plan_batches(src, tgt, batch_tokens=4096, seed=1, epoch=0)
    assert len(plan) < 1.2 * (np.maximum(src, tgt) + 1).sum() / 4096


def test_wider_windows_have_less_padding() -> None:
    src, tgt = realistic_lengths(20_000)
    narrow, wide = (
        padding_share(plan_batches(src, tgt, batch_tokens=2048, seed=1, epoch=0, window_batches=size), src, tgt)
        for size in (1, 100)
    )
    assert wide < 0.5 * narrow


def test_a_pair_beyond_the_budget_is_alone() -> None:
    plan = plan_batches(np.array([3, 500, 3]), np.array([3, 2, 3]), batch_tokens=8, seed=1, epoch=0)
    assert sorted(batch.tolist() for batch in plan) in ([[0, 2], [1]], [[1], [2, 0]])


def test_the_longer_side_counts() -> None:
    plan = plan_batches(np.array([1, 1]), np.array([9, 9]), batch_tokens=19, seed=1, epoch=0)
    assert [len(batch) for batch in plan] == [1, 1]
    plan = plan_batches(np.array([9, 9]), np.array([1, 1]), batch_tokens=20, seed=1, epoch=0)
    assert [len(batch) for batch in plan] == [2]


def test_a_million_pairs_take_seconds() -> None:
    src, tgt = realistic_lengths(1_000_000)
    start = time.process_time()
    plan_batches(src, tgt, batch_tokens=4096, seed=1, epoch=0)
    assert time.process_time() - start < 3


def test_two_sides_of_different_size_are_refused() -> None:
    with pytest.raises(ValueError, match="2 source lengths and 1 target lengths"):
        plan_batches(np.array([1, 2]), np.array([1]), batch_tokens=8, seed=1, epoch=0)


@given(st.lists(st.integers(0, 80), max_size=100), st.integers(1, 16), st.integers(1, 300))
def test_decoding_takes_every_sentence_once(sizes: list[int], batch_size: int, budget: int) -> None:
    plan = plan_decoding(np.array(sizes, np.int64), batch_size, budget)
    assert sorted(int(index) for batch in plan for index in batch) == list(range(len(sizes)))
    longest = [max(sizes[index] for index in batch) for batch in plan]
    assert longest == sorted(longest, reverse=True)
    for batch, size in zip(plan, longest, strict=True):
        assert len(batch) <= batch_size
        assert len(batch) == 1 or len(batch) * (size + 1) <= budget


def test_decoding_keeps_equal_lengths_in_order() -> None:
    assert [batch.tolist() for batch in plan_decoding(np.array([5, 7, 5, 5]), 2, 1000)] == [[1, 0], [2, 3]]


rows = st.lists(npst.arrays(np.uint16, st.integers(0, 8), elements=st.integers(4, 65535)), max_size=6)


@given(rows)
def test_pad_adds_only_padding(ids: list[Ints]) -> None:
    padded = pad(ids)
    assert padded.dtype == np.int64
    assert padded.shape == (len(ids), max((len(row) for row in ids), default=0))
    for row, full in zip(ids, padded, strict=True):
        assert full[: len(row)].tolist() == row.tolist()
        assert not full[len(row) :].any()


def test_pad_takes_another_value() -> None:
    assert pad([np.array([1]), np.array([2, 3])], pad_id=-1).tolist() == [[1, -1], [2, 3]]


@given(rows.map(lambda ids: (ids, ids[::-1])))
def test_collate_marks_beginnings_and_ends(sides: tuple[list[Ints], list[Ints]]) -> None:
    src_rows, tgt_rows = sides
    batch = collate(src_rows, tgt_rows)
    assert {array.dtype for array in (batch.src, batch.tgt_in, batch.tgt_out)} == {np.dtype(np.int64)}
    assert batch.tgt_in.shape == batch.tgt_out.shape
    for index, (src, tgt) in enumerate(zip(src_rows, tgt_rows, strict=True)):
        assert batch.src_lengths[index] == len(src) + 1
        assert batch.tgt_lengths[index] == len(tgt) + 1
        width, height = batch.src.shape[1] - len(src) - 1, batch.tgt_out.shape[1] - len(tgt) - 1
        assert batch.src[index].tolist() == [*src.tolist(), batching.EOS, *[batching.PAD] * width]
        assert batch.tgt_in[index].tolist() == [batching.BOS, *tgt.tolist(), *[batching.PAD] * height]
        assert batch.tgt_out[index].tolist() == [*tgt.tolist(), batching.EOS, *[batching.PAD] * height]


def test_collate_by_hand() -> None:
    batch = collate([np.array([5, 6]), np.array([7])], [np.array([8]), np.array([], np.int64)])
    assert batch.src.tolist() == [[5, 6, 3], [7, 3, 0]]
    assert batch.tgt_in.tolist() == [[2, 8], [2, 0]]
    assert batch.tgt_out.tolist() == [[8, 3], [3, 0]]
    assert batch.src_lengths.tolist() == [3, 2]
    assert batch.tgt_lengths.tolist() == [2, 1]


def test_collate_refuses_sides_of_different_size() -> None:
    with pytest.raises(ValueError, match="1 source rows and 0 target rows"):
        collate([np.array([1])], [])


def test_the_special_ids_are_the_tokenizers() -> None:
    assert (batching.PAD, batching.BOS, batching.EOS) == (tokenizer.PAD, tokenizer.BOS, tokenizer.EOS)


@settings(max_examples=20)
@given(st.integers(1, 300), st.integers(0, 5))
def test_zero_lengths_still_hold_an_eos(budget: int, epoch: int) -> None:
    zeros = np.zeros(50, np.int32)
    plan = plan_batches(zeros, zeros, batch_tokens=budget, seed=1, epoch=epoch)
    assert all(len(batch) <= budget for batch in plan)
    assert len(plan) == -(-50 // budget)
