"""What a model says of given outputs."""

from __future__ import annotations

import numpy as np

from seqtool.decoding.stepper import BOS, EOS, Constraints, Floats, Ints, State, Stepper


def score_forced(stepper: Stepper[State], src_ids: Ints, src_lengths: Ints, tgt_ids: Ints, tgt_lengths: Ints) -> Floats:
    """The log-probabilities `(B, T + 1)`, in nats, of the outputs `tgt_ids` `(B, T)` and the eos after each, 0 behind it: what search
    would have summed for the same tokens.

    `src_ids` `(B, S)` with `src_lengths` `(B,)` that count the eos; `tgt_lengths` `(B,)` count tokens alone, without bos and eos. To score
    lists of hypotheses, repeat a source once for each.
    """
    count, longest = len(tgt_ids), int(tgt_lengths.max(initial=0))
    results: Floats = np.zeros((count, tgt_ids.shape[1] + 1))
    wanted: Ints = np.full((count, longest + 1), EOS, np.int64)
    real = np.arange(longest) < tgt_lengths[:, None]
    wanted[:, :longest][real] = tgt_ids[:, :longest][real]
    if not count:
        return results
    state = stepper.start(src_ids, src_lengths)
    alive: Ints = np.arange(count)  # row -> output
    tokens: Ints = np.full(count, BOS, np.int64)
    for step in range(longest + 1):
        found, state = stepper.step(tokens, state, Constraints(), 1, wanted[alive, step, None])
        assert found.asked is not None
        results[alive, step] = found.asked[:, 0]
        rows = np.flatnonzero(tgt_lengths[alive] > step)
        if len(rows) < len(alive) and len(rows):
            state = stepper.select(state, rows)
        alive = alive[rows]
        tokens = wanted[alive, step]
    return results
