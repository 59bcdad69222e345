"""Search with every rule by trying everything, one token at a time, and table models for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seqtool.decoding.hypothesis import Hypothesis, normalised
from seqtool.decoding.stepper import BOS, EOS, Candidates, Constraints, Floats, Floats32, Ints
from tests.decoding.table_stepper import FIRST, TableState, TableStepper

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Told:
    """How far one output has come with its phrases: those unmet, and of the one under way how many tokens were said."""

    unmet: tuple[Tokens, ...]
    said: int = 0
    under_way: Tokens = ()

    @property
    def missing(self) -> int:
        return sum(map(len, self.unmet)) - self.said

    @property
    def useful(self) -> set[int]:
        starts = {phrase[0] for phrase in self.unmet}
        return starts | ({self.under_way[self.said]} if self.under_way else set())

    def say(self, token: int) -> Told:
        if self.under_way and token == self.under_way[self.said]:
            said = replace(self, said=self.said + 1)
            return Told(without(self.unmet, self.under_way)) if said.said == len(self.under_way) else said
        broken = self.under_way[: self.said]
        unmet = without(self.unmet, broken) if broken in self.unmet else self.unmet
        starting = [phrase for phrase in unmet if phrase[0] == token]
        if not starting:
            return Told(unmet)
        longest = max(starting, key=len)
        return Told(without(unmet, longest)) if len(longest) == 1 else Told(unmet, 1, longest)


def without(phrases: Sequence[Tokens], phrase: Tokens) -> tuple[Tokens, ...]:
    kept = list(phrases)
    kept.remove(phrase)
    return tuple(kept)


def repeats(tokens: Tokens, token: int, size: int) -> bool:
    """Whether `token` would make an n-gram of `size` tokens that is there already."""
    grams = [tokens[start : start + size] for start in range(len(tokens) - size + 1)]
    return size > 0 and (*tokens[len(tokens) - size + 1 :], token) in grams


@dataclass(frozen=True)
class Sentence:
    """What the rules say of one sentence."""

    most: int
    least: int = 0
    size: int = 0
    prefix: Tokens = ()
    phrases: tuple[Tokens, ...] = ()

    @property
    def room(self) -> int:
        return max(self.most, len(self.prefix) + sum(map(len, self.phrases)))

    def outputs(self, words: int) -> list[Tokens]:
        """All that may be said with so many words; lengths and n-grams give way where that is nothing."""
        found = list(self._from((), Told(self.phrases), words))
        return found or list(replace(self, least=0, size=0)._from((), Told(self.phrases), words))

    def _from(self, tokens: Tokens, told: Told, words: int) -> Iterator[Tokens]:
        free = len(tokens) >= len(self.prefix)
        if free and told.missing == 0 and len(tokens) >= min(self.least, self.room):
            yield tokens
        if len(tokens) == self.room:
            return
        for token in range(FIRST, FIRST + words) if free else [self.prefix[len(tokens)]]:
            then = told.say(token)
            blocked = free and repeats(tokens, token, self.size) and token not in told.useful
            if not blocked and then.missing <= self.room - len(tokens) - 1:
                yield from self._from((*tokens, token), then, words)


def scored(table: Floats, tokens: Tokens, length_penalty: float) -> Hypothesis:
    """What a table says of an output."""
    path = enumerate(zip((BOS, *tokens), (*tokens, EOS), strict=True))
    each = tuple(float(table[min(position, len(table) - 1), last, token]) for position, (last, token) in path)
    return Hypothesis(tokens, sum(each), normalised(sum(each), len(each), length_penalty), each)


@dataclass
class AnyRows(TableStepper):
    """Rows of one source may come and go, as when every row is a sentence of its own."""

    def select(self, state: TableState, rows: Ints) -> TableState:
        return TableState(state.sentences[rows], state.position)


@dataclass
class Looking(TableStepper):
    """Row by row it looks where `looks` `(sentences, last token, S)` says."""

    looks: Floats32 = field(default_factory=lambda: np.empty((0, 0, 0), np.float32))

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
        found, after = super().step(tokens, state, constraints, count, asked, scored=scored)
        return found._replace(attention=self.looks[state.sentences, tokens]), after
