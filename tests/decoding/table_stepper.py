"""A model that is a written table, and search by trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import numpy as np

from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.stepper import BOS, EOS, Candidates, Constraints, Floats, Ints

FIRST = 4  # the first id that is a word


class TableState(NamedTuple):
    """Which sentence each row belongs to, and how many tokens all have seen."""

    sentences: Ints
    position: int


@dataclass
class TableStepper:
    """`tables` `(sentences, positions, last token, next token)` hold log-probabilities; past the last position it repeats.

    The first source id of a sentence is its number in the table. With a `src_len` it looks at all of it equally. `rows` records the size of
    each step's batch, `seen` the tokens fed.
    """

    tables: Floats
    src_len: int = 0
    rows: list[int] = field(default_factory=list)
    seen: list[list[int]] = field(default_factory=list)

    def start(self, src_ids: Ints, src_lengths: Ints) -> TableState:
        assert len(src_ids) == len(src_lengths)
        return TableState(src_ids[:, 0].copy(), 0)

    def step(
        self,
        tokens: Ints,
        state: TableState,
        constraints: Constraints,
        count: int,
        asked: Ints | None = None,
        *,
        scored: bool = True,
    ) -> tuple[Candidates, TableState]:
        assert tokens.shape == state.sentences.shape
        self.rows.append(len(tokens))
        self.seen.append(tokens.tolist())
        log_probs = self.tables[state.sentences, min(state.position, self.tables.shape[1] - 1), tokens].copy()
        answers = None
        if asked is not None:
            answers = np.where(asked < 0, -np.inf, np.take_along_axis(log_probs, np.maximum(asked, 0), axis=1))
        for token in constraints.never:
            log_probs[:, token] = -np.inf
        if constraints.forced is not None:
            for row, token in enumerate(constraints.forced.tolist()):
                if token >= 0:
                    log_probs[row, np.arange(log_probs.shape[1]) != token] = -np.inf
        if constraints.forbidden_rows is not None and constraints.forbidden_tokens is not None:
            log_probs[constraints.forbidden_rows, constraints.forbidden_tokens] = -np.inf
        best = np.argsort(-log_probs, axis=1, kind="stable")[:, :count]
        looked = np.full((len(tokens), self.src_len), 1 / self.src_len, np.float32) if self.src_len else None
        values = np.take_along_axis(log_probs, best, axis=1)
        if not scored:  # as far off as a stepper likes
            values = values + 7 * state.sentences[:, None] - 3
            answers = None if answers is None else answers + 7 * state.sentences[:, None] - 3
        found = Candidates(best, values, looked, answers)
        return found, TableState(state.sentences, state.position + 1)

    def select(self, state: TableState, rows: Ints) -> TableState:
        chosen = state.sentences[rows]
        kept = list(dict.fromkeys(chosen.tolist()))
        each = len(rows) // len(kept)
        assert chosen.tolist() == [one for one in kept for _ in range(each)], (
            "rows of a sentence stay next to each other"
        )
        return TableState(chosen, state.position)


def random_tables(sentences: int, positions: int, vocab: int, seed: int) -> Floats:
    """Log-probabilities of a random model; sharp enough that words differ."""
    logits = np.random.default_rng(seed).normal(scale=2.0, size=(sentences, positions, vocab, vocab))
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def sources(count: int, length: int = 2) -> tuple[Ints, Ints]:
    """Source ids and lengths of `count` sentences, whose first id is their number."""
    return np.repeat(np.arange(count)[:, None], length, axis=1), np.full(count, length)


def every_output(table: Floats, most: int, length_penalty: float) -> list[Hypothesis]:
    """All outputs of at most `most` words, best first."""

    def all_of(length: int) -> Iterator[tuple[int, ...]]:
        return product(range(FIRST, table.shape[-1]), repeat=length)

    def scored(tokens: tuple[int, ...]) -> Hypothesis:
        log_prob = 0.0
        for position, (last, token) in enumerate(zip((BOS, *tokens), (*tokens, EOS), strict=True)):
            log_prob += float(table[min(position, len(table) - 1), last, token])
        return Hypothesis(tokens, log_prob, normalised(log_prob, len(tokens) + 1, length_penalty))

    found = [scored(tokens) for length in range(most + 1) for tokens in all_of(length)]
    return sorted(found, key=lambda one: -one.score)
