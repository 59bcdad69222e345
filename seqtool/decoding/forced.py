"""What a model says of given outputs, and where it looks while it is made to write them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqtool.decoding.stepper import BOS, EOS, Constraints, Floats, Floats32, Ints, State, Stepper


class Forced(NamedTuple):
    """Of each given token and the eos after it: `log_probs` `(B, T + 1)`, in nats, and `attention` `(B, T + 1, S)`, None where the model
    has none or nobody asked; both are 0 behind the eos."""

    log_probs: Floats
    attention: Floats32 | None


def score_forced(stepper: Stepper[State], src_ids: Ints, src_lengths: Ints, tgt_ids: Ints, tgt_lengths: Ints) -> Floats:
    """The log-probabilities alone, see `force`."""
    return force(stepper, src_ids, src_lengths, tgt_ids, tgt_lengths).log_probs


def force(
    stepper: Stepper[State],
    src_ids: Ints,
    src_lengths: Ints,
    tgt_ids: Ints,
    tgt_lengths: Ints,
    *,
    keep_attention: bool = False,
) -> Forced:
    """Has the model write the outputs `tgt_ids` `(B, T)` and the eos after each: the numbers are what search would have found for the same
    tokens.

    `src_ids` `(B, S)` with `src_lengths` `(B,)` that count the eos; `tgt_lengths` `(B,)` count tokens alone, without bos and eos. To score
    lists of hypotheses, repeat a source once for each.
    """
    count, longest = len(tgt_ids), int(tgt_lengths.max(initial=0))
    results: Floats = np.zeros((count, tgt_ids.shape[1] + 1))
    looks: Floats32 | None = None
    wanted: Ints = np.full((count, longest + 1), EOS, np.int64)
    real = np.arange(longest) < tgt_lengths[:, None]
    wanted[:, :longest][real] = tgt_ids[:, :longest][real]
    if not count:
        return Forced(results, None)
    state = stepper.start(src_ids, src_lengths)
    alive: Ints = np.arange(count)  # row -> output
    tokens: Ints = np.full(count, BOS, np.int64)
    for step in range(longest + 1):
        found, state = stepper.step(tokens, state, Constraints(), 1, wanted[alive, step, None])
        assert found.asked is not None
        results[alive, step] = found.asked[:, 0]
        if keep_attention and found.attention is not None:
            if looks is None:
                looks = np.zeros((*results.shape, found.attention.shape[1]), np.float32)
            looks[alive, step] = found.attention
        rows = np.flatnonzero(tgt_lengths[alive] > step)
        if len(rows) < len(alive) and len(rows):
            state = stepper.select(state, rows)
        alive = alive[rows]
        tokens = wanted[alive, step]
    return Forced(results, looks)
