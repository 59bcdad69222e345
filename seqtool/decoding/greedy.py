"""Greedy search: the best token at every step. The same as a beam of one, with less to keep track of."""

from __future__ import annotations

import numpy as np

from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.rules import LengthLimit, ending
from seqtool.decoding.stepper import BOS, EOS, Floats, Ints, State, Stepper


def greedy_search(
    stepper: Stepper[State], src_ids: Ints, src_lengths: Ints, *, limit: LengthLimit, length_penalty: float
) -> list[list[Hypothesis]]:
    """One hypothesis for each sentence of `src_ids` `(B, S)`; `src_lengths` `(B,)` count the eos. Finished sentences leave the batch."""
    results: list[list[Hypothesis]] = [[] for _ in range(len(src_ids))]
    state = stepper.start(src_ids, src_lengths)
    most = limit.most(src_lengths)
    alive: Ints = np.arange(len(src_ids))  # row -> sentence
    tokens: Ints = np.full(len(src_ids), BOS, np.int64)
    log_probs: Floats = np.zeros(len(src_ids))
    history: Ints = np.empty((len(src_ids), 0), np.int64)
    while len(alive):
        candidates, state = stepper.step(tokens, state, ending(most, history.shape[1], 1), 1)
        tokens = candidates.tokens[:, 0]
        log_probs = log_probs + candidates.log_probs[:, 0]
        ended = tokens == EOS
        for row in np.flatnonzero(ended).tolist():
            score = normalised(log_probs[row], history.shape[1] + 1, length_penalty)
            results[alive[row]].append(Hypothesis(tuple(history[row].tolist()), float(log_probs[row]), score))
        history = np.concatenate([history, tokens[:, None]], axis=1)
        if ended.any():
            rows = np.flatnonzero(~ended)
            if not len(rows):
                break
            state = stepper.select(state, rows)
            alive, tokens, history, most = alive[rows], tokens[rows], history[rows], most[rows]
            log_probs = log_probs[rows]
    return results
