"""Batched beam search."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

import numpy as np

from seqtool.decoding.diverse import choose_in_groups, distinct
from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import SearchPlan
from seqtool.decoding.rules import Rules
from seqtool.decoding.selection import Choice, Pool, choose, closing_up, continuations, with_asked
from seqtool.decoding.stepper import BOS, Floats, Ints, State, Stepper
from seqtool.decoding.trace import Trace
from seqtool.decoding.words import WordCount


class Beams(NamedTuple):
    """Live hypotheses of the B sentences still in the batch: `sentences` `(B,)` says which, `log_probs` `(B, K)` holds their sums (-inf: an
    empty place), `finished` `(B, G)` counts those that have ended in each group, `history` `(B x K, T)` holds their tokens where a rule
    needs them, else it has no columns."""

    sentences: Ints
    log_probs: Floats
    finished: Ints
    history: Ints


def search_beams(
    stepper: Stepper[State], src_ids: Ints, src_lengths: Ints, plan: SearchPlan, rules: Rules
) -> list[list[Hypothesis]]:
    """Up to `n_best` hypotheses, best first, for each sentence of `src_ids` `(B, S)`; `src_lengths` `(B,)` count the eos.

    A hypothesis finishes when its eos is among the best `width` continuations of its sentence; a sentence leaves the batch when `width`
    hypotheses have finished, or all that were left had to end. Live hypotheses are always the best `width` unfinished ones. Where the beam
    is divided all this is said of each group.
    """
    if not len(src_ids):
        return []
    trace = Trace(len(src_ids))
    state = stepper.start(src_ids, src_lengths)
    beams = first_beams(len(src_ids), plan.diversity.groups)
    words = WordCount(rules.words, len(src_ids))
    tokens: Ints = np.full(len(src_ids), BOS, np.int64)
    for so_far in count():
        places = beams.log_probs.shape[1]
        constraints = words.early(rules.constraints(beams.sentences, beams.history, so_far, places))
        asked = words.asks(constraints)
        # one more than the beam: a row has at most one eos, and as many others as the beam holds must remain
        candidates, state = stepper.step(tokens, state, constraints, plan.width + 1, asked)
        if plan.looks:
            trace.look(candidates.attention)
        if asked is not None:
            candidates = with_asked(candidates, asked)
        candidates = words.fit(candidates, constraints)
        pool = continuations(candidates, beams.log_probs, plan.width)
        choice = _choose(pool, places, plan)
        file_ended(trace, choice, beams)
        beams, rows, tokens = advance(choice, beams, rules)
        if not len(rows):
            break
        trace.grow(rows, tokens, beams.log_probs.reshape(-1))
        words.grow(rows, tokens)
        state = stepper.select(state, rows)
    return _results(trace, src_lengths, plan)


def _choose(pool: Pool, places: int, plan: SearchPlan) -> Choice:
    if plan.diversity.groups == 1:
        return choose(pool, plan.width)
    return choose_in_groups(pool, places, plan.width, plan.diversity)


def _results(trace: Trace, src_lengths: Ints, plan: SearchPlan) -> list[list[Hypothesis]]:
    if plan.diversity.groups == 1:
        return trace.hypotheses(plan.scoring, src_lengths, n_best=plan.n_best, keep_attention=plan.keep_attention)
    everything = trace.hypotheses(plan.scoring, src_lengths, n_best=None, keep_attention=plan.keep_attention)
    return [distinct(found, plan.n_best) for found in everything]


def first_beams(sentences: int, groups: int) -> Beams:
    """One hypothesis without tokens for each sentence."""
    history: Ints = np.empty((sentences, 0), np.int64)
    return Beams(np.arange(sentences), np.zeros((sentences, 1)), np.zeros((sentences, groups), np.int64), history)


def file_ended(trace: Trace, choice: Choice, beams: Beams) -> None:
    """Tells the trace which hypotheses ended in this step."""
    if choice.ended is None:
        return
    rows, columns = np.nonzero(choice.ended)
    parents = choice.best.parents[rows, columns] + rows * beams.log_probs.shape[1]
    trace.end(beams.sentences[rows], parents, choice.best.log_probs[rows, columns])


def advance(choice: Choice, beams: Beams, rules: Rules) -> tuple[Beams, Ints, Ints]:
    """The live hypotheses after this step, the old rows they continue and their tokens, both `(B' x K,)`."""
    live, finished, sums = choice.live, beams.finished, choice.live.log_probs
    sentences, groups = finished.shape
    rows = live.parents + np.arange(0, beams.log_probs.size, beams.log_probs.shape[1])[:, None]
    if choice.ended is not None:
        size = sums.shape[1] // groups
        finished = finished + choice.ended.reshape(sentences, groups, size).sum(2)
        sums = np.where(np.repeat(finished >= size, size, axis=1), -np.inf, sums)
    stay = sums.max(axis=1) > -np.inf
    if stay.all():
        kept = beams.sentences, sums, finished
        tokens = live.tokens.reshape(-1)
    else:
        order = closing_up(stay)
        kept = beams.sentences[order], sums[order], finished[order]
        rows, tokens = rows[order], live.tokens[order].reshape(-1)
    rows = rows.reshape(-1)
    history = beams.history
    if rules.need_history:
        history = np.concatenate([history[rows], tokens[:, None]], axis=1)
    return Beams(*kept, history), rows, tokens
