"""Searches that follow one hypothesis a sentence. Greedy search takes the best token at every step: the same as a beam of one, with less to
keep track of."""

from __future__ import annotations

from itertools import count
from typing import Protocol

import numpy as np

from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.ngrams import having_loops
from seqtool.decoding.plan import SearchPlan
from seqtool.decoding.rules import Rules
from seqtool.decoding.selection import best_first, closing_up, with_asked
from seqtool.decoding.stepper import BOS, EOS, Candidates, Constraints, Ints, State, Stepper
from seqtool.decoding.trace import Trace
from seqtool.decoding.words import WordCount

# Steps between two looks for loops, and between two when few rows are left: a look takes as long as all else that is done for its rows.
_LOOK_FOR_LOOPS, _LOOK_AT_FEW, _FEW = 16, 4, 8


class Picker(Protocol):
    """Picks the token each row takes."""

    @property
    def wants(self) -> int:
        """The candidates it picks from."""

    def pick(self, candidates: Candidates, sentences: Ints, so_far: int) -> Ints:
        """The column `(R,)` each row takes in the step after `so_far` tokens; row i is of sentence `sentences[i]`."""


def follow(
    stepper: Stepper[State],
    src_ids: Ints,
    src_lengths: Ints,
    plan: SearchPlan,
    rules: Rules,
    picker: Picker | None = None,
) -> list[list[Hypothesis]]:
    """One hypothesis for each sentence of `src_ids` `(B, S)`, of the tokens `picker` picks (None: the best); `src_lengths` `(B,)` count the
    eos. Finished sentences leave the batch, and those to which the rules leave nothing to say, without a hypothesis."""
    if not len(src_ids):
        return []
    trace = Trace(len(src_ids))
    state = stepper.start(src_ids, src_lengths)
    alive: Ints = np.arange(len(src_ids))  # row -> sentence
    tokens: Ints = np.full(len(src_ids), BOS, np.int64)
    log_probs = np.zeros(len(src_ids))
    history: Ints = np.empty((len(src_ids), 0), np.int64)
    words, wants = WordCount(rules.words, len(src_ids)), _wants(picker, rules)
    for so_far in count():
        constraints = words.early(rules.constraints(alive, history, so_far, 1))
        asked = words.asks(constraints)
        candidates, state = stepper.step(tokens, state, constraints, wants, asked, scored=plan.scored)
        if plan.looks:
            trace.look(candidates.attention)
        candidates = _fitting(candidates, asked, words, constraints)
        rows: Ints = np.arange(len(alive))
        tokens, found = candidates.tokens[:, 0], candidates.log_probs[:, 0]
        if picker is not None:
            columns = picker.pick(candidates, alive, so_far)
            tokens, found = candidates.tokens[rows, columns], candidates.log_probs[rows, columns]
        possible = np.isfinite(found)
        log_probs = log_probs + (found if plan.scored else np.nan)
        ended = (tokens == EOS) | ~possible
        if plan.give_up_loops and so_far % (_LOOK_AT_FEW if len(alive) <= _FEW else _LOOK_FOR_LOOPS) == 0:
            ended |= having_loops(history)
        if ended.any():
            done = np.flatnonzero(ended & possible)
            trace.end(alive[done], done, log_probs[done])
            rows = closing_up(~ended)
            if not len(rows):
                break
            state = stepper.select(state, rows)
            alive, tokens, log_probs = alive[rows], tokens[rows], log_probs[rows]
        trace.grow(rows, tokens, log_probs)
        words.grow(rows, tokens)
        if rules.need_history or plan.give_up_loops:
            history = np.concatenate([history[rows], tokens[:, None]], axis=1)
    return trace.hypotheses(plan.scoring, src_lengths, n_best=1, keep_attention=plan.keep_attention)


def _wants(picker: Picker | None, rules: Rules) -> int:
    """How many candidates are looked at. Where words are limited the best may be one too many, and the next is taken, as in a beam."""
    if picker is not None:
        return picker.wants
    return 1 if rules.words is None else 2


def _fitting(candidates: Candidates, asked: Ints | None, words: WordCount, constraints: Constraints) -> Candidates:
    """The candidates that the limits on words leave, best first, and the eos where it was asked for."""
    fitting = words.fit(candidates if asked is None else with_asked(candidates, asked), constraints)
    return candidates if fitting is candidates else best_first(fitting)
