"""Lexically constrained decoding: outputs that contain given phrases.

Dynamic beam allocation (Post and Vilar 2018) over whole arrays (Hu et al. 2019): hypotheses compete with those that have met as many tokens
of phrases as they have (a bank), and the beam is divided over the banks. A sentence without phrases has a single bank, and gets what plain
beam search gives.
"""

from __future__ import annotations

from itertools import count

import numpy as np

from seqtool.decoding.beam import advance, file_ended, first_beams
from seqtool.decoding.glossary import (
    Phrases,
    Progress,
    met_sizes,
    met_tokens,
    missing_now,
    no_progress,
    say,
    useful_tokens,
)
from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.plan import SearchPlan
from seqtool.decoding.rules import Rules
from seqtool.decoding.selection import Choice, Pool, continuations, descending, with_asked, without_eos
from seqtool.decoding.stepper import BOS, EOS, Candidates, Constraints, Floats, Ints, State, Stepper
from seqtool.decoding.trace import Trace
from seqtool.decoding.words import Missing, WordCount


def search_constrained(
    stepper: Stepper[State],
    src_ids: Ints,
    src_lengths: Ints,
    plan: SearchPlan,
    rules: Rules,
    wanted: Phrases,
) -> list[list[Hypothesis]]:
    """Up to `n_best` hypotheses, best first, for each sentence of `src_ids` `(B, S)`, all with the phrases that are `wanted` of it;
    `src_lengths` `(B,)` count the eos. `rules` must leave room for the phrases; phrases may say what n-gram blocking forbids."""
    progress = no_progress(wanted)
    trace = Trace(len(src_ids))
    state = stepper.start(src_ids, src_lengths)
    beams = first_beams(len(src_ids), groups=1)
    tokens: Ints = np.full(len(src_ids), BOS, np.int64)
    words, sizes = WordCount(rules.words, len(src_ids)), _word_sizes(wanted, rules)
    for so_far in count():
        constraints = words.early(rules.constraints(beams.sentences, beams.history, so_far, beams.log_probs.shape[1]))
        asked = _asked(wanted, progress, constraints)
        ends = words.asks(constraints, None if sizes is None else missing_now(progress, sizes))
        asked = asked if ends is None else np.concatenate([asked, ends], axis=1)
        candidates, state = stepper.step(tokens, state, constraints, plan.width + 1, asked)
        if plan.looks:
            trace.look(candidates.attention)
        room = rules.most[progress.sentences] - so_far - 1
        candidates, met = _possible(with_asked(candidates, asked), wanted, progress, room)
        missing = None if sizes is None else _missing(wanted, progress, sizes, candidates.tokens)
        candidates = words.fit(candidates, constraints, missing)
        pool = continuations(candidates, beams.log_probs, plan.width)
        choice = _choose(pool, met.reshape(len(beams.sentences), -1), plan.width)
        file_ended(trace, choice, beams)
        beams, rows, tokens = advance(choice, beams, rules)
        if not len(rows):
            break
        trace.grow(rows, tokens, beams.log_probs.reshape(-1))
        words.grow(rows, tokens)
        progress = say(wanted, progress.of(rows), tokens)
        state = stepper.select(state, rows)
    return trace.hypotheses(plan.scoring, src_lengths, n_best=plan.n_best, keep_attention=plan.keep_attention)


def _asked(phrases: Phrases, progress: Progress, constraints: Constraints) -> Ints:
    """The tokens of phrases each row should consider `(R, M)`, none where its token is forced."""
    asked = useful_tokens(phrases, progress)
    if constraints.forced is None:
        return asked
    return np.where(constraints.forced[:, None] >= 0, -1, asked)


def _word_sizes(phrases: Phrases, rules: Rules) -> Ints | None:
    """The words begun by the first 0, 1, ... tokens of each phrase `(B, P, L + 1)`; None where words are not limited."""
    if rules.words is None:
        return None
    sizes: Ints = np.zeros((*phrases.lengths.shape, phrases.tokens.shape[2] + 1), np.int64)
    for row, place in zip(*np.nonzero(phrases.lengths), strict=True):
        begun = rules.words.table.begun(phrases.tokens[row, place, : phrases.lengths[row, place]].tolist())
        sizes[row, place] = np.pad(begun, (0, sizes.shape[2] - len(begun)), mode="edge")
    return sizes


def _missing(phrases: Phrases, progress: Progress, sizes: Ints, tokens: Ints) -> Missing:
    """The words of phrases that rows lack, now and after each of `tokens` `(R, C)`."""
    totals = sizes[..., -1].sum(1)[progress.sentences]
    after = totals[:, None] - met_sizes(phrases, progress, tokens, sizes)
    return Missing(missing_now(progress, sizes), after, np.any(~progress.met, axis=1))


def _possible(candidates: Candidates, phrases: Phrases, progress: Progress, room: Ints) -> tuple[Candidates, Ints]:
    """The candidates after which the phrases that are missing still fit into the `room` `(R,)` left, an eos only where none is missing; and
    the tokens of phrases met with each, `(R, C)`."""
    met = met_tokens(phrases, progress, candidates.tokens)
    missing = phrases.totals[progress.sentences][:, None] - met
    fine = missing <= np.where(candidates.tokens == EOS, 0, room[:, None])
    return candidates._replace(log_probs=np.where(fine, candidates.log_probs, -np.inf)), met


def _choose(pool: Pool, banks: Ints, width: int) -> Choice:
    """What `choose` does, with the beam divided over `banks` `(B, W)`."""
    missing = pool.tokens.shape[1] - banks.shape[1]
    banks = np.pad(banks, ((0, 0), (0, missing)))
    best = pool.at(_divide(pool.log_probs, banks, width))
    ended = (best.tokens == EOS) & np.isfinite(best.log_probs)
    others = without_eos(pool)
    live = others.at(_divide(others.log_probs, banks, width))
    return Choice(live, best, ended if ended.any() else None)


def _divide(log_probs: Floats, banks: Ints, width: int) -> Ints:
    """The places `(B, width)` of the continuations taken, greatest sum first: the best of each bank, then the second best of each, and so
    on; where not all have room those that have met more go first."""
    order = descending(log_probs)
    empty = banks.max(initial=0) + 1
    ranked = np.where(np.isfinite(np.take_along_axis(log_probs, order, 1)), np.take_along_axis(banks, order, 1), empty)
    by_bank = np.argsort(ranked, axis=1, kind="stable")
    order, ranked = np.take_along_axis(order, by_bank, 1), np.take_along_axis(ranked, by_bank, 1)
    places = np.arange(order.shape[1])
    new = np.diff(ranked, axis=1, prepend=-1) != 0
    rank = places - np.maximum.accumulate(np.where(new, places, 0), axis=1)  # within its bank
    turn = np.where(ranked == empty, order.shape[1], rank) * (empty + 1) - ranked
    taken = np.take_along_axis(order, np.argsort(turn, axis=1, kind="stable")[:, :width], 1)
    return np.take_along_axis(taken, descending(np.take_along_axis(log_probs, taken, 1)), 1)
